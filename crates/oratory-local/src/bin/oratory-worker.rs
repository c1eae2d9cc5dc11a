//! A worker process on its own, for this crate's tests.
//!
//! People never run it: the program `oratory` is its own worker.

fn main() -> std::process::ExitCode {
    oratory_local::worker::main()
}

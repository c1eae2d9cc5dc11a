//! The `oratory` command: reads what it is told, builds the rooms, runs one command, prints.
//!
//! The only place that reads flags, files and environment, and the only one that prints.

mod cli;
mod clock;
mod commands;
mod foresight;
mod house;
mod leaving;
mod licences;
mod licensed;
mod made;
mod near;
mod out;
mod prices;
mod secrets;
mod settings;
mod spent;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: a worker must not read settings or start threads of its own.
    if std::env::args_os().nth(1).is_some_and(|first| first == cli::WORKER) {
        return oratory_local::worker::main();
    }
    match cli::parse().and_then(commands::run) {
        Ok(code) => code,
        Err(error) => {
            // A script that asked for JSON gets JSON, whatever went wrong.
            if std::env::args_os().any(|argument| argument == "--json") {
                out::json(&out::FailureReport::from(&error));
            }
            out::failed(&error)
        }
    }
}

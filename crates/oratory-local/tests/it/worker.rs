//! The worker process on its own: it must not outlive whoever started it.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::house::{AGES, House, endless, program, question};

#[test]
fn a_worker_ends_when_its_input_does() {
    let mut child =
        Command::new(program().path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut hello = [0; 6];
    child.stdout.as_mut().unwrap().read_exact(&mut hello).unwrap();
    // A frame of two bytes: the first report, and the version.
    assert_eq!(hello[..5], [2, 0, 0, 0, 0]);
    drop(child.stdin.take());
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < AGES, "it is still there");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// The supervisor's runtime is torn down without a word, as when the server is killed.
#[test]
fn a_worker_ends_in_the_middle_of_an_answer_when_its_supervisor_dies() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let house = House::with(&[("endless", endless())], |_| ());
    let answer = runtime.block_on(house.ask("endless", question("Go"))).unwrap();
    let pid = house.worker("endless").pid.unwrap();
    runtime.shutdown_background();
    drop(answer);
    let start = Instant::now();
    // A zombie is ended too: it is nobody's fault that nobody is left to wait for it.
    let alive = || {
        std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| !stat.contains(") Z "))
    };
    while alive() {
        assert!(start.elapsed() < AGES, "it is still there");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

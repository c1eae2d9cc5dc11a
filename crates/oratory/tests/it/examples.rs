//! The examples in the repository run as they stand.

use std::path::Path;
use std::process::Command;

use crate::house::printed;

fn run(name: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    if text.contains("curl") && Command::new("curl").arg("--version").output().is_err() {
        return None;
    }
    let mut command = Command::new("sh");
    command.arg(folder.join(name)).env("ORATORY", env!("CARGO_BIN_EXE_oratory"));
    command.env("PORT", free_port().to_string());
    let output = command.output().unwrap();
    Some(printed(&output) + &String::from_utf8_lossy(&output.stderr))
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn each_example_runs_and_shows_what_it_promises() {
    let shows = [
        ("ask.sh", "choice home/mini (edge)"),
        ("run.sh", "I am mini"),
        ("serve.sh", "data: [DONE]"),
        ("places.sh", "cloud/large (cloud), masked"),
        ("policy.sh", "exit code 3"),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let scripts = folder.read_dir().unwrap().flatten();
    let scripts = scripts.filter(|file| file.path().extension().is_some_and(|end| end == "sh"));
    assert_eq!(scripts.count(), shows.len(), "an example is not tested");
    for (name, part) in shows {
        if let Some(shown) = run(name) {
            assert!(shown.contains(part), "{name} does not show {part:?}: {shown}");
        }
    }
}

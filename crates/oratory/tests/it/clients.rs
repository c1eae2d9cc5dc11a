//! The makers' own clients against a server that runs: those of OpenAI, Anthropic and Ollama.
//!
//! They are installed with pip into the target folder; where that cannot be had, the test says so
//! and looks at nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::house::House;

/// The clients.
const CLIENTS: [&str; 3] = ["openai", "anthropic", "ollama"];

const PIP: [&str; 5] = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];

/// How long each command may take.
const LIMIT: Duration = Duration::from_secs(180);

#[test]
fn clients_of_all_three_dialects_are_at_home_here() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let house = House::new().with_drone();
    let server = house.serve();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/clients.py");
    let mut command = Command::new(python);
    command.arg(script).arg(server.address.to_string());
    let output = within(&mut command).unwrap();
    let (said, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{error}");
    assert!(said.ends_with("unloaded holds\n"), "{said}");
}

/// Returns a Python that has the clients, or why there is none.
fn python() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    let python = folder.join("bin/python");
    let has = |python: &Path| {
        let import = format!("import {}", CLIENTS.join(", "));
        let look = Command::new(python).args(["-c", &import]).output();
        look.is_ok_and(|look| look.status.success())
    };
    if has(&python) {
        return Ok(python);
    }
    let mut venv = Command::new("python3");
    run(venv.args(["-m", "venv", "--clear"]).arg(&folder))?;
    run(Command::new(&python).args(PIP).args(CLIENTS))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let words = format!("{command:?}");
    let output = within(command).map_err(|error| format!("{words}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{words}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// Runs a command that must end in time.
fn within(command: &mut Command) -> std::io::Result<Output> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let began = Instant::now();
    // What it prints fits into the pipes.
    while child.try_wait()?.is_none() && began.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_millis(100));
    }
    // One that has ended already cannot be killed, which is fine.
    let _ = child.kill();
    child.wait_with_output()
}

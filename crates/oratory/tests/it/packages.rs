//! Programs from PyPI and npm that tests run beside the server: installed once, into the target folder.
//!
//! Their versions are named, so that a test says the same tomorrow; they are raised by hand.
//! Where they cannot be had, the test that wants them says so and looks at nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long each command may take, if nothing else is said.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// Returns a folder for what lasts from one run to the next.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Returns a Python that has these packages, or why there is none.
pub(crate) fn python(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = folder(name);
    let (python, mark) = (folder.join("bin/python"), folder.join("complete"));
    if is_there(&mark, packages) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"];
    run(Command::new(&python).args(pip))?;
    // pip takes minutes to choose among the versions of some of them.
    let mut install = Command::new(&python);
    install.args(["-m", "uv", "pip", "install", "--quiet", "--python"]).arg(&python);
    run(install.args(packages))?;
    finished(&mark, packages)?;
    Ok(python)
}

/// Returns a folder in whose programs these packages from npm can be imported, or why there is none.
pub(crate) fn node(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = folder(name);
    let mark = folder.join("complete");
    if is_there(&mark, packages) {
        return Ok(folder);
    }
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let manifest = r#"{ "private": true, "type": "module" }"#;
    std::fs::write(folder.join("package.json"), manifest).map_err(|error| error.to_string())?;
    let mut install = Command::new("npm");
    install.args(["install", "--silent", "--no-audit", "--no-fund"]).args(packages);
    run(install.current_dir(&folder))?;
    finished(&mark, packages)?;
    Ok(folder)
}

fn is_there(mark: &Path, packages: &[&str]) -> bool {
    std::fs::read_to_string(mark).is_ok_and(|mark| mark == packages.join("\n"))
}

fn finished(mark: &Path, packages: &[&str]) -> Result<(), String> {
    std::fs::write(mark, packages.join("\n")).map_err(|error| error.to_string())
}

/// Runs a command, and says what it said if it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let words = format!("{command:?}");
    let output = within(command, LIMIT).map_err(|error| format!("{words}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{words}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// Runs a command that must end in time, and returns all it printed.
pub(crate) fn within(command: &mut Command, limit: Duration) -> std::io::Result<Output> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let began = Instant::now();
    // Both pipes are read while it runs: one that is full would hold it up.
    let readers = [
        read(child.stdout.take().expect("it is piped")),
        read(child.stderr.take().expect("it is piped")),
    ];
    while child.try_wait()?.is_none() && began.elapsed() < limit {
        std::thread::sleep(Duration::from_millis(50));
    }
    // One that has ended already cannot be killed, which is fine.
    let _ = child.kill();
    let status = child.wait()?;
    let [stdout, stderr] = readers.map(|reader| reader.join().unwrap_or_default());
    Ok(Output { status, stdout, stderr })
}

fn read(mut pipe: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        // What a command that was killed has not written is not missed.
        let _ = pipe.read_to_end(&mut all);
        all
    })
}

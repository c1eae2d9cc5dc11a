//! The system's keyring, asked through the program that comes with it.
//!
//! A library for it would bring a bus, an event loop and their forty crates for one question.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use oratory_remote::Shut;

/// How long the keyring may take, a person who unlocks it included.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest key.
const LONGEST: u64 = 64 << 10;

/// Returns the entry of this name.
pub(super) fn look_up(entry: &str) -> Result<String, Shut> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !entry.chars().all(plain) {
        let why = format!("{entry:?} cannot be the name of an entry in the keyring");
        return Err(Shut::NoKey { why, next: "use letters, digits, - . and _".to_owned() });
    }
    let (program, mut command) = asking(entry);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().map_err(|_| Shut::NoKey {
        why: format!("{program}, which asks the system's keyring, cannot be run"),
        next: INSTEAD.to_owned(),
    })?;
    match output(child) {
        Some((true, key)) if !key.is_empty() => Ok(key),
        Some(_) => Err(Shut::NoKey {
            why: format!("the keyring has no entry {entry:?} of service \"oratory\""),
            next: format!("`{}` puts it there", storing(entry)),
        }),
        None => Err(Shut::NoKey {
            why: format!("the keyring did not answer within {} s", PATIENCE.as_secs()),
            next: "unlock it, and start Oratory again".to_owned(),
        }),
    }
}

const INSTEAD: &str = if cfg!(target_os = "linux") {
    "install it (the package libsecret-tools), or name an environment variable in `key_from` or a `key_file`"
} else {
    "name an environment variable in `key_from`, or a `key_file`"
};

fn asking(entry: &str) -> (&'static str, Command) {
    if cfg!(target_os = "macos") {
        let program = "/usr/bin/security";
        let mut command = Command::new(program);
        command.args(["find-generic-password", "-s", "oratory", "-a", entry, "-w"]);
        (program, command)
    } else {
        let program = "secret-tool";
        let mut command = Command::new(program);
        command.args(["lookup", "service", "oratory", "place", entry]);
        (program, command)
    }
}

fn storing(entry: &str) -> String {
    if cfg!(target_os = "macos") {
        format!("security add-generic-password -s oratory -a {entry} -w")
    } else {
        format!("secret-tool store --label={entry} service oratory place {entry}")
    }
}

/// Returns whether the program did well and what it printed; `None` if it took too long.
fn output(mut child: Child) -> Option<(bool, String)> {
    let mut printed = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = printed.by_ref().take(LONGEST).read_to_string(&mut text);
        text
    });
    let began = Instant::now();
    let ended = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if began.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Ok(None) | Err(_) => break None,
        }
    };
    let Some(status) = ended else {
        // What it may have started can hold its output open, so nobody waits for the reader.
        let _ = child.kill();
        let _ = child.wait();
        return None;
    };
    let text = reader.join().ok()?;
    Some((status.success(), text.trim().to_owned()))
}

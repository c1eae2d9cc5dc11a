//! Everything a person or a script sees: answers on standard output, the rest on standard error.
//!
//! Colour only for a terminal that wants it; nothing is said twice.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use oratory_contract::{Failure, FailureKind};
use serde::Serialize;

/// The exit code of a request that policy refused.
const REFUSED: u8 = 3;
/// The exit code of settings that make no sense.
const WRONG_USAGE: u8 = 2;

/// Prints a line of the answer.
pub(crate) fn line(text: impl Display) {
    piece(format_args!("{text}\n"));
}

/// Prints a piece of the answer at once.
#[expect(clippy::exit, reason = "nobody can be answered; engine processes end with this one")]
pub(crate) fn piece(text: impl Display) {
    let mut out = std::io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Ok(()) => {}
        // Whoever read us has gone, as `head` does; there is nobody left to tell.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            note(format_args!("oratory: the answer cannot be written: {error}"));
            std::process::exit(1)
        }
    }
}

/// Prints one JSON document.
pub(crate) fn json(document: &impl Serialize) {
    let text = serde_json::to_string_pretty(document).unwrap_or_else(|error| error.to_string());
    line(text);
}

/// Tells the person something beside the answer.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Shows the person something that the next such line wipes away.
pub(crate) fn passing(text: impl Display) {
    let mut error = std::io::stderr().lock();
    let _ = write!(error, "\r\x1b[K{text}");
    let _ = error.flush();
}

/// Whether a person is watching.
pub(crate) fn watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Returns how many columns what is printed may take; files and pipes have no edge.
pub(crate) fn width() -> usize {
    let terminal = terminal_size::terminal_size_of(std::io::stdout());
    terminal.map_or(usize::MAX, |(columns, _)| usize::from(columns.0).max(20))
}

/// Breaks text into lines that fit; a word that is too long by itself is broken, too.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        let line = lines.last_mut().expect("there is always a line");
        let taken = line.chars().count();
        if taken > 0 && taken + 1 + word.len() <= width {
            line.push(' ');
            line.extend(word);
            continue;
        }
        if taken > 0 {
            lines.push(String::new());
        }
        while word.len() > width {
            let rest = word.split_off(width);
            let line = lines.last_mut().expect("there is always a line");
            line.extend(std::mem::replace(&mut word, rest));
            lines.push(String::new());
        }
        lines.last_mut().expect("there is always a line").extend(word);
    }
    lines
}

/// Returns the text, dimmed where the terminal can show it.
pub(crate) fn dim(text: impl Display) -> String {
    styled("2", text)
}

/// Returns the text, bold where the terminal can show it.
pub(crate) fn bold(text: impl Display) -> String {
    styled("1", text)
}

fn styled(style: &str, text: impl Display) -> String {
    if coloured() { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_string() }
}

/// Whether the terminal shows colour and the person wants it.
#[expect(clippy::disallowed_methods, reason = "these two concern the terminal, no room")]
pub(crate) fn coloured() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    watched() && !refused && !dumb
}

/// An error in what the person wrote, not in what happened.
#[derive(Debug)]
pub(crate) struct WrongUsage(pub(crate) String);

impl Display for WrongUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUsage {}

/// Says what went wrong and returns the exit code for it.
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    note(format_args!("{} {error:#}", bold("oratory:")));
    if let Some(failure) = error.downcast_ref::<Failure>() {
        if let Some(hint) = &failure.hint {
            note(format_args!("  next: {hint}"));
        }
        return exit_code(failure);
    }
    if error.downcast_ref::<WrongUsage>().is_some() {
        return ExitCode::from(WRONG_USAGE);
    }
    ExitCode::FAILURE
}

/// Returns the exit code of a failure.
pub(crate) fn exit_code(failure: &Failure) -> ExitCode {
    match failure.kind {
        FailureKind::Refused => ExitCode::from(REFUSED),
        _ => ExitCode::FAILURE,
    }
}

/// A failure as `--json` prints it.
#[derive(Serialize)]
pub(crate) struct FailureReport<'a> {
    error: Told<'a>,
}

#[derive(Serialize)]
struct Told<'a> {
    kind: &'a str,
    message: String,
    hint: Option<&'a str>,
}

impl<'a> From<&'a anyhow::Error> for FailureReport<'a> {
    fn from(error: &'a anyhow::Error) -> Self {
        let usage = error.downcast_ref::<WrongUsage>().is_some();
        match error.downcast_ref::<Failure>() {
            Some(failure) => failure.into(),
            None => {
                let kind = if usage { "wrong_usage" } else { "failed" };
                Self { error: Told { kind, message: format!("{error:#}"), hint: None } }
            }
        }
    }
}

impl<'a> From<&'a Failure> for FailureReport<'a> {
    fn from(failure: &'a Failure) -> Self {
        let message = failure.to_string();
        Self { error: Told { kind: failure.kind.as_str(), message, hint: failure.hint.as_deref() } }
    }
}

//! How far a pull is, on one line that is written over and over while a person watches.
//!
//! Elsewhere only what cannot be guessed is told: what it is, its licence, and every surprise.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use oratory_models::Event;

use super::row::size;
use crate::licences::Known;
use crate::out;

/// Letters of the bar; with the numbers it stays within 80.
const WIDTH: usize = 24;

/// What is being told.
pub(super) struct Progress {
    watched: bool,
    /// Whether a line stands there that must go before the next.
    drawn: Mutex<bool>,
}

impl Progress {
    pub(super) fn begin() -> Self {
        Self { watched: out::watched(), drawn: Mutex::new(false) }
    }

    /// Tells one event.
    pub(super) fn hear(&self, event: Event) {
        match event {
            Event::Moved { done, total, speed } => self.draw(&moved(done, total, speed)),
            Event::Checking { done, total, .. } => {
                self.draw(&format!("checking {}", bar(done, Some(total))));
            }
            Event::Found { name, source, licence, files, bytes } => {
                let bytes = bytes.map_or(String::new(), |bytes| format!(", {}", size(bytes)));
                let files = if files == 1 { String::new() } else { format!(", {files} files") };
                self.say(&format!("{} from {source}{bytes}{files}", out::bold(&name)));
                for line in Known::of(&name, licence.as_deref()).lines() {
                    self.say(&line);
                }
            }
            Event::Waiting { process } => {
                let process = process.map_or(String::new(), |pid| format!(" (process {pid})"));
                self.say(&format!("another pull of it is under way{process}; waiting for it"));
            }
            Event::Resumed { file, bytes } => {
                self.say(&format!("{file}: going on after {}", size(bytes)));
            }
            Event::Restarted { file, why } => self.say(&format!("{file}: starting over, {why}")),
            Event::Retrying { why, after } => {
                self.say(&format!("{why}; trying again in {:.0} s", after.as_secs_f32().ceil()));
            }
        }
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut *drawn) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    fn say(&self, text: &str) {
        self.end();
        out::note(text);
    }

    fn draw(&self, text: &str) {
        if self.watched {
            let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            *drawn = true;
            let mut error = std::io::stderr().lock();
            let _ = write!(error, "\r\x1b[K{text}").and_then(|()| error.flush());
        }
    }
}

fn moved(done: u64, total: Option<u64>, speed: u64) -> String {
    let mut text = bar(done, total);
    if speed > 0 {
        text.push_str(&format!("  {}/s", size(speed)));
    }
    if let (Some(total), 1..) = (total, speed) {
        let left = total.saturating_sub(done) / speed;
        text.push_str(&format!("  {}:{:02} left", left / 60, left % 60));
    }
    text
}

fn bar(done: u64, total: Option<u64>) -> String {
    let Some(total) = total.filter(|total| *total > 0) else { return size(done) };
    let share = (done as f64 / total as f64).min(1.0);
    let full = (share * WIDTH as f64) as usize;
    let (full, rest) = ("━".repeat(full), "─".repeat(WIDTH - full));
    format!("{full}{rest} {:3.0} %  {} of {}", share * 100.0, size(done), size(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_and_how_long() {
        let line = moved(2_500_000_000, Some(5_000_000_000), 25_000_000);
        let bar = "━━━━━━━━━━━━────────────";
        assert_eq!(line, format!("{bar}  50 %  2.5 GB of 5.0 GB  25.0 MB/s  1:40 left"));
        assert!(line.chars().count() < 80);
        assert_eq!(moved(1_500_000, None, 0), "1.5 MB");
        assert!(moved(9, Some(3), 1).contains("100 %"));
    }
}

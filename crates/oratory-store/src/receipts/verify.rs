//! Goes through all receipts and says which lines are not as they were written.
//!
//! Goes on behind each fault, so that one does not hide another.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::book::{head_path, read_head};
use super::line::{self, NONE_BEFORE, Read, Receipt};

/// What is wrong at one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub what: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many lines there are.
    pub lines: u64,
    /// What is wrong with them, in order.
    pub faults: Vec<Fault>,
}

impl Verified {
    fn fault(&mut self, line: u64, what: impl Into<String>) {
        self.faults.push(Fault { line, what: what.into() });
    }
}

/// Reads every line, hands those that are receipts to `each`, and says what is wrong.
pub fn verify(path: &Path, mut each: impl FnMut(&Receipt)) -> io::Result<Verified> {
    let mut verified = Verified::default();
    let mut before: (u64, String) = (0, NONE_BEFORE.to_owned());
    let head = read_head(&head_path(path))?;
    let mut file = match File::open(path) {
        Ok(file) => {
            // Whoever writes just now is let finish.
            file.lock_shared()?;
            Some(BufReader::new(file))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    while let Some(file) = &mut file {
        bytes.clear();
        if file.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        verified.lines += 1;
        let number = verified.lines;
        let Some(read) = bytes.strip_suffix(b"\n").and_then(line::read) else {
            verified.fault(number, "is cut, or is no receipt");
            continue;
        };
        each(&read.receipt);
        follows(&mut verified, number, &before, &read);
        before = (read.receipt.number, read.hash);
    }
    if let Some(head) = head.filter(|head| head.number > before.0) {
        let (from, to) = (before.0 + 1, head.number);
        let end = verified.lines + 1;
        verified.fault(end, format!("is missing: receipts {from} to {to} were cut off the end"));
    } else if let Some(head) = read_head(&head_path(path))?
        && head.number == before.0
        && head.hash != before.1
    {
        let last = verified.lines;
        verified.fault(last, "is another than the one that was written last");
    }
    Ok(verified)
}

/// Notes what is wrong with one line and with how it follows the one before.
fn follows(verified: &mut Verified, line: u64, before: &(u64, String), read: &Read) {
    let Read { receipt, is_whole, .. } = read;
    if !is_whole {
        verified.fault(line, "was changed: its words do not have its digest");
    }
    let expected = before.0 + 1;
    if receipt.number > expected {
        let (last, now) = (receipt.number - 1, receipt.number);
        let missing = if last == expected {
            format!("receipt {last} is missing before it")
        } else {
            format!("receipts {expected} to {last} are missing before it")
        };
        verified.fault(line, format!("holds receipt {now}: {missing}"));
    } else if receipt.number < expected {
        verified.fault(line, format!("holds receipt {}, out of order", receipt.number));
    } else if receipt.previous != before.1 {
        verified.fault(line, "does not follow the line before it: one of them is another now");
    }
}

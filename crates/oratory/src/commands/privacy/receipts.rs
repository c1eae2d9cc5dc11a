//! `oratory privacy receipts`: what has left this machine, and whether the book is whole.
//!
//! Words of requests are not in it.

use std::process::ExitCode;

use anyhow::Context;
use oratory_store::{Fault, Receipt, Verified, verify};
use serde::Serialize;

use crate::cli::ReceiptsArgs;
use crate::leaving;
use crate::out;
use crate::settings::Config;

#[derive(Serialize)]
struct Report {
    lines: u64,
    faults: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    line: u64,
    what: String,
}

pub(super) fn run(args: &ReceiptsArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let receipts = leaving::receipts(config);
    let shown = !args.verify;
    let each = |receipt: &Receipt| {
        if shown && args.json {
            out::line(serde_json::to_string(receipt).unwrap_or_else(|error| error.to_string()));
        } else if shown {
            out::line(row(receipt));
        }
    };
    let path = receipts.path();
    let read = verify(path, each).with_context(|| format!("{} cannot be read", path.display()));
    let Verified { lines, faults } = read?;
    let whole = faults.is_empty();
    let told = |fault: &Fault| format!("line {} {}", fault.line, fault.what);
    if args.verify && args.json {
        let faults = faults.into_iter().map(|Fault { line, what }| Told { line, what });
        out::json(&Report { lines, faults: faults.collect() });
    } else if args.verify {
        faults.iter().for_each(|fault| out::line(told(fault)));
    } else if !whole {
        faults.iter().for_each(|fault| out::note(told(fault)));
    }
    if !args.json {
        let s = if lines == 1 { "" } else { "s" };
        let faults = if whole { "all as they were written" } else { "not as they were written" };
        out::note(format_args!("{lines} receipt{s} in {}, {faults}", path.display()));
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn row(receipt: &Receipt) -> String {
    let Receipt { number, time, place, to, labels, form, masked, bytes, sha256, .. } = receipt;
    let masked: Vec<String> =
        masked.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let what = match (labels, form) {
        (Some(labels), Some(form)) => format!("{labels}, {form}"),
        _ => "no request".to_owned(),
    };
    let masked = if masked.is_empty() { String::new() } else { format!(": {}", masked.join(", ")) };
    let digest = sha256.get(..12).unwrap_or(sha256);
    format!("{number:>6}  {time}  {place}  {to}  {bytes} bytes {digest}  {what}{masked}")
}

//! `oratory privacy scan`: finds what is private in files or standard input.
//!
//! Text is read in pieces, however long it is; of JSONL, one line at a time is held. What was found is told
//! by its place and kind, never by its words: the terminal may be recorded.

mod told;

use std::io::{BufRead, BufReader, Read};
use std::process::ExitCode;

use anyhow::Context;
use oratory_privacy::{Custom, Stream};

use super::{lines, opened};
use crate::cli::Scan;
use told::Told;

/// How much is read at a time.
const PIECE: usize = 128 << 10;

pub(super) fn run(args: &Scan, custom: &Custom) -> anyhow::Result<ExitCode> {
    oratory_privacy::ready()?;
    let mut told = Told::new(args.json);
    if args.files.is_empty() {
        input("-", std::io::stdin(), custom, &mut told)?;
    }
    for file in &args.files {
        if file.as_os_str() == "-" {
            input("-", std::io::stdin(), custom, &mut told)?;
        } else {
            let name = file.display().to_string();
            input(&name, opened(file)?, custom, &mut told)?;
        }
    }
    told.summed_up();
    Ok(ExitCode::SUCCESS)
}

/// Reads one file, which shows in its first line whether it is JSONL.
fn input(name: &str, source: impl Read, custom: &Custom, told: &mut Told) -> anyhow::Result<()> {
    let mut source = BufReader::with_capacity(PIECE, source);
    let head = source.fill_buf().with_context(|| format!("{name} cannot be read"))?;
    if !lines::begins(head) {
        return text(name, source, custom, told);
    }
    lines::each(name, source, |number, line| {
        told.begins(&format!("{name}:{number}"), &line.id);
        let mut stream = Stream::new(custom);
        told.tells(&stream.push(line.text.as_bytes()));
        told.tells(&stream.end());
        told.ends();
        Ok(())
    })
}

fn text(
    name: &str,
    mut source: impl BufRead,
    custom: &Custom,
    told: &mut Told,
) -> anyhow::Result<()> {
    let mut stream = Stream::new(custom);
    told.begins(name, &serde_json::Value::from(name));
    loop {
        let piece = source.fill_buf().with_context(|| format!("{name} cannot be read"))?;
        let length = piece.len();
        if length == 0 {
            break;
        }
        told.tells(&stream.push(piece));
        source.consume(length);
    }
    told.tells(&stream.end());
    told.ends();
    Ok(())
}

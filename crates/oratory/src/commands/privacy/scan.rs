//! `oratory privacy scan`: finds what is private in files or standard input.
//!
//! Text is read in pieces, however long it is; of JSONL, one line at a time is held. What was found is told
//! by its place and kind, never by its words: the terminal may be recorded.

mod lines;
mod told;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use oratory_privacy::{Custom, Stream};

use crate::cli::Scan;
use crate::out::WrongUsage;
use told::Told;

/// How much is read at a time.
const PIECE: usize = 128 << 10;

pub(super) fn run(args: &Scan) -> anyhow::Result<ExitCode> {
    oratory_privacy::ready()?;
    let mut told = Told::new(args.json);
    if args.files.is_empty() {
        input("-", std::io::stdin(), &mut told)?;
    }
    for file in &args.files {
        if file.as_os_str() == "-" {
            input("-", std::io::stdin(), &mut told)?;
        } else {
            let name = file.display().to_string();
            input(&name, opened(file)?, &mut told)?;
        }
    }
    told.summed_up();
    Ok(ExitCode::SUCCESS)
}

fn opened(path: &Path) -> anyhow::Result<File> {
    let file = File::open(path)
        .map_err(|error| WrongUsage(format!("{} cannot be read: {error}", path.display())))?;
    if file.metadata().is_ok_and(|known| known.is_dir()) {
        let what = "is a folder; name the files in it";
        return Err(WrongUsage(format!("{} {what}", path.display())).into());
    }
    Ok(file)
}

/// Reads one file, which shows in its first line whether it is JSONL.
fn input(name: &str, source: impl Read, told: &mut Told) -> anyhow::Result<()> {
    let mut source = BufReader::with_capacity(PIECE, source);
    let head = source.fill_buf().with_context(|| format!("{name} cannot be read"))?;
    if lines::begins(head) { lines::scan(name, source, told) } else { text(name, source, told) }
}

fn text(name: &str, mut source: impl BufRead, told: &mut Told) -> anyhow::Result<()> {
    let mut stream = Stream::new(Custom::none());
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

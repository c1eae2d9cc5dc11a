//! `oratory privacy mask` and `restore`: surrogates for people and scripts.
//!
//! Text goes to standard output and everything else to standard error. What surrogates stand for
//! is kept sealed, as that of requests is.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use oratory_contract::Drawer;
use oratory_privacy::{Names, mask_text};
use oratory_store::{SealedVault, VaultError};
use serde::Serialize;
use serde_json::Value;

use super::{lines, opened};
use crate::cli::{Mask, Restore};
use crate::leaving;
use crate::out::{self, WrongUsage};
use crate::settings::Config;

/// The longest input.
const LONGEST: u64 = 256 << 20;

/// A text and, in JSONL, the name of its line.
struct Text {
    id: Value,
    text: String,
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'a Value,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    masked: Option<BTreeMap<String, u32>>,
    conversation: &'a str,
}

pub(super) fn mask(args: &Mask, config: &Config) -> anyhow::Result<ExitCode> {
    oratory_privacy::ready()?;
    let vault = leaving::vault(config);
    let (mut texts, are_lines) = texts(args.file.as_deref())?;
    let name = match &args.conversation {
        Some(name) => known(&vault, name)?,
        None => vault.begin(&"cli".into()).map_err(|error| told(&error))?,
    };
    let mut counts: Vec<BTreeMap<String, u32>> = Vec::new();
    vault
        .open_named(&name, &mut |drawer: &mut Drawer| {
            for text in &mut texts {
                let own = std::slice::from_mut(&mut text.text);
                let kinds = mask_text(own, &config.custom, drawer).into_iter();
                counts
                    .push(kinds.map(|(kind, count)| (kind.to_ascii_lowercase(), count)).collect());
            }
        })
        .map_err(|error| told(&error))?;
    let spans: u32 = counts.iter().flat_map(BTreeMap::values).sum();
    for (text, masked) in texts.iter().zip(counts) {
        tell(text, Some(masked), &name, args.json || are_lines);
    }
    if !args.json {
        let s = if spans == 1 { "" } else { "s" };
        out::note(format_args!("{spans} span{s} masked; put back with:"));
        out::note(format_args!("  oratory privacy restore --conversation {name}"));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(args: &Restore, config: &Config) -> anyhow::Result<ExitCode> {
    let vault = leaving::vault(config);
    let name = known(&vault, &args.conversation)?;
    let (mut texts, are_lines) = texts(args.file.as_deref())?;
    vault
        .open_named(&name, &mut |drawer: &mut Drawer| {
            let names = Names::from(&*drawer);
            texts.iter_mut().for_each(|text| text.text = names.restored(&text.text));
        })
        .map_err(|error| told(&error))?;
    for text in &texts {
        tell(text, None, &name, args.json || are_lines);
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(text: &Text, masked: Option<BTreeMap<String, u32>>, conversation: &str, as_line: bool) {
    if as_line {
        let told = Told { id: &text.id, text: &text.text, masked, conversation };
        // A document of one line, whatever is in it.
        out::line(serde_json::to_string(&told).unwrap_or_else(|error| error.to_string()));
    } else {
        out::piece(&text.text);
    }
}

/// Returns the name of a conversation that is still known.
fn known(vault: &SealedVault, name: &str) -> anyhow::Result<String> {
    if vault.has(name) {
        return Ok(name.to_owned());
    }
    let shown: String = name.chars().take(40).collect();
    Err(WrongUsage(format!(
        "no conversation is called {shown:?}; it was never there, is forgotten or has expired. \
         Without --conversation, `oratory privacy mask` begins a new one"
    ))
    .into())
}

fn told(error: &VaultError) -> anyhow::Error {
    anyhow!("{error}; {}", error.hint())
}

/// Reads the texts of a file or of standard input, and says whether they were lines of JSONL.
fn texts(file: Option<&Path>) -> anyhow::Result<(Vec<Text>, bool)> {
    match file.filter(|file| file.as_os_str() != "-") {
        None => read("standard input", std::io::stdin()),
        Some(file) => read(&file.display().to_string(), opened(file)?),
    }
}

fn read(name: &str, source: impl Read) -> anyhow::Result<(Vec<Text>, bool)> {
    let mut source = BufReader::new(source.take(LONGEST + 1));
    let head = source.fill_buf().with_context(|| format!("{name} cannot be read"))?;
    let mut texts = Vec::new();
    if lines::begins(head) {
        lines::each(name, source, |_, line| {
            texts.push(Text { id: line.id, text: line.text });
            Ok(())
        })?;
        return Ok((texts, true));
    }
    let mut text = String::new();
    let read = source.read_to_string(&mut text);
    if read.with_context(|| format!("{name} is not UTF-8 text"))? as u64 > LONGEST {
        bail!("{name} is longer than 256 MiB; give it in parts");
    }
    texts.push(Text { id: Value::from(name), text });
    Ok((texts, false))
}

//! Measures every model that comes with Oratory, as the product uses it, and prints one table.
//!
//! `cargo xtask bench brains` calls it. What is not asked for by an option is not measured and not shown.

mod asked;
mod server;
mod sure;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{embed, tagger};

const USAGE: &str = "bench [--oratory PROGRAM] [--cases N] [--lists FOLDER] [--texts FILE]
      [--packages FOLDER --data FOLDER --work FOLDER]
  --oratory   the program whose `mini` is asked the held-out half of the everyday suite, over HTTP
  --cases     cases of each task and size [400]
  --lists     the tagger's lists, for documents made of what was held back from its training
  --texts     texts with marked spans, one JSON object a line
  --packages  the packages that `embed` was trained with, with --data and --work as for training";

/// One line of the table.
pub struct Row {
    /// The model.
    pub brain: &'static str,
    /// What was measured.
    pub what: String,
    /// What was found.
    pub found: String,
}

impl Row {
    /// Returns a line.
    pub fn new(brain: &'static str, what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { brain, what: what.into(), found: found.into() }
    }
}

/// What is to be measured.
#[derive(Default)]
struct Wishes {
    oratory: Option<PathBuf>,
    cases: Option<u64>,
    lists: Option<PathBuf>,
    texts: Option<PathBuf>,
    packages: Option<PathBuf>,
    data: Option<PathBuf>,
    work: Option<PathBuf>,
}

/// Measures what the options name and prints the table.
pub fn run(arguments: &[String]) -> Result<()> {
    let wishes = wishes(arguments)?;
    let mut rows = Vec::new();
    if let Some(program) = &wishes.oratory {
        let cases = wishes.cases.unwrap_or(400);
        rows.extend(asked::rows(program, cases)?);
        rows.extend(sure::rows(program, cases)?);
    }
    rows.extend(tagger::rows(wishes.lists.as_deref(), wishes.texts.as_deref())?);
    rows.extend(embed::rows(wishes.packages, wishes.data, wishes.work)?);
    print(&rows);
    Ok(())
}

fn wishes(arguments: &[String]) -> Result<Wishes> {
    let mut wishes = Wishes::default();
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let value = rest.next().with_context(|| format!("{option} wants a value; {USAGE}"))?;
        let place = match option.as_str() {
            "--oratory" => &mut wishes.oratory,
            "--lists" => &mut wishes.lists,
            "--texts" => &mut wishes.texts,
            "--packages" => &mut wishes.packages,
            "--data" => &mut wishes.data,
            "--work" => &mut wishes.work,
            "--cases" => {
                let wants = || format!("--cases wants a number, not {value:?}");
                wishes.cases = Some(value.parse().with_context(wants)?);
                continue;
            }
            other => bail!("there is no option {other:?}; {USAGE}"),
        };
        *place = Some(PathBuf::from(value));
    }
    Ok(wishes)
}

#[expect(clippy::print_stdout, reason = "the table is what is asked for")]
fn print(rows: &[Row]) {
    let wide = rows.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
    for row in rows {
        println!("{:<7} {:<wide$}  {}", row.brain, row.what, row.found);
    }
}

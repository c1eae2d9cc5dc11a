//! `oratory models show`: everything known of one model.
//!
//! Facts from its header, its origin from the index.

use std::process::ExitCode;

use oratory_contract::Ability;
use oratory_models::ModelsError;

use super::row::{self, Row, count, size};
use super::{error, meant};
use crate::cli::Named;
use crate::house;
use crate::out;
use crate::settings::Config;

pub(super) fn run(args: &Named, config: &Config) -> anyhow::Result<ExitCode> {
    let rows = row::all(config)?;
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let name = meant(&args.model, &names).map_err(error)?;
    let row = name.and_then(|name| rows.into_iter().find(|row| row.name == name));
    let Some(mut row) = row else {
        return Err(error(ModelsError::Unknown {
            what: format!("there is no model {:?} on this machine", args.model),
            hint: "`oratory models` lists those that are".to_owned(),
        }));
    };
    row.tuned = house::tuned(config, &row.name);
    if args.json {
        out::json(&row);
    } else {
        show(&row);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(row: &Row) {
    let line = |name: &str, text: &str| out::line(format_args!("{name:>12}  {text}"));
    line("name", &row.name);
    if let Some(path) = &row.path {
        line("file", &path.display().to_string());
    }
    line("size", &size(row.bytes));
    if let Some(problem) = &row.problem {
        line("problem", problem);
    }
    if let Some(serves) = row.serves {
        line("serves", &format!("the program itself: {serves}"));
    }
    let does: Vec<&str> = row.abilities.iter().map(|ability| ability.as_str()).collect();
    let writes = row.abilities.first() == Some(&Ability::Answer);
    for (name, value) in [
        ("does", (!does.is_empty()).then(|| does.join("; "))),
        ("adapter for", row.adapts.clone()),
        ("family", row.architecture.clone()),
        ("parameters", row.parameters.map(count)),
        ("quantisation", row.quantisation.map(str::to_owned)),
        ("context", row.context.map(|context| format!("{context} tokens"))),
        ("guessed by", row.drafts_by.clone()),
        ("projector", row.projector.as_ref().map(|path| path.display().to_string())),
        ("projector", row.blind.clone()),
        (
            "chat",
            (row.problem.is_none() && writes && !row.chat)
                .then(|| "brings no chat template".to_owned()),
        ),
    ] {
        if let Some(value) = value {
            line(name, &value);
        }
    }
    if let Some(tuned) = &row.tuned {
        crate::commands::tune::told(tuned, line);
    }
    line("from", &row.source());
    let Some(entry) = &row.origin else { return };
    line("asked as", &entry.asked);
    if let Some(licence) = &entry.licence {
        line("licence", licence);
    }
    for file in &entry.files {
        if let Some(digest) = &file.sha256 {
            line("sha256", digest);
        }
    }
}

//! Oratory beside llama.cpp called directly, with the same settings: what all around it costs.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::report::{Better, Report, Row};
use crate::server::Server;
use crate::talk::{ask, words};
use crate::turns::turns;
use crate::{Kind, Things, Trouble, Wishes};

/// Tokens of an answer; as many as `oratory bench --alone` writes.
const WRITTEN: u32 = 48;

const ALL: [(&str, u32); 2] =
    [("alone: decode after 256", 256), ("alone: decode after 2048", 2048)];

/// Measures what is wanted of it; nothing if that is nothing.
pub(crate) async fn all(
    things: &Things,
    wishes: &Wishes,
    report: &mut Report,
) -> Result<(), Trouble> {
    let wanted: Vec<_> = ALL.iter().filter(|(name, _)| name.contains(&wishes.only)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let server = Server::start(Kind::Plain, things, &things.dense, wishes.threads).await?;
    ask(&server, "Hello", 2).await?;
    for &(name, depth) in wanted {
        let mut row = Row::new(name, Better::Higher);
        for turn in turns(name, wishes.trials, ["llama.cpp", "Oratory"]) {
            if turn.second {
                let prompt = words(turn.number() + 991, depth);
                row.add(Kind::Oratory, ask(&server, &prompt, WRITTEN).await?.pace());
            } else {
                row.add(Kind::Plain, alone(things, wishes, depth)?);
            }
        }
        report.rows.push(row);
    }
    Ok(())
}

/// Returns tokens a second of llama.cpp with nothing around it.
fn alone(things: &Things, wishes: &Wishes, depth: u32) -> Result<f64, Trouble> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(&things.oratory);
    command.arg("bench").arg(things.dense.canonicalize()?);
    command.args(["--json", "--alone", &depth.to_string()]);
    command.args(["--threads", &wishes.threads.to_string()]);
    command.env_clear().env("HOME", folder.path()).env("ORATORY_HOME", folder.path());
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let pace = told["decode_tokens_per_second"].as_f64();
    pace.ok_or_else(|| format!("llama.cpp alone could not be measured: {told}").into())
}

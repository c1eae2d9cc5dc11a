//! `oratory keys`: makes, lists and takes away the keys of callers.
//!
//! A server that runs meanwhile sees it with its next request.

use std::process::ExitCode;

use anyhow::anyhow;
use oratory_contract::{GroupName, Rights, calendar};
use oratory_pipeline::Clock;
use oratory_store::{CallersError, KeyBook};

use crate::cli::{AddKey, Expiry, Keys, KeysWhat};
use crate::clock::MachineClock;
use crate::out::{self, WrongUsage};
use crate::settings::{Settings, callers_file};

mod list;

pub(super) fn run(args: Keys, settings: &Settings) -> anyhow::Result<ExitCode> {
    let book = KeyBook::new(&callers_file(settings)?);
    match args.what {
        KeysWhat::Add(args) => add(args, &book, settings),
        KeysWhat::List(args) => list::run(&args, &book),
        KeysWhat::Rm { name } => remove(&name, &book),
    }
}

fn add(args: AddKey, book: &KeyBook, settings: &Settings) -> anyhow::Result<ExitCode> {
    let first = book.list(now()).map_err(error)?.is_empty();
    let (name, rights) = (args.name.clone(), rights(args)?);
    let key = book.add(&name, &rights, now()).map_err(error)?;
    out::note(format_args!("{name} may ask with this key, which is shown this once:"));
    out::line(key.reveal());
    if let Some(expires) = rights.expires {
        out::note(format_args!("it ends on {}", calendar::utc(expires)));
    }
    let text = |key| settings.get(key).map_or("", |value| value.text());
    if first && text("server.key").is_empty() && text("server.keyless") == "until-keys" {
        out::note(
            "from now on programs on this machine need a key, too; \
             set `server.keyless` to \"always\" to let them ask without one",
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn rights(args: AddKey) -> anyhow::Result<Rights> {
    let mut groups: Vec<GroupName> = args.groups.into_iter().map(GroupName::from).collect();
    groups.sort_unstable();
    groups.dedup();
    for (at, budget) in args.budgets.iter().enumerate() {
        let same = |other: &&oratory_contract::Budget| {
            (other.unit, other.period) == (budget.unit, budget.period)
        };
        if let Some(other) = args.budgets[..at].iter().find(same) {
            let message = format!("{other} and {budget} count the same; write the smaller one");
            return Err(WrongUsage(message).into());
        }
    }
    let expires = args.expires.map(|expires| match expires {
        Expiry::At(moment) => moment,
        Expiry::Days(days) => now() + days * 86_400,
    });
    if let Some(past) = expires.filter(|expires| *expires <= now()) {
        let message = format!("{} is past, so the key would open nothing", calendar::utc(past));
        return Err(WrongUsage(message).into());
    }
    let AddKey { clearance, label, models, budgets, .. } = args;
    Ok(Rights { groups, clearance, label, models, budgets, expires })
}

fn remove(name: &str, book: &KeyBook) -> anyhow::Result<ExitCode> {
    if !book.remove(name).map_err(error)? {
        return Err(anyhow!("there is no key called {name:?}; `oratory keys list` shows them"));
    }
    out::note(format_args!("the key of {name} opens nothing any more"));
    if book.list(now()).map_err(error)?.is_empty() {
        out::note("it was the last one");
    }
    Ok(ExitCode::SUCCESS)
}

fn now() -> u64 {
    MachineClock.unix_ms() / 1000
}

#[expect(clippy::needless_pass_by_value, reason = "that is how `map_err` hands it over")]
fn error(error: CallersError) -> anyhow::Error {
    anyhow!("{error}; {}", error.hint())
}

//! `oratory privacy forget`: what surrogates stand for is given up.
//!
//! A server that runs meanwhile begins anew with the next request.

use std::process::ExitCode;

use anyhow::anyhow;
use oratory_contract::CallerName;
use oratory_store::Forget;

use crate::cli::Forgetting;
use crate::leaving;
use crate::out;
use crate::settings::Config;

pub(super) fn run(args: &Forgetting, config: &Config) -> anyhow::Result<ExitCode> {
    let vault = leaving::vault(config);
    let caller = args.caller.as_deref().map(CallerName::from);
    let what = match (&args.conversation, &caller) {
        (Some(name), _) => Forget::Conversation(name),
        (None, Some(caller)) => Forget::Caller(caller),
        (None, None) => Forget::All,
    };
    let forgotten = vault.forget(what).map_err(|error| anyhow!("{error}; {}", error.hint()))?;
    let s = if forgotten == 1 { "" } else { "s" };
    out::note(format_args!("{forgotten} conversation{s} forgotten"));
    // A name that is nobody's is probably misspelt.
    let misspelt = forgotten == 0 && args.conversation.is_some();
    Ok(if misspelt { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

//! What must be so before anything leaves this machine, and whether it is.
//!
//! A policy that loads, surrogates that can be kept, a receipt on disk. Home needs none of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use oratory_contract::{At, Departure, Departures, Failure, FailureKind, PlaceCard, Tier};
use oratory_http::Check;
use oratory_pipeline::{Clock, DEFAULT_POLICY, Policy};
use oratory_store::{Receipts, SealedVault};
use tokio_util::sync::CancellationToken;

use crate::clock::MachineClock;
use crate::settings::{Config, PlaceConfig};

/// The largest policy.
const LARGEST: u64 = 4 << 20;
/// How often the policy's file is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Everything that stands between a request and the network.
pub(crate) struct Leaving {
    pub(crate) policy: Arc<Policy>,
    pub(crate) vault: Arc<SealedVault>,
    pub(crate) receipts: Receipts,
    /// The policy's file, and what was read from it.
    file: Option<PolicyFile>,
}

type PolicyFile = (PathBuf, Result<String, String>);

impl Leaving {
    pub(crate) fn new(config: &Config, home: PlaceCard) -> Self {
        let places = std::iter::once(home).chain(config.places.iter().map(PlaceConfig::card));
        let file = config.policy.clone().map(|file| (read(&file), file));
        let text = match &file {
            None => Ok(DEFAULT_POLICY),
            Some((text, _)) => text.as_deref().map_err(Clone::clone),
        };
        let policy = policy(text, config.policy.as_deref(), places.collect());
        Self {
            policy: Arc::new(policy),
            vault: Arc::new(vault(config)),
            receipts: receipts(config),
            file: file.map(|(text, file)| (file, text)),
        }
    }

    /// Returns what is well and what is not, in words for people.
    pub(crate) fn checks(&self) -> [Check; 3] {
        let vault = self.vault.check().map_err(|error| (error.to_string(), error.hint()));
        let receipts = self.receipts.check().map_err(|error| (error.to_string(), error.hint()));
        let policy = self.policy.broken().map_or(Ok(()), |why| {
            Err((format!("the policy did not load: {why}"), POLICY_HINT.to_owned()))
        });
        [
            check("policy", "the policy is in force", policy),
            check("surrogates", "surrogates can be kept", vault),
            check("receipts", "receipts of what leaves can be kept", receipts),
        ]
    }

    /// Until the house closes, flushes receipts, and looks at the policy's file and puts what is
    /// in it in force.
    pub(crate) async fn keep(self: Arc<Self>, stop: CancellationToken) {
        // Where nobody can tell what is private, no policy lets anything out.
        let mut known = self.file.clone().filter(|_| unready().is_none());
        loop {
            let over = tokio::select! {
                () = tokio::time::sleep(LOOK) => false,
                () = stop.cancelled() => true,
            };
            let leaving = self.clone();
            let look = move || {
                leaving.flush();
                leaving.look(known)
            };
            match tokio::task::spawn_blocking(look).await {
                Ok(seen) if !over => known = seen,
                _ => return,
            }
        }
    }

    /// Sees to it that all receipts are on the disk itself.
    pub(crate) fn flush(&self) {
        if let Err(error) = self.receipts.flush() {
            tracing::error!("{error}; {}", error.hint());
        }
    }

    /// Puts the policy in force if it is another than is known, and returns what is known then.
    fn look(&self, known: Option<PolicyFile>) -> Option<PolicyFile> {
        let (file, before) = known?;
        let now = read(&file);
        if now == before {
            return Some((file, before));
        }
        let name = file.display().to_string();
        self.policy.exchange(now.as_deref().map_err(Clone::clone), &name);
        match self.policy.broken() {
            None => tracing::info!("{name} has changed and is in force now"),
            Some(why) => tracing::error!(
                "the policy has changed and does not load: {why}; until it is put right, nothing leaves this machine"
            ),
        }
        Some((file, now))
    }
}

#[async_trait]
impl Departures for Leaving {
    async fn note(&self, departure: Departure) -> Result<(), Failure> {
        if let Some(why) = self.policy.broken() {
            return Err(shut(&format!("the policy did not load: {why}"), POLICY_HINT));
        }
        self.vault.check().map_err(|error| shut(&error.to_string(), &error.hint()))?;
        let written = self.receipts.write(&departure, MachineClock.unix_ms());
        written.map_err(|error| shut(&error.to_string(), &error.hint()))?;
        // What stays on our network need not wait for the disk; it is flushed within a second.
        if departure.tier != Tier::Cloud {
            return Ok(());
        }
        let receipts = self.receipts.clone();
        let flushed = tokio::task::spawn_blocking(move || receipts.flush()).await;
        let flushed = flushed.map_err(|error| shut(&error.to_string(), "try again"))?;
        flushed.map_err(|error| shut(&error.to_string(), &error.hint()))
    }
}

const POLICY_HINT: &str = "put the policy right; `oratory policy check` says where it is wrong";

fn shut(why: &str, hint: &str) -> Failure {
    let message = format!("nothing leaves this machine: {why}");
    Failure::new(FailureKind::Refused, At::Oratory, message).hint(hint)
}

fn check(name: &'static str, well: &str, found: Result<(), (String, String)>) -> Check {
    match found {
        Ok(()) => Check { name, ok: true, message: well.to_owned(), hint: None },
        Err((why, hint)) => {
            let message = format!("nothing leaves this machine: {why}");
            Check { name, ok: false, message, hint: Some(hint) }
        }
    }
}

/// Returns where surrogates are kept.
pub(crate) fn vault(config: &Config) -> SealedVault {
    SealedVault::new(config.data.join("vault"), config.remembered)
}

/// Returns where receipts are kept.
pub(crate) fn receipts(config: &Config) -> Receipts {
    Receipts::new(config.data.join("receipts.jsonl"))
}

/// Returns why nobody could say what is private, if so.
fn unready() -> Option<String> {
    oratory_privacy::ready().err().map(|unready| unready.to_string())
}

/// Loads the policy; where that fails, or nobody could say what is private, nothing leaves home.
fn policy(text: Result<&str, String>, file: Option<&Path>, places: Vec<PlaceCard>) -> Policy {
    if let Some(unready) = unready() {
        tracing::error!("{unready}; nothing leaves this machine");
        return Policy::home_only(unready, places);
    }
    let loaded =
        text.and_then(|text| Policy::load(text, places.clone()).map_err(|error| error.to_string()));
    loaded.unwrap_or_else(|error| {
        let name = file.map_or_else(|| "the built-in policy".into(), Path::to_string_lossy);
        let why = format!("{name}: {error}");
        tracing::error!("{why}; until it is put right, nothing leaves this machine");
        Policy::home_only(why, places)
    })
}

/// Reads a policy's file.
pub(crate) fn read(file: &Path) -> Result<String, String> {
    let read = || {
        let size = std::fs::metadata(file)?.len();
        if size > LARGEST {
            return Err(std::io::Error::other("it is larger than any policy"));
        }
        std::fs::read_to_string(file)
    };
    read().map_err(|error| error.to_string())
}

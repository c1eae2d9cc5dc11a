//! Servers of models on this machine: found, made places, and seen to go and come back.
//!
//! Decides what such a place may receive, and nothing about any request.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use oratory_contract::{Clearance, PlaceCard, Sensitivity, Terms, Tier, Trouble};
use oratory_pipeline::{Policy, Portfolio, Site};
use oratory_privacy::{Custom, RemotePlace};
use oratory_remote::near::{Server, Sight, Software, look};
use oratory_remote::{Access, Place};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::leaving::Leaving;
use crate::licences::Rules;
use crate::licensed::licensed;
use crate::settings::Config;

mod address;
mod owner;

pub(crate) use address::loopback_port;

/// How often a port is looked at.
const USUAL: Duration = Duration::from_secs(30);
/// How often one is looked at whose server has gone; where nobody listens, nobody is troubled.
const GONE: Duration = Duration::from_secs(3);
/// How long somebody is left alone who serves no models; twice as long each time.
const STRANGE: Duration = Duration::from_secs(60);
const STRANGEST: Duration = Duration::from_secs(3600);
/// How often it is asked which ports are due.
const TICK: Duration = Duration::from_secs(1);

/// What may be given to whoever listens on a port of this machine.
const TRUSTED: (Tier, Sensitivity) = (Tier::Onprem, Sensitivity::Internal);
/// The same for who may hand it on, or is somebody else's.
const DOUBTED: (Tier, Sensitivity) = (Tier::Cloud, Sensitivity::Public);

/// Finds servers and keeps what is known of them true.
pub(crate) struct Near {
    offline: bool,
    custom: Arc<Custom>,
    licences: Rules,
    leaving: Arc<Leaving>,
    policy: Arc<Policy>,
    portfolio: Portfolio,
    /// What is there without being found.
    settled: Vec<Site>,
    tasks: TaskTracker,
    stop: CancellationToken,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    ports: Vec<Port>,
    found: Vec<Found>,
    /// What every server that was ever found is called; as few as there are ports.
    called: Vec<(String, Identity)>,
}

/// By what a server is the same as one that was found before.
#[derive(PartialEq, Eq)]
struct Identity {
    port: u16,
    software: &'static str,
    trusted: bool,
}

/// A port and when it is looked at again.
struct Port {
    number: u16,
    due: Instant,
    /// How long whoever is there is left alone.
    strange: Duration,
}

/// A server that was found, as a place.
struct Found {
    port: u16,
    software: Software,
    version: Option<String>,
    /// Whether it keeps what it is asked, and is run by whom we trust.
    trusted: bool,
    place: Arc<Place>,
    well: bool,
}

impl Near {
    /// Returns what finds servers for this portfolio, in which is already what was written down.
    pub(crate) fn new(
        config: &Config,
        leaving: &Arc<Leaving>,
        portfolio: &Portfolio,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Self {
        // What a person has written down is found already; and we are not our own neighbour.
        let written = config.places.iter().filter_map(|place| loopback_port(&place.url));
        let mut seen: HashSet<u16> = written.chain([config.listen.port()]).collect();
        let ports = config.near.iter().copied().filter(|port| seen.insert(*port));
        let due = Instant::now();
        let ports = ports.map(|number| Port { number, due, strange: STRANGE }).collect();
        Self {
            offline: config.offline,
            custom: config.custom.clone(),
            licences: config.licences.clone(),
            leaving: leaving.clone(),
            policy: leaving.policy.clone(),
            portfolio: portfolio.clone(),
            settled: portfolio.sites().to_vec(),
            tasks: tasks.clone(),
            stop: stop.clone(),
            known: Mutex::new(Known { ports, ..Known::default() }),
        }
    }

    /// Looks again and again until the house closes.
    pub(crate) async fn keep(self: Arc<Self>) {
        loop {
            let round = async {
                self.look().await;
                tokio::time::sleep(TICK).await;
            };
            tokio::select! {
                () = round => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    /// Looks at the ports that are due.
    pub(crate) async fn look(&self) {
        let now = Instant::now();
        let due: Vec<u16> = {
            let known = self.lock();
            known.ports.iter().filter(|port| port.due <= now).map(|port| port.number).collect()
        };
        let seen = due.iter().map(|port| async { (*port, look(*port).await) });
        let seen = futures_util::future::join_all(seen).await;
        let mut changed = false;
        for (port, sight) in seen {
            changed |= self.note(port, sight);
        }
        if changed {
            self.announce();
        }
    }

    /// Returns what a place is that was found; `None` for one that was written down.
    pub(crate) fn what(&self, place: &PlaceCard) -> Option<String> {
        let known = self.lock();
        let found = known.found.iter().find(|found| found.place.card().name == place.name)?;
        let version = found.version.as_ref().map(|version| format!(" {version}"));
        Some(format!("{}{}", found.software.title, version.unwrap_or_default()))
    }

    /// Returns every place that was found, what it is, and whether it answers.
    pub(crate) fn all(&self) -> Vec<(PlaceCard, &'static str, bool)> {
        let told = |found: &Found| (found.place.card().clone(), found.software.title, found.well);
        self.lock().found.iter().map(told).collect()
    }

    /// Takes in what was seen at a port; says whether there are other places now.
    fn note(&self, port: u16, sight: Sight) -> bool {
        let mut known = self.lock();
        let before = known.places();
        let (mut pause, mut strange) = (USUAL, false);
        match sight {
            Sight::Servers(servers) => self.servers(&mut known, port, servers),
            Sight::Nobody => {
                if known.gone(port) {
                    pause = GONE;
                }
            }
            // Busy, if it is known; else somebody who has nothing to say to us.
            Sight::Silent if known.found.iter().any(|found| found.port == port) => {}
            Sight::Silent | Sight::Stranger => {
                known.found.retain(|found| found.port != port);
                strange = true;
            }
        }
        if let Some(noted) = known.ports.iter_mut().find(|noted| noted.number == port) {
            if strange {
                pause = noted.strange;
                noted.strange = (noted.strange * 2).min(STRANGEST);
            } else {
                noted.strange = STRANGE;
            }
            noted.due = Instant::now() + pause;
        }
        // By themselves, not by name: another may have got the name of one that went.
        let now = known.places();
        before.len() != now.len()
            || before.iter().zip(&now).any(|(one, two)| !Arc::ptr_eq(one, two))
    }

    /// Takes in the servers at a port: those that are known are told of, others become places.
    fn servers(&self, known: &mut Known, port: u16, servers: Vec<Server>) {
        // Each time anew: somebody else may have come to the port of who was there.
        let ours = owner::is_ours(port);
        let same = |found: &Found, server: &Server| {
            found.software == server.software
                && found.trusted == (server.software.keeps && ours)
                && found.place.card().address == server.url
        };
        known
            .found
            .retain(|found| found.port != port || servers.iter().any(|server| same(found, server)));
        for server in servers {
            let here = |found: &&mut Found| found.port == port && same(found, &server);
            if let Some(found) = known.found.iter_mut().find(here) {
                found.place.tell(server.models);
                (found.version, found.well) = (server.version, true);
            } else if let Some(found) = self.open(known, port, ours, server) {
                known.found.push(found);
            }
        }
    }

    /// Makes a server a place, unless it may hand on what nothing here may leave for.
    fn open(&self, known: &mut Known, port: u16, ours: bool, server: Server) -> Option<Found> {
        let Server { software, version, url, dialect, models } = server;
        let trusted = software.keeps && ours;
        let (tier, as_is) = if trusted { TRUSTED } else { DOUBTED };
        if self.offline && tier == Tier::Cloud {
            return None;
        }
        let name = self.name(known, Identity { port, software: software.name, trusted });
        let config = oratory_remote::Config {
            name: name.as_str().into(),
            tier,
            url,
            access: Access { dialect, ..Access::default() },
            clearance: Clearance { as_is, masked: None },
            terms: Terms::default(),
            models: Vec::new(),
            told: true,
            shut: None,
            concurrency: 64,
            connect: Duration::from_secs(1),
            first: Duration::from_secs(300),
            silence: Duration::from_secs(120),
            custom: self.custom.clone(),
            departures: self.leaving.clone(),
        };
        let place = Place::open(config, &self.tasks, self.stop.clone());
        let place = place.inspect_err(|error| tracing::warn!(%error, "cannot be a place")).ok()?;
        place.tell(models);
        tracing::info!(place = %name, software = software.title, port, "found on this machine");
        Some(Found { port, software, version, trusted, place: Arc::new(place), well: true })
    }

    /// Returns what a server is called: always the same, and never what another one was called. A
    /// request that was let in to one must not find another under its name.
    fn name(&self, known: &mut Known, identity: Identity) -> String {
        if let Some((name, _)) = known.called.iter().find(|(_, known)| *known == identity) {
            return name.clone();
        }
        let is_free = |name: &String| {
            let settled = self.settled.iter().any(|site| site.card().name.as_str() == name);
            !settled && known.called.iter().all(|(taken, _)| taken != name)
        };
        let wish = identity.software;
        let numbered = (2..).map(|number| format!("{wish}-{number}"));
        let mut names = std::iter::once(wish.to_owned()).chain(numbered);
        let name = names.find(is_free).expect("there are more numbers than servers");
        known.called.push((name.clone(), identity));
        name
    }

    /// Has policy and portfolio know the places there are now; the policy first, which denies
    /// what it does not know.
    fn announce(&self) {
        let known = self.lock();
        let found = known.found.iter().map(|found| Site::Remote(found.place.clone()));
        let found = found.map(|site| licensed(site, &self.licences));
        let sites: Vec<Site> = self.settled.iter().cloned().chain(found).collect();
        self.policy.speak_of(sites.iter().map(|site| site.card().clone()).collect());
        self.portfolio.exchange(sites);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn places(&self) -> Vec<Arc<Place>> {
        self.found.iter().map(|found| found.place.clone()).collect()
    }

    /// Tells the places at a port that nobody listens there any more; says whether there are any.
    fn gone(&mut self, port: u16) -> bool {
        let mut any = false;
        for found in self.found.iter_mut().filter(|found| found.port == port) {
            any = true;
            if std::mem::replace(&mut found.well, false) {
                let title = found.software.title;
                let card = found.place.card();
                tracing::info!(place = %card.name, "does not answer any more");
                found.place.tell_trouble(Trouble {
                    what: format!("{} cannot be reached at {}", card.name, card.address),
                    next: Some(format!("start {title} again; it is found by itself")),
                });
            }
        }
        any
    }
}

//! `oratory serve`: listens until it is told to stop.
//!
//! Opens its doors first, so that a client that comes early waits instead of failing.

mod changing;
mod figures;
mod socket;

use std::process::ExitCode;

use anyhow::Context;
use oratory_contract::{Callers, LocalPlace, Meant};
use oratory_http::{Check, Door, Origins};
use oratory_privacy::Custom;
use oratory_store::{KnownCallers, StoreHealth};
use tokio::net::TcpListener;

use crate::cli::Serving;
use crate::foresight;
use crate::house::House;
use crate::near::Near;
use crate::settings::Config;

/// How long a stream says nothing before it gives a sign of life.
const SILENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// How long nobody has asked for anything before models are measured.
const QUIET: std::time::Duration = std::time::Duration::from_secs(15);

pub(super) async fn run(args: Serving, config: &Config) -> anyhow::Result<ExitCode> {
    let doors = open(config).await?;
    let (house, pipeline) = House::build(config, args.files)?;
    tracing::info!(address = %doors.address.local_addr()?, "serving");
    serve(doors, house, pipeline, config).await
}

/// Where clients come in.
pub(super) struct Doors {
    pub(super) address: TcpListener,
    socket: socket::Socket,
}

/// Opens the address, and the socket where there is one.
pub(super) async fn open(config: &Config) -> anyhow::Result<Doors> {
    let address = config.listen;
    let address = TcpListener::bind(address).await.with_context(|| {
        format!(
            "{address} cannot be listened on; if another Oratory is running there, use it, or \
             choose another address with --listen"
        )
    })?;
    Ok(Doors { address, socket: socket::Socket::open(config.socket.as_deref())? })
}

/// Serves until Ctrl-C or the service manager says stop.
pub(super) async fn serve(
    doors: Doors,
    house: House,
    pipeline: oratory_pipeline::Pipeline,
    config: &Config,
) -> anyhow::Result<ExitCode> {
    // Before the first client: one who is served may already know our process and end it.
    let told = told_to_stop().context("this system does not let a program hear Ctrl-C")?;
    warm();
    preload(&house, config);
    house.tasks.spawn(house.leaving.clone().keep(house.stop.clone()));
    let (data, routing) = (config.data.clone(), house.routing.clone());
    house.tasks.spawn(foresight::follow(data, routing, house.stop.clone()));
    if !config.near.is_empty() {
        house.tasks.spawn(house.near.clone().keep());
    }
    if config.tune {
        house.engine.tune_when_quiet(QUIET);
    }
    let served = oratory_http::House::new(pipeline, front(&house, config)).router();
    let limits =
        oratory_http::Limits { connections: config.connections, ..oratory_http::Limits::default() };
    let (tasks, stop) = (house.serving.clone(), house.stop.clone());
    let beside = doors.socket.serve(served.clone(), limits, tasks.clone(), stop.clone());
    tokio::select! {
        () = oratory_http::serve(&doors.address, served, limits, tasks, stop) => {}
        () = beside => {}
        () = told => tracing::info!("stopping"),
    }
    drop(doors);
    house.close().await;
    Ok(ExitCode::SUCCESS)
}

fn front(house: &House, config: &Config) -> oratory_http::Config {
    let (store, leaving) = (house.store.clone(), house.leaving.clone());
    let lost = house.store.clone();
    let (near, offline) = (house.near.clone(), config.offline);
    let (custom, callers) = (config.custom.clone(), house.callers.clone());
    let (engine, metered) = (house.engine.clone(), house.engine.clone());
    oratory_http::Config {
        door: Door::new(config.key.clone())
            .for_callers(house.callers.clone(), config.keyless)
            .open_to(Origins::new(config.origins.clone())),
        body: config.body,
        version: env!("CARGO_PKG_VERSION"),
        silence: SILENCE,
        checks: Box::new(move || {
            let own = [records(&store.health()), keys(&callers)];
            own.into_iter().chain(leaving.checks()).chain(neighbours(&near, offline)).collect()
        }),
        meters: Box::new(move || figures::of(&metered, lost.lost())),
        loaded: Box::new(move || figures::loaded(&engine)),
        privacy: Box::new(move |text| private(text, &custom)),
        changes: changing::Changing::allowed(config),
        tasks: house.serving.clone(),
        files: Some(config.data.join("files")),
        stop: house.stop.clone(),
    }
}

/// Returns the kinds of private content in a text, each as often as it is there.
fn private(text: &str, custom: &Custom) -> Vec<(String, f32)> {
    let found = oratory_privacy::find_with(text, custom).into_iter();
    let found = found.filter(|finding| finding.kind.is_private_alone());
    let kinds = |finding: oratory_privacy::Finding| {
        let labels = finding.kind.labels();
        let kinds = labels.compartments.into_iter();
        kinds.map(move |kind| (kind.as_str().to_owned(), finding.score)).collect::<Vec<_>>()
    };
    found.flat_map(kinds).collect()
}

fn keys(callers: &KnownCallers) -> Check {
    let (ok, message, hint) = match callers.any() {
        Ok(true) => (true, "callers have keys of their own".to_owned(), None),
        Ok(false) => (true, "nobody has a key of their own".to_owned(), None),
        Err(failure) => (false, failure.message, failure.hint),
    };
    Check { name: "keys", ok, message, hint }
}

/// Says what was found on this machine. One that has gone is told of, and is no fault of ours.
fn neighbours(near: &Near, offline: bool) -> Vec<Check> {
    let well = |name, message| Check { name, ok: true, message, hint: None };
    let told = near.all().into_iter().map(|(card, title, answers)| {
        let state = if answers { "" } else { ", which does not answer now" };
        format!("{} ({title} at {}{state})", card.name, card.address)
    });
    let told: Vec<String> = told.collect();
    let mut checks = Vec::new();
    if !told.is_empty() {
        checks.push(well("near", format!("found on this machine: {}", told.join(", "))));
    }
    if offline {
        checks.push(well("offline", "nothing beyond this machine is contacted".to_owned()));
    }
    checks
}

fn records(health: &StoreHealth) -> Check {
    let (ok, message, hint) = match health {
        StoreHealth::Ok => (true, "records are being kept".to_owned(), None),
        StoreHealth::Opening => (true, "the database is being opened".to_owned(), None),
        StoreHealth::Failing { message, hint } => (false, message.clone(), Some(hint.clone())),
    };
    Check { name: "records", ok, message, hint }
}

/// Loads the models a person wants there from the start.
fn preload(house: &House, config: &Config) {
    let known = house.made.models();
    let known: Vec<&str> = known.iter().map(|known| known.name.as_str()).collect();
    for asked in &config.preload {
        // As over HTTP, a name need not be exact.
        let name = match oratory_models::installed(asked, known.iter().copied()) {
            Meant::One(name) => name,
            Meant::None | Meant::Several(_) => asked.clone(),
        };
        let (engine, model) = (house.engine.clone(), house.made.root(&name.as_str().into()));
        house.tasks.spawn(async move {
            if let Err(failure) = engine.preload(&model).await {
                let hint = failure.hint.as_deref().unwrap_or_default();
                tracing::warn!(%model, "could not be loaded: {failure}; {hint}");
            }
        });
    }
}

/// Builds what the first request would otherwise wait for.
fn warm() {
    // Not waited for: it ends by itself within milliseconds and holds nothing.
    std::thread::spawn(|| oratory_privacy::labels(""));
}

/// Returns a future that resolves when a person presses Ctrl-C or a service manager asks us to
/// end. It listens from this call on, so that a word said before it is awaited is heard too.
#[cfg(unix)]
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Returns a future that resolves when a person presses Ctrl-C.
#[cfg(windows)]
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut ctrl_c = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        let _ = ctrl_c.recv().await;
    })
}

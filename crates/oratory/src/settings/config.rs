//! The settings, checked and filled in, in the shapes that are handed to the rooms.
//!
//! What a path stands for when nobody named one is decided here.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use oratory_contract::{Callers, Clearance, PlaceCard, Sensitivity, Terms, Tier};
use oratory_http::Keyless;
use oratory_local::{Draft, Guess};
use oratory_pipeline::{Prefer, Taste};
use oratory_privacy::Custom;
use oratory_remote::Access;
use oratory_remote::near::USUAL_PORTS;

use crate::licences::Rules;
use crate::prices;

use super::{KeyAt, ModelsConfig, Settings, Value};

/// Everything the service needs to know.
pub(crate) struct Config {
    /// Where Oratory keeps what it makes.
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) key: Option<String>,
    /// When programs on this machine need no key.
    pub(crate) keyless: Keyless,
    /// The database of callers with keys of their own.
    pub(crate) callers: PathBuf,
    pub(crate) body: usize,
    pub(crate) connections: usize,
    pub(crate) socket: Option<PathBuf>,
    pub(crate) origins: Vec<String>,
    pub(crate) models: PathBuf,
    pub(crate) fetching: ModelsConfig,
    /// Which licences of models may not be used here.
    pub(crate) licences: Rules,
    /// Whether clients may fetch and remove models.
    pub(crate) over_http: bool,
    pub(crate) context: u32,
    pub(crate) threads: Option<usize>,
    pub(crate) lanes: Option<u32>,
    pub(crate) memory: Option<u64>,
    pub(crate) stay: Duration,
    pub(crate) kept: u64,
    pub(crate) tune: bool,
    pub(crate) repack: Option<bool>,
    pub(crate) flash: Option<bool>,
    pub(crate) small_cells: bool,
    pub(crate) lock: bool,
    pub(crate) guess: Guess,
    pub(crate) draft: Draft,
    pub(crate) preload: Vec<String>,
    pub(crate) queue: usize,
    pub(crate) stall: Duration,
    pub(crate) load: Duration,
    pub(crate) unlabelled: Sensitivity,
    /// What somebody calls private beside what Oratory knows.
    pub(crate) custom: Arc<Custom>,
    /// How long surrogates are kept.
    pub(crate) remembered: Duration,
    pub(crate) policy: Option<PathBuf>,
    pub(crate) store: PathBuf,
    pub(crate) cache: usize,
    pub(crate) log: String,
    /// Where requests go that name no model.
    pub(crate) taste: Taste,
    /// Names of models that mean whichever suits.
    pub(crate) any: Vec<String>,
    /// How long the first model elsewhere may take to begin before another is asked as well.
    pub(crate) hedge: Option<Duration>,
    pub(crate) places: Vec<PlaceConfig>,
    /// Whether nothing beyond this machine is contacted.
    pub(crate) offline: bool,
    /// The ports of this machine at which servers of models are looked for.
    pub(crate) near: Vec<u16>,
}

/// One place elsewhere.
pub(crate) struct PlaceConfig {
    pub(crate) name: String,
    /// Where it is written down, to begin a sentence with.
    pub(crate) whence: String,
    pub(crate) url: String,
    pub(crate) tier: Tier,
    pub(crate) access: Access,
    /// Where its key still has to be fetched from.
    pub(crate) key: KeyAt,
    pub(crate) clearance: Clearance,
    pub(crate) terms: Terms,
    pub(crate) models: Vec<String>,
    pub(crate) concurrency: usize,
    pub(crate) connect: Duration,
    pub(crate) first: Duration,
    pub(crate) silence: Duration,
}

impl PlaceConfig {
    /// Returns what is known of the place before it is opened.
    pub(crate) fn card(&self) -> PlaceCard {
        PlaceCard {
            name: self.name.as_str().into(),
            tier: self.tier,
            address: self.url.clone(),
            clearance: self.clearance,
            terms: self.terms.clone(),
        }
    }
}

const MEGABYTE: usize = 1024 * 1024;

impl Config {
    /// Returns the settings in their final shape.
    pub(crate) fn from(settings: &Settings) -> anyhow::Result<Self> {
        let data = data_folder(settings)?;
        let path = |key: &str| settings.get(key).map(|value| value.path(settings.person()));
        let key = settings.get("server.key").map(|value| value.text().to_owned());
        let listen: SocketAddr = text(settings, "server.listen").parse()?;
        let callers = data.join(CALLERS);
        let origins = names(settings, "server.origins");
        let (reachable, open) = (!listen.ip().is_loopback(), origins.iter().any(|at| at == "*"));
        // Whether there are any matters only where one is needed.
        let no_key = (reachable || open) && key.is_none() && !has_keys(&callers)?;
        if reachable && no_key {
            bail!(
                "`server.listen` is {listen}, which other machines can reach, and there is no key; \
                 make one with `oratory keys add NAME`, set `server.key` (or ORATORY_SERVER_KEY), \
                 or listen on 127.0.0.1"
            );
        }
        if open && no_key {
            bail!(
                "`server.origins` lets every web page in, and there is no key; name the pages, make \
                 one with `oratory keys add NAME`, or set `server.key` (or ORATORY_SERVER_KEY)"
            );
        }
        Ok(Self {
            listen,
            socket: path("server.socket"),
            origins,
            key,
            keyless: match text(settings, "server.keyless") {
                // Whoever can come from elsewhere needs a key, also once the last one is gone.
                _ if reachable || open => Keyless::Never,
                "always" => Keyless::Always,
                _ => Keyless::UntilKeys,
            },
            callers,
            body: whole::<usize>(settings, "server.body_megabytes")? * MEGABYTE,
            connections: whole(settings, "server.connections")?,
            models: path("home.models").unwrap_or_else(|| data.join("models")),
            fetching: ModelsConfig::from(settings)?,
            licences: Rules {
                forbidden: licences(settings)?,
                unknown_refused: text(settings, "models.unknown_licence") == "refuse",
            },
            over_http: text(settings, "models.over_http") == "on",
            context: whole(settings, "home.context")?,
            threads: Some(whole(settings, "home.threads")?).filter(|threads| *threads > 0),
            lanes: Some(whole(settings, "home.lanes")?).filter(|lanes| *lanes > 0),
            memory: Some(whole::<u64>(settings, "home.memory_megabytes")? * MEGABYTE as u64)
                .filter(|bytes| *bytes > 0),
            stay: Duration::from_secs(whole::<u64>(settings, "home.keep_minutes")? * 60),
            kept: whole::<u64>(settings, "home.kept_megabytes")? * MEGABYTE as u64,
            tune: text(settings, "home.tune") == "when-quiet",
            repack: yes(settings, "home.repack"),
            flash: yes(settings, "home.flash"),
            small_cells: text(settings, "home.cells") == "8-bit",
            lock: text(settings, "home.lock") == "on",
            guess: match text(settings, "home.guess") {
                "always" => Guess::Always,
                "never" => Guess::Never,
                _ => Guess::WhereItPays,
            },
            draft: match text(settings, "home.draft") {
                "auto" => Draft::Auto,
                "never" => Draft::Never,
                name => Draft::Named(name.into()),
            },
            preload: names(settings, "home.preload"),
            queue: whole(settings, "home.queue")?,
            stall: seconds(settings, "home.stall_seconds")?,
            load: seconds(settings, "home.load_seconds")?,
            unlabelled: level(settings, "privacy.unlabelled")?,
            custom: Arc::new(super::terms::read(settings)?),
            remembered: Duration::from_secs(whole::<u64>(settings, "privacy.kept_days")? * 86_400),
            policy: path("policy.file"),
            store: path("store.file").unwrap_or_else(|| data.join("oratory.db")),
            cache: whole::<usize>(settings, "cache.megabytes")? * MEGABYTE,
            log: text(settings, "log.level").to_owned(),
            taste: taste(settings),
            any: names(settings, "route.any"),
            hedge: Some(whole(settings, "route.hedge_milliseconds")?)
                .filter(|milliseconds| *milliseconds > 0)
                .map(Duration::from_millis),
            places: settings
                .named("places.")
                .into_iter()
                .map(|name| place(settings, name))
                .collect::<Result<_, _>>()?,
            offline: text(settings, "offline") == "on",
            near: near(settings)?,
            data,
        })
    }
}

fn taste(settings: &Settings) -> Taste {
    let sure = share(settings, "route.sure").map(|sure| sure as f32);
    Taste {
        prefer: Prefer::parse(text(settings, "route.prefer")).unwrap_or_default(),
        cloud_share: share(settings, "route.cloud_share"),
        sure: sure.filter(|_| text(settings, "route.way") == "cascade"),
    }
}

/// Returns a part of a whole; the table says that it is one.
fn share(settings: &Settings, key: &str) -> Option<f64> {
    text(settings, key).trim().parse().ok()
}

/// Returns the licences that are forbidden; an empty name would forbid all.
fn licences(settings: &Settings) -> anyhow::Result<Vec<String>> {
    let names = names(settings, "models.licences_forbidden");
    match names.iter().find(|name| !name.contains(|sign: char| sign.is_ascii_alphanumeric())) {
        Some(empty) => {
            bail!(
                "`models.licences_forbidden` has {empty:?}, which names no licence; write one such as \"llama\""
            )
        }
        None => Ok(names),
    }
}

fn place(settings: &Settings, name: &str) -> anyhow::Result<PlaceConfig> {
    let key = |setting: &str| format!("places.{name}.{setting}");
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name == "home" || !name.chars().all(plain) {
        let whence = settings.whence(&format!("places.{name}"));
        bail!(
            "{whence}a place cannot be called {name:?}; use letters, digits, - and _, and not \"home\""
        );
    }
    let url = settings.get(&key("url")).map(|value| value.text().to_owned());
    let url = url.with_context(|| {
        format!(
            "{}[places.{name}] has no `url`; write one, such as url = \"http://127.0.0.1:8000/v1\"",
            settings.whence(&format!("places.{name}"))
        )
    })?;
    let masked = settings.get(&key("masked_clearance")).map(|value| value.text().parse());
    let models = names(settings, &key("models"));
    let price = settings.get(&key("price")).map(|value| {
        let whence = settings.whence(&key("price"));
        prices::written(value.text()).map_err(|why| format!("{whence}`{}`: {why}", key("price")))
    });
    let price = price.transpose().map_err(anyhow::Error::msg)?;
    let (access, kept) = super::access::read(settings, name, &url)?;
    Ok(PlaceConfig {
        access,
        key: kept,
        url,
        tier: text(settings, &key("tier")).parse().map_err(anyhow::Error::msg)?,
        clearance: Clearance {
            as_is: level(settings, &key("clearance"))?,
            masked: masked.transpose().map_err(anyhow::Error::msg)?,
        },
        terms: Terms {
            region: settings.get(&key("region")).map(|value| value.text().to_owned()),
            retention_days: match settings.get(&key("retention_days")) {
                Some(_) => Some(whole(settings, &key("retention_days"))?),
                None => None,
            },
            price,
        },
        models,
        concurrency: whole(settings, &key("concurrency"))?,
        connect: seconds(settings, &key("connect_seconds"))?,
        first: seconds(settings, &key("first_seconds"))?,
        silence: seconds(settings, &key("silence_seconds"))?,
        whence: settings.whence(&key("url")),
        name: name.to_owned(),
    })
}

/// Returns the ports at which servers of models are looked for; none where nobody is to look.
fn near(settings: &Settings) -> anyhow::Result<Vec<u16>> {
    if text(settings, "near.find") != "on" {
        return Ok(Vec::new());
    }
    let named = names(settings, "near.ports");
    if named.is_empty() {
        return Ok(USUAL_PORTS.to_vec());
    }
    let port = |name: &String| {
        let port = name.trim().parse::<u16>().ok().filter(|port| *port > 0);
        port.with_context(|| format!("{}`near.ports` has {name:?}, which is no port; write numbers from 1 to 65535, such as [\"11434\"]", settings.whence("near.ports")))
    };
    named.iter().map(port).collect()
}

/// The database of callers, in the data folder.
const CALLERS: &str = "callers.db";

/// Returns where callers with keys of their own are kept.
pub(crate) fn callers_file(settings: &Settings) -> anyhow::Result<PathBuf> {
    Ok(data_folder(settings)?.join(CALLERS))
}

fn has_keys(file: &Path) -> anyhow::Result<bool> {
    let any = oratory_store::KnownCallers::new(file).any();
    any.map_err(anyhow::Error::new)
}

/// `ORATORY_HOME`, else where this system keeps a program's data.
fn data_folder(settings: &Settings) -> anyhow::Result<PathBuf> {
    if let Some(home) = settings.environment("ORATORY_HOME") {
        return Ok(PathBuf::from(home));
    }
    if let Some(data) = settings.environment("XDG_DATA_HOME") {
        return Ok(Path::new(data).join("oratory"));
    }
    let person = settings
        .person()
        .context("neither ORATORY_HOME nor HOME is set, so there is no folder for Oratory's data; set ORATORY_HOME")?;
    Ok(if cfg!(target_os = "macos") {
        person.join("Library/Application Support/Oratory")
    } else {
        person.join(".local/share/oratory")
    })
}

pub(super) fn text<'a>(settings: &'a Settings, key: &str) -> &'a str {
    settings.get(key).map_or("", Value::text)
}

/// Returns what a person has decided; `None` where that is left to the engine.
fn yes(settings: &Settings, key: &str) -> Option<bool> {
    match text(settings, key) {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

pub(super) fn names(settings: &Settings, key: &str) -> Vec<String> {
    match settings.get(key) {
        Some(Value::Names(names)) => names.clone(),
        _ => Vec::new(),
    }
}

pub(super) fn level(settings: &Settings, key: &str) -> anyhow::Result<Sensitivity> {
    text(settings, key).parse().map_err(anyhow::Error::msg)
}

pub(super) fn whole<T: TryFrom<u64>>(settings: &Settings, key: &str) -> anyhow::Result<T> {
    match settings.get(key) {
        Some(Value::Whole(number)) => {
            T::try_from(*number).ok().with_context(|| format!("`{key}` is too large: {number}"))
        }
        _ => bail!("`{key}` has no number"),
    }
}

fn seconds(settings: &Settings, key: &str) -> anyhow::Result<Duration> {
    Ok(Duration::from_secs(whole(settings, key)?))
}

//! Lays default, file, environment and flag over one another and remembers which one spoke.
//!
//! Later layers win; every value has passed the same check.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::{FileError, SETTINGS, Value, file};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Default,
    File { line: usize },
    Environment(String),
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { line } => write!(f, "file, line {line}"),
            Self::Environment(name) => write!(f, "environment, {name}"),
            Self::Flag(name) => write!(f, "flag, --{name}"),
        }
    }
}

/// A value and where it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) value: Value,
    pub(crate) source: Source,
}

/// What the world outside says.
pub(crate) struct Layers {
    /// The settings file.
    pub(crate) file: PathBuf,
    /// Whether a person named that file.
    pub(crate) named: bool,
    /// The environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// What flags said, by flag.
    pub(crate) flags: BTreeMap<&'static str, String>,
}

/// Every setting that holds.
pub(crate) struct Settings {
    pub(crate) file: PathBuf,
    values: BTreeMap<String, Setting>,
    environment: BTreeMap<String, String>,
}

/// A setting that cannot be taken.
#[derive(Debug)]
pub(crate) enum SettingsError {
    File(FileError),
    Environment(String),
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Environment(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// Lays the layers over one another.
    pub(crate) fn lay(layers: Layers) -> Result<Self, SettingsError> {
        let mut values = file::read(&layers.file, layers.named).map_err(SettingsError::File)?;
        defaults(&mut values);
        for setting in SETTINGS {
            let Some(variable) = setting.environment() else { continue };
            if let Some(text) = layers.environment.get(&variable) {
                let value = setting.kind.read_text(text).map_err(|why| {
                    let example = setting.example.trim_matches('"');
                    SettingsError::Environment(format!(
                        "the environment variable {variable} is {why}, such as {variable}={example}"
                    ))
                })?;
                let source = Source::Environment(variable);
                values.insert(setting.key.to_owned(), Setting { value, source });
            }
            if let Some(text) = layers.flags.get(setting.flag) {
                let value = setting.kind.read_text(text).map_err(|why| {
                    let example = setting.example.trim_matches('"');
                    let flag = setting.flag;
                    SettingsError::Environment(format!(
                        "--{flag} is {why}, such as --{flag} {example}"
                    ))
                })?;
                let source = Source::Flag(setting.flag.to_owned());
                values.insert(setting.key.to_owned(), Setting { value, source });
            }
        }
        unknown_variables(&layers.environment)?;
        Ok(Self { file: layers.file, values, environment: layers.environment })
    }

    /// Returns what holds for `key`, if anything.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key).map(|setting| &setting.value)
    }

    /// Returns where a setting stands, to begin a sentence with; nothing if it stands nowhere.
    pub(crate) fn whence(&self, key: &str) -> String {
        let below = format!("{key}.");
        let stands = |(name, setting): (&String, &Setting)| {
            let ours = name == key || name.starts_with(&below);
            (ours && setting.source != Source::Default).then(|| setting.source.clone())
        };
        let line = |source: &Source| match source {
            Source::File { line } => *line,
            _ => 0,
        };
        match self.values.iter().filter_map(stands).min_by_key(line) {
            Some(Source::File { line }) => format!("{}, line {line}: ", self.file.display()),
            Some(source) => format!("{source}: "),
            None => String::new(),
        }
    }

    /// Returns all that holds, by key.
    pub(crate) fn all(&self) -> &BTreeMap<String, Setting> {
        &self.values
    }

    /// Returns the names that a person has chosen below a section, such as `places.`.
    pub(crate) fn named(&self, section: &str) -> BTreeSet<&str> {
        named(&self.values, section)
    }

    /// Returns an environment variable.
    pub(crate) fn environment(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Returns the person's own folder.
    pub(crate) fn person(&self) -> Option<&Path> {
        self.environment("HOME").map(Path::new)
    }
}

fn named<'v>(values: &'v BTreeMap<String, Setting>, section: &str) -> BTreeSet<&'v str> {
    let below = values.keys().filter_map(|key| key.strip_prefix(section));
    below.filter_map(|rest| rest.split('.').next()).collect()
}

/// Fills in defaults, for each named place too.
fn defaults(values: &mut BTreeMap<String, Setting>) {
    for setting in SETTINGS.iter().filter(|setting| !setting.default.is_empty()) {
        let keys = match setting.key.split_once('*') {
            None => vec![setting.key.to_owned()],
            Some((above, below)) => {
                let names = named(values, above).into_iter();
                names.map(|name| format!("{above}{name}{below}")).collect()
            }
        };
        for key in keys {
            let toml = setting.default.parse().expect("defaults are TOML values");
            let value = setting.kind.read_toml(&toml).expect("defaults pass their own check");
            values.entry(key).or_insert(Setting { value, source: Source::Default });
        }
    }
}

/// A misspelt variable would be ignored in silence; say so instead.
fn unknown_variables(environment: &BTreeMap<String, String>) -> Result<(), SettingsError> {
    const OTHERS: [&str; 3] = ["ORATORY_HOME", "ORATORY_CONFIG", "ORATORY_BIN"];
    let mut known: Vec<String> = SETTINGS.iter().filter_map(super::Setting::environment).collect();
    known.extend(OTHERS.map(str::to_owned));
    let ours = environment.keys().filter(|name| name.starts_with("ORATORY_"));
    let unknown = ours.into_iter().find(|name| !known.contains(name) && *name != "ORATORY_SLOW");
    let Some(name) = unknown else { return Ok(()) };
    let nearest = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)))
        .map_or("", String::as_str);
    Err(SettingsError::Environment(format!(
        "the environment variable {name} sets nothing; the nearest is {nearest}"
    )))
}

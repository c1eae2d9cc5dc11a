//! What a setting may hold, checked the same way wherever it was written.
//!
//! Messages complete the sentence "`key` is ..."; the caller says where.

use std::net::SocketAddr;
use std::path::PathBuf;

/// What a setting may hold.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// Text that is never shown.
    Secret,
    /// A file or folder.
    Path,
    /// An address and port.
    Address,
    /// A whole number within bounds.
    Whole { min: u64, max: u64 },
    /// On or off.
    Switch,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A part of a whole, from 0 to 1; kept as it was written.
    Share,
    /// A list of names.
    Names,
}

/// A checked value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Whole(u64),
    Names(Vec<String>),
}

impl Kind {
    /// Returns what the setting must be, in words.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Text | Self::Secret => "a text".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Address => "an address and port".to_owned(),
            Self::Whole { min, max } => format!("a whole number from {min} to {max}"),
            Self::Switch => "\"on\" or \"off\"".to_owned(),
            Self::Choice(words) => {
                format!(
                    "one of {}",
                    words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ")
                )
            }
            Self::Share => "a number from 0 to 1".to_owned(),
            Self::Names => "a list of texts".to_owned(),
        }
    }

    /// Checks what a flag or the environment said.
    pub(crate) fn read_text(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Whole { .. } => match text.trim().parse() {
                Ok(number) => self.check(Value::Whole(number)),
                Err(_) => Err(self.wrong(&format!("{text:?}"))),
            },
            Self::Switch => {
                let switched = match text.trim().to_ascii_lowercase().as_str() {
                    "on" | "1" | "true" | "yes" => "on",
                    // A variable that is set to nothing says nothing.
                    "off" | "0" | "false" | "no" | "" => "off",
                    _ => return Err(self.wrong(&format!("{text:?}"))),
                };
                Ok(Value::Text(switched.to_owned()))
            }
            Self::Names => {
                let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
                Ok(Value::Names(names.map(str::to_owned).collect()))
            }
            _ => self.check(Value::Text(text.to_owned())),
        }
    }

    /// Checks what the file said.
    pub(crate) fn read_toml(self, value: &toml_edit::Value) -> Result<Value, String> {
        use toml_edit::Value as Toml;
        let read = match (self, value) {
            (Self::Whole { .. }, Toml::Integer(number)) => {
                u64::try_from(*number.value()).ok().map(Value::Whole)
            }
            (Self::Names, Toml::Array(items)) => {
                // Ports are names, too, and written as numbers.
                let name = |item: &Toml| match item {
                    Toml::Integer(number) => Some(number.value().to_string()),
                    item => item.as_str().map(str::to_owned),
                };
                let names: Option<Vec<_>> = items.iter().map(name).collect();
                names.map(Value::Names)
            }
            (Self::Share, Toml::Float(number)) => Some(Value::Text(number.value().to_string())),
            (Self::Share, Toml::Integer(number)) => Some(Value::Text(number.value().to_string())),
            (Self::Switch, Toml::Boolean(on)) => {
                Some(Value::Text(if *on.value() { "on" } else { "off" }.to_owned()))
            }
            (Self::Whole { .. } | Self::Share | Self::Names, _) => None,
            (_, Toml::String(text)) => Some(Value::Text(text.value().clone())),
            _ => None,
        };
        let shown = || match self {
            Self::Secret => "not a text".to_owned(),
            _ => value.clone().decorated("", "").to_string(),
        };
        self.check(read.ok_or_else(|| self.wrong(&shown()))?)
    }

    fn check(self, value: Value) -> Result<Value, String> {
        let fits = match (self, &value) {
            (Self::Whole { min, max }, Value::Whole(number)) => (min..=max).contains(number),
            (Self::Switch, Value::Text(text)) => matches!(text.as_str(), "on" | "off"),
            (Self::Choice(words), Value::Text(text)) => words.contains(&text.as_str()),
            (Self::Address, Value::Text(text)) => text.parse::<SocketAddr>().is_ok(),
            (Self::Share, Value::Text(text)) => {
                text.trim().parse().is_ok_and(|share: f64| (0.0..=1.0).contains(&share))
            }
            (Self::Path | Self::Secret, Value::Text(text)) => !text.is_empty(),
            _ => true,
        };
        if fits { Ok(value) } else { Err(self.wrong(&value.show(self))) }
    }

    fn wrong(self, shown: &str) -> String {
        let nearest = match self {
            Self::Choice(words) => nearest(shown.trim_matches('"'), words),
            _ => None,
        };
        let nearest =
            nearest.map_or_else(String::new, |word| format!(" (the nearest is {word:?})"));
        format!("{shown}; it must be {}{nearest}", self.describe())
    }
}

/// Returns the word that was meant, where one is near enough.
fn nearest(text: &str, words: &'static [&'static str]) -> Option<&'static str> {
    let near = |word: &&&str| strsim::jaro_winkler(text, word);
    let best = words.iter().max_by(|a, b| near(a).total_cmp(&near(b)))?;
    (near(&best) > 0.8).then_some(*best)
}

impl Value {
    /// Returns the value as the file would write it; a secret as dots.
    pub(crate) fn show(&self, kind: Kind) -> String {
        match self {
            _ if matches!(kind, Kind::Secret) => "\"…\"".to_owned(),
            Self::Text(text) if matches!(kind, Kind::Share) => text.clone(),
            Self::Text(text) => toml_edit::value(text.as_str()).to_string().trim().to_owned(),
            Self::Whole(number) => number.to_string(),
            Self::Names(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("{name:?}")).collect();
                format!("[{}]", names.join(", "))
            }
        }
    }

    /// Returns the text; the table says that it is one.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// Returns the path, with `~/` for the person's own folder.
    pub(crate) fn path(&self, person: Option<&std::path::Path>) -> PathBuf {
        match (self.text().strip_prefix("~/"), person) {
            (Some(rest), Some(person)) => person.join(rest),
            _ => PathBuf::from(self.text()),
        }
    }
}

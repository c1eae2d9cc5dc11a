//! What somebody calls private beside what Oratory knows: `[privacy.terms.NAME]`.
//!
//! A mistake names the setting, and the line where it stands.

use std::path::Path;

use anyhow::{Context, anyhow, bail};
use oratory_contract::Labels;
use oratory_privacy::{Custom, CustomError, Description};

use super::Settings;
use super::config::{level, names};
use super::layers::Source;

/// The largest file of terms.
const LARGEST: u64 = 64 << 20;

/// Returns everything that somebody calls private.
pub(crate) fn read(settings: &Settings) -> anyhow::Result<Custom> {
    let named = settings.named("privacy.terms.").into_iter();
    let described: Vec<Description> =
        named.map(|name| describe(settings, name)).collect::<Result<_, _>>()?;
    Custom::new(&described).map_err(|error| wrong(settings, &error))
}

fn describe(settings: &Settings, name: &str) -> anyhow::Result<Description> {
    let key = |setting: &str| format!("privacy.terms.{name}.{setting}");
    let mut terms = names(settings, &key("terms"));
    if let Some(file) = settings.get(&key("file")) {
        let path = file.path(settings.person());
        let more = lines(&path).with_context(|| format!("`{}` cannot be used", key("file")))?;
        terms.extend(more);
    }
    let patterns = names(settings, &key("patterns"));
    if terms.is_empty() && patterns.is_empty() {
        bail!("[privacy.terms.{name}] names nothing; write `terms`, `file` or `patterns`");
    }
    let labels = Labels::of(level(settings, &key("label"))?);
    let compartments = names(settings, &key("compartments"));
    let labels = compartments.iter().fold(labels, |labels, one| labels.within(one));
    Ok(Description { name: name.to_owned(), labels, terms, patterns })
}

/// Returns the lines of a file that have something in them.
fn lines(path: &Path) -> anyhow::Result<Vec<String>> {
    let size = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if size > LARGEST {
        bail!("{} is larger than {} MiB; split it", path.display(), LARGEST >> 20);
    }
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// Returns the mistake with the place where it stands.
fn wrong(settings: &Settings, error: &CustomError) -> anyhow::Error {
    let (name, setting) = match error {
        CustomError::Many { .. } => return anyhow!("[privacy.terms]: {error}"),
        CustomError::Name { name } | CustomError::Taken { name } => (name, ""),
        CustomError::Term { name, .. } => (name, ".terms"),
        CustomError::Pattern { name, .. } => (name, ".patterns"),
    };
    let section = format!("privacy.terms.{name}");
    let stands = |key: &str| {
        settings
            .all()
            .iter()
            .find(|(other, setting)| other.starts_with(key) && setting.source != Source::Default)
    };
    let place = stands(&format!("{section}{setting}")).or_else(|| stands(&section));
    let place = place.map_or_else(String::new, |(_, setting)| format!(" ({})", setting.source));
    anyhow!("`{section}{setting}`{place}: {error}")
}

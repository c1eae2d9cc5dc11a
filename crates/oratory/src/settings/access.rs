//! What a place is told of who asks: its key, where that stands, and what its dialect wants beside.
//!
//! Nothing is sent here.

use std::path::PathBuf;

use anyhow::{Context, bail};
use oratory_remote::{Access, Dialect, Shut, Signing};

use super::Settings;
use super::config::text;

/// Where a place's key still has to be fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyAt {
    /// It is known, or none is wanted.
    Known,
    /// The system's keyring, under this name.
    Keyring(String),
    /// A file.
    File(PathBuf),
    /// It is not where it should be.
    Nowhere(Shut),
}

/// Returns what is told to the place called `name`, which is at `url`, and where its key is if
/// that is not known yet.
pub(super) fn read(settings: &Settings, name: &str, url: &str) -> anyhow::Result<(Access, KeyAt)> {
    let key = |setting: &str| format!("places.{name}.{setting}");
    let kind = text(settings, &key("kind"));
    let dialect = Dialect::named(kind).with_context(|| format!("{kind:?} is no dialect"))?;
    let (own, kept) = own_key(settings, name);
    let signing = match secret(settings, name, "access_key")? {
        Some(access_key) if dialect == Dialect::Bedrock => {
            if own.is_none() && kept == KeyAt::Known {
                bail!(
                    "[places.{name}] has an `access_key` and no secret one; write `key_from`, such as \
                     key_from = \"AWS_SECRET_ACCESS_KEY\""
                );
            }
            let region = settings.get(&key("aws_region")).map(|value| value.text().to_owned());
            let region = region.or_else(|| region_in(url)).with_context(|| {
                format!(
                    "[places.{name}] does not say which AWS region it is in; write `aws_region`"
                )
            })?;
            let session = from(settings, name, "session_token_from")?.map(Into::into);
            Some(Signing { access_key, region, session })
        }
        Some(_) => bail!("`places.{name}.access_key` is for kind = \"bedrock\", not {kind:?}"),
        None => None,
    };
    let api_version = settings.get(&key("api_version")).map(|value| value.text().to_owned());
    Ok((Access { dialect, key: own.map(Into::into), signing, api_version }, kept))
}

/// How the name of an entry in the keyring begins.
const KEYRING: &str = "keyring:";

/// Returns the place's own key, or where it is.
fn own_key(settings: &Settings, name: &str) -> (Option<String>, KeyAt) {
    let said = |setting: &str| settings.get(&format!("places.{name}.{setting}"));
    if let Some(from) = said("key_from") {
        let from = from.text();
        if let Some(entry) = from.strip_prefix(KEYRING) {
            let entry = if entry.is_empty() { name } else { entry };
            return (None, KeyAt::Keyring(entry.to_owned()));
        }
        return match settings.environment(from) {
            Some(key) => (Some(key.to_owned()), KeyAt::Known),
            None => (None, KeyAt::Nowhere(unset(name, from))),
        };
    }
    if let Some(file) = said("key_file") {
        return (None, KeyAt::File(file.path(settings.person())));
    }
    (said("key").map(|value| value.text().to_owned()), KeyAt::Known)
}

fn unset(name: &str, variable: &str) -> Shut {
    Shut::NoKey {
        why: format!(
            "the environment variable {variable}, which `places.{name}.key_from` names, is not set"
        ),
        next: format!(
            "export {variable}, or write key_from = \"keyring:{name}\" or a `key_file` under [places.{name}]"
        ),
    }
}

/// Returns what a setting says, or the environment variable that `SETTING_from` names.
fn secret(settings: &Settings, name: &str, setting: &str) -> anyhow::Result<Option<String>> {
    let written = settings.get(&format!("places.{name}.{setting}"));
    let named = from(settings, name, &format!("{setting}_from"))?;
    Ok(named.or_else(|| written.map(|value| value.text().to_owned())))
}

fn from(settings: &Settings, name: &str, setting: &str) -> anyhow::Result<Option<String>> {
    let Some(variable) = settings.get(&format!("places.{name}.{setting}")) else { return Ok(None) };
    let variable = variable.text();
    let value = settings.environment(variable).with_context(|| {
        format!(
            "`places.{name}.{setting}` names the environment variable {variable}, which is not \
             set; export it, or remove `{setting}`"
        )
    })?;
    Ok(Some(value.to_owned()))
}

/// Returns the region in an address such as `https://bedrock-runtime.eu-central-1.amazonaws.com`.
fn region_in(url: &str) -> Option<String> {
    let (_, host) = url.split_once("://")?;
    let mut parts = host.split(['/', ':']).next()?.split('.');
    parts.next().filter(|service| service.starts_with("bedrock-runtime"))?;
    parts.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::region_in;

    #[test]
    fn the_region_stands_in_the_address() {
        let region = |url| region_in(url).unwrap_or_default();
        assert_eq!(region("https://bedrock-runtime.eu-central-1.amazonaws.com"), "eu-central-1");
        assert_eq!(region("https://bedrock-runtime-fips.us-east-1.amazonaws.com/"), "us-east-1");
        assert_eq!(region("https://proxy.example.org/bedrock"), "");
    }
}

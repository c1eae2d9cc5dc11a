//! What a place is told of who asks: its key, where that stands, and what its dialect wants beside.
//!
//! Nothing is sent here.

use anyhow::{Context, bail};
use oratory_remote::{Access, Dialect, Signing};

use super::Settings;
use super::config::text;

/// Returns what is told to the place called `name`, which is at `url`.
pub(super) fn read(settings: &Settings, name: &str, url: &str) -> anyhow::Result<Access> {
    let key = |setting: &str| format!("places.{name}.{setting}");
    let kind = text(settings, &key("kind"));
    let dialect = Dialect::named(kind).with_context(|| format!("{kind:?} is no dialect"))?;
    let own = secret(settings, name, "key")?;
    let signing = match secret(settings, name, "access_key")? {
        Some(access_key) if dialect == Dialect::Bedrock => {
            if own.is_none() {
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
    Ok(Access { dialect, key: own.map(Into::into), signing, api_version })
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

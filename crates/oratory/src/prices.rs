//! What a model at a place costs: what the settings say of the place, or else what the catalogue knows.

use std::collections::HashMap;
use std::sync::Arc;

use oratory_catalogue::{Price, price, provider};
use oratory_contract::{Money, Tier};
use oratory_pipeline::Prices;
use oratory_remote::near;

use crate::settings::{Config, PlaceConfig};

/// What requests to a model cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Nobody sends a bill.
    Nothing,
    /// So much for its tokens.
    Tokens(Price),
    /// Nobody has said.
    Unknown,
}

/// Returns what requests to a model cost, and how far from home it is.
pub(crate) fn of(config: &Config, place: &str, model: &str) -> (Tier, Cost) {
    if place == "home" {
        return (Tier::Edge, Cost::Nothing);
    }
    let Some(place) = config.places.iter().find(|known| known.name == place) else {
        if near::keeps(place) {
            // Found on this machine, where nobody sends a bill.
            return (Tier::Onprem, Cost::Nothing);
        }
        // Taken out of the settings since; nothing at home had its name.
        return (Tier::Cloud, Cost::Unknown);
    };
    (place.tier, at(place, model))
}

fn at(place: &PlaceConfig, model: &str) -> Cost {
    let known = || price(provider(host(&place.url)?)?, model);
    match (place.price.or_else(known), place.tier) {
        (Some(price), _) => Cost::Tokens(price),
        (None, Tier::Cloud) => Cost::Unknown,
        (None, Tier::Edge | Tier::Onprem) => Cost::Nothing,
    }
}

/// Returns what models at places elsewhere cost, as the request path asks for it.
pub(crate) fn list(config: &Config) -> Prices {
    let place = |place: &PlaceConfig| {
        let unstated = place.price.is_none() && place.tier != Tier::Cloud;
        let nothing = unstated.then(|| Price::flat(Money::NONE, Money::NONE));
        (place.name.clone(), (place.price.or(nothing), host(&place.url).and_then(provider)))
    };
    let places: HashMap<_, _> = config.places.iter().map(place).collect();
    Arc::new(move |name, model| {
        let (stated, provider) = places.get(name)?;
        stated.or_else(|| price((*provider)?, model))
    })
}

/// Returns the host of an address, without port and credentials.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host.split(':').next().unwrap_or(host))
}

/// Reads what a person has written of a price: dollars for a million tokens read, written, and read again.
pub(crate) fn written(text: &str) -> Result<Price, String> {
    let wrong = |why: &str| {
        format!(
            "{why}; write dollars for a million tokens of the prompt and of the answer, and if you \
             like of a prompt it still has: \"3 15 0.30\""
        )
    };
    let amounts: Result<Vec<Money>, String> = text.split_whitespace().map(str::parse).collect();
    let amounts = amounts.map_err(|why| wrong(&why))?;
    match amounts[..] {
        [input, output] => Ok(Price::flat(input, output)),
        [input, output, cached] => Ok(Price { cached, ..Price::flat(input, output) }),
        _ => Err(wrong(&format!("{text:?} is no price"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_they_are_written() {
        let price = written("3 15 0.30").unwrap();
        assert_eq!((price.input, price.cached), ("3".parse().unwrap(), "0.3".parse().unwrap()));
        assert_eq!(written("1 2").unwrap().cached, "1".parse().unwrap());
        for text in ["", "3", "a b", "1 2 3 4", "-1 2"] {
            assert!(written(text).unwrap_err().contains("\"3 15 0.30\""), "{text}");
        }
    }

    #[test]
    fn a_host_is_found_in_any_address() {
        assert_eq!(host("https://api.openai.com/v1"), Some("api.openai.com"));
        assert_eq!(host("http://me:pw@lab.example:8000"), Some("lab.example"));
        assert_eq!(host("nonsense"), None);
    }
}

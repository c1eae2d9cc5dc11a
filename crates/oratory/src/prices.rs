//! What a model at a place costs: what the settings say of the place, or else what the catalogue knows.

use std::sync::Arc;

use oratory_catalogue::{price, provider};
use oratory_contract::{Money, Price, Prices, Tier};
use oratory_remote::near;

use crate::settings::{Config, PlaceConfig};

/// What is known of the prices of all places, so that one of them is found within a microsecond.
#[derive(Clone)]
pub(crate) struct PriceList(Arc<[Place]>);

struct Place {
    name: String,
    tier: Tier,
    /// What a person says it costs.
    stated: Option<Price>,
    /// Whose list holds otherwise.
    provider: Option<&'static str>,
}

impl PriceList {
    /// Returns the prices of the places in the settings.
    pub(crate) fn new(config: &Config) -> Self {
        Self::of_places(&config.places)
    }

    /// Returns the prices of these places.
    pub(crate) fn of_places(places: &[PlaceConfig]) -> Self {
        let place = |place: &PlaceConfig| Place {
            name: place.name.clone(),
            tier: place.tier,
            stated: place.terms.price,
            provider: host(&place.url).and_then(provider),
        };
        Self(places.iter().map(place).collect())
    }

    /// Returns what a model at a place costs; `None` where nobody has said.
    pub(crate) fn of(&self, place: &str, model: &str) -> Option<Price> {
        if place == HOME {
            return Some(Price::FREE);
        }
        let Some(place) = self.place(place) else {
            // Found on this machine, where nobody sends a bill; or taken out of the settings since.
            return near::keeps(place).then_some(Price::FREE);
        };
        let listed = || price(place.provider?, model);
        let unstated = (place.tier != Tier::Cloud).then_some(Price::FREE);
        place.stated.or_else(listed).or(unstated)
    }

    /// Returns how far from home a place is; what is no longer in the settings was elsewhere.
    pub(crate) fn tier(&self, place: &str) -> Tier {
        match (place, self.place(place)) {
            (HOME, _) => Tier::Edge,
            (_, Some(known)) => known.tier,
            (place, None) if near::keeps(place) => Tier::Onprem,
            _ => Tier::Cloud,
        }
    }

    /// Returns the prices as the request path asks for them.
    pub(crate) fn seam(self) -> Prices {
        if self.0.iter().any(|place| place.stated.is_none() && place.provider.is_some()) {
            // The list is read at its first look, which is no request's business.
            let _ = price("", "");
        }
        Arc::new(move |place, model| self.of(place, model))
    }

    fn place(&self, name: &str) -> Option<&Place> {
        self.0.iter().find(|place| place.name == name)
    }
}

/// The place inside.
const HOME: &str = "home";

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

    fn list() -> PriceList {
        let place = |name: &str, tier, stated: Option<&str>, provider| Place {
            name: name.to_owned(),
            tier,
            stated: stated.map(|price| written(price).unwrap()),
            provider,
        };
        PriceList(Arc::new([
            place("stated", Tier::Cloud, Some("3 15"), Some("openai")),
            place("listed", Tier::Cloud, None, Some("openai")),
            place("unknown", Tier::Cloud, None, None),
            place("lab", Tier::Onprem, None, None),
        ]))
    }

    #[test]
    fn what_a_person_says_comes_before_the_list_and_nothing_is_made_up() {
        let (list, model) = (list(), "gpt-5.4");
        assert_eq!(list.of("stated", model), written("3 15").ok());
        assert_eq!(list.of("listed", model), price("openai", model));
        assert!(list.of("listed", model).is_some());
        for place in ["unknown", "gone"] {
            assert_eq!((list.of(place, model), list.tier(place)), (None, Tier::Cloud));
        }
        assert_eq!(
            (list.of("lab", model), list.of("home", model)),
            (Some(Price::FREE), Some(Price::FREE))
        );
    }

    #[test]
    fn a_price_is_found_within_microseconds() {
        let prices = list().seam();
        let began = std::time::Instant::now();
        let found = (0..10_000).filter(|_| prices("listed", "gpt-5.4").is_some()).count();
        let each = began.elapsed() / 10_000;
        assert_eq!(found, 10_000);
        assert!(each < std::time::Duration::from_micros(5), "{each:?}");
    }

    #[test]
    fn a_host_is_found_in_any_address() {
        assert_eq!(host("https://api.openai.com/v1"), Some("api.openai.com"));
        assert_eq!(host("http://me:pw@lab.example:8000"), Some("lab.example"));
        assert_eq!(host("nonsense"), None);
    }
}

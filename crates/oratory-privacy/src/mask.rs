//! Replaces private spans by surrogates and seals the result for one place.
//!
//! `Masked` has no other constructor, so what a remote place receives has been through here.

use std::collections::BTreeMap;
use std::time::Duration;

use oratory_contract::{Asked, Cargo, Drawer, Grant, Labels, PlaceName, Prepared, Receives};

use crate::{Custom, Found, Names};

mod numbering;
mod surrogates;
mod text;
mod whole;

use surrogates::Surrogates;
pub use text::mask_text;

/// A request that may leave, for one place only.
#[derive(Clone, Debug)]
pub struct Masked {
    asked: Asked,
    labels: Labels,
    destination: PlaceName,
    receives: Receives,
    kinds: BTreeMap<&'static str, u32>,
    drawer: String,
}

impl Masked {
    /// Returns the request as it may leave.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Returns the labels of the request before masking.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Returns the only place it was masked for.
    pub fn destination(&self) -> &PlaceName {
        &self.destination
    }

    /// Returns in which form the place may receive it.
    pub fn receives(&self) -> Receives {
        self.receives
    }

    /// Returns how many spans were replaced.
    pub fn spans(&self) -> u32 {
        self.kinds.values().sum()
    }

    /// Allows an answer no more time than is left.
    #[must_use]
    pub fn within(mut self, left: Duration) -> Self {
        self.asked.limits.time = self.asked.limits.time.min(left);
        self
    }

    /// Returns what is told of it where it leaves.
    pub fn cargo(&self) -> Cargo {
        Cargo {
            request: self.asked.id,
            labels: self.labels.to_string(),
            form: self.receives.as_str(),
            masked: self.kinds.clone(),
            drawer: self.drawer.clone(),
        }
    }
}

/// Seals a request for the place of `grant`, replacing private spans if the grant asks for it.
///
/// What labelling has `found` is not looked for again; what masking leaves is, until nothing is.
/// Surrogates come from `drawer` and go into it. The names returned put the originals back into
/// the answer; they must not leave.
pub fn mask(
    prepared: Prepared,
    grant: &Grant,
    custom: &Custom,
    found: &Found,
    drawer: &mut Drawer,
) -> (Masked, Names) {
    let labels = prepared.labels().clone();
    let mut asked = prepared.into_asked();
    // No permit lets them come this far; and should one ever, they stay here all the same.
    asked.messages.iter_mut().for_each(|message| message.media.clear());
    numbering::number(&mut asked.messages);
    let (mut names, mut kinds) = (Names::default(), BTreeMap::new());
    let masked = grant.receives == Receives::Masked;
    if masked {
        let mut surrogates = Surrogates::new(custom, found.clone(), drawer);
        asked.texts().for_each(|text| surrogates.reserve_what_is_there(text));
        surrogates.look_for_people(asked.texts());
        whole::replace(&mut asked, &mut surrogates);
        (names, kinds) = surrogates.done();
    }
    let drawer = if masked { drawer.name.clone() } else { String::new() };
    let (destination, receives) = (grant.place.clone(), grant.receives);
    (Masked { asked, labels, destination, receives, kinds, drawer }, names)
}

#[cfg(test)]
mod tests;

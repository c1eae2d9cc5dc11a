//! What was expected of each candidate, in words and numbers for people.

use oratory_contract::Tier;
use serde::Serialize;

use super::foretell::Forecast;
use super::weigh::{Prefer, Weighed};

/// Candidates that are told of; the rest changes nothing.
const MOST: usize = 8;

/// A model that could have answered, and what was expected of it.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// Its place.
    pub place: String,
    /// Its tier.
    pub tier: Tier,
    /// Its name there.
    pub model: String,
    /// Whether it rests after failures.
    pub rests: bool,
    /// What was expected of it.
    #[serde(flatten)]
    pub forecast: Forecast,
}

impl Candidate {
    /// Returns it in one line: `q 0.78±0.05 $0.0021 3.2 s`.
    pub fn line(&self) -> String {
        let Forecast { quality, doubt, money, seconds, .. } = self.forecast;
        let doubt = doubt.map_or_else(|| "~".to_owned(), |doubt| format!("+-{doubt:.2}"));
        let money = money.map_or_else(|| "$?".to_owned(), |money| money.to_string());
        let rests = if self.rests { " rests" } else { "" };
        format!("{quality:.2}{doubt} {money} {seconds:.1}s{rests}")
    }
}

pub(super) fn candidates(weighed: &[Weighed]) -> Vec<Candidate> {
    let told = weighed.iter().take(MOST).map(|of| Candidate {
        place: of.choice.grant.place.to_string(),
        tier: of.choice.tier(),
        model: of.choice.model.to_string(),
        rests: of.rank.0,
        forecast: of.forecast,
    });
    told.collect()
}

/// Says why the first goes before the nearest.
pub(super) fn reason(weighed: &[Weighed], prefer: Prefer) -> String {
    let first = &weighed[0];
    let nearest = weighed.iter().skip(1).min_by_key(|of| of.rank);
    let Some(nearest) = nearest else { return "nothing else may answer".to_owned() };
    let name = |of: &Weighed| format!("{}/{}", of.choice.grant.place, of.choice.model);
    let quality = |of: &Weighed| {
        let how = if of.forecast.is_learnt() { "foretold" } else { "guessed" };
        format!("{how} {:.2}", of.forecast.quality)
    };
    let better = first.forecast.quality - nearest.forecast.quality;
    let why = match prefer {
        _ if nearest.rank.0 => "it does not rest".to_owned(),
        Prefer::Fast if better <= 0.1 => {
            format!("expected in {:.1} s", first.forecast.seconds)
        }
        Prefer::Green if better <= 0.1 => "takes less energy".to_owned(),
        Prefer::Cheap if better <= 0.1 => "good enough, and cheaper".to_owned(),
        _ => "worth it".to_owned(),
    };
    let (first_is, nearest_is) = (quality(first), quality(nearest));
    format!("{first_is} against {nearest_is} of {}: {why}", name(nearest))
}

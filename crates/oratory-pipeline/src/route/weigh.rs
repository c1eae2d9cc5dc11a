//! Which model goes first where several may answer: the cheapest of those that are good enough.

use oratory_contract::{Money, Tier};

use super::foretell::Forecast;
use super::{Choice, Rank};

/// What matters most beside a good answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefer {
    /// Money.
    #[default]
    Cheap,
    /// Time.
    Fast,
    /// Nothing: the best answer.
    Best,
    /// Energy.
    Green,
}

/// How much worse than the best a foretold answer may be and still be good enough.
const WORTH: f32 = 0.1;

impl Prefer {
    /// Returns the preference that is written so.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "cheap" => Self::Cheap,
            "fast" => Self::Fast,
            "best" => Self::Best,
            "green" => Self::Green,
            _ => return None,
        })
    }

    /// Returns how much worse than the best an answer may be foretold and still be good enough.
    fn slack(self) -> f32 {
        if self == Self::Best { 0.0 } else { WORTH }
    }

    /// Returns what a second and a joule are worth, in dollars.
    fn rates(self) -> (f64, f64) {
        // A joule costs about that much where electricity costs 0.2 dollars a kilowatt-hour.
        match self {
            Self::Cheap | Self::Best => (1e-5, 6e-8),
            Self::Fast => (1e-2, 6e-8),
            Self::Green => (1e-5, 1e-4),
        }
    }

    fn cost(self, forecast: &Forecast) -> f64 {
        let (second, joule) = self.rates();
        // What nobody has priced is taken for dear.
        let money = forecast.money.map_or(0.05, Money::dollars);
        money + second * f64::from(forecast.seconds) + joule * f64::from(forecast.joules)
    }
}

/// A candidate with its rank, and what is expected of it.
pub(super) struct Weighed {
    pub(super) rank: Rank,
    pub(super) choice: Choice,
    pub(super) forecast: Forecast,
}

/// Puts candidates, which come in the order of their ranks, in the order in which they should be tried.
///
/// Where guesses do not count, only what was learnt takes a request farther than the nearest model.
pub(super) fn order(candidates: &mut [Weighed], prefer: Prefer, guesses_count: bool) {
    let Some(nearest) = candidates.first() else { return };
    let (tier, guessed) = (nearest.choice.tier(), !nearest.forecast.is_learnt());
    let stands = |of: &Weighed| {
        let farther = of.choice.tier() > tier && (guessed || !of.forecast.is_learnt());
        // Resting, or a stand-in of which nothing is known, or farther on a mere guess.
        (of.rank.0, of.rank.1 && !of.forecast.is_learnt(), farther && !guesses_count)
    };
    let first = stands(nearest);
    let alike = as_the_first_at_home(candidates);
    let expected = |of: &Weighed| match alike {
        Some(alike) if is_guessed_at_home(of) => alike,
        _ => of.forecast,
    };
    let equals = candidates.iter().filter(|of| stands(of) == first);
    let best = equals.map(|of| expected(of).quality).fold(0.0, f32::max);
    candidates.sort_by(|one, other| {
        let key = |of: &Weighed| {
            let forecast = expected(of);
            let good = forecast.quality >= best - prefer.slack();
            let by = if good { prefer.cost(&forecast) } else { f64::from(1.0 - forecast.quality) };
            (stands(of), !good, by)
        };
        let (one_stands, one_good, one_by) = key(one);
        let (other_stands, other_good, other_by) = key(other);
        let stands = one_stands.cmp(&other_stands).then(one_good.cmp(&other_good));
        stands.then(one_by.total_cmp(&other_by)).then(one.rank.cmp(&other.rank))
    });
}

/// Models at home of which nothing is known but their sizes stay in the order of their ranks: a guess is not worth
/// the time to load another.
fn as_the_first_at_home(candidates: &[Weighed]) -> Option<Forecast> {
    candidates.iter().find(|of| is_guessed_at_home(of)).map(|of| of.forecast)
}

fn is_guessed_at_home(of: &Weighed) -> bool {
    of.choice.tier() == Tier::Edge && !of.forecast.is_learnt()
}

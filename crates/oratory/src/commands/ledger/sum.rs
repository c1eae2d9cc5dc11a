//! What some records add up to, and the figures that follow from it.
//!
//! A figure that nobody measured is `None`, never nought.

use std::collections::BTreeMap;

use oratory_contract::Money;
use serde::Serialize;

/// What some records add up to.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(into = "Figures")]
pub(super) struct Sum {
    pub(super) requests: u64,
    pub(super) answered: u64,
    /// Of those, requests answered on this machine.
    pub(super) answered_at_home: u64,
    pub(super) from_cache: u64,
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) output: u64,
    /// Tokens of thinking, of requests where they were counted apart.
    pub(super) reasoning: Option<u64>,
    pub(super) masked_spans: u64,
    /// Dollars that somebody asks for.
    pub(super) spent: Money,
    /// Requests of which nobody knows what they cost.
    pub(super) unpriced: u64,
    /// Requests that count with today's price, as theirs was not recorded.
    pub(super) at_todays_price: u64,
    /// Dollars that the same tokens would have cost at the model of reference.
    pub(super) at_reference: Money,
    /// Seconds of work, each request by itself.
    pub(super) seconds: f64,
    /// Tokens written after the first, and the seconds that took.
    pub(super) said: (u64, f64),
    /// How long the first word took.
    pub(super) firsts: Spread,
    /// Requests whose energy was measured, the tokens they wrote, and what they took.
    pub(super) measured: u64,
    pub(super) measured_output: u64,
    pub(super) microjoules: u64,
    /// Requests that this machine worked on, which could have been measured.
    pub(super) worked_at_home: u64,
}

/// The same, as programs read it.
#[derive(Serialize)]
struct Figures {
    requests: u64,
    answered: u64,
    from_cache: u64,
    home_share: Option<f64>,
    input_tokens: u64,
    cached_tokens: u64,
    output_tokens: u64,
    reasoning_tokens: Option<u64>,
    masked_spans: u64,
    spent: Money,
    unpriced: u64,
    at_todays_price: u64,
    at_reference: Money,
    seconds: f64,
    tokens_a_second: Option<f64>,
    first_token_ms: Option<f64>,
    joules: Option<f64>,
    measured_requests: u64,
    joules_a_token: Option<f64>,
}

impl From<Sum> for Figures {
    fn from(sum: Sum) -> Self {
        Self {
            requests: sum.requests,
            answered: sum.answered,
            from_cache: sum.from_cache,
            home_share: sum.home_share(),
            input_tokens: sum.input,
            cached_tokens: sum.cached,
            output_tokens: sum.output,
            reasoning_tokens: sum.reasoning,
            masked_spans: sum.masked_spans,
            spent: sum.spent,
            unpriced: sum.unpriced,
            at_todays_price: sum.at_todays_price,
            at_reference: sum.at_reference,
            seconds: sum.seconds,
            tokens_a_second: sum.tokens_a_second(),
            first_token_ms: sum.firsts.median().map(|micros| micros / 1e3),
            joules: sum.joules(),
            measured_requests: sum.measured,
            joules_a_token: sum.joules_a_token(),
        }
    }
}

impl Sum {
    pub(super) fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.answered += other.answered;
        self.answered_at_home += other.answered_at_home;
        self.from_cache += other.from_cache;
        self.input += other.input;
        self.cached += other.cached;
        self.output += other.output;
        if let Some(reasoning) = other.reasoning {
            *self.reasoning.get_or_insert(0) += reasoning;
        }
        self.masked_spans += other.masked_spans;
        self.spent += other.spent;
        self.unpriced += other.unpriced;
        self.at_todays_price += other.at_todays_price;
        self.at_reference += other.at_reference;
        self.seconds += other.seconds;
        self.said = (self.said.0 + other.said.0, self.said.1 + other.said.1);
        self.firsts.add(&other.firsts);
        self.measured += other.measured;
        self.measured_output += other.measured_output;
        self.microjoules = self.microjoules.saturating_add(other.microjoules);
        self.worked_at_home += other.worked_at_home;
    }

    /// Returns the share of answers that were given on this machine.
    pub(super) fn home_share(&self) -> Option<f64> {
        share(self.answered_at_home as f64, self.answered as f64)
    }

    /// Returns how fast answers came once they had begun.
    pub(super) fn tokens_a_second(&self) -> Option<f64> {
        share(self.said.0 as f64, self.said.1)
    }

    /// Returns the energy of the requests where it was measured.
    pub(super) fn joules(&self) -> Option<f64> {
        (self.measured > 0).then_some(self.microjoules as f64 / 1e6)
    }

    /// Returns the energy for each token written.
    pub(super) fn joules_a_token(&self) -> Option<f64> {
        share(self.joules()?, self.measured_output as f64)
    }
}

fn share(part: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| part / all)
}

/// How many times were about so long, told apart by a twelfth.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread(BTreeMap<i32, u64>);

/// Steps in which a time doubles.
const STEPS: f64 = 8.0;

impl Spread {
    pub(super) fn of(micros: u64) -> Self {
        Self([((micros.max(1) as f64).log2().mul_add(STEPS, 0.5).floor() as i32, 1)].into())
    }

    fn add(&mut self, other: &Self) {
        for (step, count) in &other.0 {
            *self.0.entry(*step).or_default() += count;
        }
    }

    /// Returns the time that half of them are below.
    pub(super) fn median(&self) -> Option<f64> {
        let all: u64 = self.0.values().sum();
        let mut seen = 0;
        let middle = self.0.iter().find(|(_, count)| {
            seen += **count;
            seen * 2 >= all
        });
        middle.map(|(step, _)| (f64::from(*step) / STEPS).exp2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_measured_is_not_nought() {
        let told = serde_json::to_value(Sum { requests: 3, ..Sum::default() }).unwrap();
        for figure in ["joules", "joules_a_token", "tokens_a_second", "first_token_ms"] {
            assert_eq!(told[figure], serde_json::Value::Null, "{figure}");
        }
        assert_eq!(told["reasoning_tokens"], serde_json::Value::Null);
        assert_eq!(told["home_share"], serde_json::Value::Null);
    }

    #[test]
    fn the_middle_of_many_times_is_about_right() {
        let mut all = Spread::default();
        for micros in [900, 1000, 1_000_000] {
            all.add(&Spread::of(micros));
        }
        let median = all.median().unwrap();
        assert!((950.0..1050.0).contains(&median), "{median}");
        assert_eq!(Spread::default().median(), None);
    }

    #[test]
    fn energy_is_told_for_what_was_measured_alone() {
        let one = Sum { measured: 1, measured_output: 4, microjoules: 8_000_000, ..Sum::default() };
        let mut all = Sum { output: 1000, ..Sum::default() };
        all.add(&one);
        assert_eq!((all.joules(), all.joules_a_token()), (Some(8.0), Some(2.0)));
    }
}

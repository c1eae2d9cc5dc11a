//! What a model's tokens cost, and what some of them come to.
//!
//! One price for everything: the list that comes along, the settings, budgets and records.

use std::sync::Arc;

use serde::Serialize;

use crate::{Money, Usage};

/// Finds what a model at a place costs now: a place, a model. `None` where nobody has said.
pub type Prices = Arc<dyn Fn(&str, &str) -> Option<Price> + Send + Sync>;

/// What a model costs, for a million tokens each. By default it costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Price {
    /// Tokens of the prompt.
    pub input: Money,
    /// Tokens written, thinking included.
    pub output: Money,
    /// Tokens of the prompt that the place still had; as others where it makes no difference.
    pub cached: Money,
    /// The dearer price of long prompts, and what is long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long: Option<Long>,
}

/// What long prompts cost, and all that is written after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Long {
    /// The tokens above which a prompt is long.
    pub above: u64,
    /// Tokens of the prompt.
    pub input: Money,
    /// Tokens written.
    pub output: Money,
    /// Tokens of the prompt that the place still had.
    pub cached: Money,
}

/// Tokens to be paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Tokens of the prompt, cached ones included.
    pub input: u64,
    /// Of these, tokens that the place still had.
    pub cached: u64,
    /// Tokens written, thinking included.
    pub output: u64,
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        let Usage { input, cached, output, .. } = usage;
        Self { input: input.into(), cached: cached.into(), output: output.into() }
    }
}

impl Price {
    /// Nobody sends a bill.
    pub const FREE: Self =
        Self { input: Money::NONE, output: Money::NONE, cached: Money::NONE, long: None };

    /// Returns a price with no difference for long prompts or cached tokens.
    pub fn flat(input: Money, output: Money) -> Self {
        Self { input, output, cached: input, long: None }
    }

    /// Returns what these tokens cost.
    pub fn of(&self, tokens: Tokens) -> Money {
        let (input, output, cached) = match self.long {
            Some(long) if tokens.input > long.above => (long.input, long.output, long.cached),
            _ => (self.input, self.output, self.cached),
        };
        let known = tokens.cached.min(tokens.input);
        input.for_million(tokens.input - known)
            + cached.for_million(known)
            + output.for_million(tokens.output)
    }

    /// Returns the most that so many tokens can cost, whatever the place still has of them.
    pub fn most(&self, input: u64, output: u64) -> Money {
        let of = |cached| self.of(Tokens { input, cached, output });
        of(0).max(of(input))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn tokens_cost_what_the_price_says() {
        let price = Price { cached: dollars("0.3"), ..Price::flat(dollars("3"), dollars("15")) };
        let usage = Usage { input: 1_000_000, cached: 400_000, output: 10_000, ..Usage::default() };
        assert_eq!(price.of(usage.into()), dollars("2.07"));
        // More cached than there is cannot make it cheaper than all of it cached.
        let odd = Tokens { input: 10, cached: 20, output: 0 };
        assert_eq!(price.of(odd), price.cached.for_million(10));
        assert_eq!(Price::FREE.of(usage.into()), Money::NONE);
    }

    #[test]
    fn the_most_is_never_less_than_what_it_comes_to() {
        let dear = Price { cached: dollars("9"), ..Price::flat(dollars("3"), dollars("15")) };
        assert_eq!(dear.most(1_000_000, 0), dollars("9"));
        let long =
            Long { above: 100, input: dollars("6"), output: dollars("30"), cached: dollars("6") };
        let long = Price { long: Some(long), ..Price::flat(dollars("3"), dollars("15")) };
        assert_eq!(long.most(1_000_000, 1_000_000), dollars("36"));
        assert_eq!(long.most(100, 0), dollars("3").for_million(100));
    }
}

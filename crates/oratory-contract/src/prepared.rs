//! A request that has been labelled, permitted and given its context.
//!
//! Only a prepared request can be run, and only with a permit can one be prepared.

use std::time::Duration;

use crate::{Asked, Habits, Labels, Permit};

/// A request ready to be run at home, or to be masked for elsewhere.
#[derive(Clone, Debug)]
pub struct Prepared {
    asked: Asked,
    labels: Labels,
}

impl Prepared {
    /// Returns the request as it will be run under `permit`.
    pub fn new(asked: Asked, permit: &Permit) -> Self {
        Self { asked, labels: permit.labels().clone() }
    }

    /// Returns the request.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Returns the labels of everything in it.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Fills in what the request does not say, for a model at home that was given habits.
    pub fn by_habit(mut self, habits: &Habits) -> Self {
        habits.give(&mut self.asked);
        self
    }

    /// Limits an answer whose length nobody has limited.
    pub fn at_most(mut self, tokens: u32) -> Self {
        self.asked.limits.max_tokens.get_or_insert(tokens);
        self
    }

    /// Asks how likely each token was, if nobody has.
    pub fn rated(mut self) -> Self {
        self.asked.sampling.chances.get_or_insert(0);
        self
    }

    /// Allows an answer no more time than is left.
    pub fn within(mut self, left: Duration) -> Self {
        self.asked.limits.time = self.asked.limits.time.min(left);
        self
    }

    /// Takes the request out again.
    pub fn into_asked(self) -> Asked {
        self.asked
    }
}

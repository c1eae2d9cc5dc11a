//! Learns from recorded outcomes for good, and says what that is worth on requests held out.
//!
//! What is kept has learnt from all lines; the figures come from predictors that had not seen the
//! request they foretold.

use std::collections::BTreeMap;

use oratory_brains::predictor::{Estimate, Lesson, Predictor, PredictorError, Reader, Request};
use serde::Serialize;

use super::FEWEST;
use super::curve::{Curve, Stake};
use super::errors::ReplayError;
use super::outcomes::Recorded;
use super::split::{Parting, parts};

const FOLDS: usize = 5;

/// What to learn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Study {
    /// About which models; about all that have enough outcomes if none is named.
    pub models: Vec<String>,
}

/// What was learnt, and how well.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Learnt {
    /// How many requests were learnt from.
    pub requests: usize,
    /// How many lines have none of the models.
    pub left_out: usize,
    /// The model with the highest mean score.
    pub strongest: String,
    /// How well each model is foretold.
    pub models: Vec<Foretold>,
}

/// How well a model is foretold on requests that were not learnt from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Foretold {
    /// The model.
    pub model: String,
    /// How many requests say how it does.
    pub requests: usize,
    /// Its mean score.
    pub quality: f64,
    /// The mean squared distance of what was foretold from what came.
    pub brier: f64,
    /// The same, had its mean score been foretold of every request.
    pub blind: f64,
    /// The area of routing between it and the strongest model, as a replay measures it.
    pub apgr: Option<f64>,
}

/// The lessons there are.
struct Lessons {
    models: Vec<String>,
    requests: Vec<Request>,
    scores: Vec<Vec<Option<f32>>>,
}

impl Study {
    /// Learns from these outcomes, telling `step` before each part how many are done, of how many.
    pub fn run(
        &self,
        recorded: &[Recorded],
        reader: &Reader,
        mut step: impl FnMut(usize, usize),
    ) -> Result<(Predictor, Learnt), ReplayError> {
        let lessons = Lessons::new(self.names(recorded)?, recorded, reader);
        let mut foretold = Vec::new();
        for (done, part) in lessons.parts().iter().enumerate() {
            step(done, FOLDS + 1);
            let predictor = lessons.learn(reader, part)?;
            for at in part {
                let estimate = predictor.estimate(&lessons.requests[*at]);
                foretold.push((*at, estimate));
            }
        }
        foretold.sort_unstable_by_key(|(at, _)| *at);
        let foretold: Vec<Estimate> = foretold.into_iter().map(|(_, estimate)| estimate).collect();
        step(FOLDS, FOLDS + 1);
        let predictor = lessons.learn(reader, &[])?;
        Ok((predictor, lessons.learnt(&foretold, recorded.len())))
    }

    /// Returns the models to learn about, all of which have enough outcomes.
    fn names(&self, recorded: &[Recorded]) -> Result<Vec<String>, ReplayError> {
        let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
        for model in recorded.iter().flat_map(|recorded| recorded.outcomes.keys()) {
            *counts.entry(model).or_default() += 1;
        }
        for wanted in &self.models {
            match counts.get(wanted) {
                None => return Err(ReplayError::no_such_model(wanted, recorded)),
                Some(found) if *found < FEWEST => return Err(too_few(wanted.clone(), *found)),
                Some(_) => {}
            }
        }
        let asked = |model: &String| self.models.is_empty() || self.models.contains(model);
        let enough = counts.iter().filter(|(model, count)| **count >= FEWEST && asked(model));
        let names: Vec<String> = enough.map(|(model, _)| (*model).clone()).collect();
        match names.is_empty() {
            true => {
                Err(too_few("one model".to_owned(), counts.values().copied().max().unwrap_or(0)))
            }
            false => Ok(names),
        }
    }
}

fn too_few(what: String, found: usize) -> ReplayError {
    ReplayError::TooFew { what, found, wanted: FEWEST }
}

impl Lessons {
    fn new(models: Vec<String>, recorded: &[Recorded], reader: &Reader) -> Self {
        let (mut requests, mut scores) = (Vec::new(), Vec::new());
        for recorded in recorded {
            let score = |model| {
                let outcome = recorded.outcomes.get(model)?;
                Some(outcome.score.clamp(0.0, 1.0) as f32)
            };
            let known: Vec<Option<f32>> = models.iter().map(score).collect();
            if known.iter().any(Option::is_some) {
                requests.push(reader.read(&recorded.prompt));
                scores.push(known);
            }
        }
        Self { models, requests, scores }
    }

    /// Returns the parts to hold out, each with as many easy requests as the others.
    fn parts(&self) -> Vec<Vec<usize>> {
        let stake = |scores: &Vec<Option<f32>>| {
            let known: Vec<f64> = scores.iter().flatten().map(|score| f64::from(*score)).collect();
            let mean = known.iter().sum::<f64>() / known.len() as f64;
            Stake { weak: mean, strong: mean, costs: (0.0, 0.0) }
        };
        let stakes: Vec<Stake> = self.scores.iter().map(stake).collect();
        parts(&stakes, Parting::Folds(FOLDS), 0)
    }

    /// Learns from all requests but those held out.
    fn learn(&self, reader: &Reader, held: &[usize]) -> Result<Predictor, PredictorError> {
        let lessons = (0..self.requests.len()).filter(|at| held.binary_search(at).is_err());
        let lesson = |at: usize| Lesson { request: &self.requests[at], scores: &self.scores[at] };
        Predictor::learn(reader, &self.models, &lessons.map(lesson).collect::<Vec<_>>())
    }

    fn learnt(&self, foretold: &[Estimate], lines: usize) -> Learnt {
        let quality = |model: usize| mean(self.known(model).map(|(_, score)| score));
        let all = 0..self.models.len();
        let better = |one: &usize, other: &usize| quality(*one).total_cmp(&quality(*other));
        let strongest = all.clone().rev().max_by(better).unwrap_or(0);
        let told = |model: usize| {
            let usual = quality(model);
            let far = |(at, score): (usize, f64)| f64::from(foretold[at].quality(model)) - score;
            Foretold {
                model: self.models[model].clone(),
                requests: self.known(model).count(),
                quality: usual,
                brier: mean(self.known(model).map(|known| far(known).powi(2))),
                blind: mean(self.known(model).map(|(_, score)| (usual - score).powi(2))),
                apgr: self.apgr(model, strongest, foretold),
            }
        };
        Learnt {
            requests: self.requests.len(),
            left_out: lines - self.requests.len(),
            strongest: self.models[strongest].clone(),
            models: all.map(told).collect(),
        }
    }

    /// Returns which lessons say how the model does, and how.
    fn known(&self, model: usize) -> impl Iterator<Item = (usize, f64)> {
        let scores = self.scores.iter().enumerate();
        scores.filter_map(move |(at, scores)| Some((at, f64::from(scores[model]?))))
    }

    fn apgr(&self, weak: usize, strong: usize, foretold: &[Estimate]) -> Option<f64> {
        let (mut stakes, mut ranks) = (Vec::new(), Vec::new());
        for (scores, foretold) in self.scores.iter().zip(foretold) {
            if let (Some(one), Some(other)) = (scores[weak], scores[strong]) {
                let (weaker, stronger) = (f64::from(one), f64::from(other));
                stakes.push(Stake { weak: weaker, strong: stronger, costs: (0.0, 0.0) });
                ranks.push(f64::from(foretold.gain(weak, strong)));
            }
        }
        (stakes.len() >= FEWEST).then(|| Curve::of(&stakes, &ranks).apgr()).flatten()
    }
}

fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0_u32);
    for number in numbers {
        (sum, count) = (sum + number, count + 1);
    }
    sum / f64::from(count.max(1))
}

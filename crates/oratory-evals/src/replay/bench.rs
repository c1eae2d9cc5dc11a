//! The work of a replay: learn from some requests, foretell the others, and again.
//!
//! Everything but the time it takes follows from the outcomes and the seed.

use std::time::{Duration, Instant};

use oratory_brains::predictor::{Lesson, Predictor, PredictorError, Reader, Request};

use super::curve::{Curve, Stake};
use super::outcomes::Outcome;
use super::report::{Method, Model, Report, Told};
use super::split::parts;
use super::trust::{interval, settled};
use super::{Replay, ReplayError};

/// How many requests are foretold from their texts, to see how long it takes.
const TIMED: usize = 100;
/// The weak model's place in what the predictor learns, and the strong one's.
const WEAK: usize = 0;
const STRONG: usize = 1;

/// The requests and what is at stake with each.
pub(super) struct Bench<'a> {
    reader: &'a Reader,
    texts: Vec<&'a str>,
    requests: Vec<Request>,
    scores: Vec<[Option<f32>; 2]>,
    stakes: Vec<Stake>,
    /// Whether every request has both costs.
    costed: bool,
}

/// What came of all repeats.
pub(super) struct Work {
    method: Method,
    predictor: Vec<Sorted>,
    length: Vec<Sorted>,
    random: Vec<Curve>,
    oracle: Vec<Curve>,
}

/// A curve, and what it came from.
pub(super) struct Sorted {
    pub(super) curve: Curve,
    pub(super) stakes: Vec<Stake>,
    pub(super) ranks: Vec<f64>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(reader: &'a Reader) -> Self {
        let (texts, requests, scores, stakes) = Default::default();
        Self { reader, texts, requests, scores, stakes, costed: true }
    }

    pub(super) fn take(&mut self, prompt: &'a str, weak: Outcome, strong: Outcome) {
        self.costed &= weak.cost.is_some() && strong.cost.is_some();
        let costs = (weak.cost.unwrap_or(0.0), strong.cost.unwrap_or(0.0));
        self.stakes.push(Stake { weak: weak.score, strong: strong.score, costs });
        self.scores.push([weak, strong].map(|outcome| Some(outcome.score.clamp(0.0, 1.0) as f32)));
        self.requests.push(self.reader.read(prompt));
        self.texts.push(prompt);
    }

    pub(super) fn len(&self) -> usize {
        self.stakes.len()
    }

    pub(super) fn work(
        &self,
        replay: &Replay,
        mut step: impl FnMut(usize, usize),
    ) -> Result<Work, ReplayError> {
        let mut work = Work::new(Method::new(replay.parting, 0, replay.seed));
        let mut times = Times::default();
        loop {
            let wanted = replay.repeats.unwrap_or_else(|| settled(&work.areas(), self.len()));
            if work.done() >= wanted {
                break;
            }
            // Repeats of neighbouring seeds share no deal.
            let seed = replay.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let parts = parts(&self.stakes, replay.parting, seed ^ ((work.done() as u64) << 32));
            let (mut held, mut gains) = (Vec::new(), Vec::new());
            for part in &parts {
                step(times.learnt as usize, wanted * parts.len());
                let predictor = times.learning(|| self.learn(part))?;
                work.method.learnt_from = predictor.lessons();
                let foretold = part.iter().map(|at| predictor.estimate(&self.requests[*at]));
                gains.extend(foretold.map(|estimate| f64::from(estimate.gain(WEAK, STRONG))));
                held.extend_from_slice(part);
                times.predicting(&predictor, &self.texts);
            }
            self.sort(&held, gains, &mut work);
        }
        work.method.repeats = work.done();
        work.method.learning_ms = times.learning.as_secs_f64() * 1e3 / f64::from(times.learnt);
        work.method.predicting_us = times.predicting.as_secs_f64() * 1e6;
        Ok(work)
    }

    /// Learns from all requests but those held out.
    fn learn(&self, held: &[usize]) -> Result<Predictor, PredictorError> {
        let lessons = (0..self.len()).filter(|at| held.binary_search(at).is_err());
        let lesson = |at: usize| Lesson { request: &self.requests[at], scores: &self.scores[at] };
        let lessons: Vec<Lesson<'_>> = lessons.map(lesson).collect();
        Predictor::learn(self.reader, &["weak".to_owned(), "strong".to_owned()], &lessons)
    }

    /// Adds the curves of the requests that were held out.
    fn sort(&self, held: &[usize], gains: Vec<f64>, work: &mut Work) {
        let stakes: Vec<Stake> = held.iter().map(|at| self.stakes[*at]).collect();
        let lengths = held.iter().map(|at| self.texts[*at].chars().count() as f64).collect();
        let known: Vec<f64> = stakes.iter().map(|stake| stake.strong - stake.weak).collect();
        work.random.push(Curve::of(&stakes, &vec![0.0; stakes.len()]));
        work.oracle.push(Curve::of(&stakes, &known));
        work.length.push(Sorted::new(stakes.clone(), lengths));
        work.predictor.push(Sorted::new(stakes, gains));
    }
}

/// How long the work takes.
#[derive(Default)]
struct Times {
    learning: Duration,
    learnt: u32,
    predicting: Duration,
}

impl Times {
    fn learning<T>(&mut self, learn: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let learnt = learn();
        self.learning += began.elapsed();
        self.learnt += 1;
        learnt
    }

    /// Takes the median, because somebody else may be at work on this machine.
    fn predicting(&mut self, predictor: &Predictor, texts: &[&str]) {
        if self.predicting.is_zero() {
            let timed = texts.iter().take(TIMED).map(|text| {
                let began = Instant::now();
                std::hint::black_box(predictor.predict(text));
                began.elapsed()
            });
            let mut times: Vec<Duration> = timed.collect();
            times.sort_unstable();
            self.predicting = times[times.len() / 2];
        }
    }
}

impl Sorted {
    fn new(stakes: Vec<Stake>, ranks: Vec<f64>) -> Self {
        Self { curve: Curve::of(&stakes, &ranks), stakes, ranks }
    }
}

impl Work {
    fn new(method: Method) -> Self {
        let (predictor, length, random, oracle) = Default::default();
        Self { method, predictor, length, random, oracle }
    }

    fn done(&self) -> usize {
        self.predictor.len()
    }

    /// Returns the measure of every repeat.
    fn areas(&self) -> Vec<f64> {
        self.predictor.iter().filter_map(|sorted| sorted.curve.apgr()).collect()
    }

    pub(super) fn report(self, replay: &Replay, bench: &Bench<'_>, left_out: usize) -> Report {
        let costed = bench.costed;
        let random = Curve::mean(&self.random);
        let model = |name: &str, share| {
            let (quality, cost) = random.at(share);
            Model { model: name.to_owned(), quality, cost: costed.then_some(cost) }
        };
        let (weak, strong) = (model(&replay.weak, 0.0), model(&replay.strong, 1.0));
        let unmeasured = random.gap().is_none().then(|| {
            format!(
                "{} is not better than {} on these requests, so there is no gap to recover",
                replay.strong, replay.weak
            )
        });
        Report {
            requests: bench.len(),
            left_out,
            weak,
            strong,
            predictor: told(&self.predictor, costed, replay.seed),
            length: told(&self.length, costed, replay.seed),
            random: Told::of(&random, costed),
            oracle: Told::of(&Curve::mean(&self.oracle), costed),
            method: self.method,
            unmeasured,
        }
    }
}

fn told(sorted: &[Sorted], costed: bool, seed: u64) -> Told {
    let curves: Vec<Curve> = sorted.iter().map(|sorted| sorted.curve.clone()).collect();
    let mut told = Told::of(&Curve::mean(&curves), costed);
    if told.apgr.is_some() {
        told.apgr_interval = interval(sorted, seed);
        let each: Vec<f64> = curves.iter().filter_map(Curve::apgr).collect();
        let least = each.iter().copied().reduce(f64::min);
        told.apgr_repeats = least.zip(each.iter().copied().reduce(f64::max)).map(Into::into);
    }
    told
}

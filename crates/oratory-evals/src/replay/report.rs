//! What a replay found: one document, the same for people and programs.
//!
//! Shares and qualities are from 0 to 1; what cannot be said is `null`, never a made-up number.

use serde::Serialize;

use super::curve::Curve;
use super::split::Parting;

/// How many equal steps of strong calls a told curve has.
const STEPS: usize = 20;

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// How many requests were replayed.
    pub requests: usize,
    /// How many lines were left out, because they lack one of the two models.
    pub left_out: usize,
    /// The weak model.
    pub weak: Model,
    /// The strong model.
    pub strong: Model,
    /// How it was done.
    pub method: Method,
    /// What the predictor does, on requests that it had not learnt from.
    pub predictor: Told,
    /// What sending the longest requests first does.
    pub length: Told,
    /// What sending requests by chance does.
    pub random: Told,
    /// What knowing all outcomes beforehand would do.
    pub oracle: Told,
    /// Why there is no measure, if there is none.
    pub unmeasured: Option<String>,
}

/// One of the two models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// Its name.
    pub model: String,
    /// Its mean score, over all requests that were held out.
    pub quality: f64,
    /// Its mean cost, if every request has one.
    pub cost: Option<f64>,
}

/// How the replay was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Method {
    /// In how many parts, if each was held out once.
    pub folds: Option<usize>,
    /// The share learnt from, if there was one split.
    pub train_fraction: Option<f64>,
    /// How often it was done anew, with requests dealt anew.
    pub repeats: usize,
    /// What the deals were made from.
    pub seed: u64,
    /// How many requests were learnt from, each time.
    pub learnt_from: usize,
    /// How long learning took, in the mean.
    pub learning_ms: f64,
    /// How long it took to foretell one request from its text, in the mean.
    pub predicting_us: f64,
}

/// What one way of choosing does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// The average performance gap recovered.
    pub apgr: Option<f64>,
    /// Between which values it lies with 95 % confidence, by drawing requests again.
    pub apgr_interval: Option<[f64; 2]>,
    /// The least and most of all repeats.
    pub apgr_repeats: Option<[f64; 2]>,
    /// The share of strong calls that recovers half of the gap.
    pub cpt50: Option<f64>,
    /// The share of strong calls that recovers four fifths of the gap.
    pub cpt80: Option<f64>,
    /// Quality at every cost.
    pub curve: Vec<Point>,
}

/// One point of a curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The share of calls that are strong.
    pub strong_share: f64,
    /// The mean quality.
    pub quality: f64,
    /// The share of the gap recovered.
    pub recovered: Option<f64>,
    /// The mean cost, if every request has one.
    pub cost: Option<f64>,
}

impl Told {
    pub(super) fn of(curve: &Curve, costed: bool) -> Self {
        let curve_points = (0..=STEPS).map(|step| point(curve, step, costed)).collect();
        let (apgr, cpt50, cpt80) = (curve.apgr(), curve.cpt(0.5), curve.cpt(0.8));
        Self { apgr, apgr_interval: None, apgr_repeats: None, cpt50, cpt80, curve: curve_points }
    }
}

fn point(curve: &Curve, step: usize, costed: bool) -> Point {
    let strong_share = step as f64 / STEPS as f64;
    let (quality, cost) = curve.at(strong_share);
    let recovered = curve.gap().map(|gap| (quality - curve.quality[0]) / gap);
    Point { strong_share, quality, recovered, cost: costed.then_some(cost) }
}

impl Method {
    pub(super) fn new(parting: Parting, repeats: usize, seed: u64) -> Self {
        let (folds, train_fraction) = match parting {
            Parting::Folds(folds) => (Some(folds), None),
            Parting::Fraction(fraction) => (None, Some(fraction)),
        };
        let (learnt_from, learning_ms, predicting_us) = (0, 0.0, 0.0);
        Self { folds, train_fraction, repeats, seed, learnt_from, learning_ms, predicting_us }
    }
}

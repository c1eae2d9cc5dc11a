//! Foretells how well each model would answer a request, from how they did on others.
//!
//! Runs no model and keeps no text: what it has learnt is how much being like each of some lessons
//! says. Learning takes seconds, foretelling some hundred microseconds at most.

mod keep;
mod landmarks;
mod lexicon;
mod request;
mod scale;
mod shape;
mod solve;
mod terms;
mod weights;
mod words;

use landmarks::Landmarks;
pub use request::{Reader, Request};
use scale::{Scale, Seen};
use weights::Likenesses;

use crate::artefact::ArtefactError;

/// More lessons than this are learnt from, but not compared with one by one.
const MOST_LANDMARKS: usize = 2048;

/// A request and how well models answered it.
#[derive(Clone, Copy)]
pub struct Lesson<'a> {
    /// The request as a [`Reader`] read it.
    pub request: &'a Request,
    /// How well each model did, 0 to 1, in the order of the models; `None` where it is not known.
    pub scores: &'a [Option<f32>],
}

/// Why nothing can be learnt, or what was learnt cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PredictorError {
    /// There is nothing to learn about this model.
    #[error("no lesson says how {0} did; at least one is needed")]
    NoLessons(String),
    /// A lesson does not have a score for each model.
    #[error("lesson {lesson} has {found} scores for {wanted} models")]
    Scores {
        /// The lesson, counted from 1.
        lesson: usize,
        /// How many scores it has.
        found: usize,
        /// How many models there are.
        wanted: usize,
    },
    /// A score is not from 0 to 1.
    #[error("lesson {0} has a score that is not from 0 to 1")]
    Score(usize),
    /// The lessons' numbers cannot be worked with.
    #[error("the lessons cannot be learnt from: their numbers do not add up")]
    Degenerate,
    /// What was kept is no predictor, or is damaged.
    #[error(transparent)]
    Kept(#[from] ArtefactError),
    /// What was kept was learnt with other sentence vectors.
    #[error("the predictor was learnt with other sentence vectors; learn it again")]
    OtherVectors,
}

/// What is foretold about one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    qualities: Vec<f32>,
    nearby: f32,
}

impl Estimate {
    /// Returns how well the model at this place would answer, 0 to 1.
    pub fn quality(&self, model: usize) -> f32 {
        self.qualities[model].clamp(0.0, 1.0)
    }

    /// Returns how much better the strong model would answer than the weak one.
    pub fn gain(&self, weak: usize, strong: usize) -> f32 {
        self.qualities[strong] - self.qualities[weak]
    }

    /// Returns how many lessons of the same kind there were, nearer ones counting more.
    pub fn nearby(&self) -> f32 {
        self.nearby
    }

    /// Returns how far off the quality may well be: the standard error of a share that was counted
    /// on one lesson and all those nearby.
    pub fn doubt(&self, model: usize) -> f32 {
        // Even where all went well, the next may not.
        let quality = self.quality(model).clamp(0.05, 0.95);
        (quality * (1.0 - quality) / (1.0 + self.nearby)).sqrt()
    }
}

/// What was learnt about some models, ready to use; all threads may share it.
pub struct Predictor {
    reader: Reader,
    models: Vec<String>,
    lessons: usize,
    scale: Scale,
    landmarks: Landmarks,
    /// What is usual for each model.
    usual: Vec<f32>,
    /// For each model, what being like each landmark adds.
    weights: Vec<f32>,
}

impl Predictor {
    /// Learns from lessons how these models do.
    pub fn learn(
        reader: &Reader,
        models: &[String],
        lessons: &[Lesson<'_>],
    ) -> Result<Self, PredictorError> {
        check(models, lessons)?;
        let requests: Vec<&Request> = lessons.iter().map(|lesson| lesson.request).collect();
        let scale = Scale::of(&requests);
        let seen: Vec<Seen<'_>> = requests.iter().map(|request| scale.see(request)).collect();
        let chosen = chosen(lessons.len());
        let standing: Vec<Seen<'_>> =
            chosen.iter().map(|lesson| scale.see(requests[*lesson])).collect();
        let landmarks = Landmarks::new(&standing);
        let likenesses = Likenesses::of(&landmarks, chosen, &seen);
        let (usual, weights) = learnt(models, lessons, &likenesses)?;
        let (reader, models) = (reader.clone(), models.to_vec());
        Ok(Self { reader, models, lessons: lessons.len(), scale, landmarks, usual, weights })
    }

    /// Returns what is foretold about a request of this text.
    pub fn predict(&self, text: &str) -> Estimate {
        self.estimate(&self.reader.read(text))
    }

    /// Returns what is foretold about a request that has been read.
    pub fn estimate(&self, request: &Request) -> Estimate {
        let likeness = self.landmarks.likeness(&self.scale.see(request));
        let learnt = self.weights.chunks_exact(self.landmarks.count);
        let qualities = learnt
            .zip(&self.usual)
            .map(|(weights, usual)| usual + crate::embed::dot(weights, &likeness.each));
        let stands_for = self.lessons as f32 / self.landmarks.count as f32;
        Estimate { qualities: qualities.collect(), nearby: likeness.nearby * stands_for }
    }

    /// Returns the models, in the order of an estimate.
    pub fn models(&self) -> &[String] {
        &self.models
    }

    /// Returns how many lessons it has learnt from.
    pub fn lessons(&self) -> usize {
        self.lessons
    }
}

fn check(models: &[String], lessons: &[Lesson<'_>]) -> Result<(), PredictorError> {
    for (lesson, scores) in (1..).zip(lessons.iter().map(|lesson| lesson.scores)) {
        if scores.len() != models.len() {
            let (found, wanted) = (scores.len(), models.len());
            return Err(PredictorError::Scores { lesson, found, wanted });
        }
        if scores.iter().flatten().any(|score| !(0.0..=1.0).contains(score)) {
            return Err(PredictorError::Score(lesson));
        }
    }
    let unknown = |at: &usize| lessons.iter().all(|lesson| lesson.scores[*at].is_none());
    match (0..models.len()).find(unknown) {
        Some(at) => Err(PredictorError::NoLessons(models[at].clone())),
        None if lessons.is_empty() => Err(PredictorError::NoLessons("any model".to_owned())),
        None => Ok(()),
    }
}

/// Returns which lessons become landmarks: all, or as many as may be, evenly spread.
fn chosen(lessons: usize) -> Vec<usize> {
    let count = lessons.min(MOST_LANDMARKS);
    (0..count).map(|at| at * lessons / count).collect()
}

/// Returns what is usual for each model, and its weights.
fn learnt(
    models: &[String],
    lessons: &[Lesson<'_>],
    likenesses: &Likenesses,
) -> Result<(Vec<f32>, Vec<f32>), PredictorError> {
    let known = |model: usize| -> Vec<usize> {
        (0..lessons.len()).filter(|lesson| lessons[*lesson].scores[model].is_some()).collect()
    };
    let known: Vec<Vec<usize>> = (0..models.len()).map(known).collect();
    let (mut usual, mut weights) = (Vec::new(), Vec::new());
    // Models that answered the same lessons share the costly part.
    for alike in known.chunk_by(|one, other| one == other) {
        let scores = |model: usize| -> Vec<f64> {
            let scores = alike[0].iter().filter_map(|lesson| lessons[*lesson].scores[model]);
            scores.map(f64::from).collect()
        };
        let first = usual.len();
        let mut outcomes: Vec<Vec<f64>> = (first..first + alike.len()).map(scores).collect();
        for outcomes in &mut outcomes {
            let mean = outcomes.iter().sum::<f64>() / outcomes.len() as f64;
            outcomes.iter_mut().for_each(|outcome| *outcome -= mean);
            usual.push(mean as f32);
        }
        let solved = likenesses.weights(&alike[0], &outcomes).ok_or(PredictorError::Degenerate)?;
        weights.extend(solved.into_iter().flatten().map(|weight| weight as f32));
    }
    Ok((usual, weights))
}

#[cfg(test)]
mod tests;

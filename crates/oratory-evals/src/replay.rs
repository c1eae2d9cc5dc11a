//! Replays recorded outcomes: how good, at every cost, would routing between two models have been?
//!
//! Runs no model. The predictor is the router's own, and foretells no request it has learnt from.

mod bench;
mod curve;
mod gzip;
mod outcomes;
mod report;
mod split;
mod trust;

use oratory_brains::predictor::{PredictorError, Reader};

use bench::Bench;
pub use outcomes::{Id, Outcome, Recorded, read};
pub use report::{Method, Model, Point, Report, Told};
pub use split::Parting;

/// Fewer requests than this cannot be parted so that anything is learnt.
pub const FEWEST: usize = 10;
/// Without being told, so many requests are learnt from in all repeats together.
const ENOUGH: usize = 20_000;
const FEWEST_REPEATS: usize = 2;
const MOST_REPEATS: usize = 20;

/// What to replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// The model that is asked first.
    pub weak: String,
    /// The model that costs more.
    pub strong: String,
    /// How requests are parted into those learnt from and those held out.
    pub parting: Parting,
    /// How often this is done anew; by default more often where there are few requests.
    pub repeats: Option<usize>,
    /// What requests are dealt from.
    pub seed: u64,
}

/// Why nothing can be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A line cannot be used.
    #[error("line {line} {what}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// The file begins as gzip does, and cannot be unpacked.
    #[error("the file is packed by gzip and cannot be unpacked: {0}")]
    Gzip(String),
    /// There is no line.
    #[error("the file has no outcomes; each line holds one request as a JSON object")]
    Empty,
    /// The two models are one.
    #[error("the weak and the strong model are both {0}; name two different ones")]
    Same(String),
    /// No line has this model.
    #[error("no line has an outcome of {wanted}; the models are {known}")]
    NoSuchModel {
        /// The model that was named.
        wanted: String,
        /// Those that there are.
        known: String,
    },
    /// Too few lines have both models.
    #[error("only {found} lines have an outcome of both models; at least {wanted} are needed")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many are needed.
        wanted: usize,
    },
    /// The requests cannot be parted this way.
    #[error("{0}")]
    Parting(String),
    /// Nothing could be learnt.
    #[error(transparent)]
    Predictor(#[from] PredictorError),
}

impl Replay {
    /// Replays these outcomes, telling `step` before each part how many are done, and of how many.
    pub fn run(
        &self,
        recorded: &[Recorded],
        reader: &Reader,
        step: impl FnMut(usize, usize),
    ) -> Result<Report, ReplayError> {
        let bench = self.bench(recorded, reader)?;
        let found = bench.len();
        let usual = (ENOUGH / found).clamp(FEWEST_REPEATS, MOST_REPEATS);
        let repeats = self.repeats.unwrap_or(usual);
        if repeats == 0 {
            return Err(ReplayError::Parting("it must be done at least once".to_owned()));
        }
        let work = bench.work(self.parting, repeats, self.seed, step)?;
        Ok(work.report(self, &bench, recorded.len() - found))
    }

    fn bench<'a>(
        &self,
        recorded: &'a [Recorded],
        reader: &'a Reader,
    ) -> Result<Bench<'a>, ReplayError> {
        if self.weak == self.strong {
            return Err(ReplayError::Same(self.weak.clone()));
        }
        for wanted in [&self.weak, &self.strong] {
            if !recorded.iter().any(|recorded| recorded.outcomes.contains_key(wanted)) {
                return Err(no_such_model(wanted, recorded));
            }
        }
        let mut bench = Bench::new(reader);
        for recorded in recorded {
            let outcomes = &recorded.outcomes;
            if let (Some(weak), Some(strong)) =
                (outcomes.get(&self.weak), outcomes.get(&self.strong))
            {
                bench.take(&recorded.prompt, *weak, *strong);
            }
        }
        self.fits(bench.len())?;
        Ok(bench)
    }

    /// Says whether so many requests can be parted as was asked.
    fn fits(&self, found: usize) -> Result<(), ReplayError> {
        let wanted = match self.parting {
            Parting::Folds(folds) => FEWEST.max(folds),
            Parting::Fraction(_) => FEWEST,
        };
        if found < wanted {
            return Err(ReplayError::TooFew { found, wanted });
        }
        let held = |fraction: f64| found - (found as f64 * fraction).floor() as usize;
        let what = match self.parting {
            Parting::Folds(folds) if folds < 2 => {
                format!("{folds} parts leave nothing to learn from; at least 2 are needed")
            }
            Parting::Fraction(fraction) if !(fraction > 0.0 && fraction < 1.0) => {
                format!("{fraction} is no share to learn from; it is between 0 and 1")
            }
            Parting::Fraction(fraction) if held(fraction) < 2 || held(fraction) + 2 > found => {
                format!("of {found} requests, a share of {fraction} leaves too few on one side")
            }
            _ => return Ok(()),
        };
        Err(ReplayError::Parting(what))
    }
}

fn no_such_model(wanted: &str, recorded: &[Recorded]) -> ReplayError {
    let known: std::collections::BTreeSet<&str> =
        recorded.iter().flat_map(|recorded| recorded.outcomes.keys()).map(String::as_str).collect();
    let known = known.into_iter().take(20).collect::<Vec<_>>().join(", ");
    ReplayError::NoSuchModel { wanted: wanted.to_owned(), known }
}

#[cfg(test)]
mod tests;

//! Replays recorded outcomes: how good, at every cost, would routing between two models have been?
//!
//! Runs no model. The predictor is the router's own, and foretells no request it has learnt from.

mod bench;
mod curve;
mod errors;
mod gzip;
mod outcomes;
mod report;
mod split;
mod study;
mod trust;

use oratory_brains::predictor::Reader;

use bench::Bench;
pub use errors::ReplayError;
pub use outcomes::{Id, Outcome, Recorded, read};
pub use report::{Method, Model, Point, Report, Told};
pub use split::Parting;
pub use study::{Foretold, Learnt, Study};

/// Fewer requests than this cannot be parted so that anything is learnt.
pub const FEWEST: usize = 10;

/// What to replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// The model that is asked first.
    pub weak: String,
    /// The model that costs more.
    pub strong: String,
    /// How requests are parted into those learnt from and those held out.
    pub parting: Parting,
    /// How often this is done anew; by default until the measure settles.
    pub repeats: Option<usize>,
    /// What requests are dealt from.
    pub seed: u64,
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
        if self.repeats == Some(0) {
            let (what, next) = ("0 repeats measure nothing".to_owned(), "repeat it once or more");
            return Err(ReplayError::Parting { what, next });
        }
        let left_out = recorded.len() - bench.len();
        Ok(bench.work(self, step)?.report(self, &bench, left_out))
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
                return Err(ReplayError::no_such_model(wanted, recorded));
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
            let what = "both models".to_owned();
            return Err(ReplayError::TooFew { what, found, wanted });
        }
        let held = |fraction: f64| found - (found as f64 * fraction).floor() as usize;
        let (what, next) = match self.parting {
            Parting::Folds(folds) if folds < 2 => {
                (format!("{folds} parts leave nothing to learn from"), "part into 2 or more")
            }
            Parting::Fraction(fraction) if !(fraction > 0.0 && fraction < 1.0) => {
                (format!("{fraction} is no share to learn from"), "take one between 0 and 1")
            }
            Parting::Fraction(fraction) if held(fraction) < 2 || held(fraction) + 2 > found => {
                let what = format!("of {found} requests, a share of {fraction} leaves too few");
                (what, "take a share nearer to 0.5, or record more outcomes")
            }
            _ => return Ok(()),
        };
        Err(ReplayError::Parting { what, next })
    }
}

#[cfg(test)]
mod tests;

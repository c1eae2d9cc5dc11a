//! Why outcomes cannot be replayed or learnt from, and what to do about it.
//!
//! The file is not known here; whoever reads files names it.

use std::collections::BTreeSet;

use oratory_brains::predictor::PredictorError;

use super::outcomes::Recorded;

/// So many models are named where one was not found.
const NAMED: usize = 5;

/// Why nothing can be replayed or learnt.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A line cannot be used.
    #[error("line {line} {what}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it, and where in it.
        what: String,
        /// What to do.
        next: &'static str,
    },
    /// The file begins as gzip does, and cannot be unpacked.
    #[error("the file is packed by gzip and cannot be unpacked: {0}")]
    Gzip(String),
    /// There is no line.
    #[error("the file has no outcomes")]
    Empty,
    /// The two models are one.
    #[error("the weak and the strong model are both {0}")]
    Same(String),
    /// No line has this model.
    #[error("no line has an outcome of {wanted}")]
    NoSuchModel {
        /// The model that was named.
        wanted: String,
        /// Those that there are, the most alike first.
        known: Vec<String>,
    },
    /// Too few lines have what is needed.
    #[error("only {found} of the lines have an outcome of {what}; at least {wanted} are needed")]
    TooFew {
        /// Whose outcomes.
        what: String,
        /// How many there are.
        found: usize,
        /// How many are needed.
        wanted: usize,
    },
    /// The requests cannot be parted this way.
    #[error("{what}")]
    Parting {
        /// What is wrong.
        what: String,
        /// What to do.
        next: &'static str,
    },
    /// Nothing could be learnt.
    #[error(transparent)]
    Predictor(#[from] PredictorError),
}

impl ReplayError {
    /// Returns the error for a model that no line has.
    pub(super) fn no_such_model(wanted: &str, recorded: &[Recorded]) -> Self {
        let names = recorded.iter().flat_map(|recorded| recorded.outcomes.keys());
        let names: BTreeSet<&String> = names.collect();
        let mut known: Vec<String> = names.into_iter().cloned().collect();
        let far = |name: &String| {
            strsim::damerau_levenshtein(&name.to_lowercase(), &wanted.to_lowercase())
        };
        known.sort_by_cached_key(far);
        Self::NoSuchModel { wanted: wanted.to_owned(), known }
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Line { next, .. } | Self::Parting { next, .. } => (*next).to_owned(),
            Self::Gzip(_) => "pack it anew, or name the file that is not packed".to_owned(),
            Self::Empty => {
                "each line holds one request as a JSON object, as --help shows".to_owned()
            }
            Self::Same(_) => "name two different ones".to_owned(),
            Self::NoSuchModel { known, .. } => named(known),
            Self::TooFew { .. } => "record more outcomes, or name other models".to_owned(),
            Self::Predictor(_) => "look for scores that are all missing or odd".to_owned(),
        }
    }
}

fn named(known: &[String]) -> String {
    match known {
        [] => "no line has an outcome of any model; record some first".to_owned(),
        [nearest] => format!("the only model there is {nearest}"),
        _ if known.len() <= NAMED => {
            format!("did you mean {}? There are {}", known[0], known.join(", "))
        }
        _ => format!(
            "did you mean {}? There are {} models, among them {}",
            known[0],
            known.len(),
            known[..NAMED].join(", ")
        ),
    }
}

//! Which smaller model guesses what a larger one may say.
//!
//! Pure, from what the files say of themselves; the worker compares the vocabularies once more.

use oratory_contract::ModelName;

use crate::gguf::Facts;

/// A helper that nobody named is at least this many times smaller; a larger one takes longer to
/// ask than it spares.
const SMALLER: u64 = 8;

/// The smaller model that guesses what a larger one may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draft {
    /// One with the same vocabulary and at most an eighth of the size, if there is one here.
    Auto,
    /// None.
    Never,
    /// This one, for models with the same vocabulary.
    Named(ModelName),
}

/// What guesses for a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafts {
    /// A smaller model; `None` means layers of its own.
    pub by: Option<ModelName>,
    /// Memory it takes besides.
    pub bytes: u64,
}

impl Draft {
    /// Returns which of `others` guesses for the model called `name`, if one suits it.
    pub fn choose<'a>(
        &self,
        name: &ModelName,
        facts: &Facts,
        others: impl Iterator<Item = (&'a ModelName, &'a Facts)>,
    ) -> Option<&'a ModelName> {
        let mut suit = others.filter(|(other, small)| *other != name && may_guess(small, facts));
        let chosen = match self {
            Self::Never => None,
            Self::Named(wanted) => suit.find(|(other, _)| *other == wanted),
            // The largest of them is right most often.
            Self::Auto => suit
                .filter(|(_, small)| small.parameters.saturating_mul(SMALLER) <= facts.parameters)
                .max_by_key(|(_, small)| small.parameters),
        };
        chosen.map(|(other, _)| other)
    }
}

/// Says whether a model can guess for another: its tokens mean the same, it is smaller, it writes,
/// and what it has read can be taken back token by token.
fn may_guess(small: &Facts, large: &Facts) -> bool {
    small.vocabulary.is_some()
        && small.vocabulary == large.vocabulary
        && small.parameters < large.parameters
        && small.network.recurrent.is_none()
        && !small.network.sees_ahead
        && !small.weights.iter().any(|weight| weight.name.starts_with("cls"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(parameters: u64, vocabulary: u64) -> Facts {
        Facts { parameters, vocabulary: Some(vocabulary), ..Facts::default() }
    }

    #[test]
    fn the_largest_that_is_small_enough_and_speaks_the_same_guesses() {
        let names = ["large", "small", "smaller", "stranger", "half"].map(ModelName::from);
        let sizes = [(800, 1), (90, 1), (50, 1), (100, 2), (400, 1)];
        let all: Vec<Facts> = sizes.iter().map(|(size, words)| facts(*size, *words)).collect();
        let choose = |draft: Draft| {
            draft.choose(&names[0], &all[0], names.iter().zip(&all)).map(ModelName::as_str)
        };
        assert_eq!(choose(Draft::Auto), Some("small"));
        assert_eq!(choose(Draft::Never), None);
        assert_eq!(choose(Draft::Named("half".into())), Some("half"));
        assert_eq!(choose(Draft::Named("stranger".into())), None);
    }
}

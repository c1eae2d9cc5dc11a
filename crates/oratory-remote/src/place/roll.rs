//! The models of one place as they are known now, and what is wrong with it.

use std::sync::Arc;

use oratory_contract::{ModelCard, Readiness, Trouble};

use crate::Shut;

/// What is known now.
pub(super) struct Roll {
    pub(super) models: Arc<[ModelCard]>,
    pub(super) trouble: Option<Trouble>,
}

impl Roll {
    /// Returns what is known before the place has been heard of.
    pub(super) fn begin(models: Arc<[ModelCard]>, shut: Option<&Shut>) -> Self {
        let mut roll = Self { models, trouble: None };
        if let Some(shut) = shut {
            roll.mark(shut.trouble());
        }
        roll
    }

    /// Marks the models known last with what is wrong.
    pub(super) fn mark(&mut self, trouble: Trouble) {
        let known = self.models.iter().cloned();
        let unavailable = || Readiness::Unavailable(trouble.what.clone());
        self.models = known.map(|model| ModelCard { readiness: unavailable(), ..model }).collect();
        self.trouble = Some(trouble);
    }
}

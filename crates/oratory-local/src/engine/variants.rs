//! Models asked for in a variant: which adapter is meant, and how strong it is to be.
//!
//! Pure; the worker loads the adapter.

use oratory_contract::{
    Ability, Asked, At, Embed, Failure, FailureKind, Input, Message, ModelName, Rank, Role, Task,
    TooLong, Wanted, scaled,
};

use super::unusable;
use crate::catalog::Entry;
use crate::protocol::Adapter;

/// Beyond this an adapter only shouts.
const STRONGEST: f32 = 8.0;

/// Returns the model to load and what it wears, if `entry` is a variant; nothing at strength 0.
pub(super) fn worn(
    entry: &Entry,
    asked: &ModelName,
) -> Result<Option<(ModelName, Option<Adapter>)>, Failure> {
    let Some(variant) = &entry.variant else { return Ok(None) };
    if let Err(damaged) = &entry.facts {
        return Err(unusable(&entry.name, damaged));
    }
    let scale = match *asked == entry.name {
        true => 1.0,
        false => scaled(asked.as_str()).map_or(1.0, |(_, scale)| scale),
    };
    if !(-STRONGEST..=STRONGEST).contains(&scale) {
        let message = format!("the strength of the adapter in {asked:?} is {scale}");
        return Err(Failure::new(FailureKind::Invalid, At::Caller, message)
            .hint(format!("choose a number from {} to {STRONGEST}", -STRONGEST)));
    }
    // Without strength it is the model as it is, and shares what was computed for that.
    let adapter = (scale != 0.0).then(|| Adapter {
        path: variant.path.clone(),
        bytes: variant.bytes,
        revision: variant.revision,
        scale,
    });
    Ok(Some((variant.base.clone(), adapter)))
}

/// Returns a request that only loads the model.
pub(super) fn greeting(ability: Option<Ability>) -> Asked {
    let hello = || "Hello".to_owned();
    let task = match ability {
        Some(Ability::Embed) => {
            let inputs = vec![Input::Text(hello())];
            Task::Embed(Embed { inputs, dimensions: None, too_long: TooLong::Cut })
        }
        Some(Ability::Rank) => {
            let documents = vec![hello()];
            Task::Rank(Rank { query: hello(), documents, too_long: TooLong::Cut })
        }
        _ => Task::Answer,
    };
    let messages = vec![Message::new(Role::User, "Hello")];
    Asked { task, ..Asked::new("oratory".into(), Wanted::Any, messages) }
}

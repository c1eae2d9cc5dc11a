//! Step one: how sensitive is what was asked?
//!
//! What the caller declared and what was detected join upward; detection never lowers a label.

use oratory_contract::{Asked, Labels, Sensitivity};

/// Returns the labels of everything in the request.
///
/// `otherwise` is the level of text nobody has labelled. A caller may declare text public, but
/// what is found in it still counts.
pub(crate) fn read(asked: &Asked, otherwise: Sensitivity) -> Labels {
    let declared = asked.declared.clone().unwrap_or_else(|| Labels::of(otherwise));
    let messages = asked.messages.iter().map(|message| &message.content);
    messages
        .chain(&asked.limits.stop)
        .filter_map(|text| oratory_privacy::labels(text))
        .fold(declared, |all, found| all.join(&found))
}

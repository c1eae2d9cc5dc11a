//! Finds private spans in text and says which labels they carry.
//!
//! Two detectors: patterns for what has a published shape, the tagger for what only its words
//! and its place in a text give away. A finding's bounds are byte offsets that never split a
//! character.

use std::ops::Range;

use oratory_contract::Labels;

use crate::disguise::{self, Seek};
use crate::{Custom, Kind, overlaps, tagging};

/// One private span.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Where it is, in bytes.
    pub span: Range<usize>,
    /// How sure that is, from 0 to 1.
    pub score: f32,
    /// Why it is taken for that, in a few words.
    pub why: &'static str,
}

/// Returns what both detectors find in `text`, in order, never overlapping.
///
/// Where the tagger is not ready, that is what the patterns find; see [`crate::ready`].
pub fn find(text: &str) -> Vec<Finding> {
    find_with(text, Custom::none())
}

/// Returns what both detectors find in `text`, and what somebody calls private beside that.
pub fn find_with(text: &str, custom: &Custom) -> Vec<Finding> {
    let proved = disguise::look(text.as_bytes(), Seek { custom, names: true });
    overlaps::resolved(text, proved, tagging::tagged(text), custom)
}

/// Returns what the patterns alone find in `text`, in order, never overlapping.
pub fn shaped(text: &[u8]) -> impl Iterator<Item = Finding> + use<> {
    shaped_with(text, Custom::none())
}

/// Returns what the patterns alone find, and what somebody calls private beside that.
pub fn shaped_with(text: &[u8], custom: &Custom) -> impl Iterator<Item = Finding> + use<> {
    overlaps::settled(text, disguise::look(text, Seek { custom, names: false }), custom).into_iter()
}

/// Returns the labels of everything private in `text`; `None` where nothing was found.
pub fn labels(text: &str) -> Option<Labels> {
    labels_with(text, Custom::none())
}

/// Returns the labels of everything private in `text`, somebody's own kinds among it.
pub fn labels_with(text: &str, custom: &Custom) -> Option<Labels> {
    labels_of_all(&find_with(text, custom))
}

/// Returns the labels of everything private among findings; `None` where nothing is.
pub(crate) fn labels_of_all(findings: &[Finding]) -> Option<Labels> {
    let private = findings.iter().filter(|finding| finding.kind.is_private_alone());
    private.map(|finding| finding.kind.labels()).reduce(|all, one| all.join(&one))
}

#[cfg(test)]
mod tagged;
#[cfg(test)]
mod tests;

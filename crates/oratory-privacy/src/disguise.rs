//! Looks through disguises: each is undone into a view of the text, and the view is looked at.
//!
//! Bounded in depth and in what is undone, so that a small text cannot make much work. Where
//! nothing is disguised, a view is not even made.

mod encoded;
mod entities;
mod escapes;
mod fold;
mod inflate;
mod spoken;
mod view;

use crate::{Custom, Finding, cues, scan, tagging};
use view::View;

/// How many disguises may lie upon each other.
const DEPTH: usize = 5;
/// What may be undone beside four times the text itself.
const SPARE: usize = 1 << 20;

/// What is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Seek<'c> {
    pub(crate) custom: &'c Custom,
    /// Whether names are guessed in what was disguised.
    pub(crate) names: bool,
}

/// Returns everything found in `text` and beneath its disguises, in any order, overlapping.
pub(crate) fn look(text: &[u8], seek: Seek<'_>) -> Vec<Finding> {
    let mut look = Look { seek, left: text.len().saturating_mul(4).saturating_add(SPARE) };
    let mut found = Vec::new();
    look.layer(text, None, DEPTH, &mut found);
    found
}

struct Look<'c> {
    seek: Seek<'c>,
    left: usize,
}

impl Look<'_> {
    /// Looks at one layer and at those beneath it. `over` is the view that `text` is of.
    fn layer(&mut self, text: &[u8], over: Option<&View>, depth: usize, found: &mut Vec<Finding>) {
        scan::scan(text, found);
        cues::follow(text, found);
        self.seek.custom.note(text, found);
        if depth == 0 {
            return;
        }
        for view in [escapes::view(text), spoken::view(text)].into_iter().flatten() {
            if self.pays(view.bytes().len()) {
                self.view(&view, depth - 1, found);
            }
        }
        for run in encoded::runs(text) {
            if over.is_none_or(|view| !view.is_exact(&run.span)) {
                self.encoded(text, &run, depth - 1, found);
            }
        }
    }

    fn view(&mut self, view: &View, depth: usize, found: &mut Vec<Finding>) {
        let mut beneath = Vec::new();
        self.layer(view.bytes(), Some(view), depth, &mut beneath);
        if self.seek.names && view.is_worded() {
            beneath.extend(guessed(view.bytes()));
        }
        beneath.retain(|finding| !view.is_exact(&finding.span));
        found.extend(beneath.into_iter().map(|finding| Finding {
            span: view.back(&finding.span),
            score: finding.score * 0.98,
            ..finding
        }));
    }

    /// Looks at what a run of text stands for; what is found there covers the whole run.
    fn encoded(&mut self, text: &[u8], run: &encoded::Run, depth: usize, found: &mut Vec<Finding>) {
        let Some(plain) = run.undone(text, self.left) else { return };
        if !self.pays(plain.len()) {
            return;
        }
        let mut beneath = Vec::new();
        self.layer(&plain, None, depth, &mut beneath);
        if self.seek.names {
            beneath.extend(guessed(&plain).into_iter().filter(|guess| guess.score > 0.7));
        }
        let private = beneath.into_iter().filter(|finding| finding.kind.is_private_alone());
        let most = private.max_by(|one, other| {
            let rank = |finding: &Finding| finding.kind.sensitivity();
            rank(one).cmp(&rank(other)).then(one.score.total_cmp(&other.score))
        });
        found.extend(most.map(|finding| Finding {
            span: run.span.clone(),
            score: finding.score * 0.98,
            ..finding
        }));
    }

    /// Takes what a layer costs from what is left.
    fn pays(&mut self, length: usize) -> bool {
        let left = self.left.checked_sub(length);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

/// Returns the names guessed in what was disguised.
fn guessed(text: &[u8]) -> Vec<Finding> {
    // A view may cut a character that was disguised in parts; what is lost is not a name's.
    match std::str::from_utf8(text) {
        Ok(text) => tagging::tagged(text),
        Err(error) => {
            let whole = std::str::from_utf8(&text[..error.valid_up_to()]);
            whole.map(tagging::tagged).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests;

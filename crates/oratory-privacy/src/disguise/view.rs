//! A text as it reads without its disguise, with the way back to the bytes of the original.
//!
//! Remembers pieces, not bytes: what was copied as it stood takes no memory but its own.

use std::ops::Range;

/// The bytes of a view and where each piece of it comes from.
#[derive(Default)]
pub(super) struct View {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
    worded: bool,
}

/// One piece: a copy, or what one disguised sign stands for.
struct Piece {
    view: usize,
    origin: Range<usize>,
    exact: bool,
}

impl View {
    /// Copies a piece of the original.
    pub(super) fn copy(&mut self, text: &[u8], origin: Range<usize>) {
        if !origin.is_empty() {
            self.pieces.push(Piece { view: self.bytes.len(), origin: origin.clone(), exact: true });
            self.bytes.extend_from_slice(&text[origin]);
        }
    }

    /// Puts `bytes` where `origin` stands; none where it is left out.
    pub(super) fn replace(&mut self, origin: Range<usize>, bytes: &[u8]) {
        // Words look different now, so names are looked for again.
        self.worded |= bytes.is_empty()
            || bytes.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
        self.pieces.push(Piece { view: self.bytes.len(), origin, exact: false });
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Says whether letters differ from the original's.
    pub(super) fn is_worded(&self) -> bool {
        self.worded
    }

    /// Says whether a span stands in the original just as it does here.
    pub(super) fn is_exact(&self, span: &Range<usize>) -> bool {
        let first = self.piece(span.start);
        let next = self.pieces.get(first + 1).map_or(self.bytes.len(), |piece| piece.view);
        self.pieces[first].exact && span.end <= next
    }

    /// Returns the span of the original that a span of the view stands for.
    pub(super) fn back(&self, span: &Range<usize>) -> Range<usize> {
        let first = &self.pieces[self.piece(span.start)];
        let last = &self.pieces[self.piece(span.end.saturating_sub(1).max(span.start))];
        let start = if first.exact {
            first.origin.start + span.start - first.view
        } else {
            first.origin.start
        };
        let end =
            if last.exact { last.origin.start + span.end - last.view } else { last.origin.end };
        start..end
    }

    /// Returns the number of the piece that a byte of the view lies in.
    fn piece(&self, at: usize) -> usize {
        self.pieces.partition_point(|piece| piece.view <= at).saturating_sub(1)
    }
}

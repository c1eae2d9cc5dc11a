//! Reads what pictures and sounds were made into, in turn with everything else that is computed.
//!
//! Such rows cannot share a batch with tokens, so each step of the floor is followed by a piece of
//! one request's: as small as a piece of a prompt, unless all of it must be read in one go.

use super::floor::Floor;
use super::floor::compose::BLINK;
use crate::protocol::Report;

/// Rows that are read beside others while the machine's pace is not known.
const CAREFUL: usize = 64;

impl Floor<'_> {
    /// Reads a piece for whoever has come to a picture and waits longest.
    pub(super) fn look(&mut self) {
        let now = self.wardrobe.now();
        let looks = |at: &usize| self.runs[*at].looks() && self.runs[*at].goes(now);
        let waiting = (0..self.runs.len()).filter(looks);
        let Some(at) = waiting.min_by_key(|&at| self.runs[at].job.number) else { return };
        let most = self.rows_at_once();
        let run = &self.runs[at];
        let Some(spot) = run.spots.front() else { return };
        let rows = spot.sight.shape().rows;
        let until = if spot.sight.at_once() { rows } else { rows.min(run.shown + most) };
        let (lane, position, sight) = (run.lane, run.fed, spot.sight.clone());
        let piece = run.shown..until;
        self.watch.computing([run.job.number]);
        match self.lanes.context().show(lane, position, &sight, piece) {
            Ok(()) => self.shown(at, until),
            Err(error) => {
                self.runs[at].shown = 0;
                self.failed(&[at], &error);
            }
        }
    }

    fn rows_at_once(&self) -> usize {
        let others = self.runs.iter().filter(|run| !run.paused).count() + self.waiting.len();
        let in_a_blink = match self.pace.reading {
            _ if others <= 1 => self.batch_size,
            0.0 => CAREFUL,
            each => (BLINK.as_micros() as f32 / each) as usize,
        };
        in_a_blink.clamp(16, self.batch_size.max(16))
    }

    /// Notes that rows of what a request is looking at were read; after the last it goes on.
    fn shown(&mut self, at: usize, until: usize) {
        let run = &mut self.runs[at];
        run.shown = until;
        let shape = run.spots.front().map(|spot| spot.sight.shape());
        let Some(positions) =
            shape.filter(|shape| shape.rows == until).map(|shape| shape.positions)
        else {
            return;
        };
        let end = run.fed + positions;
        self.lanes.grew(run.lane, &run.tokens[run.fed..end]);
        (run.fed, run.shown) = (end, 0);
        run.spots.pop_front();
        if run.seams.front() == Some(&end) {
            run.seams.pop_front();
            self.lanes.copy_here(run.lane);
        }
        let read = u32::try_from(end).unwrap_or(u32::MAX);
        self.line.send(&Report::Reading { number: run.job.number, tokens: read });
    }
}

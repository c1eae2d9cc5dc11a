//! The conversations a model holds at once, and how much of a prompt need not be computed again.
//!
//! Each lane is one sequence of the context. What a lane held stays when its answer has ended,
//! for the next turn; when the lane is needed for something else, its state goes to the shelf.
//! Nothing held for one partition is ever looked at for another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use super::shelf::{Kept, Shelf};
use crate::llama::{Batch, Context, DecodeError, Model, Part, Token};
use crate::protocol::{Keep, Partition};

/// A state this short is computed again as quickly as it is put away.
const WORTHWHILE: usize = 64;

/// Copies of a lane's uncuttable state, and how much memory they may take.
pub(crate) const COPIES: usize = 16;
pub(crate) const COPIES_BYTES: usize = 192 << 20;

/// A copy of what cannot be cut, as it was after so many tokens.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) length: usize,
    pub(super) state: Arc<[u8]>,
}

/// One sequence of the context.
#[derive(Default)]
struct Lane {
    /// The tokens in memory, oldest first.
    held: Vec<Token>,
    partition: Option<Partition>,
    keep: Option<Keep>,
    copies: Vec<Copy>,
    busy: bool,
    /// When a conversation last had it.
    used: Option<SystemTime>,
    /// How many of its tokens are in the attic already.
    stored: usize,
}

/// Who sits down, and with what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guest<'a> {
    pub(super) prompt: &'a [Token],
    pub(super) partition: Partition,
    pub(super) keep: Keep,
}

/// Where a prompt sits, and how much of it is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) lane: usize,
    pub(super) kept: usize,
}

/// All sequences of a context.
pub(super) struct Lanes<'a> {
    context: Context<'a>,
    lanes: Vec<Lane>,
    shelf: Shelf,
    window: usize,
    recurrent: bool,
    mark: Option<Mark>,
}

/// A recurrent state as it was before a batch that may have to be taken back.
#[derive(Debug, Default)]
struct Mark {
    /// The lane that it is still the state of, but for tokens on trial.
    fresh: Option<usize>,
    length: usize,
    state: Vec<u8>,
}

impl<'a> Lanes<'a> {
    pub(super) fn new(model: &Model, context: Context<'a>, count: usize, shelf: Shelf) -> Self {
        let lanes = (0..count).map(|_| Lane::default()).collect();
        let (window, recurrent) = (model.window(), model.is_recurrent());
        Self { context, lanes, shelf, window, recurrent, mark: None }
    }

    /// Returns how many tokens a lane holds at most.
    pub(super) fn size(&self) -> usize {
        self.context.size()
    }

    /// Returns how many lanes there are.
    pub(super) fn count(&self) -> usize {
        self.lanes.len()
    }

    /// Says whether what a lane holds can be cut anywhere.
    pub(super) fn can_be_cut(&self) -> bool {
        !self.recurrent && self.window == 0
    }

    pub(super) fn shelf(&mut self) -> &mut Shelf {
        &mut self.shelf
    }

    pub(super) fn context(&mut self) -> &mut Context<'a> {
        &mut self.context
    }

    /// Returns how much memory states take that no lane holds.
    pub(super) fn kept_bytes(&self) -> u64 {
        self.shelf.bytes()
    }

    /// Says whether a lane is free.
    pub(super) fn has_room(&self) -> bool {
        self.lanes.iter().any(|lane| !lane.busy)
    }

    /// Returns how much of a prompt is held here, wherever it is.
    pub(super) fn known(&self, guest: Guest<'_>) -> usize {
        let shelved = self.shelf.best(guest, self.can_be_cut()).map_or(0, |found| found.length);
        let held = (0..self.lanes.len()).map(|lane| self.reusable(lane, guest));
        held.fold(shelved, usize::max)
    }

    /// Gives a prompt a lane; `None` while all are busy.
    pub(super) fn seat(&mut self, guest: Guest<'_>) -> Option<Seat> {
        let lane = self.own_lane(guest).or_else(|| self.other_lane(guest));
        self.shelf.trim();
        let lane = lane?;
        let reusable = self.reusable(lane, guest);
        let kept = self.cut(lane, reusable);
        self.forget_mark(lane);
        let seat = &mut self.lanes[lane];
        seat.busy = true;
        seat.used = Some(SystemTime::now());
        seat.partition = Some(guest.partition);
        seat.keep = Some(guest.keep);
        Some(Seat { lane, kept })
    }

    /// Returns the free lane that this prompt continues.
    fn own_lane(&self, guest: Guest<'_>) -> Option<usize> {
        let free = (0..self.lanes.len()).filter(|&lane| !self.lanes[lane].busy);
        let (best, kept) =
            free.map(|lane| (lane, self.reusable(lane, guest))).max_by_key(|(_, kept)| *kept)?;
        // What shares only its beginning with another conversation leaves that one alone, and
        // what is known better elsewhere is brought from there.
        let lost = self.lanes[best].held.len() - kept;
        let continues = kept > 0 && lost * 4 <= kept.max(1024);
        (continues && self.known(guest) < kept + WORTHWHILE).then_some(best)
    }

    /// Clears the lane that has been idle longest, and brings there what is known of the prompt.
    fn other_lane(&mut self, guest: Guest<'_>) -> Option<usize> {
        let free = (0..self.lanes.len()).filter(|&lane| !self.lanes[lane].busy);
        let lane =
            free.min_by_key(|&lane| (self.lanes[lane].held.len().min(1), self.lanes[lane].used))?;
        let cuttable = self.can_be_cut();
        let (other, elsewhere) = (0..self.lanes.len())
            .map(|lane| (lane, self.reusable(lane, guest)))
            .max_by_key(|(_, kept)| *kept)?;
        let shelved = self.shelf.best(guest, cuttable).map_or(0, |found| found.length);
        if other == lane && elsewhere >= shelved {
            self.put_away(lane);
            return Some(lane);
        }
        let source = if elsewhere.max(shelved) < WORTHWHILE {
            None
        } else if shelved > elsewhere {
            self.shelf.best(guest, cuttable).map(|found| found.kept)
        } else {
            self.copy_of(other).map(Arc::new)
        };
        self.put_away(lane);
        self.empty(lane);
        if let Some(source) = source {
            self.bring(lane, &source);
        }
        Some(lane)
    }

    /// Returns how many tokens of the prompt a lane could keep.
    fn reusable(&self, lane: usize, guest: Guest<'_>) -> usize {
        let lane = &self.lanes[lane];
        if lane.partition != Some(guest.partition) {
            return 0;
        }
        let same = common(&lane.held, guest.prompt);
        if self.can_be_cut() || same == lane.held.len() {
            return same;
        }
        let copies = lane.copies.iter().map(|copy| copy.length).filter(|length| *length <= same);
        copies.max().unwrap_or(0)
    }

    /// Forgets what a lane holds from `length` on, or from further ahead where it cannot be cut
    /// there; returns how much is left.
    pub(super) fn cut(&mut self, lane: usize, length: usize) -> usize {
        if length == self.lanes[lane].held.len() {
            return length;
        }
        let cut = length > 0 && (self.cut_plainly(lane, length) || self.cut_at_copy(lane, length));
        if !cut {
            self.empty(lane);
        }
        let seat = &mut self.lanes[lane];
        seat.stored = seat.stored.min(seat.held.len());
        seat.held.len()
    }

    fn cut_plainly(&mut self, lane: usize, length: usize) -> bool {
        // A window that has moved on no longer holds what the next token would look at.
        let needed = length.saturating_sub(self.window.max(1));
        let whole = self.context.first_position(lane).is_some_and(|first| first <= needed);
        if !(whole || self.recurrent) || !self.context.cut(lane, length) {
            return false;
        }
        let seat = &mut self.lanes[lane];
        seat.held.truncate(length);
        seat.copies.retain(|copy| copy.length <= length);
        true
    }

    fn cut_at_copy(&mut self, lane: usize, length: usize) -> bool {
        let copies = &self.lanes[lane].copies;
        let best =
            copies.iter().filter(|copy| copy.length <= length).max_by_key(|copy| copy.length);
        let Some(copy) = best.cloned() else { return false };
        let done = self.context.restore(lane, Part::Uncuttable, &copy.state)
            && self.context.cut(lane, copy.length);
        if done {
            let seat = &mut self.lanes[lane];
            seat.held.truncate(copy.length);
            seat.copies.retain(|other| other.length <= copy.length);
        }
        done
    }

    fn empty(&mut self, lane: usize) {
        self.context.clear(lane);
        self.forget_mark(lane);
        let used = self.lanes[lane].used;
        let busy = self.lanes[lane].busy;
        self.lanes[lane] = Lane { used, busy, ..Lane::default() };
    }

    /// Makes sure that what a batch is going to add to a lane on trial can be taken back.
    ///
    /// A recurrent state is copied for that. llama.cpp can keep snapshots by itself, but for
    /// each token on trial one, each as large as the state, whether they are needed or not.
    pub(super) fn mark(&mut self, lane: usize) {
        if !self.recurrent || self.mark.as_ref().is_some_and(|mark| mark.fresh == Some(lane)) {
            return;
        }
        let mark = self.mark.get_or_insert_default();
        self.context.save_into(lane, Part::Uncuttable, &mut mark.state);
        (mark.fresh, mark.length) = (Some(lane), self.lanes[lane].held.len());
    }

    /// Keeps the first tokens of a batch that a lane was marked for, and takes back the others.
    ///
    /// Returns how many tokens the lane holds now: a recurrent one is as it was when it was
    /// marked. `None` means that nothing could be taken back, and the lane is empty.
    pub(super) fn keep(&mut self, lane: usize, tokens: &[Token]) -> Option<usize> {
        if self.recurrent {
            return self.return_to_mark(lane);
        }
        self.grew(lane, tokens);
        let held = self.lanes[lane].held.len();
        self.undo([lane]);
        (self.lanes[lane].held.len() == held).then_some(held)
    }

    fn return_to_mark(&mut self, lane: usize) -> Option<usize> {
        let mark = self.mark.as_mut().filter(|mark| mark.fresh == Some(lane))?;
        let length = mark.length;
        let done = !mark.state.is_empty()
            && self.context.restore(lane, Part::Uncuttable, &mark.state)
            && self.context.cut(lane, length);
        if !done {
            self.empty(lane);
            return None;
        }
        Some(length)
    }

    /// Forgets everything a lane holds, because it can no longer be trusted.
    pub(super) fn distrust(&mut self, lane: usize) {
        self.empty(lane);
    }

    /// Notes tokens that a batch has added to a lane.
    pub(super) fn grew(&mut self, lane: usize, tokens: &[Token]) {
        self.forget_mark(lane);
        self.lanes[lane].held.extend_from_slice(tokens);
    }

    fn forget_mark(&mut self, lane: usize) {
        if let Some(mark) = self.mark.as_mut().filter(|mark| mark.fresh == Some(lane)) {
            mark.fresh = None;
        }
    }

    /// Keeps a copy of what cannot be cut, as it is now.
    pub(super) fn copy_here(&mut self, lane: usize) {
        if self.can_be_cut() {
            return;
        }
        let length = self.lanes[lane].held.len();
        if length == 0 {
            return;
        }
        if self.lanes[lane].copies.iter().any(|copy| copy.length == length) {
            return;
        }
        let state = self.context.save(lane, Part::Uncuttable);
        let copies = &mut self.lanes[lane].copies;
        copies.push(Copy { length, state: state.into() });
        let bytes = |copies: &[Copy]| copies.iter().map(|copy| copy.state.len()).sum::<usize>();
        while copies.len() > 2 && (copies.len() > COPIES || bytes(copies) > COPIES_BYTES) {
            // The first stands for what many conversations share, so the second goes.
            copies.remove(1);
        }
    }

    /// Ends a conversation's turn; what the lane holds stays for the next.
    pub(super) fn leave(&mut self, lane: usize) {
        self.copy_here(lane);
        self.lanes[lane].busy = false;
        self.lanes[lane].used = Some(SystemTime::now());
    }

    /// Runs a batch.
    pub(super) fn decode(&mut self, batch: &mut Batch) -> Result<(), DecodeError> {
        self.context.decode(batch)
    }

    /// Brings every lane in `lanes` back to what it held, after a batch that failed.
    pub(super) fn undo(&mut self, lanes: impl IntoIterator<Item = usize>) {
        for lane in lanes {
            let held = self.lanes[lane].held.len();
            if held == 0 || !self.context.cut(lane, held) {
                self.empty(lane);
            }
        }
    }

    /// Puts what an idle lane holds on the shelf.
    fn put_away(&mut self, lane: usize) {
        if self.lanes[lane].held.len() >= WORTHWHILE
            && self.lanes[lane].keep != Some(Keep::Here)
            && let Some(kept) = self.copy_of(lane)
        {
            self.shelf.put(kept);
        }
    }

    /// Returns a copy of everything a lane holds.
    fn copy_of(&mut self, lane: usize) -> Option<Kept> {
        let whole = self.context.save(lane, Part::Whole);
        let seat = &self.lanes[lane];
        (!whole.is_empty()).then_some(Kept {
            partition: seat.partition?,
            keep: seat.keep?,
            tokens: seat.held.clone(),
            whole: whole.into(),
            copies: seat.copies.clone(),
            used: seat.used.unwrap_or(SystemTime::UNIX_EPOCH),
            stored: AtomicBool::new(seat.stored == seat.held.len()),
        })
    }

    fn bring(&mut self, lane: usize, kept: &Kept) {
        if !self.context.restore(lane, Part::Whole, &kept.whole) {
            self.empty(lane);
            return;
        }
        let seat = &mut self.lanes[lane];
        seat.held.clone_from(&kept.tokens);
        seat.copies.clone_from(&kept.copies);
        seat.partition = Some(kept.partition);
        seat.keep = Some(kept.keep);
        seat.stored = if kept.stored.load(Ordering::SeqCst) { kept.tokens.len() } else { 0 };
    }

    /// Hands over copies of what idle lanes and the shelf hold, long enough and not yet in the
    /// attic, one by one, until `store` takes no more. The latest come first, because there may
    /// not be time for all.
    pub(super) fn hand_over(&mut self, least: usize, store: impl Fn(Arc<Kept>) -> bool) {
        let mut lanes: Vec<usize> = (0..self.lanes.len()).collect();
        lanes.sort_by_key(|&lane| std::cmp::Reverse(self.lanes[lane].used));
        for lane in lanes {
            let seat = &self.lanes[lane];
            let new = seat.held.len() >= least && seat.stored < seat.held.len();
            if !new || seat.busy || seat.keep != Some(Keep::Disk) {
                continue;
            }
            let Some(kept) = self.copy_of(lane) else { continue };
            if !store(Arc::new(kept)) {
                return;
            }
            self.lanes[lane].stored = self.lanes[lane].held.len();
        }
        for kept in self.shelf.unstored(least) {
            if !store(kept) {
                return;
            }
        }
    }
}

/// Returns how many tokens two lists begin with alike.
pub(super) fn common(a: &[Token], b: &[Token]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

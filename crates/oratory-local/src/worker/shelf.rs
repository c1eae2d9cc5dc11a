//! States of conversations that have no lane just now, kept in memory up to a budget.
//!
//! The least recently used goes first. Which prompt may use which is decided by its partition.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use super::lanes::{Copy, Guest, common};
use crate::llama::Token;
use crate::protocol::{Keep, Partition};

/// The state of one conversation.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) partition: Partition,
    pub(super) keep: Keep,
    pub(super) tokens: Vec<Token>,
    pub(super) whole: Arc<[u8]>,
    pub(super) copies: Vec<Copy>,
    /// When its conversation had it last.
    pub(super) used: SystemTime,
    /// Whether it is in the attic too.
    pub(super) stored: AtomicBool,
}

impl Kept {
    pub(super) fn bytes(&self) -> u64 {
        let copies: usize = self.copies.iter().map(|copy| copy.state.len()).sum();
        (self.whole.len() + copies + size_of_val(&self.tokens[..])) as u64
    }

    /// Returns how much of a prompt it spares.
    pub(super) fn reusable(&self, guest: Guest<'_>, cuttable: bool) -> usize {
        if self.partition != guest.partition {
            return 0;
        }
        let same = common(&self.tokens, guest.prompt);
        if cuttable || same == self.tokens.len() {
            return same;
        }
        let copies = self.copies.iter().map(|copy| copy.length);
        copies.filter(|length| *length <= same).max().unwrap_or(0)
    }
}

/// What was found for a prompt.
pub(super) struct Found {
    pub(super) kept: Arc<Kept>,
    /// How much of the prompt it spares.
    pub(super) length: usize,
}

/// States in memory, the latest last.
pub(super) struct Shelf {
    kept: VecDeque<Arc<Kept>>,
    bytes: u64,
    budget: u64,
}

impl Shelf {
    pub(super) fn new(budget: u64) -> Self {
        Self { kept: VecDeque::new(), bytes: 0, budget }
    }

    /// Returns how much memory the states here take.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Keeps a state, and forgets those it contains and the oldest until all fit.
    pub(super) fn put(&mut self, kept: Kept) {
        self.lend(kept);
        self.trim();
    }

    /// Takes a state in, whatever its size, until the next `trim`: a conversation larger than all
    /// of the shelf passes over it on its way from the disk to a lane.
    pub(super) fn lend(&mut self, kept: Kept) {
        let contained = |old: &Kept| {
            old.partition == kept.partition && common(&old.tokens, &kept.tokens) == old.tokens.len()
        };
        self.kept.retain(|old| !contained(old));
        self.kept.push_back(Arc::new(kept));
        self.bytes = self.kept.iter().map(|kept| kept.bytes()).sum();
    }

    /// Forgets the oldest until all fit.
    pub(super) fn trim(&mut self) {
        while self.bytes > self.budget
            && let Some(oldest) = self.kept.pop_front()
        {
            self.bytes -= oldest.bytes();
        }
    }

    /// Returns what spares most of a prompt.
    pub(super) fn best(&self, guest: Guest<'_>, cuttable: bool) -> Option<Found> {
        let found = self.kept.iter().map(|kept| (kept, kept.reusable(guest, cuttable)));
        let (kept, length) = found.max_by_key(|(_, length)| *length)?;
        (length > 0).then(|| Found { kept: Arc::clone(kept), length })
    }

    /// Returns the states that may go to the attic and are not there yet, the latest first.
    pub(super) fn unstored(&self, least: usize) -> Vec<Arc<Kept>> {
        let new = |kept: &&Arc<Kept>| {
            let stored = kept.stored.load(Ordering::SeqCst);
            kept.keep == Keep::Disk && !stored && kept.tokens.len() >= least
        };
        self.kept.iter().rev().filter(new).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(partition: u8, tokens: &[Token], bytes: usize) -> Kept {
        Kept {
            partition: [partition; 16],
            keep: Keep::Disk,
            tokens: tokens.to_vec(),
            whole: vec![0; bytes].into(),
            copies: Vec::new(),
            used: SystemTime::UNIX_EPOCH,
            stored: AtomicBool::new(false),
        }
    }

    fn guest(partition: u8, prompt: &[Token]) -> Guest<'_> {
        Guest { prompt, partition: [partition; 16], keep: Keep::Disk }
    }

    #[test]
    fn what_is_larger_than_the_shelf_can_still_be_taken_from_it_once() {
        let mut shelf = Shelf::new(100);
        shelf.put(kept(1, &[1, 2, 3], 1000));
        assert!(shelf.best(guest(1, &[1, 2, 9]), true).is_none());
        shelf.lend(kept(1, &[1, 2, 3], 1000));
        assert_eq!(shelf.best(guest(1, &[1, 2, 9]), true).unwrap().length, 2);
        shelf.trim();
        assert_eq!((shelf.bytes(), shelf.unstored(1).len()), (0, 0));
    }

    #[test]
    fn a_partition_never_sees_what_another_keeps() {
        let mut shelf = Shelf::new(1000);
        shelf.put(kept(1, &[1, 2, 3], 10));
        assert_eq!(shelf.best(guest(1, &[1, 2, 9]), true).unwrap().length, 2);
        assert!(shelf.best(guest(2, &[1, 2, 3]), true).is_none());
    }

    #[test]
    fn the_budget_holds_and_the_oldest_goes() {
        let mut shelf = Shelf::new(250);
        shelf.put(kept(1, &[1], 100));
        shelf.put(kept(1, &[2], 100));
        shelf.put(kept(1, &[3], 100));
        assert!(shelf.best(guest(1, &[1]), true).is_none());
        assert!(shelf.best(guest(1, &[3]), true).is_some());
        shelf.put(kept(1, &[4], 1000));
        assert!(shelf.kept.is_empty(), "what is larger than the budget is not kept");
    }

    #[test]
    fn a_longer_state_takes_the_place_of_its_beginning() {
        let mut shelf = Shelf::new(1000);
        shelf.put(kept(1, &[1, 2], 10));
        shelf.put(kept(1, &[1, 2, 3], 10));
        assert_eq!(shelf.kept.len(), 1);
    }

    #[test]
    fn the_latest_is_put_away_first() {
        let mut shelf = Shelf::new(1000);
        shelf.put(kept(1, &[1], 10));
        shelf.put(kept(1, &[2], 10));
        let tokens: Vec<Token> = shelf.unstored(1).iter().map(|kept| kept.tokens[0]).collect();
        assert_eq!(tokens, [2, 1]);
    }

    #[test]
    fn what_cannot_be_cut_counts_only_up_to_a_copy() {
        let mut state = kept(1, &[1, 2, 3, 4], 10);
        state.copies.push(Copy { length: 2, state: vec![0].into() });
        let prompt = guest(1, &[1, 2, 3, 9]);
        assert_eq!(state.reusable(prompt, true), 3);
        assert_eq!(state.reusable(prompt, false), 2);
        assert_eq!(state.reusable(guest(1, &[1, 9]), false), 0);
    }
}

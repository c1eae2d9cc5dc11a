//! The cache against a slow, obvious one, and the promises a person would check.

use oratory_contract::{Done, Finish, Usage};
use proptest::prelude::*;

use super::*;

fn key(n: u8) -> CacheKey {
    [n; 32]
}

fn kept(length: usize) -> Kept {
    Kept {
        place: "home".into(),
        model: "mini".into(),
        revision: 0,
        chunks: vec![
            Chunk::Text("x".repeat(length)),
            Chunk::Done(Done { finish: Finish::Stop, usage: Usage::default() }),
        ],
    }
}

fn letters(kept: &Kept) -> usize {
    match &kept.chunks[0] {
        Chunk::Text(text) => text.len(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_least_recently_used_goes_first() {
    let cache = MemoryCache::new(2 * size(&kept(1000)));
    cache.keep(key(1), kept(1000));
    cache.keep(key(2), kept(1000));
    assert!(cache.find(&key(1)).is_some(), "used again, so 2 is now the oldest");
    cache.keep(key(3), kept(1000));
    assert_eq!(cache.find(&key(2)), None);
    assert_eq!(cache.find(&key(1)), Some(kept(1000)));
    assert_eq!(cache.find(&key(3)), Some(kept(1000)));
}

#[test]
fn an_answer_larger_than_the_budget_is_not_kept_and_pushes_nothing_out() {
    let cache = MemoryCache::new(2000);
    cache.keep(key(1), kept(10));
    cache.keep(key(2), kept(2000));
    assert_eq!(cache.find(&key(2)), None);
    assert!(cache.find(&key(1)).is_some());
}

#[test]
fn a_budget_of_nothing_keeps_nothing() {
    let cache = MemoryCache::new(0);
    cache.keep(key(1), kept(0));
    assert_eq!(cache.find(&key(1)), None);
}

/// Remembers pairs in order of use and drops from the front: slow and plainly right.
#[derive(Default)]
struct Plain(Vec<(u8, usize)>);

impl Plain {
    fn find(&mut self, n: u8) -> Option<usize> {
        let at = self.0.iter().position(|entry| entry.0 == n)?;
        let entry = self.0.remove(at);
        self.0.push(entry);
        Some(entry.1)
    }

    fn keep(&mut self, n: u8, length: usize, budget: usize) {
        self.0.retain(|entry| entry.0 != n);
        if size(&kept(length)) > budget {
            return;
        }
        self.0.push((n, length));
        while self.0.iter().map(|entry| size(&kept(entry.1))).sum::<usize>() > budget {
            self.0.remove(0);
        }
    }
}

proptest! {
    #[test]
    fn it_agrees_with_a_plain_list(steps in prop::collection::vec((any::<bool>(), 0u8..12, 0usize..2500), 0..300)) {
        let budget = 6000;
        let (cache, mut plain) = (MemoryCache::new(budget), Plain::default());
        for (keep, n, length) in steps {
            if keep {
                cache.keep(key(n), kept(length));
                plain.keep(n, length, budget);
            } else {
                let found = cache.find(&key(n)).map(|found| letters(&found));
                prop_assert_eq!(found, plain.find(n));
            }
            prop_assert!(cache.lock().bytes <= budget);
        }
    }
}

//! llama.cpp's allocator for what is computed with, step by step, without the memory.
//!
//! What is let go leaves a hole, the smallest hole that fits is taken next. How large the buffer
//! grows depends on the order, so adding sizes up would not tell.

/// Where tensors begin.
const ALIGNMENT: u64 = 64;

/// A tensor in the arena.
#[derive(Debug)]
#[must_use = "what is never let go stays to the end"]
pub(super) struct Room {
    at: u64,
    size: u64,
}

/// A stretch of memory in use, and its holes.
#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    /// Holes before the end, in order: where, and how large.
    holes: Vec<(u64, u64)>,
    end: u64,
    peak: u64,
}

impl Arena {
    /// Returns the most that was in use.
    pub(super) fn peak(&self) -> u64 {
        self.peak
    }

    /// Takes room for so many bytes.
    pub(super) fn take(&mut self, bytes: u64) -> Room {
        let size = bytes.checked_next_multiple_of(ALIGNMENT).unwrap_or(u64::MAX / 2);
        let fitting = self.holes.iter().enumerate().filter(|(_, (_, room))| *room >= size);
        // Of holes equally good the last is taken.
        let best = fitting.min_by_key(|(number, (_, room))| (*room, std::cmp::Reverse(*number)));
        let at = match best.map(|(number, _)| number) {
            Some(number) => {
                let hole = &mut self.holes[number];
                let at = hole.0;
                *hole = (at.saturating_add(size), hole.1 - size);
                if hole.1 == 0 {
                    self.holes.remove(number);
                }
                at
            }
            None => {
                let at = self.end;
                self.end = self.end.saturating_add(size);
                at
            }
        };
        self.peak = self.peak.max(at.saturating_add(size));
        Room { at, size }
    }

    /// Lets a tensor go.
    #[expect(clippy::needless_pass_by_value, reason = "it is gone afterwards")]
    pub(super) fn free(&mut self, room: Room) {
        let place = self.holes.partition_point(|(at, _)| *at < room.at);
        self.holes.insert(place, (room.at, room.size));
        if place + 1 < self.holes.len() {
            self.join(place);
        }
        if place > 0 {
            self.join(place - 1);
        }
        // A hole at the end is no hole.
        if let Some(&(at, size)) = self.holes.last()
            && at.saturating_add(size) == self.end
        {
            self.end = at;
            self.holes.pop();
        }
    }

    fn join(&mut self, place: usize) {
        let ((at, size), (next, more)) = (self.holes[place], self.holes[place + 1]);
        if at.saturating_add(size) == next {
            self.holes[place].1 = size.saturating_add(more);
            self.holes.remove(place + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_hole_is_filled_and_neighbours_join() {
        let mut arena = Arena::default();
        let [small, wall, large, other] = [64, 1, 256, 64].map(|size| arena.take(size));
        arena.free(large);
        arena.free(small);
        assert_eq!(arena.take(60).at, 0);
        assert_eq!(arena.peak(), 64 + 64 + 256 + 64);
        arena.free(wall);
        assert_eq!(arena.take(320).at, 64);
        arena.free(other);
        assert_eq!(arena.take(1000).at, 64 + 320);
    }
}

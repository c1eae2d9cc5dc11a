//! What a process said on standard error before it ended, as far as it says why.
//!
//! Pure. Most of what llama.cpp says there is harmless, and what is not names the machine it was
//! compiled on; neither helps a person.

use std::collections::VecDeque;

/// Lines kept; the reason stands among the last.
const KEPT: usize = 16;

/// The last lines of a process.
#[derive(Debug, Default)]
pub(super) struct Words(VecDeque<String>);

impl Words {
    pub(super) fn add(&mut self, line: String) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }

    /// Returns why the process ended, if it said so.
    pub(super) fn reason(&self) -> Option<String> {
        let lines = || self.0.iter().enumerate();
        // What was asserted tells more than whatever follows it.
        let assertion = lines().find_map(|(_, line)| assertion(line));
        assertion.or_else(|| lines().rev().find_map(|(at, line)| self.other(at, line)))
    }

    fn other(&self, at: usize, line: &str) -> Option<String> {
        // Rust tells the place first, and what went wrong in the next line.
        if line.starts_with("thread '") && line.contains(" panicked at ") {
            return self.0.get(at + 1).cloned();
        }
        let what = line.strip_prefix("what():").map(str::trim);
        let memory = line.starts_with("memory allocation of ").then_some(line);
        let stack = line.contains("has overflowed its stack").then_some("its stack overflowed");
        what.or(memory).or(stack).map(str::to_owned)
    }
}

/// Returns what was asserted, without the place: that is a path where it was compiled.
fn assertion(line: &str) -> Option<String> {
    let at = line.find("GGML_ASSERT(").or_else(|| line.find("GGML_ABORT("))?;
    Some(line[at..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(lines: &[&str]) -> Option<String> {
        let mut words = Words::default();
        lines.iter().for_each(|line| words.add((*line).to_owned()));
        words.reason()
    }

    #[test]
    fn what_says_why_is_quoted_without_the_place_it_was_compiled_at() {
        for (lines, expected) in [
            (
                &["/build/ggml.c:12: GGML_ASSERT(eps >= 0.0f) failed", "(backtrace)"][..],
                "GGML_ASSERT(eps >= 0.0f) failed",
            ),
            (
                &["thread '<unnamed>' (7) panicked at crates/a/b.rs:1:2:", "it broke", "note: run"],
                "it broke",
            ),
            (
                &[
                    "terminate called after throwing an instance of 'std::bad_alloc'",
                    "what():  std::bad_alloc",
                ],
                "std::bad_alloc",
            ),
            (&["memory allocation of 99 bytes failed"], "memory allocation of 99 bytes failed"),
        ] {
            assert_eq!(reason(lines).as_deref(), Some(expected), "{lines:?}");
        }
    }

    #[test]
    fn what_is_said_by_the_way_is_no_reason() {
        let lines = [
            "llama_context: n_ctx_seq (512) < n_ctx_train (2048) -- the full capacity is not used",
            "load: special_eos_id is not in special_eog_ids",
        ];
        assert_eq!(reason(&lines), None);
        assert_eq!(reason(&[]), None);
    }
}

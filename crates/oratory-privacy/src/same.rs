//! Finds again, anywhere in a request, what was found once: a name is a name in every message.
//!
//! Whole words and the same letters only; what was never found is not found here.

use std::collections::HashMap;
use std::ops::Range;

use oratory_brains::tagger::tokens::{Sort, Token, tokens};

use crate::{Finding, Kind};

/// Shorter names are too often words.
const SHORTEST: usize = 4;

/// What was found once, by its first word.
#[derive(Default)]
pub(crate) struct Same {
    known: HashMap<String, Vec<(String, Kind)>>,
}

impl Same {
    /// Remembers what was found in `text`.
    pub(crate) fn remember(&mut self, text: &str, findings: &[Finding]) {
        for finding in findings {
            let original = &text[finding.span.clone()];
            match finding.kind {
                Kind::Person => {
                    self.add(original, finding.kind);
                    // People are named in full once, and by their last name after that.
                    if let Some((_, last)) = original.rsplit_once(' ')
                        && last.starts_with(char::is_uppercase)
                    {
                        self.add(last, finding.kind);
                    }
                }
                // Whose illness it was is said where it was found.
                Kind::Health => {}
                // A number that was named once stands alone the next time.
                kind if kind.is_private_alone() => self.add(original, kind),
                _ => {}
            }
        }
    }

    fn add(&mut self, original: &str, kind: Kind) {
        let Some(first) = words(original).next().filter(|_| original.len() >= SHORTEST) else {
            return;
        };
        if first.start != 0 {
            return;
        }
        let known = self.known.entry(original[..first.end].to_owned()).or_default();
        // Few names begin with the same word; a text that makes many is not looked into further.
        if known.len() < 16 && known.iter().all(|(other, _)| other != original) {
            known.push((original.to_owned(), kind));
            known.sort_by_key(|(other, _)| std::cmp::Reverse(other.len()));
        }
    }

    /// Returns what is there again in `text`, in order.
    pub(crate) fn again(&self, text: &str) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        let mut end = 0;
        for word in words(text).filter(|_| !self.known.is_empty()) {
            let again = if word.start < end { None } else { self.at(text, &word) };
            if let Some(finding) = again {
                end = finding.span.end;
                found.push(finding);
            }
        }
        found
    }

    fn at(&self, text: &str, word: &Range<usize>) -> Option<Finding> {
        let rest = &text[word.start..];
        let fits = |original: &str| {
            let after = rest.strip_prefix(original)?.chars().next();
            after.is_none_or(|sign| !sign.is_alphanumeric()).then_some(original.len())
        };
        let known = self.known.get(&text[word.clone()])?;
        let (length, kind) = known.iter().find_map(|(name, kind)| Some((fits(name)?, *kind)))?;
        let why = "found before in the same request";
        Some(Finding { kind, span: word.start..word.start + length, score: 0.8, why })
    }
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_word = |token: &Token| token.sort == Sort::Word;
    tokens(text).filter(is_word).map(|token| token.start..token.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again<'t>(found: &[(Kind, &str)], text: &'t str) -> Vec<(Kind, &'t str)> {
        let mut same = Same::default();
        for (kind, original) in found {
            same.remember(
                original,
                &[Finding { kind: *kind, span: 0..original.len(), score: 0.9, why: "" }],
            );
        }
        let findings = same.again(text).into_iter();
        findings.map(|finding| (finding.kind, &text[finding.span])).collect()
    }

    #[test]
    fn a_name_is_found_again_whole_or_by_its_last_word() {
        let found = [(Kind::Person, "Sarah Miller"), (Kind::Account, "AB-123456")];
        let text = "sarah? Sarah Miller's, Miller: AB-123456, not Millers or AB-1234567";
        assert_eq!(
            again(&found, text),
            [
                (Kind::Person, "Sarah Miller"),
                (Kind::Person, "Miller"),
                (Kind::Account, "AB-123456")
            ]
        );
    }

    #[test]
    fn short_names_and_things_that_are_no_names_are_left() {
        let found = [(Kind::Person, "Al"), (Kind::Place, "Leeds"), (Kind::Health, "asthma")];
        assert_eq!(again(&found, "Al has asthma in Leeds"), []);
    }

    #[test]
    fn looking_again_takes_linear_time() {
        let names: Vec<String> = (0..20_000).map(|number| format!("Anna{number} B")).collect();
        let found: Vec<(Kind, &str)> = names.iter().map(|name| (Kind::Person, &**name)).collect();
        let text = "Anna1 Anna2 ".repeat(100_000);
        let started = std::time::Instant::now();
        assert_eq!(again(&found, &text), []);
        assert!(started.elapsed().as_secs() < 10);
    }
}

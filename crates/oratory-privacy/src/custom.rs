//! What an organisation itself calls private: its own terms, dictionaries and patterns.
//!
//! Built once from the settings; limits keep a mistake in them from slowing every request.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use oratory_contract::Labels;
use regex_automata::meta::Regex;

use crate::kind::Own;
use crate::{Finding, Kind};

/// The most kinds of one's own.
const KINDS: usize = 256;
/// The most terms of all kinds together.
const TERMS: usize = 200_000;
/// The longest term, in bytes.
const LONGEST_TERM: usize = 512;
/// The most patterns of all kinds together.
const PATTERNS: usize = 256;
/// The longest pattern, in bytes.
const LONGEST_PATTERN: usize = 1024;
/// How much memory all patterns may take, in bytes.
const PATTERN_MEMORY: usize = 8 << 20;

/// One kind of one's own, as somebody writes it down.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// Its name: letters, digits and `_`, such as `project_name`.
    pub name: String,
    /// What text with such a thing in it is labelled.
    pub labels: Labels,
    /// Words and phrases, found as whole words in any letter case.
    pub terms: Vec<String>,
    /// Regular expressions, in the syntax of Rust's `regex`.
    pub patterns: Vec<String>,
}

/// Why a kind of one's own cannot be used.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CustomError {
    /// There is more of something than there may be.
    #[error("there are {there} {what}; at most {most} are possible: take some out")]
    Many {
        /// Of what.
        what: &'static str,
        /// How many there are.
        there: usize,
        /// How many there may be.
        most: usize,
    },
    /// A name is not one.
    #[error(
        "{name:?} is no name for a kind: write letters, digits and _, such as project_name, at most 40"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// A name is taken.
    #[error("there are two kinds called {name:?}, or it is one of ours: give it another name")]
    Taken {
        /// The name.
        name: String,
    },
    /// A term cannot be looked for.
    #[error("term {number} of {name:?} {why}")]
    Term {
        /// The kind's name.
        name: String,
        /// Which term, from 1.
        number: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A pattern cannot be compiled.
    #[error("pattern {number} of {name:?} cannot be used: {why}")]
    Pattern {
        /// The kind's name.
        name: String,
        /// Which pattern, from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// Everything that somebody calls private beside what Oratory knows.
#[derive(Debug, Default)]
pub struct Custom {
    kinds: Vec<&'static Own>,
    terms: Option<(AhoCorasick, Vec<Kind>)>,
    patterns: Option<(Regex, Vec<Kind>)>,
}

impl Custom {
    /// Checks and compiles what somebody has written down.
    ///
    /// The names live as long as the program, a few bytes for each time this is called, because
    /// a kind is copied into every finding.
    pub fn new(descriptions: &[Description]) -> Result<Self, CustomError> {
        limit("kinds", descriptions.len(), KINDS)?;
        limit("terms", descriptions.iter().map(|one| one.terms.len()).sum(), TERMS)?;
        limit("patterns", descriptions.iter().map(|one| one.patterns.len()).sum(), PATTERNS)?;
        let mut kinds: Vec<&'static Own> = Vec::new();
        for description in descriptions {
            let name = name(&description.name)?;
            let ours = Kind::ALL.iter().any(|kind| kind.as_str() == name);
            if ours || kinds.iter().any(|kind| kind.name == name) {
                return Err(CustomError::Taken { name: description.name.clone() });
            }
            kinds.push(Box::leak(Box::new(Own { name, labels: description.labels.clone() })));
        }
        let terms = terms(descriptions, &kinds)?;
        let patterns = patterns(descriptions, &kinds)?;
        Ok(Self { kinds, terms, patterns })
    }

    /// Returns the set in which there is nothing.
    pub fn none() -> &'static Self {
        static NONE: LazyLock<Custom> = LazyLock::new(Custom::default);
        &NONE
    }

    /// Returns the names of all kinds, as surrogates write them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.kinds.iter().map(|kind| kind.name.as_str())
    }

    /// Notes what is in `text`.
    pub(crate) fn note(&self, text: &[u8], found: &mut Vec<Finding>) {
        if let Some((automaton, kinds)) = &self.terms {
            for term in
                automaton.find_iter(text).filter(|term| is_whole(text, term.start(), term.end()))
            {
                let (kind, why) = (kinds[term.pattern().as_usize()], "a term of your own");
                found.push(Finding { kind, span: term.start()..term.end(), score: 1.0, why });
            }
        }
        if let Some((regex, kinds)) = &self.patterns {
            for one in regex.find_iter(text).filter(|one| !one.is_empty()) {
                let (kind, why) = (kinds[one.pattern().as_usize()], "a pattern of your own");
                found.push(Finding { kind, span: one.range(), score: 1.0, why });
            }
        }
    }
}

fn limit(what: &'static str, there: usize, most: usize) -> Result<(), CustomError> {
    if there > most { Err(CustomError::Many { what, there, most }) } else { Ok(()) }
}

fn name(written: &str) -> Result<String, CustomError> {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let right = (1..=40).contains(&written.len())
        && written.bytes().all(sign)
        && written.starts_with(|first: char| first.is_ascii_alphabetic())
        && !written.ends_with(|last: char| last.is_ascii_digit() || last == '_');
    if right {
        Ok(written.to_ascii_uppercase())
    } else {
        Err(CustomError::Name { name: written.to_owned() })
    }
}

type Terms = Option<(AhoCorasick, Vec<Kind>)>;

fn terms(descriptions: &[Description], own: &[&'static Own]) -> Result<Terms, CustomError> {
    let mut words: Vec<&str> = Vec::new();
    let mut kinds = Vec::new();
    for (description, own) in descriptions.iter().zip(own) {
        for (at, term) in description.terms.iter().enumerate() {
            let term = term.trim();
            let why = match term.len() {
                0 | 1 => "is shorter than two letters: every text would hold it",
                length if length > LONGEST_TERM => "is longer than 512 bytes: name a part of it",
                _ => {
                    words.push(term);
                    kinds.push(Kind::Custom(own));
                    continue;
                }
            };
            let name = description.name.clone();
            return Err(CustomError::Term { name, number: at + 1, why });
        }
    }
    if words.is_empty() {
        return Ok(None);
    }
    let built = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(&words);
    let most = TERMS;
    let automaton =
        built.map_err(|_| CustomError::Many { what: "long terms", there: words.len(), most })?;
    Ok(Some((automaton, kinds)))
}

type Patterns = Option<(Regex, Vec<Kind>)>;

fn patterns(descriptions: &[Description], own: &[&'static Own]) -> Result<Patterns, CustomError> {
    let mut all: Vec<&str> = Vec::new();
    let mut kinds = Vec::new();
    for (description, own) in descriptions.iter().zip(own) {
        for (at, pattern) in description.patterns.iter().enumerate() {
            let wrong = |why: String| {
                let name = description.name.clone();
                CustomError::Pattern { name, number: at + 1, why }
            };
            if pattern.len() > LONGEST_PATTERN {
                return Err(wrong(format!("it is longer than {LONGEST_PATTERN} bytes; split it")));
            }
            let alone = compiled(&[pattern]).map_err(|error| wrong(error.to_string()))?;
            if alone.is_match("") {
                return Err(wrong(
                    "it matches nothing at all, and so everywhere; make it say more".to_owned(),
                ));
            }
            all.push(pattern);
            kinds.push(Kind::Custom(own));
        }
    }
    if all.is_empty() {
        return Ok(None);
    }
    let together = compiled(&all);
    let most = PATTERNS;
    let regex = together.map_err(|_| CustomError::Many {
        what: "patterns of this size",
        there: all.len(),
        most,
    })?;
    Ok(Some((regex, kinds)))
}

fn compiled(patterns: &[&str]) -> Result<Regex, Box<regex_automata::meta::BuildError>> {
    let limits = Regex::config()
        .nfa_size_limit(Some(PATTERN_MEMORY))
        .onepass_size_limit(Some(PATTERN_MEMORY))
        .hybrid_cache_capacity(PATTERN_MEMORY);
    Regex::builder().configure(limits).build_many(patterns).map_err(Box::new)
}

/// Says whether a term stands by itself, not within a longer word.
fn is_whole(text: &[u8], start: usize, end: usize) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric();
    let begins = start == 0 || !(letter(text[start - 1]) && letter(text[start]));
    begins && text.get(end).is_none_or(|next| !(letter(*next) && letter(text[end - 1])))
}

#[cfg(test)]
mod tests;

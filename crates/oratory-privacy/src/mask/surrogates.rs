//! Draws surrogates and puts them into texts: the same for the same thing all through a
//! conversation, never one that the text already has.
//!
//! Which texts, and for whom, `mask` says.

use std::collections::{BTreeMap, HashMap, HashSet};

use oratory_contract::{Drawer, Surrogate};

use crate::across::find_in_turns;
use crate::restore::{called, look_alikes};
use crate::same::Same;
use crate::{Custom, Finding, Found, Kind, Names, shaped_with};

/// How often texts are looked through again after something in them was replaced: what stands
/// beside a surrogate may look different from what stood beside the original.
const ROUNDS: usize = 16;
/// Surrogates that a drawer keeps; of those drawn before, the thing gets another next time.
const KEPT: usize = 20_000;

/// A text that somebody has said.
pub(super) struct Turn<'t> {
    who: &'static str,
    text: &'t mut String,
    /// Whether it follows the one before, so that something may be split over both.
    follows: bool,
    /// Whether a single word is read for names too, and not only for what has a shape.
    written: bool,
    /// Whether all of it goes where part of it is one thing with a part of another.
    whole: bool,
    /// Whether it was looked through and nothing was found, and it is as it was then.
    settled: bool,
}

impl<'t> Turn<'t> {
    pub(super) fn of(who: &'static str, text: &'t mut String) -> Self {
        Self { who, text, follows: true, written: true, whole: false, settled: false }
    }

    /// Returns one that stands by itself, such as what a tool is given.
    pub(super) fn alone(text: &'t mut String) -> Self {
        Self { follows: false, ..Self::of("", text) }
    }

    /// Returns one of which nobody knows what it is for.
    pub(super) fn of_nobody(text: &'t mut String) -> Self {
        Self { whole: true, ..Self::of("", text) }
    }

    /// Returns one that stands by itself where programs write: a single word there is no text of anybody's.
    pub(super) fn of_a_program(text: &'t mut String) -> Self {
        Self { written: false, ..Self::alone(text) }
    }
}

pub(super) struct Surrogates<'a> {
    custom: &'a Custom,
    found: Found,
    drawer: &'a mut Drawer,
    names: Names,
    /// What stands for a thing, by its kind and its text.
    known: HashMap<(String, String), String>,
    /// Surrogates of the drawer, by what they are called.
    drawn: HashSet<String>,
    /// What the text itself has that could be read as a surrogate.
    there: HashSet<String>,
    kinds: BTreeMap<&'static str, u32>,
    same: Same,
    /// Whether anything in the request points to a person. Then an employer, a town and a job
    /// beside it help to tell who that is; alone they are harmless, and what an answer is about.
    personal: bool,
}

impl<'a> Surrogates<'a> {
    pub(super) fn new(custom: &'a Custom, found: Found, drawer: &'a mut Drawer) -> Self {
        let entries = drawer.entries.iter();
        let known = entries
            .clone()
            .map(|entry| ((entry.kind.clone(), entry.original.clone()), entry.surrogate.clone()));
        let known = known.collect();
        let drawn = entries.map(|entry| called(&entry.surrogate)).collect();
        Self {
            custom,
            found,
            drawer,
            names: Names::default(),
            known,
            drawn,
            there: HashSet::new(),
            kinds: BTreeMap::new(),
            same: Same::default(),
            personal: false,
        }
    }

    /// Notes text that already looks like a surrogate, so that none of ours means two things.
    pub(super) fn reserve_what_is_there(&mut self, text: &str) {
        self.there.extend(look_alikes(text));
    }

    /// Notes whether anything in the texts points to a person.
    pub(super) fn look_for_people<'t>(&mut self, mut texts: impl Iterator<Item = &'t str>) {
        let private = |finding: &Finding| finding.kind.is_private_alone();
        self.personal |= texts.any(|text| self.found.find(text, self.custom).iter().any(private));
    }

    /// Replaces what is private in texts that follow each other, until nothing is.
    pub(super) fn replace_in(&mut self, turns: &mut [Turn<'_>]) {
        for _ in 0..ROUNDS {
            self.replace_across(turns);
            turns
                .iter_mut()
                .filter(|turn| !turn.settled)
                .for_each(|turn| self.replace_within(turn));
            for turn in turns.iter_mut() {
                let findings = self.same.again(turn.text);
                self.replace(turn, &findings);
            }
            if turns.iter().all(|turn| turn.settled) {
                break;
            }
        }
    }

    /// Replaces what was split over texts that follow each other.
    fn replace_across(&mut self, turns: &mut [Turn<'_>]) {
        let following = turns.iter().filter(|turn| turn.follows);
        let read: Vec<(&str, &str)> = following.map(|turn| (turn.who, &**turn.text)).collect();
        let found = find_in_turns(&read, self.custom);
        let following = turns.iter_mut().filter(|turn| turn.follows);
        for (turn, mut findings) in following.zip(found) {
            findings.retain(|finding| finding.kind.is_private_alone());
            self.personal |= !findings.is_empty();
            if turn.whole && !findings.is_empty() {
                findings.truncate(1);
                findings[0].span = 0..turn.text.len();
            }
            self.replace(turn, &findings);
        }
    }

    fn replace_within(&mut self, turn: &mut Turn<'_>) {
        let mut findings = if turn.written || turn.text.contains(char::is_whitespace) {
            self.found.find(turn.text, self.custom)
        } else {
            shaped_with(turn.text.as_bytes(), self.custom).collect()
        };
        findings.retain(|finding| self.personal || finding.kind.is_private_alone());
        self.same.remember(turn.text, &findings);
        turn.settled = true;
        self.replace(turn, &findings);
    }

    /// Replaces what is private in a name that may hold letters, digits, `_` and `-` alone.
    pub(super) fn replace_in_name(&mut self, name: &mut String) {
        let before = name.clone();
        self.replace_in(&mut [Turn::of_a_program(name)]);
        if *name != before {
            name.retain(|sign| !matches!(sign, '<' | '>'));
            self.names.rename(name, before);
        }
    }

    /// Returns what puts the originals back, and how many spans of each kind were replaced.
    pub(super) fn done(self) -> (Names, BTreeMap<&'static str, u32>) {
        let surplus = self.drawer.entries.len().saturating_sub(KEPT);
        self.drawer.entries.drain(..surplus);
        (self.names, self.kinds)
    }

    fn replace(&mut self, turn: &mut Turn<'_>, findings: &[Finding]) {
        let text = &mut *turn.text;
        let mut rest = 0;
        let mut replaced = String::new();
        for finding in findings {
            replaced.push_str(&text[rest..finding.span.start]);
            if replaced.ends_with('\\') {
                self.names.behind_a_backslash();
            }
            replaced.push_str(&self.surrogate(finding.kind, &text[finding.span.clone()]));
            rest = finding.span.end;
            *self.kinds.entry(finding.kind.as_str()).or_default() += 1;
        }
        if rest > 0 {
            replaced.push_str(&text[rest..]);
            *text = replaced;
            turn.settled = false;
        }
    }

    /// Returns the surrogate of `original`: the same for the same text all through a conversation.
    fn surrogate(&mut self, kind: Kind, original: &str) -> String {
        let key = (kind.as_str().to_owned(), original.to_owned());
        let known = self.known.get(&key).filter(|known| !self.there.contains(&called(known)));
        let surrogate = match known {
            Some(known) => known.clone(),
            None => self.draw(key),
        };
        self.names.add(&surrogate, original.to_owned());
        surrogate
    }

    fn draw(&mut self, (kind, original): (String, String)) -> String {
        let surrogate = self.unused(&kind);
        self.drawn.insert(called(&surrogate));
        let before = self.known.insert((kind.clone(), original.clone()), surrogate.clone());
        if before.is_some() {
            self.drawer.entries.retain(|old| old.kind != kind || old.original != original);
        }
        let entry = Surrogate { kind, original, surrogate: surrogate.clone() };
        self.drawer.entries.push(entry);
        surrogate
    }

    fn unused(&mut self, kind: &str) -> String {
        let first = self.drawer.first.max(1);
        let next = self.drawer.next.entry(kind.to_owned()).or_insert(first);
        loop {
            let surrogate = format!("<{kind}_{next}>");
            // Nine digits are the most that are read as a surrogate's number.
            *next = if *next >= 999_999_999 { 1 } else { *next + 1 };
            let name = called(&surrogate);
            if !self.there.contains(&name) && !self.drawn.contains(&name) {
                return surrogate;
            }
        }
    }
}

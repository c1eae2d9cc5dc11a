//! Replaces private spans by surrogates and seals the result for one place.
//!
//! `Masked` has no other constructor, so what a remote place receives has been through here.

use std::collections::{HashMap, HashSet};

use oratory_contract::{Asked, Grant, Labels, PlaceName, Prepared, Receives};

use crate::same::Same;
use crate::{Finding, Kind, Names, find};

/// A request that may leave, for one place only.
#[derive(Debug)]
pub struct Masked {
    asked: Asked,
    labels: Labels,
    destination: PlaceName,
    receives: Receives,
    spans: u32,
}

impl Masked {
    /// Returns the request as it may leave.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Returns the labels of the request before masking.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Returns the only place it was masked for.
    pub fn destination(&self) -> &PlaceName {
        &self.destination
    }

    /// Returns in which form the place may receive it.
    pub fn receives(&self) -> Receives {
        self.receives
    }

    /// Returns how many spans were replaced.
    pub fn spans(&self) -> u32 {
        self.spans
    }
}

/// Seals a request for the place of `grant`, replacing private spans if the grant asks for it.
///
/// The names returned put the originals back into the answer; they must not leave.
pub fn mask(prepared: Prepared, grant: &Grant) -> (Masked, Names) {
    let labels = prepared.labels().clone();
    let mut asked = prepared.into_asked();
    // No permit lets them come this far; and should one ever, they stay here all the same.
    asked.messages.iter_mut().for_each(|message| message.media.clear());
    let mut surrogates = Surrogates::default();
    if grant.receives == Receives::Masked {
        surrogates.reserve_what_is_there(&asked);
        surrogates.personal = asked.texts().any(|text| crate::labels(text).is_some());
        surrogates.replace_in(asked.messages.iter_mut().map(|message| &mut message.content));
        surrogates.replace_in(asked.limits.stop.iter_mut());
    }
    let masked = Masked {
        asked,
        labels,
        destination: grant.place.clone(),
        receives: grant.receives,
        spans: surrogates.spans,
    };
    (masked, surrogates.names)
}

#[derive(Default)]
struct Surrogates {
    names: Names,
    known: HashMap<(Kind, String), String>,
    taken: HashSet<String>,
    next: HashMap<Kind, u32>,
    spans: u32,
    same: Same,
    /// Whether anything in the request points to a person. Then an employer, a town and a job
    /// beside it help to tell who that is; alone they are harmless, and what an answer is about.
    personal: bool,
}

/// How often a text is looked through again after something in it was replaced: what stands
/// beside a surrogate may look different from what stood beside the original.
const ROUNDS: usize = 4;

impl Surrogates {
    /// Notes text that already looks like a surrogate, so that none of ours means two things.
    fn reserve_what_is_there(&mut self, asked: &Asked) {
        for text in asked.texts() {
            for (at, _) in text.match_indices('<') {
                // Ours are short; looking further would take time with the square of hostile text.
                let ahead = &text.as_bytes()[at..text.len().min(at + 24)];
                if let Some(end) = ahead.iter().position(|byte| *byte == b'>') {
                    self.taken.insert(text[at..=at + end].to_owned());
                }
            }
        }
    }

    fn replace_in<'t>(&mut self, texts: impl Iterator<Item = &'t mut String>) {
        let mut texts: Vec<&mut String> = texts.collect();
        for text in &mut texts {
            for _ in 0..ROUNDS {
                let mut findings = find(text);
                findings.retain(|finding| self.personal || finding.kind.is_private_alone());
                self.same.remember(text, &findings);
                if findings.is_empty() {
                    break;
                }
                self.replace(text, &findings);
            }
        }
        for text in &mut texts {
            let findings = self.same.again(text);
            self.replace(text, &findings);
        }
    }

    fn replace(&mut self, text: &mut String, findings: &[Finding]) {
        let mut rest = 0;
        let mut replaced = String::new();
        for finding in findings {
            replaced.push_str(&text[rest..finding.span.start]);
            replaced.push_str(&self.surrogate(finding.kind, &text[finding.span.clone()]));
            rest = finding.span.end;
            self.spans += 1;
        }
        if rest > 0 {
            replaced.push_str(&text[rest..]);
            *text = replaced;
        }
    }

    /// Returns the surrogate of `original`: the same for the same text all through a request.
    fn surrogate(&mut self, kind: Kind, original: &str) -> String {
        let key = (kind, original.to_owned());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let surrogate = self.unused(kind);
        self.names.add(surrogate.clone(), original.to_owned());
        self.known.insert(key, surrogate.clone());
        surrogate
    }

    fn unused(&mut self, kind: Kind) -> String {
        let next = self.next.entry(kind).or_insert(0);
        loop {
            *next += 1;
            let surrogate = format!("<{}_{next}>", kind.as_str());
            if !self.taken.contains(&surrogate) {
                return surrogate;
            }
        }
    }
}

#[cfg(test)]
mod tests;

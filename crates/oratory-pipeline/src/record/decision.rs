//! What was decided about one request, in words a person reads.
//!
//! The same words go into the record, the `--explain` output and the response headers.

use std::sync::Arc;

use oratory_contract::{Asked, LeftOut, Permit, PlaceName, Receives, RequestId};
use oratory_privacy::Custom;
use serde::Serialize;

use super::name;
use crate::route::{Candidate, Choice, Plan, omitted};

/// Places ruled out that a line tells of.
const TOLD: usize = 4;
/// The letters of each of its parts.
const LONGEST: usize = 160;

/// What was decided about one request.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// The request, and the record about it.
    pub id: RequestId,
    /// What the content was labelled.
    pub labels: String,
    /// The place chosen; empty if none was.
    pub place: String,
    /// Its tier.
    pub tier: String,
    /// The model chosen.
    pub model: String,
    /// Why.
    pub reason: String,
    /// In which form that place receives the request.
    pub receives: &'static str,
    /// Private spans replaced before it left.
    pub masked_spans: u32,
    /// Whether a kept answer was given.
    pub from_cache: bool,
    /// What of the conversation was left out, because its caller had asked for that.
    #[serde(skip)]
    pub left_out: LeftOut,
    /// What was expected of each model that might answer, in the order they were to be tried; empty
    /// where there was nothing to choose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// What of the request its place was not told, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub omitted: Vec<String>,
    #[serde(serialize_with = "by_place")]
    permit: Option<Arc<Permit>>,
}

impl Decision {
    pub(crate) fn about(asked: &Asked) -> Self {
        Self {
            id: asked.id,
            labels: String::new(),
            place: String::new(),
            tier: String::new(),
            model: String::new(),
            reason: String::new(),
            receives: Receives::AsIs.as_str(),
            masked_spans: 0,
            from_cache: false,
            left_out: LeftOut::default(),
            candidates: Vec::new(),
            omitted: Vec::new(),
            permit: None,
        }
    }

    pub(crate) fn permitted(&mut self, permit: &Arc<Permit>) {
        self.labels = permit.labels().to_string();
        self.permit = Some(permit.clone());
    }

    pub(crate) fn planned(&mut self, plan: &Plan) {
        self.reason.clone_from(&plan.reason);
        self.candidates.clone_from(&plan.candidates);
    }

    pub(crate) fn chosen(&mut self, choice: &Choice, custom: &Custom) {
        self.omits(&choice.left_out, custom);
        self.place = choice.grant.place.to_string();
        // Of an earlier choice, if there was one.
        self.masked_spans = 0;
        self.receives = choice.grant.receives.as_str();
        self.tier = choice.site.card().tier.to_string();
        self.model = choice.model.to_string();
    }

    /// Notes what of the request its place is not told. A caller can call a field anything.
    pub(crate) fn omits(&mut self, names: &[String], custom: &Custom) {
        self.omitted = names.iter().map(|one| name(one, custom)).collect();
    }

    /// Returns the reason, and what was left out.
    pub(crate) fn whole_reason(&self) -> String {
        match omitted::told(&self.omitted) {
            names if names.is_empty() => self.reason.clone(),
            names => format!("{}; left out: {names}", self.reason),
        }
    }

    /// Says whether a place may receive the request in any form.
    pub fn lets_in(&self, place: &PlaceName) -> bool {
        self.permit.as_ref().is_some_and(|permit| permit.grant(place).is_some())
    }

    /// Returns what each place may receive, or why nothing.
    pub fn places(&self) -> impl Iterator<Item = (&str, String)> {
        self.permit.iter().flat_map(|permit| {
            let grants = permit
                .grants()
                .iter()
                .map(|grant| (grant.place.as_str(), grant.receives.as_str().to_owned()));
            let denials = permit
                .denials()
                .iter()
                .map(|denial| (denial.place.as_str(), format!("nothing: {}", denial.why)));
            grants.chain(denials)
        })
    }

    /// Returns all of it in one line of plain letters, for programs and the curious: labels, the choice and what was
    /// expected of it, the runner-up, and what policy ruled out and why.
    pub fn line(&self) -> String {
        let mut parts = vec![self.labels.clone()];
        let known =
            |candidate: &&Candidate| candidate.place == self.place && candidate.model == self.model;
        let expected = self.candidates.iter().find(known).map(Candidate::line);
        let chosen = format!("{}/{} {}", self.place, self.model, expected.unwrap_or_default());
        parts.push(if self.from_cache { "from the cache".to_owned() } else { chosen });
        let runner_up = self.candidates.iter().find(|candidate| !known(candidate));
        parts.extend(runner_up.map(|candidate| {
            format!("then {}/{} {}", candidate.place, candidate.model, candidate.line())
        }));
        let denials = self.permit.iter().flat_map(|permit| permit.denials()).take(TOLD);
        parts.extend(denials.map(|denial| format!("not {}: {}", denial.place, denial.why)));
        parts.push(self.reason.clone());
        let cut = parts.iter().map(|part| part.trim().chars().take(LONGEST).collect::<String>());
        let line = cut.collect::<Vec<_>>().join("; ");
        line.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
    }

    /// Returns the permit in one line: `home as it is, cloud masked`.
    pub fn permit_line(&self) -> String {
        let mut line = String::new();
        for grant in self.permit.iter().flat_map(|permit| permit.grants()) {
            line.push_str(if line.is_empty() { "" } else { ", " });
            line.push_str(grant.place.as_str());
            line.push(' ');
            line.push_str(grant.receives.as_str());
        }
        line
    }
}

fn by_place<S: serde::Serializer>(
    permit: &Option<Arc<Permit>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let permit = permit.iter();
    let grants = permit.clone().flat_map(|permit| {
        permit.grants().iter().map(|grant| (grant.place.as_str(), grant.receives.as_str()))
    });
    let denials = permit.flat_map(|permit| {
        permit.denials().iter().map(|denial| (denial.place.as_str(), denial.why.as_str()))
    });
    serializer.collect_map(grants.chain(denials))
}

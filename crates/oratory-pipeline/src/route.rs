//! Step five: which model answers, and why.
//!
//! Looks only among models the permit allows: home before elsewhere, a real model before the
//! stand-in, a loaded one before one that must load, a larger one before a smaller.

use std::cmp::Reverse;

use oratory_contract::{
    Ability, Asked, At, Failure, FailureKind, Grant, ModelCard, ModelName, Near, Permit, Prepared,
    Readiness, Task, Tier, Wanted,
};

use crate::wellbeing::Spot;
use crate::{Portfolio, Site};

/// How many models are tried before the request fails.
const TRIES: usize = 3;

/// Models to try, in order, and why in this order.
pub(crate) struct Plan {
    /// Never empty.
    pub(crate) choices: Vec<Choice>,
    pub(crate) reason: String,
}

/// One model that may answer.
pub(crate) struct Choice {
    pub(crate) site: Site,
    pub(crate) model: ModelName,
    pub(crate) grant: Grant,
}

/// Returns the models to try.
pub(crate) fn choose(
    portfolio: &Portfolio,
    near: Option<&Near>,
    prepared: &Prepared,
    permit: &Permit,
    rests: &dyn Fn(&Spot) -> bool,
) -> Result<Plan, Failure> {
    let asked = prepared.asked();
    let wanted = &*near::resolve(portfolio, near, &asked.model)?;
    let mut found = Found::default();
    for site in portfolio.sites() {
        found.look_at(site, wanted, asked, permit);
    }
    if found.candidates.is_empty() {
        return Err(nobody::failure(portfolio, prepared.asked(), permit, &found));
    }
    for (rank, choice) in &mut found.candidates {
        rank.0 = rests(&(choice.grant.place.clone(), choice.model.clone()));
    }
    found.candidates.sort_by_key(|(rank, _)| *rank);
    let mut reason = reason(wanted, &found.candidates, permit);
    if asked.media().next().is_some() {
        reason.push_str("; pictures and sounds never leave this machine");
    }
    let choices = found.candidates.into_iter().take(TRIES).map(|(_, choice)| choice).collect();
    Ok(Plan { choices, reason })
}

/// Smaller is better: resting after failures, stand-in, tier, cold, and then size.
type Rank = (bool, bool, Tier, bool, Reverse<u64>);

#[derive(Default)]
struct Found {
    candidates: Vec<(Rank, Choice)>,
    unready: Vec<String>,
    /// Models of that name that cannot do what is asked, and what they are for.
    unfit: Vec<(ModelName, Option<Ability>)>,
}

impl Found {
    fn look_at(&mut self, site: &Site, wanted: &Wanted, asked: &Asked, permit: &Permit) {
        let card = site.card();
        let Some(grant) = permit.grant(&card.name) else { return };
        if let Some(things) = lacks(site, asked) {
            self.unready.push(format!("{}: {things} cannot be asked of it", card.name));
            return;
        }
        let mut listed = false;
        for model in site.models().iter().filter(|model| names(wanted, site, model)) {
            listed = true;
            if let Readiness::Unavailable(why) = &model.readiness {
                self.unready.push(format!("{}/{}: {why}", card.name, model.name));
                continue;
            }
            if !suits(model, asked) {
                self.unfit.push((model.name.clone(), model.abilities.first().copied()));
                continue;
            }
            let cold = model.readiness == Readiness::Cold;
            let size = Reverse(model.parameters.unwrap_or(0));
            // Asked for by name, the stand-in is no stand-in: the nearest of that name answers.
            let stand_in = model.stand_in && *wanted == Wanted::Any;
            let rank = (false, stand_in, card.tier, cold, size);
            self.add(rank, site, &called(wanted, site, model), grant);
        }
        // A place may serve models it does not list; written in full, the name is taken on trust.
        if let (false, Site::Remote(_), Some(model)) = (listed, site, unlisted(wanted, site)) {
            self.add((false, false, card.tier, false, Reverse(0)), site, &model, grant);
        }
    }

    fn add(&mut self, rank: Rank, site: &Site, model: &ModelName, grant: &Grant) {
        let choice = Choice { site: site.clone(), model: model.clone(), grant: grant.clone() };
        self.candidates.push((rank, choice));
    }
}

/// Returns what is asked that cannot be asked of this place. What needs our own engine, and what
/// no detector can read, is asked of none elsewhere.
fn lacks(site: &Site, asked: &Asked) -> Option<&'static str> {
    let Site::Remote(place) = site else { return None };
    match asked.task {
        Task::Answer if asked.media().next().is_some() => Some("pictures and sounds"),
        Task::Answer => place.lacks(asked),
        Task::Continue(_) | Task::Count => Some("texts without a template and counts"),
        Task::Embed(_) | Task::Rank(_) => Some("vectors and ratings"),
    }
}

fn names(wanted: &Wanted, site: &Site, model: &ModelCard) -> bool {
    match wanted {
        Wanted::Any => true,
        Wanted::Named(name) => {
            model.is_named(name)
                || unlisted(wanted, site).is_some_and(|bare| model.is_named(bare.as_str()))
        }
    }
}

/// Says whether a model can do what is asked. By name, anything it can do may be asked of it;
/// otherwise only what it is for.
fn suits(model: &ModelCard, asked: &Asked) -> bool {
    let ability = asked.task.ability();
    let takes_in = asked.senses().all(|sense| model.abilities.contains(&sense));
    takes_in
        && match asked.model {
            Wanted::Named(_) => model.abilities.contains(&ability),
            Wanted::Any => model.adapts.is_none() && model.abilities.first() == Some(&ability),
        }
}

/// Returns what to ask the place for: a variant's name may say how strong it is to be.
fn called(wanted: &Wanted, site: &Site, model: &ModelCard) -> ModelName {
    match wanted {
        Wanted::Named(name) if model.is_named(name) => name.as_str().into(),
        Wanted::Named(_) => unlisted(wanted, site).unwrap_or_else(|| model.name.clone()),
        Wanted::Any => model.name.clone(),
    }
}

/// Returns the model's own name where the wish is written `place/model` and names this place.
fn unlisted(wanted: &Wanted, site: &Site) -> Option<ModelName> {
    let Wanted::Named(name) = wanted else { return None };
    let bare = name.strip_prefix(site.card().name.as_str())?.strip_prefix('/')?;
    (!bare.is_empty()).then(|| bare.into())
}

fn reason(wanted: &Wanted, candidates: &[(Rank, Choice)], permit: &Permit) -> String {
    let ((_, stand_in, tier, ..), _) = candidates[0];
    let refused = permit.denials().len();
    let mut reason = match (wanted, stand_in) {
        (Wanted::Named(_), _) => format!("asked for by name; it runs {}", tier.whereabouts()),
        (Wanted::Any, true) => "only models that come with Oratory are here".to_owned(),
        (Wanted::Any, false) => match tier {
            Tier::Edge => "home comes first, and a model here can answer".to_owned(),
            _ => {
                format!("no real model is at home; the nearest allowed runs {}", tier.whereabouts())
            }
        },
    };
    if candidates.len() > 1 {
        reason.push_str(&format!("; {} more could step in", candidates.len() - 1));
    }
    if refused > 0 {
        reason.push_str(&format!("; policy keeps it from {refused} place"));
        reason.push_str(if refused == 1 { "" } else { "s" });
    }
    reason
}

pub(crate) mod near;
mod nobody;

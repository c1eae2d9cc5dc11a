//! Step five: which model answers, and why.
//!
//! Looks only among models the permit allows: home before elsewhere, a real model before the
//! stand-in, a loaded one before one that must load, a larger one before a smaller; and where
//! something is known of how well each would answer, the cheapest of those that are good enough.

use std::cmp::Reverse;
use std::sync::Arc;

use oratory_contract::{
    Ability, Asked, At, Failure, FailureKind, Grant, ModelCard, ModelName, Near, Permit, Prepared,
    Readiness, Task, Tier, Wanted,
};

use crate::wellbeing::Spot;
use crate::{Portfolio, Site, replicas};

mod foretell;
mod kind;
pub(crate) mod near;
mod nobody;
pub(crate) mod omitted;
mod pace;
mod routing;
mod share;
mod told;
mod weigh;

pub use foretell::Forecast;
pub use routing::{Routing, Taste};
pub use told::Candidate;
pub use weigh::Prefer;

use share::Leave;

/// How many models are tried before the request fails; replicas of one count as one.
const TRIES: usize = 3;

/// Models to try, in order, and why in this order.
pub(crate) struct Plan {
    /// Never empty.
    pub(crate) choices: Vec<Choice>,
    pub(crate) reason: String,
    /// What was expected of each candidate, where they were weighed against each other.
    pub(crate) candidates: Vec<Candidate>,
}

/// One model that may answer.
#[derive(Clone)]
pub(crate) struct Choice {
    pub(crate) site: Site,
    pub(crate) model: ModelName,
    pub(crate) grant: Grant,
    /// Where its place tells of it, if it does: the list, and where in it.
    pub(crate) listed: Option<(Arc<[ModelCard]>, usize)>,
    /// What of the request it is not told.
    pub(crate) left_out: Vec<String>,
    /// Leave for a cloud, where a person has said how many requests may have it.
    pub(crate) leave: Option<Arc<Leave>>,
}

impl Choice {
    pub(crate) fn tier(&self) -> Tier {
        self.site.card().tier
    }

    pub(crate) fn spot(&self) -> Spot {
        (self.grant.place.clone(), self.model.clone())
    }

    /// Returns what its place tells of the model, if it tells anything.
    pub(crate) fn card(&self) -> Option<&ModelCard> {
        let (list, at) = self.listed.as_ref()?;
        list.get(*at)
    }
}

/// What a plan is made of beside the request.
pub(crate) struct Given<'a> {
    pub(crate) portfolio: &'a Portfolio,
    pub(crate) near: Option<&'a Near>,
    pub(crate) routing: &'a Routing,
    pub(crate) rests: &'a dyn Fn(&Spot) -> bool,
    /// Whether the plan will be carried out, so that what it takes is counted.
    pub(crate) counts: bool,
}

/// Returns the models to try.
pub(crate) fn choose(
    given: &Given<'_>,
    prepared: &Prepared,
    permit: &Permit,
) -> Result<Plan, Failure> {
    let asked = prepared.asked();
    let portfolio = given.portfolio;
    let wanted = &*near::resolve(portfolio, given.near, &asked.model)?;
    let mut found = Found::default();
    for site in portfolio.sites().iter() {
        found.look_at(site, wanted, asked, permit);
    }
    if found.candidates.is_empty() {
        return Err(nobody::failure(portfolio, prepared.asked(), permit, &found));
    }
    for (rank, choice) in &mut found.candidates {
        rank.0 |= (given.rests)(&choice.spot());
    }
    found.candidates.sort_by_key(|(rank, _)| *rank);
    let mut plan = match (&asked.task, wanted) {
        (Task::Answer, Wanted::Any) => {
            given.routing.weigh(asked, found.candidates, given.counts)?
        }
        _ => by_rank(wanted, found.candidates),
    };
    let refused = permit.denials().len();
    if refused > 0 {
        plan.reason.push_str(&format!("; policy keeps it from {refused} place"));
        plan.reason.push_str(if refused == 1 { "" } else { "s" });
    }
    if asked.media().next().is_some() {
        plan.reason.push_str("; pictures and sounds never leave this machine");
    }
    plan.choices = replicas::together(plan.choices.into_iter(), TRIES);
    Ok(plan)
}

/// Returns the plan of candidates that are not weighed against each other.
fn by_rank(wanted: &Wanted, candidates: Vec<(Rank, Choice)>) -> Plan {
    let reason = reason(wanted, &candidates[0].0, candidates.len());
    let choices = candidates.into_iter().map(|(_, choice)| choice).collect();
    Plan { choices, reason, candidates: Vec::new() }
}

/// Smaller is better: resting after failures or down, stand-in, tier, cold, and then size.
type Rank = (bool, bool, Tier, bool, Reverse<u64>);

#[derive(Default)]
struct Found {
    candidates: Vec<(Rank, Choice)>,
    unready: Vec<String>,
    /// Models of that name that must not be asked, and why.
    forbidden: Vec<String>,
    /// Models of that name that cannot do what is asked, and what they are for.
    unfit: Vec<(ModelName, Option<Ability>)>,
    /// Why models that could answer may not be asked.
    untold: Vec<omitted::Unfit>,
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
        let models = site.models();
        for (at, model) in models.iter().enumerate() {
            if !names(wanted, site, model) {
                continue;
            }
            if let Readiness::Forbidden(why) = &model.readiness {
                listed = true;
                let name = format!("{}/{}", card.name, model.name);
                self.forbidden.push(format!("{name} may not be asked: {why}"));
                continue;
            }
            listed = true;
            // What is known of a place elsewhere is some seconds old: asked for by name, the place
            // is tried, and says itself what is wrong, or answers again.
            let mut down = false;
            if let Readiness::Unavailable(why) = &model.readiness {
                down = matches!(site, Site::Remote(_)) && *wanted != Wanted::Any;
                if !down {
                    self.unready.push(format!("{}/{}: {why}", card.name, model.name));
                    continue;
                }
            }
            if !suits(model, asked) {
                self.unfit.push((model.name.clone(), model.abilities.first().copied()));
                continue;
            }
            let cold = model.readiness == Readiness::Cold;
            let size = Reverse(model.parameters.unwrap_or(0));
            // Asked for by name, the stand-in is no stand-in: the nearest of that name answers.
            let stand_in = model.stand_in && *wanted == Wanted::Any;
            let rank = (down, stand_in, card.tier, cold, size);
            let model = called(wanted, site, model);
            self.add(rank, site, (model, Some((models.clone(), at))), grant, asked);
        }
        // A place may serve models it does not list; written in full, the name is taken on trust.
        if let (false, Site::Remote(_), Some(model)) = (listed, site, unlisted(wanted, site)) {
            let rank = (false, false, card.tier, false, Reverse(0));
            self.add(rank, site, (model, None), grant, asked);
        }
    }

    fn add(
        &mut self,
        rank: Rank,
        site: &Site,
        (model, listed): Listed,
        grant: &Grant,
        asked: &Asked,
    ) {
        let left_out = omitted::by(site, &model, asked);
        if let Some(unfit) = omitted::forbids(site, asked, &left_out) {
            self.untold.push(unfit);
            return;
        }
        let (site, grant) = (site.clone(), grant.clone());
        let choice = Choice { site, model, grant, listed, left_out, leave: None };
        self.candidates.push((rank, choice));
    }
}

/// A model, and where its place tells of it.
type Listed = (ModelName, Option<(Arc<[ModelCard]>, usize)>);

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

/// Says why the nearest candidate goes first.
fn reason(wanted: &Wanted, first: &Rank, count: usize) -> String {
    let (_, stand_in, tier, ..) = *first;
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
    if count > 1 {
        reason.push_str(&format!("; {} more could step in", count - 1));
    }
    reason
}

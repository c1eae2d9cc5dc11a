//! Says why no model can answer, so that a person knows what to change.
//!
//! Names places, models and labels; never anything from the request itself.

use super::{
    Ability, Asked, At, Failure, FailureKind, Found, ModelName, Permit, Portfolio, Site, Wanted,
    names, omitted, unlisted,
};

/// Returns why no model can answer.
pub(super) fn failure(
    portfolio: &Portfolio,
    asked: &Asked,
    permit: &Permit,
    found: &Found,
) -> Failure {
    let (wanted, ability) = (&asked.model, asked.task.ability());
    if let Some(unfit) = found.untold.first() {
        return omitted::failure(unfit);
    }
    if let (Wanted::Named(_), Some(unfit)) = (wanted, found.unfit.first()) {
        return match asked.senses().next() {
            Some(sense) => does_not_take_in(&unfit.0, portfolio, sense),
            None => does_not(unfit, portfolio, ability),
        };
    }
    if let Some(why) = found.forbidden.first() {
        return Failure::new(FailureKind::Refused, At::Oratory, why.clone()).hint(
            "take another model, or change that setting; `oratory portfolio` shows which may",
        );
    }
    if let Some(why) = found.unready.first() {
        return Failure::new(
            FailureKind::Broken,
            At::Local,
            format!("the model cannot run: {why}"),
        )
        .hint("`oratory portfolio` shows which models can");
    }
    if let Some(failure) = refused(portfolio, wanted, permit) {
        return failure;
    }
    match wanted {
        Wanted::Any if ability != Ability::Answer || !found.unfit.is_empty() => {
            let ability = asked.senses().next().unwrap_or(ability);
            let message = format!("there is no model here that {}", ability.as_str());
            Failure::new(FailureKind::UnknownModel, At::Oratory, message)
                .hint(fitting(portfolio, ability))
        }
        Wanted::Any => Failure::new(FailureKind::Broken, At::Oratory, "there is no model here")
            .hint("get one with `oratory models pull`; `oratory up` names one that fits"),
        Wanted::Named(name) => unknown(portfolio, name),
    }
}

/// Returns the failure of a model asked for what it cannot do.
fn does_not(
    (model, is_for): &(ModelName, Option<Ability>),
    portfolio: &Portfolio,
    wanted: Ability,
) -> Failure {
    let is_for = is_for.map_or("can do nothing", Ability::as_str);
    let message = format!("{model} is no model that {}: it {is_for}", wanted.as_str());
    Failure::new(FailureKind::Invalid, At::Caller, message).hint(fitting(portfolio, wanted))
}

/// Returns the failure of a model that is shown a picture, or made to hear a sound, and cannot.
fn does_not_take_in(model: &ModelName, portfolio: &Portfolio, sense: Ability) -> Failure {
    let cannot = match sense {
        Ability::Hear => "hear sounds",
        _ => "read pictures",
    };
    let message =
        format!("{model} cannot {cannot}: no projector file (mmproj) for that is beside it");
    let hint = format!("{}; `oratory models show {model}` says more", fitting(portfolio, sense));
    Failure::new(FailureKind::Invalid, At::Caller, message).hint(hint)
}

/// Says where to find a model that can do this.
fn fitting(portfolio: &Portfolio, ability: Ability) -> String {
    let sites = portfolio.sites();
    let models = sites.iter().flat_map(|site| site.models().to_vec());
    let sense = matches!(ability, Ability::See | Ability::Hear);
    let good = |card: &oratory_contract::ModelCard| {
        let can = match sense {
            true => card.abilities.contains(&ability),
            false => card.abilities.first() == Some(&ability),
        };
        can && !card.stand_in && card.adapts.is_none()
    };
    match models.filter(good).map(|card| card.name).next() {
        Some(name) => format!("ask for one that does, such as {name}"),
        None => format!("get one that {} with `oratory models pull`", ability.as_str()),
    }
}

/// Returns the refusal, if the model exists at a place the permit leaves out.
fn refused(portfolio: &Portfolio, wanted: &Wanted, permit: &Permit) -> Option<Failure> {
    let has = |site: &&Site| {
        unlisted(wanted, site).is_some()
            || site.models().iter().any(|model| names(wanted, site, model))
    };
    portfolio.sites().iter().filter(has).find_map(|site| {
        let place = &site.card().name;
        let denial = permit.denials().iter().find(|denial| denial.place == *place)?;
        let message = format!("policy keeps this request from {place}: {}", denial.why);
        Some(Failure::new(FailureKind::Refused, At::Oratory, message).hint(format!(
            "name a model at home to stay there, take the private part out, or {}",
            denial.cure
        )))
    })
}

fn unknown(portfolio: &Portfolio, name: &str) -> Failure {
    let mut known: Vec<String> = portfolio
        .sites()
        .iter()
        .flat_map(|site| {
            site.models().iter().map(|model| model.name.to_string()).collect::<Vec<_>>()
        })
        .collect();
    known.sort_by_key(|known| {
        std::cmp::Reverse((strsim::jaro_winkler(known, name) * 1000.0) as u32)
    });
    let mut seen = std::collections::HashSet::new();
    known.retain(|name| seen.insert(name.clone()));
    known.truncate(3);
    let shown = name.chars().take(80).collect::<String>();
    Failure::new(FailureKind::UnknownModel, At::Caller, format!("there is no model {shown:?} here"))
        .hint(format!("the nearest are {}; `auto` lets Oratory choose", known.join(", ")))
}

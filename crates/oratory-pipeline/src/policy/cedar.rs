//! The policy engine, in Oratory's words. Nothing else knows that it is Cedar.
//!
//! Rules are checked against the schema when they load, so a misspelt attribute is an error
//! then and not a silent denial later.

use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, Response, RestrictedExpression, Schema, ValidationMode, Validator,
};
use oratory_contract::{CallerName, Labels, PlaceCard, Receives, Tier};

use crate::label::Reading;

const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");

/// Why a policy does not load.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is not Cedar.
    #[error("the policy is not valid Cedar: {0}")]
    Syntax(String),
    /// It is Cedar about things that do not exist.
    #[error("the policy does not fit Oratory's schema: {0}")]
    Schema(String),
}

/// Why not, and what would have to change.
pub(super) type Refusal = (String, String);

/// A set of rules and the places they speak of.
pub(super) struct Rules {
    rules: PolicySet,
    entities: Entities,
    authorizer: Authorizer,
}

impl Rules {
    pub(super) fn load(text: &str, places: &[PlaceCard]) -> Result<Self, PolicyError> {
        let rules = PolicySet::from_str(text).map_err(|error| {
            PolicyError::Syntax(
                error.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            )
        })?;
        let (schema, _) =
            Schema::from_cedarschema_str(SCHEMA).expect("the schema is a constant that tests load");
        let checked = Validator::new(schema).validate(&rules, ValidationMode::Strict);
        if !checked.validation_passed() {
            let errors: Vec<_> = checked.validation_errors().map(ToString::to_string).collect();
            return Err(PolicyError::Schema(errors.join("; ")));
        }
        let entities = Entities::from_entities(places.iter().map(entity), None)
            .map_err(|error| PolicyError::Schema(error.to_string()))?;
        Ok(Self { rules, entities, authorizer: Authorizer::new() })
    }

    /// Returns the form asked for if it is allowed, else why it is not.
    pub(super) fn allows(
        &self,
        caller: &CallerName,
        reading: &Reading,
        place: &PlaceCard,
        receives: Receives,
    ) -> Result<Receives, Refusal> {
        let response = self
            .ask(caller, reading, place, receives)
            .map_err(|error| (error, "report this as a fault of Oratory".to_owned()))?;
        // A rule that could not be worked out might have been the one that says no.
        if let Some(error) = response.diagnostics().errors().next()
            && place.tier != Tier::Edge
        {
            let cure = "put that rule right".to_owned();
            return Err((format!("a rule could not be worked out: {error}"), cure));
        }
        match response.decision() {
            Decision::Allow => Ok(receives),
            Decision::Deny => Err(self.why(&response, &reading.all, place)),
        }
    }

    fn ask(
        &self,
        caller: &CallerName,
        reading: &Reading,
        place: &PlaceCard,
        receives: Receives,
    ) -> Result<Response, String> {
        let compartments =
            reading.all.compartments.iter().map(|compartment| {
                RestrictedExpression::new_string(compartment.as_str().to_owned())
            });
        let context = Context::from_pairs([
            ("level".to_owned(), number(i64::from(reading.all.sensitivity.rank()))),
            ("stated".to_owned(), number(i64::from(reading.stated.sensitivity.rank()))),
            ("compartments".to_owned(), RestrictedExpression::new_set(compartments)),
            ("masked".to_owned(), RestrictedExpression::new_bool(receives == Receives::Masked)),
        ]);
        let request = Request::new(
            uid("Caller", caller.as_str()),
            uid("Action", "answer"),
            uid("Place", place.name.as_str()),
            context.map_err(|error| error.to_string())?,
            None,
        )
        .map_err(|error| error.to_string())?;
        Ok(self.authorizer.is_authorized(&request, &self.rules, &self.entities))
    }

    fn why(&self, response: &Response, labels: &Labels, place: &PlaceCard) -> Refusal {
        let rules: Vec<_> = response
            .diagnostics()
            .reason()
            .map(|id| self.rules.annotation(id, "id").unwrap_or(id.as_ref()).to_owned())
            .collect();
        if rules.is_empty() {
            let why = format!("cleared up to {}, and this is {labels}", place.clearance.as_is);
            (why, format!("raise `clearance` under [places.{}] if it may see this", place.name))
        } else {
            let why = format!("forbidden by the rule {}, as this is {labels}", rules.join(", "));
            (why, "change that rule".to_owned())
        }
    }
}

fn entity(place: &PlaceCard) -> Entity {
    let masked = place.clearance.masked.map_or(-1, |level| i64::from(level.rank()));
    let tier = RestrictedExpression::new_string(place.tier.as_str().to_owned());
    let attributes = [
        ("tier".to_owned(), tier),
        ("clears".to_owned(), number(i64::from(place.clearance.as_is.rank()))),
        ("clears_masked".to_owned(), number(masked)),
    ];
    Entity::new(uid("Place", place.name.as_str()), attributes.into(), [].into())
        .expect("plain strings and numbers cannot fail to evaluate")
}

fn number(value: i64) -> RestrictedExpression {
    RestrictedExpression::new_long(value)
}

fn uid(kind: &str, name: &str) -> EntityUid {
    let kind = EntityTypeName::from_str(kind).expect("entity types are constants");
    EntityUid::from_type_name_and_id(kind, EntityId::new(name))
}

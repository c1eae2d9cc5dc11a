//! The policy engine, in Oratory's words. Nothing else knows that it is Cedar.
//!
//! Rules are checked against the schema when they load, so a misspelt attribute is an error
//! then and not a silent denial later.

use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, Response, RestrictedExpression, Schema, ValidationMode, Validator,
};
use oratory_contract::{Labels, PlaceCard, Receives, Tier};

use super::Case;
use super::problem::{self, PolicyError, Problem};

const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");

/// Why not, what would have to change, and which rules say so.
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) cure: String,
    pub(super) rules: Vec<String>,
}

/// A set of rules and the places they speak of.
pub(super) struct Rules {
    rules: PolicySet,
    entities: Entities,
    authorizer: Authorizer,
    /// Whether a rule asks what its caller has spent.
    asks_for_spending: bool,
}

/// Returns what in the rules is right, and yet not what anybody would write.
pub(super) fn doubts(text: &str) -> Vec<Problem> {
    let Ok(rules) = PolicySet::from_str(text) else { return Vec::new() };
    let checked = Validator::new(schema()).validate(&rules, ValidationMode::Strict);
    problem::warnings(text, checked.validation_warnings())
}

fn schema() -> Schema {
    let (schema, _) =
        Schema::from_cedarschema_str(SCHEMA).expect("the schema is a constant that tests load");
    schema
}

impl Rules {
    pub(super) fn load(text: &str, places: &[PlaceCard]) -> Result<Self, PolicyError> {
        let rules = PolicySet::from_str(text).map_err(|errors| problem::syntax(text, &errors))?;
        let checked = Validator::new(schema()).validate(&rules, ValidationMode::Strict);
        if !checked.validation_passed() {
            return Err(problem::misfits(text, checked.validation_errors()));
        }
        Self::of(rules, places)
    }

    fn of(rules: PolicySet, places: &[PlaceCard]) -> Result<Self, PolicyError> {
        let entities = Entities::from_entities(places.iter().map(entity), None)
            .map_err(|error| PolicyError(vec![Problem::without_place(error.to_string())]))?;
        // A rule is written out without its comments.
        let asks_for_spending = rules.to_string().contains("spent_");
        Ok(Self { rules, entities, authorizer: Authorizer::new(), asks_for_spending })
    }

    /// Says whether a rule asks what its caller has spent.
    pub(super) fn ask_for_spending(&self) -> bool {
        self.asks_for_spending
    }

    /// Returns the same rules for other places.
    pub(super) fn speaking_of(&self, places: &[PlaceCard]) -> Result<Self, PolicyError> {
        Self::of(self.rules.clone(), places)
    }

    /// Returns the form asked for and the rules that allow it, else why it is not allowed.
    pub(super) fn allows(
        &self,
        case: &Case,
        place: &PlaceCard,
        receives: Receives,
    ) -> Result<(Receives, Vec<String>), Refusal> {
        let response = self.ask(case, place, receives).map_err(|why| {
            let cure = "report this as a fault of Oratory".to_owned();
            Refusal { why, cure, rules: Vec::new() }
        })?;
        // A rule that could not be worked out might have been the one that says no.
        if let Some(error) = response.diagnostics().errors().next()
            && place.tier != Tier::Edge
        {
            let why = format!("a rule could not be worked out: {error}");
            return Err(Refusal { why, cure: "put that rule right".to_owned(), rules: Vec::new() });
        }
        let rules = self.named(&response);
        match response.decision() {
            Decision::Allow => Ok((receives, rules)),
            Decision::Deny => Err(refusal(rules, &case.reading.all, place)),
        }
    }

    fn ask(&self, case: &Case, place: &PlaceCard, receives: Receives) -> Result<Response, String> {
        let request = Request::new(
            uid("Caller", case.caller.as_str()),
            uid("Action", "answer"),
            uid("Place", place.name.as_str()),
            context(case, receives)?,
            None,
        )
        .map_err(|error| error.to_string())?;
        let of_groups = self.with_groups(case)?;
        let entities = of_groups.as_ref().unwrap_or(&self.entities);
        Ok(self.authorizer.is_authorized(&request, &self.rules, entities))
    }

    /// Returns the entities with the caller among its groups; `None` where it is in none.
    fn with_groups(&self, case: &Case) -> Result<Option<Entities>, String> {
        if case.groups.is_empty() {
            return Ok(None);
        }
        let groups = case.groups.iter().map(|group| uid("Group", group.as_str())).collect();
        let caller = Entity::new_no_attrs(uid("Caller", case.caller.as_str()), groups);
        let all = self.entities.clone().add_entities([caller], None);
        all.map(Some).map_err(|error| error.to_string())
    }

    /// Returns the names of the rules that decided.
    fn named(&self, response: &Response) -> Vec<String> {
        let rules = response.diagnostics().reason();
        let name =
            |id: &PolicyId| self.rules.annotation(id, "id").unwrap_or(id.as_ref()).to_owned();
        let mut names: Vec<String> = rules.map(name).collect();
        names.sort_unstable();
        names
    }
}

fn context(case: &Case, receives: Receives) -> Result<Context, String> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let compartments =
        case.reading.all.compartments.iter().map(|compartment| text(compartment.as_str()));
    let context = Context::from_pairs([
        ("level".to_owned(), number(case.reading.all.sensitivity.rank().into())),
        ("stated".to_owned(), number(case.reading.stated.sensitivity.rank().into())),
        ("compartments".to_owned(), RestrictedExpression::new_set(compartments)),
        ("masked".to_owned(), RestrictedExpression::new_bool(receives == Receives::Masked)),
        ("purpose".to_owned(), text(&case.purpose)),
        ("hour".to_owned(), number(case.hour.into())),
        ("weekday".to_owned(), number(case.weekday.into())),
        ("spent_today_cents".to_owned(), cents(case.spent.today)),
        ("spent_month_cents".to_owned(), cents(case.spent.month)),
    ]);
    context.map_err(|error| error.to_string())
}

fn refusal(rules: Vec<String>, labels: &Labels, place: &PlaceCard) -> Refusal {
    if rules.is_empty() {
        let why = format!("cleared up to {}, and this is {labels}", place.clearance.as_is);
        let cure = format!("raise `clearance` under [places.{}] if it may see this", place.name);
        Refusal { why, cure, rules }
    } else {
        let these = if rules.len() == 1 { "rule" } else { "rules" };
        let why = format!("forbidden by the {these} {}, as this is {labels}", rules.join(", "));
        Refusal { why, cure: "change that rule".to_owned(), rules }
    }
}

fn entity(place: &PlaceCard) -> Entity {
    let masked = place.clearance.masked.map_or(-1, |level| i64::from(level.rank()));
    let tier = RestrictedExpression::new_string(place.tier.as_str().to_owned());
    let region = place.terms.region.clone().unwrap_or_default();
    let retention = place.terms.retention_days.map_or(-1, i64::from);
    let attributes = [
        ("tier".to_owned(), tier),
        ("region".to_owned(), RestrictedExpression::new_string(region)),
        ("retention_days".to_owned(), number(retention)),
        ("clears".to_owned(), number(i64::from(place.clearance.as_is.rank()))),
        ("clears_masked".to_owned(), number(masked)),
    ];
    Entity::new(uid("Place", place.name.as_str()), attributes.into(), [].into())
        .expect("plain strings and numbers cannot fail to evaluate")
}

fn cents(amount: u64) -> RestrictedExpression {
    number(i64::try_from(amount).unwrap_or(i64::MAX))
}

fn number(value: i64) -> RestrictedExpression {
    RestrictedExpression::new_long(value)
}

fn uid(kind: &str, name: &str) -> EntityUid {
    let kind = EntityTypeName::from_str(kind).expect("entity types are constants");
    EntityUid::from_type_name_and_id(kind, EntityId::new(name))
}

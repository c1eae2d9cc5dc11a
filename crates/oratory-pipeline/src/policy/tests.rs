//! The default rules, read as a table: what goes where, in which form.

use oratory_contract::{Clearance, Labels, PlaceCard, Receives, Sensitivity, Tier};

use super::{DEFAULT_POLICY, Policy};
use crate::Reading;
use Sensitivity::{Confidential, Internal, Public, Secret};

fn place(name: &str, tier: Tier, as_is: Sensitivity, masked: Option<Sensitivity>) -> PlaceCard {
    let clearance = Clearance { as_is, masked };
    PlaceCard { name: name.into(), tier, address: String::new(), clearance }
}

fn places() -> Vec<PlaceCard> {
    vec![
        place("home", Tier::Edge, Secret, None),
        place("lab", Tier::Onprem, Confidential, None),
        place("open", Tier::Cloud, Public, None),
        place("trusted", Tier::Cloud, Internal, Some(Confidential)),
        place("reckless", Tier::Cloud, Secret, Some(Secret)),
    ]
}

fn granted(policy: &Policy, level: Sensitivity) -> Vec<(String, Receives)> {
    let permit = policy.decide(&"me".into(), &Reading::stated(Labels::of(level)));
    permit.grants().iter().map(|grant| (grant.place.to_string(), grant.receives)).collect()
}

#[test]
fn the_default_policy_says_what_goes_where() {
    let policy = Policy::load(DEFAULT_POLICY, places()).unwrap();
    let as_is = |name: &str| (name.to_owned(), Receives::AsIs);
    assert_eq!(
        granted(&policy, Public),
        [as_is("home"), as_is("lab"), as_is("open"), as_is("trusted"), as_is("reckless")]
    );
    assert_eq!(
        granted(&policy, Internal),
        [as_is("home"), as_is("lab"), as_is("trusted"), as_is("reckless")]
    );
    assert_eq!(
        granted(&policy, Confidential),
        [as_is("home"), as_is("lab"), as_is("reckless")],
        "masking takes out nothing that a person has stated"
    );
    let found = Reading {
        all: Labels::of(Confidential).within("pii"),
        ..Reading::stated(Labels::of(Internal))
    };
    let permit = policy.decide(&"me".into(), &found);
    assert_eq!(permit.grant(&"trusted".into()).unwrap().receives, Receives::Masked);
    assert_eq!(permit.grant(&"open".into()), None);
    assert_eq!(granted(&policy, Secret), [as_is("home")], "secrets never leave");
}

#[test]
fn a_denial_names_the_rule_or_the_clearance() {
    let policy = Policy::load(DEFAULT_POLICY, places()).unwrap();
    let why = |level, name: &str| {
        let permit = policy.decide(&"me".into(), &Reading::stated(Labels::of(level)));
        let denial = permit.denials().iter().find(|denial| denial.place.as_str() == name);
        denial.expect("it was denied").why.clone()
    };
    assert_eq!(why(Internal, "open"), "cleared up to public, and this is internal");
    assert_eq!(
        why(Secret, "reckless"),
        "forbidden by the rule secrets-never-leave, as this is secret"
    );
}

#[test]
fn an_empty_policy_denies_everything() {
    let policy = Policy::load("", places()).unwrap();
    assert_eq!(granted(&policy, Public), []);
}

#[test]
fn a_rule_that_cannot_be_worked_out_says_no_to_everyone_but_home() {
    let text = "permit (principal, action, resource);
        forbid (principal, action, resource)
        when { context.level * 9223372036854775807 > 5 };";
    let policy = Policy::load(text, places()).unwrap();
    assert_eq!(granted(&policy, Confidential), [("home".to_owned(), Receives::AsIs)]);
}

#[test]
fn a_broken_policy_is_an_error_and_leaves_only_home() {
    let misspelt = "permit (principal, action, resource) when { resource.teir == \"edge\" };";
    for text in ["permit (", misspelt] {
        assert!(Policy::load(text, places()).is_err(), "{text} must not load");
    }
    let policy = Policy::home_only("line 1".to_owned(), places());
    assert_eq!(granted(&policy, Public), [("home".to_owned(), Receives::AsIs)]);
}

#[test]
fn what_nobody_can_read_stays_on_this_machine_whatever_a_rule_says() {
    let everything = "permit (principal, action, resource);";
    for policy in [DEFAULT_POLICY, everything] {
        let policy = Policy::load(policy, places()).unwrap();
        let reading = Reading { unreadable: true, ..Reading::stated(Labels::of(Public)) };
        let permit = policy.decide(&"me".into(), &reading);
        let granted: Vec<&str> = permit.grants().iter().map(|grant| grant.place.as_str()).collect();
        assert_eq!(granted, ["home"]);
        let why = &permit.denials()[0].why;
        assert!(why.contains("a picture or a sound"), "{why}");
    }
}

//! The default rules, read as a table: what goes where, in which form.

use oratory_contract::{
    Clearance, Labels, PlaceCard, Receives, Sensitivity, Spending, Terms, Tier,
};

use super::{Case, DEFAULT_POLICY, Policy, doubts};
use crate::Reading;
use Sensitivity::{Confidential, Internal, Public, Secret};

fn place(name: &str, tier: Tier, as_is: Sensitivity, masked: Option<Sensitivity>) -> PlaceCard {
    let clearance = Clearance { as_is, masked };
    PlaceCard {
        name: name.into(),
        tier,
        address: String::new(),
        clearance,
        terms: Terms::default(),
    }
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

fn case(reading: Reading) -> Case {
    Case {
        caller: "me".into(),
        groups: Vec::new(),
        reading,
        purpose: String::new(),
        hour: 12,
        weekday: 3,
        spent: Spending::default(),
    }
}

fn granted(policy: &Policy, level: Sensitivity) -> Vec<(String, Receives)> {
    let permit = policy.decide(case(Reading::stated(Labels::of(level))));
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
        [as_is("home"), as_is("lab"), ("reckless".to_owned(), Receives::Masked)],
        "masking takes out nothing that a person has stated; a cloud gets it masked or not at all"
    );
    let found = Reading {
        all: Labels::of(Confidential).within("pii"),
        ..Reading::stated(Labels::of(Internal))
    };
    let permit = policy.decide(case(found));
    assert_eq!(permit.grant(&"trusted".into()).unwrap().receives, Receives::Masked);
    assert_eq!(permit.grant(&"open".into()), None);
    assert_eq!(granted(&policy, Secret), [as_is("home")], "secrets never leave");
}

#[test]
fn a_denial_names_the_rule_or_the_clearance() {
    let policy = Policy::load(DEFAULT_POLICY, places()).unwrap();
    let why = |level, name: &str| {
        let permit = policy.decide(case(Reading::stated(Labels::of(level))));
        let denial = permit.denials().iter().find(|denial| denial.place.as_str() == name);
        denial.expect("it was denied").why.clone()
    };
    assert_eq!(why(Internal, "open"), "cleared up to public, and this is internal");
    assert_eq!(
        why(Secret, "reckless"),
        "forbidden by the rules secrets-never-leave, \
         what-is-confidential-enters-a-cloud-masked-or-not-at-all, as this is secret"
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
        let permit = policy.decide(case(reading));
        let granted: Vec<&str> = permit.grants().iter().map(|grant| grant.place.as_str()).collect();
        assert_eq!(granted, ["home"]);
        let why = &permit.denials()[0].why;
        assert!(why.contains("a picture or a sound"), "{why}");
    }
}

fn problems(text: &str) -> Vec<(Option<usize>, Option<usize>, String)> {
    let error = Policy::load(text, places()).err().expect("it does not load");
    error.0.into_iter().map(|one| (one.line, one.column, one.message)).collect()
}

#[test]
fn a_mistake_is_told_with_its_line_and_column() {
    let syntax = problems("permit (principal, action, resource)\nwhen { context.level = 0 };");
    assert_eq!((syntax[0].0, syntax[0].1), (Some(2), Some(8)), "{syntax:?}");
    let misspelt =
        problems("permit (principal, action, resource)\n\nwhen { resource.teir == \"edge\" };");
    assert_eq!(misspelt[0].0, Some(3), "{misspelt:?}");
    assert!(misspelt[0].2.contains("teir"), "{misspelt:?}");
    let types =
        problems("permit (principal, action, resource) when { context.level == \"secret\" };");
    assert_eq!(types[0].0, Some(1), "{types:?}");
}

#[test]
fn a_rule_that_can_never_hold_is_doubted() {
    let text = "permit (principal, action, resource) when { context.masked && !context.masked };";
    assert_eq!(doubts(DEFAULT_POLICY), []);
    assert!(Policy::load(text, places()).is_ok());
    let never = "forbid (principal, action, resource == Caller::\"me\");";
    assert!(Policy::load(never, places()).is_err() || !doubts(never).is_empty());
}

#[test]
fn time_purpose_region_and_retention_can_be_asked_for() {
    let mut places = places();
    places[2].terms =
        Terms { region: Some("eu".to_owned()), retention_days: Some(0), ..Terms::default() };
    let text = "permit (principal == Caller::\"me\", action, resource) when {
        context.purpose == \"translation\" && context.hour >= 8 && context.hour < 18 &&
        context.weekday <= 5 && resource.region == \"eu\" &&
        resource.retention_days >= 0 && resource.retention_days <= 30 };";
    let policy = Policy::load(text, places).unwrap();
    let right =
        Case { purpose: "translation".to_owned(), ..case(Reading::stated(Labels::default())) };
    let grants = |case: &Case| policy.decide(case.clone()).grants().len();
    assert_eq!(grants(&right), 1, "only the place in the EU that keeps nothing");
    for wrong in [
        Case { caller: "you".into(), ..right.clone() },
        Case { purpose: String::new(), ..right.clone() },
        Case { hour: 18, ..right.clone() },
        Case { weekday: 6, ..right },
    ] {
        assert_eq!(grants(&wrong), 0, "{wrong:?}");
    }
}

#[test]
fn a_rule_for_a_group_holds_for_those_who_are_in_it() {
    let text = "permit (principal in Group::\"staff\", action, resource);
        forbid (principal == Caller::\"eve\", action, resource);";
    let policy = Policy::load(text, places()).unwrap();
    let of = |caller: &str, groups: &[&str]| Case {
        caller: caller.into(),
        groups: groups.iter().map(|group| (*group).into()).collect(),
        ..case(Reading::stated(Labels::default()))
    };
    let grants = |case: Case| policy.decide(case).grants().len();
    assert_eq!(grants(of("ada", &["agents", "staff"])), 5);
    assert_eq!(grants(of("ada", &["agents"])), 0);
    assert_eq!(grants(of("ada", &[])), 0);
    assert_eq!(grants(of("eve", &["staff"])), 0);
}

#[test]
fn rules_can_be_exchanged_and_broken_ones_leave_only_home() {
    let policy = Policy::load(DEFAULT_POLICY, places()).unwrap();
    assert_eq!(granted(&policy, Public).len(), 5);
    policy.exchange(Ok("permit ("), "house.cedar");
    assert_eq!(granted(&policy, Public), [("home".to_owned(), Receives::AsIs)]);
    assert!(policy.broken().is_some_and(|why| why.starts_with("house.cedar: line 1, column ")));
    policy.exchange(Ok(DEFAULT_POLICY), "house.cedar");
    assert_eq!((granted(&policy, Public).len(), policy.broken()), (5, None));
    policy.exchange(Err("it is gone".to_owned()), "house.cedar");
    assert_eq!(granted(&policy, Public).len(), 1);
}

#[test]
fn a_verdict_names_the_rules() {
    let policy = Policy::load(DEFAULT_POLICY, places()).unwrap();
    let found = Reading {
        all: Labels::of(Confidential).within("pii"),
        ..Reading::stated(Labels::of(Internal))
    };
    let verdict = |place: &str| policy.judge(&case(found.clone()), &place.into()).unwrap();
    assert_eq!(verdict("trusted").receives, Some(Receives::Masked));
    assert_eq!(verdict("trusted").rules, ["or-more-once-it-is-masked"]);
    let home = ["a-place-receives-what-it-is-cleared-for", "home-receives-everything"];
    assert_eq!(verdict("home").rules, home);
    assert_eq!((verdict("open").receives, verdict("open").rules), (None, vec![]));
    assert_eq!(verdict("open").why, "cleared up to public, and this is confidential+pii");
    assert!(policy.judge(&case(found.clone()), &"nowhere".into()).is_none());
}

#[test]
fn places_come_and_go_and_are_denied_until_the_policy_speaks_of_them() {
    let policy = Policy::load(DEFAULT_POLICY, places()).unwrap();
    let found = place("ollama", Tier::Onprem, Internal, None);
    let grant = |policy: &Policy| {
        let permit = policy.decide(case(Reading::stated(Labels::of(Internal))));
        permit.grant(&"ollama".into()).map(|grant| grant.receives)
    };
    assert_eq!(grant(&policy), None);
    policy.speak_of(places().into_iter().chain([found.clone()]).collect());
    assert_eq!(grant(&policy), Some(Receives::AsIs));
    let confidential = granted(&policy, Confidential);
    assert!(confidential.iter().all(|(name, _)| name != "ollama"), "{confidential:?}");
    policy.exchange(Ok(DEFAULT_POLICY), "house.cedar");
    assert_eq!(grant(&policy), Some(Receives::AsIs), "new rules keep what was found");
    policy.exchange(Ok("permit ("), "house.cedar");
    policy.speak_of(places().into_iter().chain([found]).collect());
    assert!(policy.broken().is_some() && grant(&policy).is_none(), "no place mends a policy");
    policy.exchange(Ok(DEFAULT_POLICY), "house.cedar");
    policy.speak_of(places());
    assert_eq!(grant(&policy), None);
}

#[test]
fn a_rule_may_ask_what_its_caller_has_spent() {
    let text = format!(
        "{DEFAULT_POLICY}\n@id(\"ten-dollars-a-day\")\nforbid (principal, action, resource)\n\
         when {{ context.spent_today_cents >= 1000 || context.spent_month_cents >= 5000 }}\n\
         unless {{ resource.tier == \"edge\" }};"
    );
    assert!(!Policy::load(DEFAULT_POLICY, places()).unwrap().asks_for_spending());
    let policy = Policy::load(&text, places()).unwrap();
    assert!(policy.asks_for_spending());
    let places = |today, month| {
        let spent = Spending { today, month };
        let public = Reading::stated(Labels::of(Public));
        policy.decide(Case { spent, ..case(public) }).grants().len()
    };
    assert_eq!((places(999, 4999), places(1000, 1000), places(0, 5000)), (5, 1, 1));
    assert_eq!(places(Spending::UNKNOWN.today, 0), 1);
}

//! The order of replicas, and that it stays what it was.

use std::sync::Arc;

use oratory_contract::{Grant, Message, Receives, Role, Sensitivity, Tier, Tool, Wanted};
use oratory_fakes::{Remote, Script};

use super::*;
use crate::Site;

fn choice(place: &str, tier: Tier, receives: Receives) -> Choice {
    let site = Remote::new(place, tier, Sensitivity::Internal, None, &[Script::Echo]);
    let grant = Grant { place: place.into(), receives };
    Choice {
        site: Site::Remote(Arc::new(site)),
        model: "echo".into(),
        grant,
        listed: None,
        left_out: Vec::new(),
        leave: None,
    }
}

fn near(place: &str) -> Choice {
    choice(place, Tier::Onprem, Receives::AsIs)
}

fn asked(turns: &[&str]) -> Asked {
    let messages = turns.iter().map(|text| Message::new(Role::User, *text)).collect();
    Asked::new("tests".into(), Wanted::Any, messages)
}

fn ordered(mut choices: Vec<Choice>, key: &Key, state: &dyn Fn(&Choice) -> State) -> Vec<String> {
    order(&mut choices, key, state);
    choices.iter().map(|choice| choice.grant.place.to_string()).collect()
}

const FREE: State = State { under_way: 0, room: 4, rests: false };

#[test]
fn the_order_is_the_conversations_and_is_the_same_in_every_release() {
    let places = || ["one", "two", "three"].map(near).into();
    let of = |text: &str| ordered(places(), &Key::of(&asked(&[text])), &|_| FREE);
    let orders = ["hello", "good morning", "what?", "why?"].map(of);
    assert_eq!(
        orders.each_ref().map(|order| order.join(" ")),
        ["two one three", "two three one", "two one three", "two three one"]
    );
}

#[test]
fn a_conversation_is_its_caller_its_tools_and_its_beginning() {
    let key = |asked: &Asked| Key::of(asked).0;
    let first = key(&asked(&["hello"]));
    assert_eq!(key(&asked(&["hello", "and then?"])), first);
    assert_ne!(key(&asked(&["good morning"])), first);
    assert_ne!(key(&Asked { caller: "other".into(), ..asked(&["hello"]) }), first);
    let mut with_tools = asked(&["hello"]);
    let tool = Tool {
        name: "weather".to_owned(),
        description: None,
        parameters: "{}".to_owned(),
        strict: false,
    };
    with_tools.tools.offered = vec![tool];
    assert_ne!(key(&with_tools), first);
}

#[test]
fn who_rests_or_has_no_room_comes_last_and_what_is_not_alike_stays() {
    let key = Key::of(&asked(&["hello"]));
    let places = || ["one", "two", "three"].map(near).into();
    let usual = ordered(places(), &key, &|_| FREE);
    for (busy, state) in [
        (true, State { under_way: 4, ..FREE }),
        (true, State { rests: true, ..FREE }),
        (true, State { under_way: 3, ..FREE }),
        (false, State { under_way: 1, ..FREE }),
    ] {
        let first = usual[0].as_str();
        let of = |choice: &Choice| if choice.grant.place.as_str() == first { state } else { FREE };
        let last = ordered(places(), &key, &of).last().is_some_and(|last| last == first);
        assert_eq!(last, busy, "{state:?}");
    }
    let unlike = vec![
        near("one"),
        choice("two", Tier::Cloud, Receives::AsIs),
        choice("three", Tier::Cloud, Receives::Masked),
        near("four"),
    ];
    assert!(!any(&unlike));
    assert_eq!(ordered(unlike, &key, &|_| FREE), ["one", "two", "three", "four"]);
}

#[test]
fn replicas_count_as_one_model_and_follow_each_other() {
    let far = |place| choice(place, Tier::Cloud, Receives::AsIs);
    let masked = |place| choice(place, Tier::Cloud, Receives::Masked);
    let all = [near("one"), far("a"), near("two"), masked("m"), near("three"), far("b")];
    let names = |most| {
        let kept = together(all.iter().cloned(), most);
        kept.iter().map(|choice| choice.grant.place.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(1), ["one", "two", "three"]);
    assert_eq!(names(2), ["one", "two", "three", "a", "b"]);
    assert_eq!(names(9).len(), 6);
    let many = (0..40).map(|number| near(&format!("{number}")));
    assert_eq!(together(many, 3).len(), MOST);
}

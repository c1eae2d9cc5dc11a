//! What a request may take at the most is never less than what it takes.

use std::sync::{Arc, Mutex};

use oratory_contract::{
    Amounts, Asked, Clearance, Embed, Input, Message, ModelCard, ModelOrigin, Money, PlaceCard,
    Price, Rank, Readiness, Reservation, Role, Sensitivity, Task, Terms, Tier, TooLong, Usage,
    Wanted, Written,
};

use super::{Tab, most};

fn place(tier: Tier, price: Option<Price>) -> PlaceCard {
    PlaceCard {
        name: "place".into(),
        tier,
        address: String::new(),
        clearance: Clearance { as_is: Sensitivity::Public, masked: None },
        terms: Terms { price, ..Terms::default() },
    }
}

fn dollars(text: &str) -> Money {
    text.parse().unwrap()
}

fn model(context: Option<u32>) -> ModelCard {
    ModelCard {
        name: "model".into(),
        readiness: Readiness::Ready,
        context,
        parameters: None,
        bytes: None,
        revision: 0,
        stand_in: false,
        abilities: Vec::new(),
        adapts: None,
        origin: ModelOrigin::default(),
    }
}

fn asked(task: Task, text: &str, max_tokens: Option<u32>) -> Asked {
    let messages = vec![Message::new(Role::User, text)];
    let mut asked = Asked { task, ..Asked::new("ada".into(), Wanted::Any, messages) };
    asked.limits.max_tokens = max_tokens;
    asked
}

#[test]
fn an_answer_takes_no_more_than_its_context_and_no_less_than_its_bytes() {
    let (home, price) = (place(Tier::Edge, None), Price::flat(dollars("1"), dollars("2")));
    let cloud = place(Tier::Cloud, Some(price));
    let long = "x".repeat(10_000);
    let tokens = |asked: &Asked, context| most(asked, Some(&model(context)), &home).tokens;
    assert_eq!(tokens(&asked(Task::Answer, &long, Some(10)), Some(2048)), 2048);
    let free = tokens(&asked(Task::Answer, &long, Some(10)), None);
    assert!((10_010..11_000).contains(&free), "{free}");
    assert_eq!(tokens(&asked(Task::Answer, "", None), Some(512)), 512);
    assert_eq!(most(&asked(Task::Answer, &long, Some(10)), None, &home).money, 0);
    let money = most(&asked(Task::Answer, "", Some(1000)), Some(&model(Some(4096))), &cloud).money;
    assert!((2_000_000 / 1000..4_000_000).contains(&money), "{money}");
    assert_eq!(tokens(&asked(Task::Count, &long, None), Some(2048)), 0);
}

#[test]
fn texts_of_their_own_are_counted_each() {
    let home = place(Tier::Edge, None);
    let inputs = vec![Input::Text("x".repeat(3000)), Input::Tokens(vec![1; 3000])];
    let embed = Embed { inputs, dimensions: None, too_long: TooLong::Refused };
    let of = |task| most(&asked(task, "", None), Some(&model(Some(512))), &home).tokens;
    assert!(of(Task::Embed(embed)) >= 6000);
    let documents = vec!["y".repeat(10); 20];
    let rank = Rank { query: "z".repeat(100), documents, too_long: TooLong::Refused };
    assert!(of(Task::Rank(rank)) >= 20 * 110);
}

/// Notes what is counted in the end.
struct Counted(Arc<Mutex<Amounts>>);

impl Reservation for Counted {
    fn settle(self: Box<Self>, took: Amounts) -> Written {
        *self.0.lock().unwrap() = took;
        Box::pin(async {})
    }
}

#[test]
fn a_model_that_nobody_hears_counts_with_the_most_it_may_have_taken() {
    let second = Amounts { requests: 0, tokens: 1000, money: 70 };
    let told = Usage { input: 3, output: 4, ..Usage::default() };
    for (both, tokens, money) in [(false, 7, 0), (true, 1007, 70)] {
        let counted = Arc::<Mutex<Amounts>>::default();
        let reservation = Box::new(Counted(counted.clone()));
        let price = Price::default();
        let mut tab =
            Tab { reservation, price, asked: 9, said: 0, input: None, second, both: false };
        tab.both_work();
        if !both {
            tab.one_works();
        }
        drop(tab.settle(told));
        assert_eq!(*counted.lock().unwrap(), Amounts { requests: 1, tokens, money });
    }
}

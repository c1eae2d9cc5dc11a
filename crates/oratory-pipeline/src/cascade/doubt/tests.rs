//! What is told of an answer before anybody reads it.

use futures_util::{StreamExt, stream};
use oratory_contract::{CallPart, Done, Rated, Usage, Wanted};

use super::*;

fn heard(text: &str, logprob: f32, finish: Finish) -> Heard {
    let mut heard = Heard::new("home".into(), "small".into(), stream::empty().boxed());
    let token = Rated { id: 0, bytes: Vec::new(), logprob };
    heard.take(Ok(Chunk::Text(text.to_owned())));
    heard.take(Ok(Chunk::Chances(vec![Chance { token, top: Vec::new() }; 20])));
    heard.take(Ok(Chunk::Done(Done { finish, usage: Usage::default() })));
    heard
}

fn asked(form: Form) -> Asked {
    Asked { form, ..Asked::new("cli".into(), Wanted::Any, Vec::new()) }
}

#[test]
fn likely_words_are_surer() {
    let confidence =
        |logprob| heard("so", logprob, Finish::Stop).confidence(&asked(Form::Text)).unwrap();
    let (sure, middling, unsure) = (confidence(-0.01), confidence(-0.6), confidence(-2.5));
    assert!(sure > 0.9 && unsure < 0.2 && middling < sure && middling > unsure, "{middling}");
    assert!(confidence(f32::NEG_INFINITY) < 0.01);
}

#[test]
fn refusals_and_answers_that_are_none_are_not_sure_at_all() {
    for (text, finish, form) in [
        ("I’m sorry, but I can’t do that.", Finish::Stop, Form::Text),
        ("  I don't know.", Finish::Stop, Form::Text),
        (" ", Finish::Stop, Form::Text),
        ("{\"a\": ", Finish::Length, Form::Json),
        ("a", Finish::Stop, Form::Schema("{}".to_owned())),
    ] {
        let confidence = heard(text, -0.01, finish).confidence(&asked(form));
        assert_eq!(confidence, Some(0.0), "{text}");
    }
    let fine = heard("{\"a\": 1}", -0.01, Finish::Stop).confidence(&asked(Form::Json));
    assert!(fine.unwrap() > 0.9);
}

#[test]
fn a_call_is_an_answer_if_what_it_is_given_is_json() {
    let call = |arguments: &str| {
        let mut heard = Heard::new("home".into(), "small".into(), stream::empty().boxed());
        let arguments = arguments.to_owned();
        heard.take(Ok(Chunk::Call(CallPart { index: 0, begins: None, arguments })));
        heard.take(Ok(Chunk::Done(Done { finish: Finish::Calls, usage: Usage::default() })));
        heard.confidence(&asked(Form::Text))
    };
    assert_eq!((call("{}"), call("{\"a")), (Some(0.5), Some(0.0)));
}

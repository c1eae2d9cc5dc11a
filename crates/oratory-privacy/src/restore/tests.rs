//! Restoring must not depend on where a provider happens to cut its stream, nor on how a model
//! writes what it was given.

use futures_util::{FutureExt, StreamExt};
use oratory_contract::{Answer, CallHead, CallPart, Chance, Chunk, Done, Finish, Rated, Usage};

use super::{Held, Names};

fn names() -> Names {
    let mut names = Names::default();
    names.add("<EMAIL_1>", "a@example.org".to_owned());
    names.add("<CARD_1>", "4111111111111111".to_owned());
    names.add("<EMAIL_10>", "z@example.org".to_owned());
    names.add("<PERSON_2>", "Dwayne \"The Rock\" O'Neil & Sons".to_owned());
    names.add("<ADDRESS_1>", "3 Mill Lane\nLeeds".to_owned());
    names
}

fn streamed(chunks: Vec<Chunk>) -> Vec<Chunk> {
    let done = Chunk::Done(Done { finish: Finish::Stop, usage: Usage::default() });
    let chunks = chunks.into_iter().chain([done.clone()]);
    let answer = Answer {
        place: "cloud".into(),
        model: "m".into(),
        chunks: futures_util::stream::iter(chunks.map(Ok).collect::<Vec<_>>()).boxed(),
    };
    let restored: Vec<_> =
        names().restore(answer).chunks.collect().now_or_never().expect("nothing waits");
    let mut restored: Vec<Chunk> =
        restored.into_iter().map(|chunk| chunk.expect("no failure was put in")).collect();
    assert_eq!(restored.pop(), Some(done), "the end stays the end");
    restored
}

fn said(pieces: &[&str]) -> String {
    let chunks = pieces.iter().map(|piece| Chunk::Text((*piece).to_owned())).collect();
    let words = streamed(chunks).into_iter().map(|chunk| match chunk {
        Chunk::Text(text) => text,
        other => panic!("{other:?}"),
    });
    words.collect()
}

/// What a model may make of surrogates, and what a person should read then.
const WRITTEN: [(&str, &str); 16] = [
    (
        "Dear <EMAIL_1>, card <CARD_1> < 5 and <EMAIL_10> <EMA",
        "Dear a@example.org, card 4111111111111111 < 5 and z@example.org <EMA",
    ),
    ("to <email_1> or <Email_10>", "to a@example.org or z@example.org"),
    (
        r"to \<EMAIL\_1\> or \<EMAIL_1> or <EMAIL\_1>",
        "to a@example.org or a@example.org or a@example.org",
    ),
    ("<p>&lt;EMAIL_1&gt; &#60;email_1&#x3E;</p>", "<p>a@example.org a@example.org</p>"),
    ("&LT;EMAIL&#95;1&GT; &lt;b&gt;", "a@example.org &lt;b&gt;"),
    ("&lt;PERSON_2&gt;", "Dwayne &quot;The Rock&quot; O'Neil &amp; Sons"),
    ("<PERSON_2>'s and <EMAIL_1>s", "Dwayne \"The Rock\" O'Neil & Sons's and a@example.orgs"),
    ("<EMAIL_1's> <EMAIL_10s> <EMAIL_1’s>", "a@example.org's z@example.orgs a@example.org’s"),
    (
        "[mail](mailto:%3CEMAIL_1%3E) %3cPERSON_2%3e",
        "[mail](mailto:a@example.org) Dwayne%20%22The%20Rock%22%20O%27Neil%20%26%20Sons",
    ),
    (r#"{"a":"\u003cPERSON_2\u003e"}"#, r#"{"a":"Dwayne \"The Rock\" O'Neil & Sons"}"#),
    (
        "**<EMAIL_1>** `<CARD_1>` <EMAIL 1> <email-10>",
        "**a@example.org** `4111111111111111` a@example.org z@example.org",
    ),
    ("<<EMAIL_1>> <EMAIL_<EMAIL_1>>", "<a@example.org> <EMAIL_a@example.org>"),
    (
        "<EMAIL_2> <EMAIL_> <EMAIL_100> <EMAIL> <MAIL_1>",
        "<EMAIL_2> <EMAIL_> <EMAIL_100> <EMAIL> <MAIL_1>",
    ),
    (r"a \ b & c % d \\ 100% &amp; &l", r"a \ b & c % d \\ 100% &amp; &l"),
    ("＜EMAIL_1＞ if a<b then <b>", "a@example.org if a<b then <b>"),
    ("", ""),
];

#[test]
fn a_stream_cut_at_any_two_places_is_restored_the_same() {
    for (written, read) in WRITTEN {
        assert_eq!(names().restored(written), read, "in one piece");
        let places: Vec<usize> =
            (0..=written.len()).filter(|at| written.is_char_boundary(*at)).collect();
        for first in &places {
            for second in places.iter().filter(|second| *second >= first) {
                let pieces = [&written[..*first], &written[*first..*second], &written[*second..]];
                assert_eq!(said(&pieces), read, "{written:?} cut at {first} and {second}");
            }
        }
    }
}

#[test]
fn a_stream_letter_by_letter_is_restored_the_same() {
    for (written, read) in WRITTEN {
        let letters: Vec<String> = written.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(said(&letters), read);
    }
}

#[test]
fn no_more_than_one_partial_surrogate_is_held_back() {
    for (text, held) in [
        ("if a < b then <b>", ""),
        ("see <EMAIL_1", "<EMAIL_1"),
        ("see <EMAIL_1> and &lt;emai", "&lt;emai"),
        ("<EMAIL_99", ""),
        (r"\u003", r"\u003"),
        (r"\u00€ and more", ""),
        ("&amp; &lt;x", ""),
        ("100%", "%"),
    ] {
        let mut kept = Held::default();
        names().step(&mut kept, Some(Ok(Chunk::Text(text.to_owned()))));
        assert_eq!(kept.text, held, "{text}");
    }
}

fn call(index: u32, begins: bool, arguments: &str) -> Chunk {
    let head = || CallHead { id: format!("call_{index}"), name: "send".to_owned() };
    Chunk::Call(CallPart { index, begins: begins.then(head), arguments: arguments.to_owned() })
}

#[test]
fn what_a_tool_is_given_stays_json_wherever_it_is_cut() {
    let arguments = r#"{"to":"<EMAIL_1>","who":"\u003cperson_2\u003e","at":["<ADDRESS_1>"],"md":"\\<EMAIL\\_1\\> \\\\ \\u003cPERSON_2\\u003e","n":5}"#;
    let restored = serde_json::json!({
        "to": "a@example.org", "who": "Dwayne \"The Rock\" O'Neil & Sons",
        "at": ["3 Mill Lane\nLeeds"],
        "md": "a@example.org \\\\ Dwayne \\\"The Rock\\\" O'Neil & Sons", "n": 5,
    });
    for cut in 0..=arguments.len() {
        let (one, other) = arguments.split_at(cut);
        let chunks = streamed(vec![call(0, true, one), call(0, false, other)]);
        let mut whole = String::new();
        for chunk in chunks {
            let Chunk::Call(part) = chunk else { panic!("{chunk:?}") };
            whole.push_str(&part.arguments);
        }
        let value: serde_json::Value =
            serde_json::from_str(&whole).unwrap_or_else(|error| panic!("{error}: {whole}"));
        assert_eq!(value, restored, "cut at {cut}");
    }
}

#[test]
fn what_is_held_back_stays_with_what_it_belongs_to() {
    let text = |text: &str| Chunk::Text(text.to_owned());
    let thinking = |text: &str| Chunk::Thinking(text.to_owned());
    let chunks = streamed(vec![
        thinking("who is <EMA"),
        thinking("IL_1>? <EMA"),
        text("IL_1> is <EMAIL"),
        call(0, true, "{\"a\":\"<EMAIL"),
        call(1, true, "_1>"),
    ]);
    let expected = vec![
        thinking("who is "),
        thinking("a@example.org? "),
        thinking("<EMA"),
        text("IL_1> is "),
        text("<EMAIL"),
        call(0, true, "{\"a\":\""),
        call(0, false, "<EMAIL"),
        call(1, true, "_1>"),
    ];
    assert_eq!(chunks, expected);
}

#[test]
fn what_is_said_of_tokens_comes_after_their_text_and_holds_no_surrogate_up() {
    let chance = |text: &str| {
        let token = Rated { id: 1, bytes: text.as_bytes().to_vec(), logprob: -0.5 };
        Chance { token, top: Vec::new() }
    };
    let said = |text: &str| [Chunk::Text(text.to_owned()), Chunk::Chances(vec![chance(text)])];
    let chunks = ["to <EMA", "IL_1>", " now <EM"].iter().flat_map(|text| said(text)).collect();
    let expected = [
        Chunk::Text("to ".to_owned()),
        Chunk::Text("a@example.org".to_owned()),
        Chunk::Chances(vec![chance("to <EMA")]),
        Chunk::Chances(vec![chance("IL_1>")]),
        Chunk::Text(" now ".to_owned()),
        Chunk::Text("<EM".to_owned()),
        Chunk::Chances(vec![chance(" now <EM")]),
    ];
    assert_eq!(streamed(chunks), expected);
}

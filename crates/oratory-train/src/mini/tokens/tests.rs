//! What goes in comes out, and pieces are cut where llama.cpp cuts them.

use super::*;

fn learnt() -> Tokens {
    let texts = ["the cat sat on the mat", "the cats' mats\nthe hats", "{\"the\": \"cat\"}"];
    Tokens::learn(texts.iter().map(|text| (*text).to_owned()), 256 + MARKS.len() + 20)
}

#[test]
fn any_text_comes_out_as_it_went_in() {
    let tokens = learnt();
    for text in
        ["the cats", "", "\u{1F600} grüße\r\n\n  x", "a<think>b</think><|im_end|>\n", "< <<tools>"]
    {
        assert_eq!(tokens.text(&tokens.cut(text)), text);
        let loose = Loose { seed: 3, share: 0.5 };
        assert_eq!(tokens.text(&tokens.cut_loosely(text, Some(loose))), text);
    }
    assert_eq!(tokens.cut("the").len(), 1);
    assert_eq!(tokens.cut("<think>"), [tokens.mark("<think>")]);
    assert!(tokens.cut_loosely("the", Some(Loose { seed: 3, share: 1.0 })).len() == 3);
}

#[test]
fn pieces_are_those_of_qwen2() {
    let pieces = |text: &'static str| {
        let mut out = Vec::new();
        pieces::each(text, |piece| out.push(piece));
        out
    };
    assert_eq!(
        pieces("It's 42, ok?\n\nYes"),
        ["It", "'s", " ", "4", "2", ",", " ok", "?\n\n", "Yes"]
    );
    assert_eq!(pieces("a  b \n c"), ["a", " ", " b", " \n", " c"]);
    assert_eq!(pieces("{\"a\": \"b c\"}"), ["{\"", "a", "\":", " \"", "b", " c", "\"}"]);
    assert_eq!(pieces("(x) \"Zoë\" end  "), ["(x", ")", " \"", "Zoë", "\"", " end", "  "]);
}

#[test]
fn a_vocabulary_that_leans_on_itself_is_refused() {
    let read = |text: &str| serde_json::from_str::<Tokens>(text).unwrap().ready();
    assert!(read(r#"{"merges": [[97, 98], [256, 99]]}"#).is_some());
    assert!(read(r#"{"merges": [[97, 256]]}"#).is_none());
}

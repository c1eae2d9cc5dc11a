//! Values cut in two or three, and texts that only look so side by side.

use super::find_across;
use crate::{Custom, Kind};

fn parts<'t>(texts: &[&'t str]) -> Vec<Vec<(Kind, &'t str)>> {
    let found = find_across(texts, Custom::none());
    let part = |(text, findings): (&&'t str, Vec<crate::Finding>)| {
        findings.into_iter().map(|finding| (finding.kind, &text[finding.span])).collect()
    };
    texts.iter().zip(found).map(part).collect()
}

#[test]
fn a_value_cut_in_two_is_found_in_both() {
    let found = parts(&["My card is 4111 1111 ", "1111 1111, thanks."]);
    assert_eq!(found, [[(Kind::Card, "4111 1111")], [(Kind::Card, "1111 1111")]]);
    let found = parts(&["write to ada@exa", "mple.org now"]);
    assert_eq!(found, [[(Kind::Email, "ada@exa")], [(Kind::Email, "mple.org")]]);
}

#[test]
fn a_value_cut_in_three_is_found_in_all() {
    let found = parts(&["card 41111", "111111", "11111"]);
    assert_eq!(found, [[(Kind::Card, "41111")], [(Kind::Card, "111111")], [(Kind::Card, "11111")]]);
}

#[test]
fn the_end_of_a_long_text_meets_the_next() {
    let long = format!("{}card 4111 1111", "Nothing here. ".repeat(500));
    let found = parts(&[&long, "1111 1111"]);
    assert_eq!(found[1], [(Kind::Card, "1111 1111")]);
}

#[test]
fn whole_values_and_plain_texts_are_left() {
    let empty: [Vec<(Kind, &str)>; 2] = [vec![], vec![]];
    assert_eq!(parts(&["card 4111 1111 1111 1111", "thanks"]), empty);
    assert_eq!(parts(&["It was in 2024.", "1000 people came."]), empty);
    assert_eq!(parts(&["", "x"]), empty);
}

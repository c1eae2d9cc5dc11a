//! Values cut in two or three, and texts that only look so side by side.

use super::{find_across, find_in_turns};
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
fn an_address_is_found_whole_though_its_end_is_one_too() {
    let found = parts(&["c1eee41f.lar", "k@example.org"]);
    assert_eq!(found, [[(Kind::Email, "c1eee41f.lar")], [(Kind::Email, "k@example.org")]]);
    assert_eq!(parts(&["write to", "ada@example.org"]), [[], []]);
    assert_eq!(parts(&["ada@example.org", "now"]), [[], []]);
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
    assert_eq!(parts(&["I am ada@example.org.", "Not bob@example.org"]), empty);
    assert_eq!(parts(&["I am ada@example.org", "now and then"]), empty);
}

fn in_turns<'t>(turns: &[(&str, &'t str)]) -> Vec<Vec<(Kind, &'t str)>> {
    let found = find_in_turns(turns, Custom::none());
    let part = |((_, text), findings): (&(&str, &'t str), Vec<crate::Finding>)| {
        findings.into_iter().map(|finding| (finding.kind, &text[finding.span])).collect()
    };
    turns.iter().zip(found).map(part).collect()
}

#[test]
fn what_one_speaker_cuts_is_found_whoever_speaks_in_between() {
    let turns = [("user", "mail ada@exa"), ("assistant", "And?"), ("user", "mple.org")];
    let found = in_turns(&turns);
    assert_eq!(found, [vec![(Kind::Email, "ada@exa")], vec![], vec![(Kind::Email, "mple.org")]]);
}

#[test]
fn an_empty_line_within_a_thing_hides_it_not() {
    let found = in_turns(&[("user", "Hello.\n\nmail ada@exa\n\nmple.org now\n\nThanks.")]);
    assert_eq!(found, [[(Kind::Email, "ada@exa"), (Kind::Email, "mple.org")]]);
    let empty: [Vec<(Kind, &str)>; 1] = [vec![]];
    assert_eq!(in_turns(&[("user", "It was in 2024.\n\n1000 came.\n\n# More\n\nText")]), empty);
}

#[test]
fn wherever_an_encoded_address_is_cut_nearly_all_of_it_is_found() {
    let address = "c4beb6fd.lark@example.org";
    let written = |each: fn(char) -> String| address.chars().map(each).collect::<String>();
    for whole in [
        written(|sign| format!("&#{};", sign as u32)),
        written(|sign| format!("&#x{:x};", sign as u32)),
        written(|sign| format!("%{:02x}", sign as u32)),
        written(|sign| format!("\\u{:04x}", sign as u32)),
    ] {
        for at in 1..whole.len() {
            let (before, after) = whole.split_at(at);
            for text in [format!("{before}\n\n{after}"), format!("{before} \n\n {after}")] {
                let found: usize =
                    in_turns(&[("user", &text)])[0].iter().map(|it| it.1.len()).sum();
                assert!(found + 12 >= whole.len(), "{found} of {text:?}");
            }
        }
    }
}

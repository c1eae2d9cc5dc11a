//! One's own kinds: found, labelled, masked by their name; and every mistake is told.

use oratory_contract::{Labels, Sensitivity};

use super::*;
use crate::{find_with, labels_with};

fn described(name: &str, terms: &[&str], patterns: &[&str]) -> Description {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Description {
        name: name.to_owned(),
        labels: Labels::of(Sensitivity::Secret).within("acme-legal"),
        terms: owned(terms),
        patterns: owned(patterns),
    }
}

fn refused(description: Description) -> String {
    Custom::new(&[description]).expect_err("it is wrong").to_string()
}

#[test]
fn terms_and_patterns_are_found_with_their_labels() {
    let custom = Custom::new(&[described("project_name", &["Blue Heron"], &["ACME-[0-9]{4}"])]);
    let custom = custom.expect("it is right");
    let text = "Is BLUE HERON late? See ACME-1234, not blue herons.";
    let found = find_with(text, &custom);
    let names: Vec<_> =
        found.iter().map(|one| (one.kind.as_str(), &text[one.span.clone()])).collect();
    assert_eq!(names, [("PROJECT_NAME", "BLUE HERON"), ("PROJECT_NAME", "ACME-1234")]);
    let labels = labels_with(text, &custom).expect("two things are there");
    assert_eq!(labels.to_string(), "secret+acme-legal");
}

#[test]
fn they_are_found_in_disguise_and_not_in_surrogates() {
    let custom = Custom::new(&[described("project", &["blue heron"], &[])]).expect("it is right");
    assert_eq!(find_with("blue\u{200b} he\u{200b}ron", &custom).len(), 1);
    let named = Custom::new(&[described("project", &["project"], &[])]).expect("it is right");
    assert_eq!(find_with("<PROJECT_1> is done", &named).len(), 0);
}

#[test]
fn every_mistake_names_the_place() {
    let name = refused(described("my project", &["x1"], &[]));
    assert!(name.starts_with("\"my project\" is no name for a kind"), "{name}");
    assert!(refused(described("email", &["x1"], &[])).contains("give it another name"));
    let term = refused(described("project", &["fine", "x"], &[]));
    assert!(term.starts_with("term 2 of \"project\" is shorter"), "{term}");
    let pattern = refused(described("project", &[], &["[a-"]));
    assert!(pattern.starts_with("pattern 1 of \"project\" cannot be used"), "{pattern}");
    assert!(refused(described("project", &[], &["a*"])).contains("everywhere"));
    assert!(refused(described("project", &[], &["(a{1000}){1000}"])).contains("cannot be used"));
    let many: Vec<Description> = (0..300).map(|_| described("x", &[], &[])).collect();
    let many = Custom::new(&many).expect_err("too many").to_string();
    assert_eq!(many, "there are 300 kinds; at most 256 are possible: take some out");
}

//! The page holds what it promises, and nothing that a name could smuggle in.

use oratory_contract::{Price, Usage};
use oratory_store::Entry;

use super::*;
use crate::commands::ledger::Reference;
use crate::commands::ledger::even::Curve;

const DAY_MS: u64 = 86_400_000;

fn entry(day: u64, place: &str, model: &str) -> Entry {
    Entry {
        started_ms: (20_778 + day) * DAY_MS,
        caller: "ada".to_owned(),
        place: place.to_owned(),
        model: model.to_owned(),
        answered: true,
        usage: Usage {
            input: 1000,
            output: 500,
            microjoules: (place == "home").then_some(9_000_000),
            ..Usage::default()
        },
        spent: Some(if place == "home" {
            oratory_contract::Money::NONE
        } else {
            "0.25".parse().unwrap()
        }),
        first_chunk_us: Some(30_000),
        total_us: 2_030_000,
        ..Entry::default()
    }
}

fn made(entries: &[Entry]) -> String {
    let price = Price::flat("3".parse().unwrap(), "15".parse().unwrap());
    let mut sums = Sums::of(&[], By::Model, &BY, price);
    entries.iter().for_each(|entry| sums.add(entry));
    let mut even = Curve {
        machine_dollars: 2500.0,
        watts: 60.0,
        idle_watts: 8.0,
        dollars_a_kilowatt_hour: 0.3,
        worth_of_a_second: Some(0.005),
        duty: 0.25,
        points: Vec::new(),
    };
    even.points = even.at(0.25).into_iter().collect();
    let report = Report {
        days: None,
        by: By::Model,
        rows: sums.rows(By::Model),
        total: sums.total().clone(),
        home_share: sums.total().home_share(),
        reference: Reference { name: "a/<b>".to_owned(), dollars_for_a_million: price },
        joules: sums.total().joules(),
        break_even: Some(even),
    };
    page(&report, &sums, 1_795_220_063)
}

#[test]
fn it_tells_every_plot_also_as_a_table() {
    let page =
        made(&[entry(0, "home", "mini"), entry(0, "cloud", "large"), entry(3, "home", "mini")]);
    // Share, money, tokens, energy, months, costs.
    assert_eq!(page.matches("<svg").count(), 6, "{page}");
    assert_eq!(page.matches("<title>").count() - 1 - page.matches("<rect").count(), 6);
    assert_eq!(page.matches("<table").count(), 6 + 3);
    // Days on which nothing happened stand between.
    for day in ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"] {
        assert!(page.contains(&format!("<th scope=\"row\">{day}</th>")), "{day}");
    }
    for told in ["67 %", "$0.25", "18.0 J", "2026-11-21T00:14:23Z", "paid after"] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn what_was_not_measured_has_no_plot() {
    let page = made(&[entry(0, "cloud", "large")]);
    assert!(page.contains("Energy: not measured"), "{page}");
    assert!(!page.contains("<h3>Energy</h3>"));
}

#[test]
fn names_of_others_are_text() {
    let hostile = "x\"'><script>alert(1)</script>\u{1b}[2J";
    let mut entry = entry(0, hostile, hostile);
    entry.caller = hostile.to_owned();
    let page = made(&[entry]);
    assert!(!page.contains("<script") && !page.contains('\u{1b}'), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("a/&lt;b&gt;"));
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="));
}

#[test]
fn nothing_but_such_a_page_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let (mine, page) = (folder.path().join("mine.html"), folder.path().join("ledger.html"));
    assert!(may_be_replaced(&page));
    std::fs::write(&mine, "<!DOCTYPE html>\n<title>Mine</title>").unwrap();
    assert!(!may_be_replaced(&mine));
    std::fs::write(&page, made(&[])).unwrap();
    assert!(may_be_replaced(&page));
    assert!(!may_be_replaced(folder.path()));
}

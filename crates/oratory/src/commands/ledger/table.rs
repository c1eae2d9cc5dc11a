//! The ledger for people.

use oratory_contract::Money;

use super::even::Curve;
use super::{Report, Row, Sum};
use crate::out;

/// Columns beside the name.
const COLUMNS: usize = 62;

pub(super) fn show(report: &Report) {
    let span = report.days.map_or("so far".to_owned(), |days| format!("in the last {days} days"));
    if report.total.requests == 0 {
        out::line(format_args!("No request was recorded {span}."));
        return;
    }
    rows(report);
    out::line("");
    let Sum { answered, requests, spent, at_reference, unpriced, .. } = &report.total;
    out::line(format_args!("{answered} of {requests} requests answered {span}."));
    if let Some(share) = report.home_share {
        out::line(format_args!("{:.1} % of the answers were given at home.", share * 100.0));
    }
    out::line(format_args!(
        "Spent {spent}; the same tokens would cost {at_reference} at {}.",
        report.reference.name
    ));
    if *unpriced > 0 {
        out::line(format_args!(
            "Of {unpriced} requests nobody knows the price: set `price` for their places."
        ));
    }
    out::line("Energy: not measured.");
    if let Some(curve) = &report.break_even {
        even(curve);
    }
}

fn rows(report: &Report) {
    let longest = report.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let room = out::width().saturating_sub(COLUMNS);
    if room < 12 {
        return report.rows.iter().for_each(narrow);
    }
    let width = longest.clamp(8, room);
    out::line(out::bold(format_args!(
        "{:width$} {:>9} {:>9} {:>9} {:>9} {:>10} {:>10}",
        "", "requests", "read", "known", "written", "spent", "elsewhere"
    )));
    for Row { name, sum } in &report.rows {
        let name: String = name.chars().take(width).collect();
        out::line(format_args!(
            "{name:width$} {:>9} {:>9} {:>9} {:>9} {:>10} {:>10}",
            sum.requests,
            short(sum.input_tokens),
            short(sum.cached_tokens),
            short(sum.output_tokens),
            spent(sum),
            sum.at_reference,
        ));
    }
}

fn narrow(Row { name, sum }: &Row) {
    let (read, written) = (short(sum.input_tokens), short(sum.output_tokens));
    out::line(out::bold(name));
    out::line(format_args!("  {} requests, {read} tokens read, {written} written", sum.requests));
    out::line(format_args!("  spent {}, elsewhere {}", spent(sum), sum.at_reference));
}

fn spent(sum: &Sum) -> String {
    match (sum.spent, sum.unpriced) {
        (Money::NONE, 0) => "-".to_owned(),
        (Money::NONE, _) => "unknown".to_owned(),
        (spent, 0) => spent.to_string(),
        (spent, _) => format!("{spent}+"),
    }
}

fn even(curve: &Curve) {
    let Curve { machine_dollars, watts, idle_watts, dollars_a_kilowatt_hour, .. } = curve;
    out::line("");
    out::line(format_args!(
        "A machine for ${machine_dollars:.0} that draws {watts:.0} W at work and {idle_watts:.0} W at \
         rest, at ${dollars_a_kilowatt_hour:.2} a kWh:"
    ));
    if curve.points.is_empty() {
        out::line("nothing was answered at home yet, so nobody can say what its work is worth.");
    }
    if !curve.points.is_empty() {
        out::line("This compares tokens, not how good the answers are.");
    }
    for point in &curve.points {
        let paid = match point.days {
            Some(days) if days < 3650.0 => format!("paid after {days:.0} days"),
            Some(_) => "paid after more than ten years".to_owned(),
            None => "never paid".to_owned(),
        };
        out::line(format_args!(
            "{:>4.0} % of the day at work: saves ${:.2} a day, takes ${:.2} of electricity; {paid}",
            point.duty * 100.0,
            point.saved_a_day,
            point.electricity_a_day,
        ));
    }
}

/// Returns a number as people say it: 12.3k, 4.5M.
fn short(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{:.1}k", number as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1}M", number as f64 / 1e6),
        _ => format!("{:.1}G", number as f64 / 1e9),
    }
}

//! The ledger for people, at any width.

use super::columns::{COLUMNS, Column, joules, plain, short, spent};
use super::even::Curve;
use super::{Report, Row, Sum};
use crate::out::{self, wrapped};

/// The least room for names.
const NAME: usize = 12;

pub(super) fn show(report: &Report) {
    for line in lines(report, out::width()) {
        out::line(line);
    }
}

fn lines(report: &Report, width: usize) -> Vec<String> {
    let span = report.days.map_or("so far".to_owned(), |days| format!("in the last {days} days"));
    if report.total.requests == 0 {
        return wrapped(&format!("No request was recorded {span}."), width);
    }
    let mut lines = rows(report, width);
    lines.push(String::new());
    for text in sentences(report, &span) {
        lines.extend(wrapped(&text, width));
    }
    if let Some(curve) = &report.break_even {
        lines.push(String::new());
        lines.extend(even(curve).iter().flat_map(|text| wrapped(text, width)));
    }
    lines
}

fn sentences(report: &Report, span: &str) -> Vec<String> {
    let Sum { answered, requests, spent, at_reference, unpriced, .. } = &report.total;
    let mut told = vec![format!("{answered} of {requests} requests answered {span}.")];
    if let Some(share) = report.home_share {
        told.push(format!("{:.1} % of the answers were given at home.", share * 100.0));
    }
    told.push(format!(
        "Spent {spent}; the same tokens would cost {at_reference} at {}.",
        report.reference.name
    ));
    if *unpriced > 0 {
        told.push(format!(
            "Of {unpriced} requests nobody knows the price: set `price` for their places."
        ));
    }
    if report.total.at_todays_price > 0 {
        let count = report.total.at_todays_price;
        told.push(format!("{count} requests count with today's price: theirs was not recorded."));
    }
    told.push(energy(&report.total));
    told
}

/// Returns what is known of the energy, in a sentence.
pub(super) fn energy(total: &Sum) -> String {
    let Some(all) = total.joules() else {
        return "Energy: not measured; `oratory doctor` says why.".to_owned();
    };
    let each = total
        .joules_a_token()
        .map_or(String::new(), |each| format!(", {each:.2} J a token written"));
    format!(
        "Energy: {} ({:.2} Wh), measured for {} of {} requests worked on at home{each}; gross, whatever else \
         the machine did meanwhile.",
        joules(all),
        all / 3600.0,
        total.measured,
        total.worked_at_home,
    )
}

/// Returns the columns there is room for, in order; those that say nothing are left out first.
fn columns(rows: &[Row], width: usize) -> Vec<&'static Column> {
    let says = |column: &&Column| rows.iter().any(|row| (column.tell)(&row.sum) != "-");
    let mut shown: Vec<&Column> = COLUMNS.iter().filter(says).collect();
    let taken = |shown: &[&Column]| shown.iter().map(|column| column.width + 1).sum::<usize>();
    while taken(&shown) + NAME > width {
        let Some(least) = shown.iter().map(|column| column.rank).max() else { break };
        shown.retain(|column| column.rank != least);
    }
    shown
}

fn rows(report: &Report, width: usize) -> Vec<String> {
    let columns = columns(&report.rows, width);
    if columns.len() < 4 {
        return report.rows.iter().flat_map(|row| narrow(row, width)).collect();
    }
    let names: Vec<String> = report.rows.iter().map(|row| plain(&row.name)).collect();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let taken: usize = columns.iter().map(|column| column.width + 1).sum();
    let room = longest.min(width.saturating_sub(taken)).max(NAME);
    let line = |name: &str, tell: &dyn Fn(&Column) -> String| {
        let name: String = name.chars().take(room).collect();
        let cells = columns.iter().map(|column| format!(" {:>1$}", tell(column), column.width));
        format!("{name:room$}{}", cells.collect::<String>())
    };
    let head = line("", &|column| column.head.to_owned());
    let mut lines = vec![out::bold(head)];
    for (name, row) in names.iter().zip(&report.rows) {
        lines.push(line(name, &|column| (column.tell)(&row.sum)));
    }
    lines
}

fn narrow(Row { name, sum }: &Row, width: usize) -> Vec<String> {
    let (read, written) = (short(sum.input), short(sum.output));
    let facts = [
        format!("{} requests, {read} tokens read, {written} written", sum.requests),
        format!("spent {}, elsewhere {}", spent(sum), sum.at_reference),
    ];
    let mut lines: Vec<String> = wrapped(&plain(name), width).iter().map(out::bold).collect();
    for fact in facts {
        let fact = wrapped(&fact, width.saturating_sub(2));
        lines.extend(fact.iter().map(|line| format!("  {line}")));
    }
    lines
}

fn even(curve: &Curve) -> Vec<String> {
    let Curve { machine_dollars, watts, idle_watts, dollars_a_kilowatt_hour, .. } = curve;
    let mut told = vec![format!(
        "A machine for ${machine_dollars:.0} that draws {watts:.0} W at work and {idle_watts:.0} W at \
         rest, at ${dollars_a_kilowatt_hour:.2} a kWh:"
    )];
    told.push(match curve.points.is_empty() {
        true => {
            "nothing was answered at home yet, so nobody can say what its work is worth.".to_owned()
        }
        false => "This compares tokens, not how good the answers are.".to_owned(),
    });
    for point in &curve.points {
        let paid = match point.days {
            Some(days) if days < 3650.0 => format!("paid after {days:.0} days"),
            Some(_) => "paid after more than ten years".to_owned(),
            None => "never paid".to_owned(),
        };
        told.push(format!(
            "{:>4.0} % of the day at work: saves ${:.2} a day, takes ${:.2} of electricity; {paid}",
            point.duty * 100.0,
            point.saved_a_day,
            point.electricity_a_day,
        ));
    }
    told
}

#[cfg(test)]
mod tests {
    use oratory_contract::Price;

    use super::*;
    use crate::cli::By;
    use crate::commands::ledger::Reference;

    fn report() -> Report {
        let sum = Sum {
            requests: 12,
            answered: 12,
            answered_at_home: 12,
            input: 123_456,
            output: 45_678,
            spent: "0.0123".parse().unwrap(),
            at_reference: "1.50".parse().unwrap(),
            measured: 3,
            measured_output: 100,
            microjoules: 250_000_000,
            worked_at_home: 12,
            ..Sum::default()
        };
        let name = "home/a-model-with-a-name\u{1b}[31m-that-is-longer-than-a-column".to_owned();
        Report {
            days: None,
            by: By::Model,
            rows: vec![Row { name, sum: sum.clone() }],
            home_share: sum.home_share(),
            joules: sum.joules(),
            total: sum,
            reference: Reference { name: "a/b".to_owned(), dollars_for_a_million: Price::FREE },
            break_even: None,
        }
    }

    #[test]
    fn it_fits_any_width_and_obeys_no_name() {
        for width in [20, 40, 60, 80, 200, usize::MAX] {
            for line in lines(&report(), width) {
                assert!(line.chars().count() <= width, "{width}: {line}");
                assert!(!line.contains('\u{1b}'), "{line:?}");
            }
        }
        let wide = lines(&report(), 200).join("\n");
        let sixty = lines(&report(), 60).join("\n");
        for told in ["requests", "spent", "$0.012", "elsewhere", "$1.50"] {
            assert!(wide.contains(told) && sixty.contains(told), "{told}: {wide}\n{sixty}");
        }
        assert!(wide.contains("250.0 J") && wide.contains("2.50"), "{wide}");
        // What says nothing has no column.
        assert!(!wide.contains("thinking") && !wide.contains("tokens/s"), "{wide}");
        let all = sixty.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(all.contains("measured for 3 of 12 requests worked on at home"), "{all}");
    }

    #[test]
    fn energy_that_nobody_measured_is_called_so() {
        assert!(energy(&Sum { requests: 1, ..Sum::default() }).contains("not measured"));
    }
}

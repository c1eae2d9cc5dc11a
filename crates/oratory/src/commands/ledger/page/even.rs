//! When a machine has paid for itself, drawn: over the share of the day at work, and month by month.
//!
//! Compares tokens, not how good the answers are, and says so.

use super::super::even::Curve;
use super::parts::{escaped, framed, table};
use super::plot::{self, Axes, Series, dollars};

/// Months that are drawn.
const MONTHS: f64 = 36.0;
/// Months after which no machine is waited for.
const LONGEST: f64 = 120.0;

pub(super) fn section(curve: &Curve) -> String {
    let told = format!(
        "A machine for {} that draws {:.0} W at work and {:.0} W at rest, at {} a kilowatt hour, against the \
         model of reference, cached tokens at their own price. This compares tokens, not how good the answers are.",
        dollars(curve.machine_dollars),
        curve.watts,
        curve.idle_watts,
        dollars(curve.dollars_a_kilowatt_hour)
    );
    let body = match curve.worth_of_a_second {
        Some(_) => months_by_duty(curve) + &costs_by_month(curve),
        None => {
            "<p>Nothing was answered at home yet, so nobody can say what its work is worth.</p>"
                .to_owned()
        }
    };
    format!(
        "<section><h2>When a machine has paid for itself</h2>\n<p>{}</p>\n{body}</section>\n",
        escaped(&told)
    )
}

fn months(months: Option<f64>) -> String {
    match months {
        Some(months) if months <= LONGEST => format!("{months:.1} months"),
        Some(_) => "more than ten years".to_owned(),
        None => "never".to_owned(),
    }
}

fn months_by_duty(curve: &Curve) -> String {
    let title = "Months until it is paid";
    let about = "By the share of the day that the machine is at work. Where there is no line it takes more than \
                 ten years, or never comes.";
    let at = |percent: u32| curve.at(f64::from(percent) / 100.0).and_then(|point| point.months());
    let points: Vec<_> = (1..=100)
        .map(|percent| (f64::from(percent), at(percent).filter(|months| *months <= LONGEST)))
        .collect();
    let top = points.iter().filter_map(|(_, months)| *months).fold(0.0, f64::max);
    let axes = Axes {
        right: 100.0,
        top,
        across: &|percent| format!("{percent:.0} %"),
        up: &|months| format!("{months:.0}"),
    };
    let drawn = plot::lines(title, about, &[("one", points)], &axes);
    let rows = (1..=100).filter(|percent| *percent < 5 || percent % 5 == 0);
    let rows = rows.map(|percent| (format!("{percent} %"), vec![months(at(percent))]));
    framed(title, about, &drawn, &[], &table(title, &["paid after"], rows))
}

fn costs_by_month(curve: &Curve) -> String {
    let Some(point) = curve.at(curve.duty) else { return String::new() };
    let title = "Cost, month by month";
    let paid = months(point.months());
    let about = format!(
        "All that is spent with the machine {:.0} % of the day at work, electricity included, beside the same \
         tokens elsewhere. Paid after: {paid}.",
        curve.duty * 100.0
    );
    let all: Vec<(f64, (f64, f64))> = (0..=MONTHS as u32)
        .map(|month| (f64::from(month), point.costs(curve.machine_dollars, f64::from(month))))
        .collect();
    let here = all.iter().map(|(month, (here, _))| (*month, Some(*here))).collect();
    let there = all.iter().map(|(month, (_, there))| (*month, Some(*there))).collect();
    let top = all.iter().map(|(_, (here, there))| here.max(*there)).fold(0.0, f64::max);
    let axes = Axes {
        right: MONTHS,
        top,
        across: &|month| format!("month {month:.0}"),
        up: &plot::axis_dollars,
    };
    let drawn = plot::lines(title, &about, &[("one", here), ("other", there)], &axes);
    let rows = all.iter().filter(|(month, _)| (*month as u32).is_multiple_of(3)).map(
        |(month, (here, there))| {
            (format!("month {month:.0}"), vec![dollars(*here), dollars(*there)])
        },
    );
    let names = ["the machine", "elsewhere"];
    let keys =
        [Series::new(names[0], "one", Vec::new()), Series::new(names[1], "other", Vec::new())];
    framed(title, &about, &drawn, &keys, &table(title, &names, rows))
}

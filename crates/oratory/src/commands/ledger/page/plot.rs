//! Plots as inline SVG: bars for days, lines for curves.
//!
//! Every plot has a title and a description for those who hear it, and takes its colours from the page.

use std::fmt::Write;

use oratory_contract::Money;

use super::parts::escaped;

/// The size of a plot, and what its axes take of it.
const WIDE: f64 = 720.0;
const HIGH: f64 = 260.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 30.0;
const ABOVE: f64 = 14.0;
const BELOW: f64 = 30.0;

/// Labels on the axis of a plot, at most.
const LABELS: usize = 8;

/// Figures that belong together.
pub(super) struct Series {
    pub(super) name: String,
    /// Which colour it takes: `one` or `other`.
    pub(super) class: &'static str,
    pub(super) values: Vec<Option<f64>>,
}

impl Series {
    pub(super) fn new(name: &str, class: &'static str, values: Vec<Option<f64>>) -> Self {
        Self { name: name.to_owned(), class, values }
    }
}

/// How high a plot reaches, and how its figures are told.
pub(super) struct Scale<'a> {
    pub(super) top: Option<f64>,
    pub(super) tell: &'a dyn Fn(f64) -> String,
}

/// Returns dollars in words, also fewer than none.
pub(super) fn dollars(amount: f64) -> String {
    let money = Money::picodollars((amount.abs() * 1e12).round() as u64);
    format!("{}{money}", if amount < 0.0 && money > Money::NONE { "-" } else { "" })
}

/// Returns dollars as they stand at an axis, where there is no room for cents that say nothing.
pub(super) fn axis_dollars(amount: f64) -> String {
    match amount {
        some if some >= 100.0 => format!("${some:.0}"),
        few => dollars(few),
    }
}

/// Returns a round number from which on everything fits, and the steps to it.
fn steps(most: f64) -> (f64, f64) {
    if !most.is_finite() || most <= 0.0 {
        return (1.0, 0.25);
    }
    let rough = most / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let factor =
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|factor| factor * power >= rough * 0.999_999);
    let step = factor.unwrap_or(10.0) * power;
    ((most / step).ceil().max(1.0) * step, step)
}

/// Draws bars, one group for each label.
pub(super) fn bars(
    title: &str,
    about: &str,
    labels: &[String],
    series: &[Series],
    scale: &Scale<'_>,
) -> String {
    let values = || series.iter().flat_map(|series| series.values.iter().flatten().copied());
    let (top, step) = match scale.top {
        Some(top) => (top, top / 4.0),
        None => steps(values().fold(0.0, f64::max)),
    };
    let mut svg = opened(title, about);
    grid(&mut svg, top, step, scale.tell);
    let slot = (WIDE - LEFT - RIGHT) / labels.len().max(1) as f64;
    let width = (slot * 0.8 / series.len().max(1) as f64).clamp(0.5, 40.0);
    let all = width * series.len() as f64;
    for (at, label) in labels.iter().enumerate() {
        let begins = LEFT + slot * (at as f64 + 0.5) - all / 2.0;
        for (number, series) in series.iter().enumerate() {
            let Some(value) = series.values[at].filter(|value| *value > 0.0) else { continue };
            let (x, high) = (begins + width * number as f64, value / top * (HIGH - ABOVE - BELOW));
            let y = HIGH - BELOW - high;
            let told = escaped(&format!("{label}, {}: {}", series.name, (scale.tell)(value)));
            let class = series.class;
            let _ = writeln!(
                svg,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{high:.1}\">\
                 <title>{told}</title></rect>"
            );
        }
    }
    let every = labels.len().div_ceil(LABELS).max(1);
    for (at, label) in labels.iter().enumerate().filter(|(at, _)| at % every == 0) {
        // The year is told by the table.
        let short = label.split_once('-').map_or(label.as_str(), |(_, short)| short);
        under(&mut svg, LEFT + slot * (at as f64 + 0.5), short);
    }
    svg + "</svg>"
}

/// The axes of a plot with lines.
pub(super) struct Axes<'a> {
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) across: &'a dyn Fn(f64) -> String,
    pub(super) up: &'a dyn Fn(f64) -> String,
}

/// How far across each point is, and how far up, if anywhere.
pub(super) type Points = Vec<(f64, Option<f64>)>;

/// Draws lines through points; a line is broken where there is none.
pub(super) fn lines(title: &str, about: &str, lines: &[(&str, Points)], axes: &Axes<'_>) -> String {
    let (top, step) = steps(axes.top);
    let mut svg = opened(title, about);
    grid(&mut svg, top, step, axes.up);
    let place = |x: f64, y: f64| {
        let across = LEFT + x / axes.right * (WIDE - LEFT - RIGHT);
        (across, HIGH - BELOW - y / top * (HIGH - ABOVE - BELOW))
    };
    for quarter in 0..=4 {
        let x = axes.right * f64::from(quarter) / 4.0;
        under(&mut svg, place(x, 0.0).0, &(axes.across)(x));
    }
    for (class, points) in lines {
        let mut path = String::new();
        let mut broken = true;
        for (x, y) in points {
            let Some(y) = y.filter(|y| *y <= top) else {
                broken = true;
                continue;
            };
            let (x, y) = place(*x, y);
            let _ = write!(path, "{}{x:.1} {y:.1}", if broken { "M" } else { "L" });
            broken = false;
        }
        let _ = writeln!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
    }
    svg + "</svg>"
}

fn opened(title: &str, about: &str) -> String {
    // Names that are heard stand inside, so that two plots of a page need no numbers.
    format!(
        "<svg viewBox=\"0 0 {WIDE} {HIGH}\" role=\"img\" aria-label=\"{0}. {1}\"><title>{0}</title><desc>{1}</desc>\n",
        escaped(title),
        escaped(about)
    )
}

fn grid(svg: &mut String, top: f64, step: f64, tell: &dyn Fn(f64) -> String) {
    let count = (top / step).round() as u32;
    for number in 0..=count {
        let value = step * f64::from(number);
        let y = HIGH - BELOW - value / top * (HIGH - ABOVE - BELOW);
        let (right, told) = (WIDE - RIGHT, escaped(&tell(value)));
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"up\" x=\"{:.1}\" y=\"{:.1}\">{told}</text>",
            LEFT - 6.0,
            y + 4.0
        );
    }
}

fn under(svg: &mut String, x: f64, text: &str) {
    let y = HIGH - BELOW + 18.0;
    let _ =
        writeln!(svg, "<text class=\"across\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (most, top, step) in [
            (0.0, 1.0, 0.25),
            (3.0, 3.0, 1.0),
            (7.3, 8.0, 2.0),
            (0.013, 0.015, 0.005),
            (100.0, 100.0, 25.0),
        ] {
            let (found_top, found_step) = steps(most);
            assert!((found_top - top).abs() < 1e-9, "{most}: {found_top}");
            assert!((found_step - step).abs() < 1e-9, "{most}: {found_step}");
        }
    }

    #[test]
    fn fewer_dollars_than_none_are_told() {
        assert_eq!((dollars(-1.5).as_str(), dollars(0.0).as_str()), ("-$1.50", "$0.00"));
    }

    #[test]
    fn a_day_without_a_figure_has_no_bar() {
        let labels = ["2026-11-20".to_owned(), "2026-11-21".to_owned()];
        let series = Series::new("spent", "one", vec![None, Some(2.0)]);
        let drawn =
            bars("Money", "a day", &labels, &[series], &Scale { top: None, tell: &dollars });
        assert_eq!(drawn.matches("<rect").count(), 1, "{drawn}");
        assert!(drawn.contains("<title>2026-11-21, spent: $2.00</title>"), "{drawn}");
    }
}

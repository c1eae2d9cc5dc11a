//! Parts of the page: tiles, tables, and figures with a table beside them.
//!
//! Whatever was named by others is escaped here.

use super::super::columns::{COLUMNS, percent, plain, spent};
use super::super::table::energy;
use super::super::{Report, Row};
use super::plot::{self, Scale, Series};

/// Returns a text as it may stand anywhere in a page.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in plain(text).chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            sign => safe.push(sign),
        }
    }
    safe
}

/// Returns the totals.
pub(super) fn tiles(report: &Report) -> String {
    let total = &report.total;
    let share = report.home_share.map_or_else(|| "-".to_owned(), percent);
    let saved = match total.unpriced {
        0 => plot::dollars(total.at_reference.dollars() - total.spent.dollars()),
        _ => "unknown".to_owned(),
    };
    let tile = |name: &str, value: &str, more: &str| {
        format!(
            "<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n",
            escaped(name),
            escaped(value),
            escaped(more)
        )
    };
    let unpriced = match total.unpriced {
        0 => "every price was known".to_owned(),
        count => format!("of {count} requests nobody knows the price"),
    };
    let tokens = |figure: fn(&super::super::Sum) -> String| figure(total);
    let written = COLUMNS.iter().find(|column| column.head == "written");
    let thinking = COLUMNS.iter().find(|column| column.head == "thinking");
    let cell = |column: Option<&super::super::columns::Column>| {
        column.map_or_else(String::new, |column| tokens(column.tell))
    };
    let all = [
        tile("Answered", &total.answered.to_string(), &format!("of {} requests", total.requests)),
        tile("At home", &share, "of the answers"),
        tile("Spent", &spent(total), &unpriced),
        tile(
            "Elsewhere",
            &total.at_reference.to_string(),
            &format!("the same tokens at {}", report.reference.name),
        ),
        tile("Saved", &saved, "by not asking there"),
        tile("Written", &cell(written), &format!("tokens; of them thinking: {}", cell(thinking))),
    ];
    let energy = escaped(&energy(total));
    format!(
        "<section><h2>All together</h2>\n<dl class=\"tiles\">\n{}</dl>\n<p>{energy}</p></section>\n",
        all.concat()
    )
}

/// Returns a table of sums, with the columns that say something.
pub(super) fn groups(title: &str, rows: &[Row]) -> String {
    let says = |column: &&super::super::columns::Column| {
        rows.iter().any(|row| (column.tell)(&row.sum) != "-")
    };
    let columns: Vec<_> = COLUMNS.iter().filter(says).collect();
    let heads: Vec<&str> = columns.iter().map(|column| column.about).collect();
    let lines = rows.iter().map(|row| {
        let cells = columns.iter().map(|column| (column.tell)(&row.sum)).collect();
        (row.name.clone(), cells)
    });
    let table = table(title, &heads, lines);
    format!("<section><h2>{}</h2>\n{table}</section>\n", escaped(title))
}

/// Returns a table that scrolls where there is no room for it.
pub(super) fn table(
    title: &str,
    heads: &[&str],
    rows: impl Iterator<Item = (String, Vec<String>)>,
) -> String {
    let heads: String =
        heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", escaped(head))).collect();
    let line = |(name, cells): (String, Vec<String>)| {
        let cells: String =
            cells.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escaped(&name))
    };
    let rows: String = rows.map(line).collect();
    let title = escaped(title);
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{title}, as a table\" tabindex=\"0\"><table>\n\
         <thead><tr><td></td>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}

/// Returns a plot of days, and a table of the same figures beside it.
pub(super) fn figure(
    title: &str,
    about: &str,
    labels: &[String],
    series: &[Series],
    scale: &Scale<'_>,
) -> String {
    let drawn = plot::bars(title, about, labels, series, scale);
    let heads: Vec<&str> = series.iter().map(|series| series.name.as_str()).collect();
    // The newest day first: it is what people look for.
    let rows = labels.iter().enumerate().rev().map(|(at, label)| {
        let cell = |series: &Series| series.values[at].map_or_else(|| "-".to_owned(), scale.tell);
        (label.clone(), series.iter().map(cell).collect())
    });
    framed(title, about, &drawn, series, &table(title, &heads, rows))
}

/// Returns a plot with its title, its legend and its table.
pub(super) fn framed(
    title: &str,
    about: &str,
    drawn: &str,
    series: &[Series],
    table: &str,
) -> String {
    let keys = series.iter().map(|series| {
        format!("<li class=\"{}\"><span></span>{}</li>", series.class, escaped(&series.name))
    });
    let legend = match series.len() {
        0 | 1 => String::new(),
        _ => format!("<ul class=\"legend\">{}</ul>", keys.collect::<String>()),
    };
    format!(
        "<figure><figcaption><h3>{}</h3><p>{}</p>{legend}</figcaption>\n<div class=\"beside\">{drawn}{table}</div>\
         </figure>\n",
        escaped(title),
        escaped(about)
    )
}

//! The ledger as one page: plots, a table beside each, nothing fetched from anywhere.
//!
//! It holds figures and names, no text of any request: the records have none.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::Context;
use oratory_contract::calendar;
use oratory_pipeline::Clock;

use super::sums::Sums;
use super::{Report, Row};
use crate::cli::By;
use crate::clock::MachineClock;
use crate::out::WrongUsage;

mod even;
mod parts;
mod plot;

use self::parts::{escaped, figure, groups, tiles};

/// What is added up for a page, whatever has a line of its own elsewhere.
pub(super) const BY: [By; 4] = [By::Day, By::Model, By::Tier, By::Caller];

/// By which a page is known again; it stands in its first bytes.
const MARK: &str = "<meta name=\"generator\" content=\"oratory ledger\">";
/// Bytes in which it is looked for.
const HEAD: u64 = 1024;
/// The most days that are drawn; the table beside holds as many.
const DAYS: usize = 366;

/// Writes the page, whole or not at all, and over nothing but such a page.
pub(super) fn write(file: &Path, report: &Report, sums: &Sums, force: bool) -> anyhow::Result<()> {
    if !force && !may_be_replaced(file) {
        let message = format!(
            "{} is there and no ledger of Oratory's; name another file, or write over it with --force",
            file.display()
        );
        return Err(WrongUsage(message).into());
    }
    let text = page(report, sums, MachineClock.unix_ms() / 1000);
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let wrong = || format!("the page cannot be written to {}", file.display());
    let draft = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
    let mut draft = draft.with_context(wrong)?;
    draft.write_all(text.as_bytes()).with_context(wrong)?;
    draft.as_file().sync_all().with_context(wrong)?;
    draft.persist(file).map_err(|error| error.error).with_context(wrong)?;
    Ok(())
}

/// Says whether nothing is lost if this file is written over.
fn may_be_replaced(file: &Path) -> bool {
    if std::fs::symlink_metadata(file).is_err() {
        return true;
    }
    let head = File::open(file).and_then(|file| {
        let mut head = Vec::new();
        file.take(HEAD).read_to_end(&mut head)?;
        Ok(head)
    });
    head.is_ok_and(|head| String::from_utf8_lossy(&head).contains(MARK))
}

fn page(report: &Report, sums: &Sums, now: u64) -> String {
    let days = every_day(sums.rows(By::Day));
    let span = match (report.days, days.first(), days.last()) {
        (_, None, _) | (_, _, None) => "No request was recorded.".to_owned(),
        (Some(count), ..) => format!("The last {count} days."),
        (None, Some(first), Some(last)) => format!("From {} to {}.", first.name, last.name),
    };
    let made = calendar::utc(now);
    let mut body = tiles(report);
    if !days.is_empty() {
        body += &by_day(&days, report);
        for (by, title) in
            [(By::Model, "By model"), (By::Tier, "By tier"), (By::Caller, "By caller")]
        {
            body += &groups(title, &sums.rows(by));
        }
    }
    body += &report.break_even.as_ref().map_or_else(String::new, even::section);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{MARK}\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Oratory ledger</title>\n<style>\n{}</style>\n\
         </head>\n<body>\n<header><h1>Ledger</h1><p>{} Days begin at midnight, UTC. Made {made}.</p></header>\n\
         <main>\n{body}</main>\n<footer><p>Compared with {}. Money counts by the price that held when a request \
         ended; energy is what counters of this machine showed, gross, and nothing is estimated.</p></footer>\n\
         </body>\n</html>\n",
        include_str!("page/style.css"),
        escaped(&span),
        escaped(&report.reference.name),
    )
}

/// Returns the days with those on which nothing was asked between them, at most so many.
fn every_day(rows: Vec<Row>) -> Vec<Row> {
    let mut all: Vec<Row> = Vec::new();
    for row in rows {
        while let Some(next) = all.last().and_then(|last| day_after(&last.name)) {
            if next >= row.name || all.len() > 100 * DAYS {
                break;
            }
            all.push(Row { name: next, sum: super::Sum::default() });
        }
        all.push(row);
    }
    all.split_off(all.len().saturating_sub(DAYS))
}

fn day_after(day: &str) -> Option<String> {
    let mut parts = day.split('-').map(|part| part.parse::<u64>().ok());
    let days = calendar::days(parts.next()??, parts.next()??, parts.next()??)?;
    Some(super::sums::day(days + 1))
}

fn by_day(days: &[Row], report: &Report) -> String {
    let labels: Vec<String> = days.iter().map(|day| day.name.clone()).collect();
    let values = |tell: &dyn Fn(&super::Sum) -> Option<f64>| {
        days.iter().map(|day| tell(&day.sum)).collect::<Vec<_>>()
    };
    let home = plot::Series::new("at home", "one", values(&|sum| sum.home_share()));
    let spent = plot::Series::new("spent", "one", values(&|sum| Some(sum.spent.dollars())));
    let name = format!("at {}", report.reference.name);
    let elsewhere = values(&|sum| Some(sum.at_reference.dollars()));
    let elsewhere = plot::Series::new(&name, "other", elsewhere);
    let tokens = plot::Series::new("written", "one", values(&|sum| Some(sum.output as f64)));
    let energy = plot::Series::new("energy", "one", values(&|sum| sum.joules()));
    let mut all = String::from("<section><h2>Day by day</h2>\n");
    all += &figure(
        "Share of answers given at home",
        "Of the requests that were answered each day, the share answered on this machine.",
        &labels,
        &[home],
        &plot::Scale { top: Some(1.0), tell: &|share| format!("{:.0} %", share * 100.0) },
    );
    all += &figure(
        "Money",
        "What was spent each day, as far as prices are known, beside what the same tokens would have cost elsewhere.",
        &labels,
        &[spent, elsewhere],
        &plot::Scale { top: None, tell: &plot::dollars },
    );
    all += &figure(
        "Tokens written",
        "Tokens that models wrote each day, thinking included.",
        &labels,
        &[tokens],
        &plot::Scale { top: None, tell: &|count| super::columns::short(count.round() as u64) },
    );
    if report.joules.is_some() {
        all += &figure(
            "Energy",
            "Energy of the requests for which it was measured, gross. A day without a bar was not measured.",
            &labels,
            &[energy],
            &plot::Scale { top: None, tell: &super::columns::joules },
        );
    }
    all + "</section>\n"
}

#[cfg(test)]
mod tests;

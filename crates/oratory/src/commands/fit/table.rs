//! The report as a table for wide terminals, and a few lines for each model on narrow ones.
//!
//! Only arranges; every figure comes from the report.

use super::{Machine, Model, Report, Verdict};
use crate::out;

/// Columns that the table needs.
const WIDE: usize = 96;

pub(super) fn show(report: &Report, width: usize) {
    machine(&report.machine, width);
    out::line("");
    if width >= WIDE {
        table(report);
    } else {
        report.models.iter().for_each(list);
    }
    for model in &report.models {
        let Some(drafts) = &model.drafts else { continue };
        let by = drafts.by.as_deref().unwrap_or("layers of its own");
        let (name, takes) = (&model.name, bytes(drafts.bytes));
        let text = format!("{name}: next tokens are guessed by {by}, which takes {takes}.");
        wrapped(&text, width).iter().for_each(out::line);
    }
    out::line("");
    for line in wrapped(
        "Weights count with the copies llama.cpp makes of them. Largest is the longest context that \
         fits. Tokens a second are for short texts: the middle figure, and between which four \
         machines in five lie; `oratory bench MODEL` measures.",
        width,
    ) {
        out::line(out::dim(line));
    }
}

fn machine(machine: &Machine, width: usize) {
    let limited = if machine.limited { " in this container" } else { "" };
    let free =
        machine.available_bytes.map_or(String::new(), |free| format!(", {} free", bytes(free)));
    let cards = match &machine.cards[..] {
        [] => "no graphics card that this build can use".to_owned(),
        cards => {
            let card =
                |card: &super::Card| format!("{} with {}", card.name, bytes(card.memory_bytes));
            cards.iter().map(card).collect::<Vec<_>>().join(", ")
        }
    };
    let text = format!(
        "This machine: {} cores; {}{limited}{free}; {cards}; memory is read at {:.1} GB/s.",
        machine.cores,
        bytes(machine.memory_bytes),
        machine.read_bytes_per_second / 1e9,
    );
    wrapped(&text, width).iter().for_each(out::line);
}

fn table(report: &Report) {
    let longest = report.models.iter().map(|model| model.name.chars().count()).max();
    let name = longest.unwrap_or(0).clamp(5, 28);
    let head = format!(
        "{:name$}  {:>9} {:>9} {:>9} {:>9} {:>8} {:>14}  verdict",
        "model", "weights", "context", "rest", "total", "largest", "tokens/s"
    );
    out::line(out::bold(head));
    for model in &report.models {
        let short: String = model.name.chars().take(name).collect();
        let Some(plan) = &model.plan else {
            out::line(format_args!("{short:name$}  {}", model.unusable.as_deref().unwrap_or("")));
            continue;
        };
        out::line(format_args!(
            "{short:name$}  {:>9} {:>9} {:>9} {:>9} {:>8} {:>14}  {}",
            bytes(plan.weights_bytes + plan.repacked_bytes),
            bytes(plan.cache_bytes + plan.recurrent_bytes),
            bytes(plan.compute_bytes + plan.program_bytes + plan.drafts_bytes),
            bytes(plan.total_bytes),
            largest(model),
            speed(model),
            coloured(model.verdict),
        ));
    }
}

fn list(model: &Model) {
    out::line(out::bold(&model.name));
    let Some(plan) = &model.plan else {
        let why = model.unusable.as_deref().unwrap_or("");
        wrapped(why, 56).iter().for_each(|line| out::line(format_args!("  {line}")));
        return;
    };
    out::line(format_args!("  {}", coloured(model.verdict)));
    out::line(format_args!(
        "  {} at {} tokens; largest {}",
        bytes(plan.total_bytes),
        plan.context,
        largest(model)
    ));
    out::line(format_args!(
        "  weights {}, context {}, rest {}",
        bytes(plan.weights_bytes + plan.repacked_bytes),
        bytes(plan.cache_bytes + plan.recurrent_bytes),
        bytes(plan.compute_bytes + plan.program_bytes + plan.drafts_bytes)
    ));
    out::line(format_args!("  {} tokens/s", speed(model)));
}

fn coloured(verdict: Verdict) -> String {
    match verdict {
        Verdict::Fits => verdict.words().to_owned(),
        _ => out::bold(verdict.words()),
    }
}

fn largest(model: &Model) -> String {
    model.largest_context.map_or_else(|| "none".to_owned(), |tokens| tokens.to_string())
}

fn speed(model: &Model) -> String {
    let Some([low, likely, high]) = model.tokens_per_second else { return "-".to_owned() };
    let short = |figure: f64| {
        if figure < 9.95 { format!("{figure:.1}") } else { format!("{figure:.0}") }
    };
    format!("{} ({}-{})", short(likely), short(low), short(high))
}

/// Returns bytes as people say them.
pub(in crate::commands) fn bytes(number: u64) -> String {
    let mib = number as f64 / f64::from(1 << 20);
    match mib {
        mib if mib >= 1023.5 => format!("{:.1} GiB", mib / 1024.0),
        mib if mib >= 9.95 => format!("{mib:.0} MiB"),
        mib => format!("{mib:.1} MiB"),
    }
}

/// Breaks text into lines that fit.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_bytes_are_said_as_people_do() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!([5 << 20, 300 << 20, 5 << 30].map(bytes), ["5.0 MiB", "300 MiB", "5.0 GiB"]);
    }
}

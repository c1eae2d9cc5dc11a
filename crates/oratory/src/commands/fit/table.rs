//! The report as a table for wide terminals, and a few lines for each model on narrow ones.
//!
//! Only arranges; every figure comes from the report.

use super::{Machine, Model, Report, Verdict};
use crate::out::{self, wrapped};

/// Columns that the table needs.
const WIDE: usize = 96;

pub(super) fn show(report: &Report, width: usize) {
    lines(report, width).iter().for_each(out::line);
}

fn lines(report: &Report, width: usize) -> Vec<String> {
    let mut lines = machine(&report.machine, width);
    lines.push(String::new());
    if width >= WIDE {
        lines.extend(table(report, width));
    } else {
        lines.extend(report.models.iter().flat_map(|model| list(model, width)));
    }
    for model in &report.models {
        let Some(drafts) = &model.drafts else { continue };
        let by = drafts.by.as_deref().unwrap_or("layers of its own");
        let (name, takes) = (&model.name, bytes(drafts.bytes));
        let text = format!("{name}: next tokens are guessed by {by}, which takes {takes}.");
        lines.extend(wrapped(&text, width));
    }
    lines.push(String::new());
    let legend = wrapped(
        "Weights count with the copies llama.cpp makes of them. Largest is the longest context that \
         fits. Tokens a second are for short texts: the middle figure, and between which four \
         machines in five lie; `oratory bench MODEL` measures.",
        width,
    );
    lines.extend(legend.iter().map(out::dim));
    lines
}

fn machine(machine: &Machine, width: usize) -> Vec<String> {
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
    wrapped(&text, width)
}

fn table(report: &Report, width: usize) -> Vec<String> {
    let longest = report.models.iter().map(|model| model.name.chars().count()).max();
    let name = longest.unwrap_or(0).clamp(5, 28);
    let head = format!(
        "{:name$}  {:>9} {:>9} {:>9} {:>9} {:>8} {:>14}  verdict",
        "model", "weights", "context", "rest", "total", "largest", "tokens/s"
    );
    let mut lines = vec![out::bold(head)];
    for model in &report.models {
        let short: String = model.name.chars().take(name).collect();
        let Some(plan) = &model.plan else {
            let why = wrapped(model.unusable.as_deref().unwrap_or(""), width - name - 2);
            let names = std::iter::once(&*short).chain(std::iter::repeat(""));
            lines.extend(names.zip(why).map(|(short, why)| format!("{short:name$}  {why}")));
            continue;
        };
        lines.push(format!(
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
    lines
}

fn list(model: &Model, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = wrapped(&model.name, width).iter().map(out::bold).collect();
    let below = |text: &str| {
        let text = wrapped(text, width.saturating_sub(2));
        text.into_iter().map(|line| format!("  {line}")).collect::<Vec<_>>()
    };
    let Some(plan) = &model.plan else {
        lines.extend(below(model.unusable.as_deref().unwrap_or("")));
        return lines;
    };
    lines.push(format!("  {}", coloured(model.verdict)));
    let (total, context, largest) = (bytes(plan.total_bytes), plan.context, largest(model));
    lines.extend(below(&format!("{total} at {context} tokens; largest {largest}")));
    lines.extend(below(&format!(
        "weights {}, context {}, rest {}",
        bytes(plan.weights_bytes + plan.repacked_bytes),
        bytes(plan.cache_bytes + plan.recurrent_bytes),
        bytes(plan.compute_bytes + plan.program_bytes + plan.drafts_bytes)
    )));
    lines.extend(below(&format!("{} tokens/s", speed(model))));
    lines
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

#[cfg(test)]
mod tests {
    use super::super::{Parts, Report};
    use super::*;

    #[test]
    fn lines_fit_and_bytes_are_said_as_people_do() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a /a/long/path b", 5), ["a", "/a/lo", "ng/pa", "th b"]);
        assert_eq!(wrapped("all in one line", usize::MAX), ["all in one line"]);
        assert_eq!([5 << 20, 300 << 20, 5 << 30].map(bytes), ["5.0 MiB", "300 MiB", "5.0 GiB"]);
    }

    fn report() -> Report {
        let machine = Machine {
            cores: 128,
            memory_bytes: 1 << 40,
            available_bytes: Some(1 << 39),
            limited: true,
            room_bytes: 1 << 39,
            unified_memory: false,
            cards: Vec::new(),
            read_bytes_per_second: 123.4e9,
        };
        let parts = Parts {
            context: 262_144,
            weights_bytes: 999 << 30,
            repacked_bytes: 0,
            cache_bytes: 999 << 20,
            recurrent_bytes: 0,
            compute_bytes: 999 << 20,
            program_bytes: 0,
            drafts_bytes: 0,
            total_bytes: 1001 << 30,
        };
        let name = "a-model-whose-name-is-as-long-as-its-makers-like-them-Instruct-2507-UD-Q4_K_XL";
        let why =
            format!("/home/ada/.local/share/oratory/models/{name}.gguf: cut short: the file ends");
        let fits = Model {
            quantisation: Some("Q4_K_M"),
            plan: Some(parts),
            largest_context: Some(262_144),
            active_bytes: Some(1),
            tokens_per_second: Some([22_850.0, 45_008.0, 54_702.0]),
            verdict: Verdict::FitsWithSmallerContext,
            ..Model::unusable(name.to_owned(), String::new())
        };
        let models = vec![fits, Model::unusable(name.to_owned(), why)];
        Report { machine, context: 262_144, models }
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let report = report();
        for width in [20, 40, 60, 80, 95] {
            for line in lines(&report, width) {
                // A verdict stays in one line, however narrow it is.
                let most = width.max(27);
                assert!(line.chars().count() <= most, "{width}: {line}");
            }
        }
    }
}

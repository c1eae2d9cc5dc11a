//! Guessing ahead, on and off: Oratory beside itself.
//!
//! Half of the work repeats what the prompt says, which is where guessing pays; the other half
//! does not, where it must not cost. A model with random weights copies nothing, so `--model`
//! names one that can.

use std::path::Path;

use crate::report::{Better, Report, Row};
use crate::server::Server;
use crate::talk::ask;
use crate::{Kind, Things, Trouble, Wishes};

/// Tokens of an answer at most.
const WRITTEN: u32 = 192;
/// Lines of a passage.
const LINES: u32 = 10;

/// Work for a model.
#[derive(Clone, Copy)]
enum Work {
    Copy,
    Edit,
    Extract,
    Story,
    Explain,
}

const ALL: [(&str, Work); 5] = [
    ("guess: copy", Work::Copy),
    ("guess: edit", Work::Edit),
    ("guess: extract", Work::Extract),
    ("guess: a story", Work::Story),
    ("guess: an explanation", Work::Explain),
];

/// Measures what is wanted of it; an empty list if that is nothing.
pub(crate) async fn all(
    things: &Things,
    wishes: &Wishes,
    report: &mut Report,
) -> Result<(), Trouble> {
    let wanted: Vec<_> = ALL.iter().filter(|(name, _)| name.contains(&wishes.only)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let model: &Path = wishes.model.as_deref().unwrap_or(&things.dense);
    let mut servers = Vec::new();
    for kind in [Kind::Oratory, Kind::Plain] {
        let server = Server::start(kind, things, model, wishes.threads).await?;
        ask(&server, "Hello", 2).await?;
        servers.push(server);
    }
    for (name, work) in wanted {
        let mut row = Row::new(name, Better::Higher);
        for trial in 0..wishes.trials {
            let prompt = work.prompt(u32::try_from(trial).unwrap_or(u32::MAX));
            let mut texts = Vec::new();
            for at in 0..2 {
                let server = &servers[(at + trial) % 2];
                eprintln!("{name}: {:?}, {} of {}", server.kind, trial + 1, wishes.trials);
                let heard = ask(server, &prompt, WRITTEN).await?;
                row.add(server.kind, heard.pace());
                texts.push(heard.text);
            }
            report.answers += 1;
            report.same += usize::from(texts[0] == texts[1]);
        }
        report.rows.push(row);
    }
    Ok(())
}

impl Work {
    fn prompt(self, number: u32) -> String {
        match self {
            Self::Copy => format!("Repeat this text word for word:\n\n{}", passage(number)),
            Self::Edit => format!(
                "Write this text again with \"lamp\" in place of \"chair\":\n\n{}",
                passage(number)
            ),
            Self::Extract => {
                format!("Copy only the lines that speak of a chair:\n\n{}", passage(number))
            }
            Self::Story => format!("Tell a story about a {}.", pick(number, &BEASTS)),
            Self::Explain => format!("Explain how a {} works.", pick(number, &THINGS)),
        }
    }
}

const NAMES: [&str; 7] = ["Anna", "Boris", "Chen", "Dora", "Emil", "Fatma", "Goran"];
const GOODS: [&str; 5] = ["chair", "table", "carpet", "mirror", "shelf"];
const TOWNS: [&str; 6] = ["Bergen", "Lisbon", "Graz", "Turin", "Gdansk", "Cork"];
const BEASTS: [&str; 5] = ["fox", "whale", "sparrow", "donkey", "hedgehog"];
const THINGS: [&str; 5] = ["bicycle", "clock", "lighthouse", "pump", "telescope"];

fn pick<'a>(number: u32, from: &[&'a str]) -> &'a str {
    from[number as usize % from.len()]
}

/// Returns some lines of an order book; other numbers give other lines.
fn passage(number: u32) -> String {
    let lines = (0..LINES).map(|line| {
        let mixed = (number * LINES + line).wrapping_mul(2_654_435_761);
        format!(
            "Order {}: {} from {} wants one {} by the {}th.",
            1000 + mixed % 9000,
            pick(mixed >> 8, &NAMES),
            pick(mixed >> 12, &TOWNS),
            pick(mixed >> 16, &GOODS),
            4 + (mixed >> 20) % 16
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_differ_and_speak_of_chairs() {
        assert_ne!(passage(1), passage(2));
        assert_eq!(passage(3).lines().count(), LINES as usize);
        assert!((0..5).any(|number| passage(number).contains("chair")));
    }
}

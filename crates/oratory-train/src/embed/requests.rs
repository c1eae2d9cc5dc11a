//! Requests as people make them, put together from frames and topics.
//!
//! Topics marked for testing never reach training.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use super::random::Random;

const SOURCE: &str = include_str!("../../data/embed/requests.txt");

/// What requests are put together from.
#[derive(Default)]
pub(super) struct Requests {
    frames: Vec<&'static str>,
    sentences: Vec<&'static str>,
    finally: Vec<&'static str>,
    rules: Vec<&'static str>,
    lists: BTreeMap<&'static str, Vec<&'static str>>,
    topics: Vec<Topic>,
}

/// One field of life: what is done in it, and what there is to know.
struct Topic {
    kept: bool,
    to_do: Vec<&'static str>,
    things: Vec<&'static str>,
}

/// Which topics are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Those that are trained on.
    Training,
    /// Those kept for testing.
    Testing,
}

impl Requests {
    /// Reads the source that comes with this program.
    pub(super) fn read() -> Result<Self> {
        let mut all = Self::default();
        for section in SOURCE.split("\n[").skip(1) {
            let (name, body) = section.split_once("]\n").context("a section has no name")?;
            match name.strip_prefix("topic ") {
                Some(topic) => all.topics.push(Topic::read(topic, body)?),
                None if name == "frames" => all.frames = body.lines().filter(full).collect(),
                None if name == "sentences" => all.sentences = body.lines().filter(full).collect(),
                None if name == "finally" => all.finally = body.lines().filter(full).collect(),
                None if name == "rules" => all.rules = body.lines().filter(full).collect(),
                None => drop(all.lists.insert(name, listed(body))),
            }
        }
        ensure!(!all.frames.is_empty() && !all.topics.is_empty(), "there is nothing to ask");
        Ok(all)
    }

    /// Returns one request of this part; some lay down a few rules for the answer.
    pub(super) fn draw(&self, part: Part, random: &mut Random) -> String {
        let topics: Vec<&Topic> = self.topics(part).collect();
        let topic = random.of(&topics);
        let mut text = (*random.of(&self.frames)).to_owned();
        if random.below(4) == 0 {
            for _ in 0..1 + random.below(3) {
                text = format!("{text} {}", random.of(&self.rules));
            }
        }
        self.filled(text, topic, random)
    }

    /// Returns a made-up problem: some sentences about people and things, and a question.
    pub(super) fn problem(&self, random: &mut Random) -> String {
        let topics: Vec<&Topic> = self.topics(Part::Training).collect();
        let topic = random.of(&topics);
        let mut text = String::new();
        for _ in 0..2 + random.below(6) {
            text.push_str(random.of::<&str>(&self.sentences));
            text.push(' ');
        }
        text.push_str(random.of::<&str>(&self.finally));
        self.filled(text, topic, random)
    }

    /// Fills every gap of `text`, each anew.
    fn filled(&self, mut text: String, topic: &Topic, random: &mut Random) -> String {
        while let Some((before, rest)) = text.split_once('{') {
            let Some((gap, after)) = rest.split_once('}') else { break };
            let filling = match gap {
                "do" => random.of(&topic.to_do),
                "of" | "two" => random.of(&topic.things),
                _ => self.lists.get(gap).map_or(&"", |list| random.of(list)),
            };
            text = format!("{before}{filling}{after}");
        }
        text
    }

    /// Returns the topics of this part.
    fn topics(&self, part: Part) -> impl Iterator<Item = &Topic> {
        let kept = part == Part::Testing;
        self.topics.iter().filter(move |topic| topic.kept == kept)
    }
}

impl Topic {
    fn read(name: &'static str, body: &'static str) -> Result<Self> {
        let line = |mark| {
            let found = body.lines().find_map(|line: &'static str| line.strip_prefix(mark));
            found.map(listed).with_context(|| format!("topic {name} has no {mark}"))
        };
        let (to_do, things) = (line("do: ")?, line("of: ")?);
        Ok(Self { kept: name.ends_with('!'), to_do, things })
    }
}

fn full(line: &&str) -> bool {
    !line.is_empty()
}

fn listed(body: &'static str) -> Vec<&'static str> {
    body.split('|').map(str::trim).filter(full).collect()
}

//! Writes drafts from templates: `(this|that)` is a choice, `{P}` a slot, `\n` a line's end.

use super::chance::Chance;
use super::draft::Draft;
use super::fill::Filler;
use super::lists::{LANGUAGES, Part};

/// Templates with private things in them, and without any, by language.
pub(crate) struct Templates {
    telling: [Vec<&'static str>; 7],
    plain: [Vec<&'static str>; 7],
}

const TELLING: [&str; 7] = [
    include_str!("../../data/tagger/templates/en.txt"),
    include_str!("../../data/tagger/templates/de.txt"),
    include_str!("../../data/tagger/templates/fr.txt"),
    include_str!("../../data/tagger/templates/es.txt"),
    include_str!("../../data/tagger/templates/it.txt"),
    include_str!("../../data/tagger/templates/pt.txt"),
    include_str!("../../data/tagger/templates/nl.txt"),
];

const PLAIN: [&str; 7] = [
    include_str!("../../data/tagger/templates/plain_en.txt"),
    include_str!("../../data/tagger/templates/plain_de.txt"),
    include_str!("../../data/tagger/templates/plain_fr.txt"),
    include_str!("../../data/tagger/templates/plain_es.txt"),
    include_str!("../../data/tagger/templates/plain_it.txt"),
    include_str!("../../data/tagger/templates/plain_pt.txt"),
    include_str!("../../data/tagger/templates/plain_nl.txt"),
];

impl Templates {
    /// Returns the templates of one part; one in ten is kept back.
    pub(crate) fn of(part: Part) -> Self {
        let lines = |text: &'static str| {
            let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
            lines.filter(|line| Part::of(line) == part).collect()
        };
        Self { telling: TELLING.map(lines), plain: PLAIN.map(lines) }
    }

    /// Returns a template of a language with private things in it.
    pub(crate) fn telling(&self, language: &str, chance: &mut Chance) -> &'static str {
        of_language(&self.telling, language, chance)
    }

    /// Returns a template of a language with nothing private in it.
    pub(crate) fn plain(&self, language: &str, chance: &mut Chance) -> &'static str {
        of_language(&self.plain, language, chance)
    }
}

fn of_language(
    templates: &[Vec<&'static str>; 7],
    language: &str,
    chance: &mut Chance,
) -> &'static str {
    let number = LANGUAGES.iter().position(|known| *known == language).unwrap_or(0);
    let own = &templates[number];
    chance.word(if own.is_empty() { &templates[0] } else { own })
}

/// Writes what a template says; `prose` is asked for what stands in `{g}`.
pub(crate) fn write(
    template: &str,
    filler: &Filler<'_>,
    prose: &mut dyn FnMut(&mut Chance) -> String,
    draft: &mut Draft,
    chance: &mut Chance,
) {
    let mut rest = template;
    while let Some(at) = rest.find(['(', '{', '\\']) {
        draft.say(&rest[..at]);
        rest = &rest[at..];
        let read = match rest.as_bytes()[0] {
            b'\\' => escape(rest, draft),
            b'{' => slot(rest, filler, prose, draft, chance),
            _ => group(rest, filler, prose, draft, chance),
        };
        if read == 0 {
            draft.say(&rest[..1]);
        }
        rest = &rest[read.max(1)..];
    }
    draft.say(rest);
}

fn escape(rest: &str, draft: &mut Draft) -> usize {
    draft.say(match rest.as_bytes().get(1) {
        Some(b'n') => "\n",
        Some(b't') => "\t",
        Some(b'\\') => "\\",
        _ => return 0,
    });
    2
}

fn slot(
    rest: &str,
    filler: &Filler<'_>,
    prose: &mut dyn FnMut(&mut Chance) -> String,
    draft: &mut Draft,
    chance: &mut Chance,
) -> usize {
    let Some(end) = rest.find('}').filter(|end| (2..=3).contains(end)) else { return 0 };
    match &rest[1..end] {
        "g" => draft.say(&prose(chance)),
        name if filler.slot(name, draft, chance) => {}
        _ => return 0,
    }
    end + 1
}

fn group(
    rest: &str,
    filler: &Filler<'_>,
    prose: &mut dyn FnMut(&mut Chance) -> String,
    draft: &mut Draft,
    chance: &mut Chance,
) -> usize {
    let Some((ways, end)) = ways(rest) else { return 0 };
    let way = chance.pick(&ways);
    // A group with one way is a pair of brackets.
    if ways.len() == 1 {
        draft.say("(");
    }
    write(way, filler, prose, draft, chance);
    if ways.len() == 1 {
        draft.say(")");
    }
    end
}

/// Returns the ways between a bracket and the one that closes it, and where that ends.
fn ways(rest: &str) -> Option<(Vec<&str>, usize)> {
    let (mut depth, mut from, mut ways) = (0, 1, Vec::new());
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'|' if depth == 1 => {
                ways.push(&rest[from..at]);
                from = at + 1;
            }
            _ => {}
        }
        if depth == 0 {
            ways.push(&rest[from..at]);
            return Some((ways, at + 1));
        }
    }
    None
}

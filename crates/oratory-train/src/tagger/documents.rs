//! Puts documents together: letters, chats, tickets, forms, notes, code, tables, and plain prose.

use std::collections::HashSet;

use super::chance::Chance;
use super::damage::damaged;
use super::draft::Draft;
use super::fill::{Filler, capitalised};
use super::forms;
use super::lists::{LANGUAGES, Lists, Part};
use super::peopling;
use super::templates::{Templates, write};

/// How often each language comes, in the order of `LANGUAGES`.
const SHARES: [(usize, usize); 7] = [(46, 0), (12, 1), (10, 2), (10, 3), (8, 4), (7, 5), (7, 6)];

/// Makes documents without end.
pub(crate) struct Documents<'l> {
    lists: &'l Lists,
    part: Part,
    templates: Templates,
    prose: [Vec<&'l str>; 7],
    code: Vec<String>,
}

impl<'l> Documents<'l> {
    pub(crate) fn new(lists: &'l Lists, part: Part) -> Self {
        let private = private_words(lists);
        let harmless = |list: &str| -> Vec<&'l str> {
            let all = lists.derived(list, part).iter().map(String::as_str);
            all.filter(|text| text.len() < 600 && is_harmless(text, &private)).collect()
        };
        let mut prose = LANGUAGES.map(|language| harmless(&format!("prose.{language}")));
        prose[0].extend(harmless("prose.django"));
        prose[0].extend(harmless("prose.wordnet"));
        prose[0].extend(harmless("prose.examples"));
        prose[5].extend(harmless("prose.pt_BR"));
        let code = lists.derived("code", part).iter();
        let code = code.filter_map(|chunk| serde_json::from_str(chunk).ok());
        let code = code.filter(|chunk: &String| !chunk.contains("Copyright")).collect();
        Self { lists, part, templates: Templates::of(part), prose, code }
    }

    /// Returns a document of any sort.
    pub(crate) fn next(&self, chance: &mut Chance) -> Draft {
        let language = *chance.weighted(&SHARES);
        let mut draft = Draft::default();
        match chance.below(100) {
            0..=37 => self.told(language, &mut draft, chance),
            38..=52 => forms::write(&self.filler(language), &mut draft, chance),
            53..=61 => self.mixed(language, &mut draft, chance),
            62..=79 => self.peopled(language, &mut draft, chance),
            _ => self.harmless(language, &mut draft, chance),
        }
        damaged(draft, chance)
    }

    /// Returns a document in which nothing is private.
    pub(crate) fn plain(&self, chance: &mut Chance) -> Draft {
        let language = *chance.weighted(&SHARES);
        let mut draft = Draft::default();
        self.harmless(language, &mut draft, chance);
        draft
    }

    fn filler(&self, language: usize) -> Filler<'l> {
        Filler { lists: self.lists, part: self.part, language: LANGUAGES[language] }
    }

    fn told(&self, language: usize, draft: &mut Draft, chance: &mut Chance) {
        let between = *chance.pick(&[" ", " ", "\n", "\n\n", "\n"]);
        for number in 0..chance.between(1, 4) {
            if number > 0 {
                draft.say(between);
            }
            self.template(
                self.templates.telling(LANGUAGES[language], chance),
                language,
                draft,
                chance,
            );
        }
    }

    fn mixed(&self, language: usize, draft: &mut Draft, chance: &mut Chance) {
        for _ in 0..chance.between(2, 5) {
            let template = if chance.percent(40) {
                self.templates.telling(LANGUAGES[language], chance)
            } else if chance.percent(50) {
                self.templates.plain(LANGUAGES[language], chance)
            } else {
                "{g}"
            };
            self.template(template, language, draft, chance);
            draft.say(chance.word(&[" ", "\n"]));
        }
    }

    /// Writes found sentences with names put where something else stood.
    fn peopled(&self, language: usize, draft: &mut Draft, chance: &mut Chance) {
        let filler = self.filler(language);
        let prose = &self.prose[language];
        let between = *chance.pick(&[" ", ". ", "\n", ". "]);
        for _ in 0..chance.between(1, 4) {
            if !prose.is_empty() {
                peopling::write(&sentence(chance.word(prose), chance), &filler, draft, chance);
            }
            draft.say(between);
        }
    }

    fn harmless(&self, language: usize, draft: &mut Draft, chance: &mut Chance) {
        if chance.percent(30) {
            return draft.say(chance.pick::<String>(&self.code));
        }
        for _ in 0..chance.between(1, 4) {
            let template = if chance.percent(50) {
                self.templates.plain(LANGUAGES[language], chance)
            } else {
                "{g}"
            };
            self.template(template, language, draft, chance);
            draft.say(chance.word(&[" ", "\n"]));
        }
    }

    fn template(&self, template: &str, language: usize, draft: &mut Draft, chance: &mut Chance) {
        let filler = self.filler(language);
        let prose = &self.prose[language];
        let mut more = |chance: &mut Chance| {
            if chance.percent(75) || prose.is_empty() {
                let plain = self.templates.plain(LANGUAGES[language], chance);
                let mut said = Draft::default();
                write(plain, &filler, &mut |_| String::new(), &mut said, chance);
                return said.text;
            }
            sentence(chance.word(prose), chance)
        };
        write(template, &filler, &mut more, draft, chance);
    }
}

/// Returns found words as a sentence now and then: with a large letter and a full stop.
fn sentence(found: &str, chance: &mut Chance) -> String {
    if chance.percent(50) {
        return found.to_owned();
    }
    capitalised(found) + chance.word(&["", ".", ".", "!"])
}

/// Returns words that make a sentence doubtful: nobody has marked what is private in it.
fn private_words(lists: &Lists) -> HashSet<String> {
    let mut words = HashSet::new();
    for part in [Part::Training, Part::Held] {
        for language in LANGUAGES {
            words.extend(lists.derived(&format!("first.{language}"), part).iter().cloned());
            let towns = lists.derived(&format!("town.{language}"), part);
            words.extend(towns.iter().take(800).cloned());
        }
        words.extend(lists.derived("land", part).iter().cloned());
        words.extend(
            lists
                .derived("person.en", part)
                .iter()
                .flat_map(|name| name.split(' ').map(str::to_owned).collect::<Vec<_>>()),
        );
        let health = lists.derived("health.en", part).iter().chain(lists.derived("drug.en", part));
        words.extend(health.filter(|term| term.len() > 3).map(|term| term.to_lowercase()));
    }
    for language in LANGUAGES {
        for list in ["health", "job"] {
            let terms = lists.written(&format!("{list}.{language}")).iter();
            words.extend(terms.filter(|term| !term.contains(' ')).map(|term| term.to_lowercase()));
        }
    }
    words.extend(lists.written("org.known").iter().map(|name| (*name).to_owned()));
    words
}

fn is_harmless(text: &str, private: &HashSet<String>) -> bool {
    let mut words =
        text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| !private.contains(word) && !private.contains(&word.to_lowercase()))
}

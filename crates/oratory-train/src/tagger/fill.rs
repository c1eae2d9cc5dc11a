//! Makes up people, organisations, addresses, dates and numbers in the manner of a language.

use oratory_brains::tagger::Kind;

use super::chance::Chance;
use super::draft::Draft;
use super::lists::{LANGUAGES, Lists, Part};
use super::numbers;

/// Fills slots in one language from one part of the lists.
pub(crate) struct Filler<'l> {
    pub(crate) lists: &'l Lists,
    pub(crate) part: Part,
    pub(crate) language: &'static str,
}

/// Endings that make a made-up name sound like one.
const ENDINGS: [&str; 24] = [
    "ova", "escu", "ssen", "ides", "wala", "nen", "oğlu", "yan", "shvili", "enko", "ski", "ez",
    "ini", "etti", "berg", "mann", "son", "ton", "ley", "aud", "eau", "inho", "stra", "ma",
];

impl<'l> Filler<'l> {
    /// Fills the slot of this name; says whether there is such a slot.
    pub(crate) fn slot(&self, name: &str, draft: &mut Draft, chance: &mut Chance) -> bool {
        match name {
            "P" => draft.mark(Kind::Person, &self.person(chance)),
            "F" => draft.mark(Kind::Person, &self.first(chance)),
            "L" => draft.mark(Kind::Person, &self.last(chance)),
            "TL" => self.titled(draft, chance),
            "O" => draft.mark(Kind::Organisation, &self.organisation(chance)),
            "C" => draft.mark(Kind::Place, &self.place(chance)),
            "A" => draft.mark(Kind::Address, &self.address(", ", chance)),
            "AM" => draft.mark(Kind::Address, &self.address("\n", chance)),
            "S" => draft.mark(Kind::Address, &self.street(chance)),
            "J" => draft.mark(Kind::JobTitle, &self.job(chance)),
            "H" => draft.mark(Kind::Health, &self.health(chance)),
            "B" => draft.mark(Kind::BirthDate, &self.date(chance, 1925, 2018)),
            "U" => draft.mark(Kind::UserName, &self.user(chance)),
            "N" => draft.mark(Kind::Account, &numbers::account(chance)),
            "T" => draft.mark(Kind::Phone, &numbers::phone(self.language, chance)),
            _ => return self.plain(name, draft, chance),
        }
        true
    }

    /// Fills a slot of what is not private.
    fn plain(&self, name: &str, draft: &mut Draft, chance: &mut Chance) -> bool {
        let text = match name {
            "d" => self.date(chance, 2008, 2027),
            "y" => chance.between(1990, 2026).to_string(),
            "t" => numbers::time(chance),
            "m" => numbers::money(chance),
            "n" => numbers::small(chance),
            "k" => numbers::reference(chance),
            "h" => numbers::hexadecimal(chance.between(7, 40), chance),
            "i" => numbers::network(chance),
            "e" => self.email(chance),
            "u" => numbers::link(&self.word(chance), &self.word(chance), chance),
            "x" => self.word(chance),
            "X" => capitalised(&self.word(chance)),
            "w" => (*chance.pick(self.lists.written("product"))).to_owned(),
            _ => return false,
        };
        draft.say(&text);
        true
    }

    /// Returns the list of this sort in a language, mostly the document's own.
    fn names(&self, sort: &str, strange: usize, chance: &mut Chance) -> &'l [String] {
        let language = if !chance.percent(strange) {
            self.language
        } else if chance.percent(60) {
            "other"
        } else {
            *chance.pick(&LANGUAGES)
        };
        let list = self.lists.derived(&format!("{sort}.{language}"), self.part);
        if list.is_empty() { self.lists.derived(&format!("{sort}.en"), self.part) } else { list }
    }

    pub(crate) fn first(&self, chance: &mut Chance) -> String {
        let names = self.names("first", 22, chance);
        let name =
            if self.language == "en" { chance.pick_frequent(names) } else { chance.pick(names) };
        match chance.below(40) {
            0 => format!("{name}-{}", chance.pick(names)),
            1 => name.chars().take(3).collect(),
            2 => made_up(name, chance.pick::<String>(names), chance),
            _ => name.clone(),
        }
    }

    pub(crate) fn last(&self, chance: &mut Chance) -> String {
        let mut names = self.names("last", 22, chance);
        if chance.percent(12) {
            names = self.lists.derived("last.rare", self.part);
        }
        let name =
            if self.language == "en" { chance.pick_frequent(names) } else { chance.pick(names) };
        let two = self.language == "es" || self.language == "pt";
        match chance.below(50) {
            0 | 1 => format!("{name}-{}", chance.pick(names)),
            2 | 3 => {
                format!("{} {name}", chance.pick(self.lists.written("particle"))).replace("' ", "'")
            }
            4..=7 => made_up(name, chance.pick::<String>(names), chance),
            8..=27 if two => format!("{name} {}", chance.pick(names)),
            _ => name.clone(),
        }
    }

    fn person(&self, chance: &mut Chance) -> String {
        let (first, last) = (self.first(chance), self.last(chance));
        let initial = first.chars().next().unwrap_or('A');
        let middle = (b'A' + chance.below(26) as u8) as char;
        match chance.below(100) {
            0..=5 => format!("{initial}. {last}"),
            6..=12 => format!("{first} {middle}. {last}"),
            13..=18 => format!("{first} {} {last}", self.first(chance)),
            19..=22 => format!("{last}, {first}"),
            23..=24 => format!("{last} {first}"),
            25..=32 => first,
            33..=35 => last,
            36..=37 => format!("{} {first}", last.to_uppercase()),
            38 => format!("{first} {last} {}", chance.pick(&["Jr.", "Sr.", "II", "III"])),
            39 => format!("{initial}.{middle}. {last}"),
            40 => format!("{first} {initial}"),
            41 => format!("{first} {}.", last.chars().next().unwrap_or('B')),
            _ => format!("{first} {last}"),
        }
    }

    fn titled(&self, draft: &mut Draft, chance: &mut Chance) {
        let titles = self.lists.written(&format!("title.{}", self.language));
        draft.say(chance.pick::<&str>(titles));
        draft.say(" ");
        let name = if chance.percent(70) { self.last(chance) } else { self.person(chance) };
        draft.mark(Kind::Person, &name);
    }

    fn town(&self, chance: &mut Chance) -> String {
        let towns = self.names("town", 20, chance);
        chance.pick_frequent(towns).clone()
    }

    fn place(&self, chance: &mut Chance) -> String {
        match chance.below(100) {
            0..=24 => chance.pick(self.lists.derived("land", self.part)).clone(),
            25..=29 => chance.pick(self.lists.derived("town.alternate", self.part)).clone(),
            _ => self.town(chance),
        }
    }

    fn of(&self, list: &str, chance: &mut Chance) -> &'static str {
        let own = self.lists.written(&format!("{list}.{}", self.language));
        chance.word(if own.is_empty() { self.lists.written(list) } else { own })
    }

    fn organisation(&self, chance: &mut Chance) -> String {
        let noun = *chance.pick(self.lists.written("org.noun"));
        let (word, form) = (self.of("org.word", chance), self.of("org.form", chance));
        let before = matches!(self.language, "fr" | "es" | "it" | "pt");
        match chance.below(100) {
            0..=17 => (*chance.pick(self.lists.written("org.known"))).to_owned(),
            18..=31 => format!("{} {form}", self.last(chance)),
            32..=36 => format!("{} & {}", self.last(chance), self.last(chance)),
            37..=39 => {
                format!("{}, {} and {}", self.last(chance), self.last(chance), self.last(chance))
            }
            40..=49 if before => format!("{word} {noun}"),
            40..=49 => format!("{noun} {word}"),
            50..=56 => format!("{noun} {} {form}", chance.pick(self.lists.written("org.noun"))),
            57..=66 if before => format!("{word} {}", self.town(chance)),
            57..=66 => format!("{} {word}", self.town(chance)),
            67..=70 if self.language == "en" => format!("{word} of {}", self.town(chance)),
            67..=70 => format!("{word} {}", self.last(chance)),
            71..=74 => numbers::capitals(chance.between(2, 4), chance),
            75..=80 => chance.pick(self.lists.derived("company.nl", self.part)).clone(),
            81..=90 => brand(&self.word(chance), &self.word(chance), form, chance),
            91..=94 => format!("{} {noun} {word}", self.town(chance)),
            _ => format!("{noun} {word} {form}"),
        }
    }

    pub(crate) fn street(&self, chance: &mut Chance) -> String {
        super::streets::street(self, chance)
    }

    pub(crate) fn address(&self, between: &str, chance: &mut Chance) -> String {
        super::streets::address(self, between, &self.town(chance), chance)
    }

    fn job(&self, chance: &mut Chance) -> String {
        let derived = self.lists.derived(&format!("job.{}", self.language), self.part);
        let written = self.lists.written(&format!("job.{}", self.language));
        if derived.is_empty() || chance.percent(65) {
            let job = *chance.pick(written);
            return if chance.percent(30) { capitalised(job) } else { job.to_owned() };
        }
        let job = chance.pick(derived).split([',', '/', '(']).next().unwrap_or_default().trim();
        let small = chance.percent(50) && self.language != "de";
        if small { job.to_lowercase() } else { job.to_owned() }
    }

    fn health(&self, chance: &mut Chance) -> String {
        let written = self.lists.written(&format!("health.{}", self.language));
        let derived = match chance.below(100) {
            0..=17 if self.language == "en" => self.lists.derived("health.en", self.part),
            18..=23 => self.lists.derived("drug.en", self.part),
            _ => &[],
        };
        let term = if derived.is_empty() { *chance.pick(written) } else { chance.pick(derived) };
        if chance.percent(15) { capitalised(term) } else { term.to_owned() }
    }

    pub(crate) fn date(&self, chance: &mut Chance, first: usize, last: usize) -> String {
        let months = self.lists.written(&format!("month.{}", self.language));
        let short = self.lists.written("month.short");
        numbers::date(self.language, months, short, (first, last), chance)
    }

    fn user(&self, chance: &mut Chance) -> String {
        let words = self.lists.written("user.word");
        let (first, last) = (self.first(chance).to_lowercase(), self.last(chance).to_lowercase());
        let (first, last) =
            (first.replace([' ', '-', '\''], ""), last.replace([' ', '-', '\''], ""));
        let (one, two) = (*chance.pick(words), *chance.pick(words));
        let end = *chance.pick(&[10, 100, 1000, 2025]);
        let number = chance.below(end);
        let initial = first.chars().next().unwrap_or('a');
        match chance.below(15) {
            0 => format!("{initial}{last}"),
            1 => format!("{first}.{last}"),
            2 => format!("{first}_{last}"),
            3 => format!("{first}{number}"),
            4 => format!("{one}_{two}{number}"),
            5 => format!("{one}{two}{number}"),
            6 => format!("{initial}.{last}{number}"),
            7 => format!("{last}{initial}"),
            8 => format!("{one}-{first}"),
            9 => capitalised(one) + &capitalised(two),
            10 => format!("xX_{one}{two}_Xx"),
            11 => format!("{first}{}{number}", capitalised(&last)),
            12 => capitalised(&first) + &number.to_string(),
            13 => format!("{one}{number}"),
            _ => format!("{initial}{last}{number}"),
        }
    }

    fn email(&self, chance: &mut Chance) -> String {
        let user = self.user(chance).replace('\'', "");
        format!(
            "{user}@{}.{}",
            self.word(chance),
            chance.pick(&["com", "org", "net", "de", "fr", "io", "example"])
        )
    }

    pub(crate) fn word(&self, chance: &mut Chance) -> String {
        let words = self.lists.derived(&format!("word.{}", self.language), self.part);
        let most = words.len().min(9000);
        chance.pick_frequent(&words[..most]).clone()
    }
}

/// Joins the beginning of one name with the end of another, or with an ending of its own.
fn made_up(one: &str, other: &str, chance: &mut Chance) -> String {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let head: String = one[..one.len().div_ceil(2)].iter().collect();
    if chance.percent(40) {
        return head + chance.word(&ENDINGS);
    }
    head + &other[other.len() / 2..].iter().collect::<String>()
}

fn brand(one: &str, other: &str, form: &str, chance: &mut Chance) -> String {
    let cut = |word: &str, count: usize| word.chars().take(count).collect::<String>();
    let name = match chance.below(4) {
        0 => capitalised(&cut(one, 4)) + &cut(other, 4),
        1 => capitalised(&cut(one, 5)) + &capitalised(&cut(other, 5)),
        2 => {
            capitalised(one)
                + chance
                    .word(&["ix", "ly", "io", "tech", "soft", "ware", "net", "ify", "max", "nova"])
        }
        _ => format!("{} {}", capitalised(one), capitalised(other)),
    };
    if chance.percent(50) { format!("{name} {form}") } else { name }
}

pub(crate) fn capitalised(word: &str) -> String {
    let mut signs = word.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

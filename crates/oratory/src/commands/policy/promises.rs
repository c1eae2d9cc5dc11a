//! Reads what a policy promises, and says of every mistake in it where it is.
//!
//! TOML, with a table for each test and one for each place that the settings do not have.

use oratory_contract::{
    Clearance, GroupName, Labels, PlaceCard, Sensitivity, Spending, Terms, Tier,
};
use oratory_pipeline::{Case, Reading};
use toml_edit::{Document, Item, Table};

/// What a policy promises.
pub(super) struct Promises {
    pub(super) places: Vec<PlaceCard>,
    pub(super) promises: Vec<Promise>,
}

/// One case, and what becomes of it at each place.
pub(super) struct Promise {
    pub(super) about: String,
    pub(super) line: usize,
    pub(super) case: Case,
    pub(super) allowed: Vec<String>,
    pub(super) masked: Vec<String>,
    pub(super) refused: Vec<String>,
}

const OF_A_PLACE: [&str; 6] =
    ["name", "tier", "clearance", "masked_clearance", "region", "retention_days"];
const OF_A_TEST: [&str; 13] = [
    "about",
    "label",
    "found",
    "caller",
    "groups",
    "purpose",
    "hour",
    "weekday",
    "spent_today_cents",
    "spent_month_cents",
    "allowed",
    "masked",
    "refused",
];

impl Promises {
    /// Reads the text of the file `name`, or returns every mistake in it.
    pub(super) fn read(
        name: &str,
        text: &str,
        unlabelled: Sensitivity,
    ) -> Result<Self, Vec<String>> {
        let document = Document::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            vec![format!("{name}, line {line}: this is not TOML: {}", error.message())]
        })?;
        let mut reader = Reader { name, text, mistakes: Vec::new() };
        let root = document.as_table();
        reader.only(root, &["places", "tests"]);
        let places = tables(root, "places");
        let places: Vec<_> = places.iter().filter_map(|table| reader.place(table)).collect();
        let tests = tables(root, "tests");
        let tests = tests.iter().filter_map(|table| reader.promise(table, unlabelled));
        let promises: Vec<_> = tests.collect();
        let mut mistakes = reader.mistakes;
        if mistakes.is_empty() && promises.is_empty() {
            mistakes.push(format!("{name} holds no [[tests]]; write at least one"));
        }
        if mistakes.is_empty() { Ok(Self { places, promises }) } else { Err(mistakes) }
    }
}

fn tables<'t>(table: &'t Table, key: &str) -> Vec<&'t Table> {
    let tables = table.get(key).and_then(Item::as_array_of_tables);
    tables.into_iter().flatten().collect()
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    fn place(&mut self, table: &Table) -> Option<PlaceCard> {
        self.only(table, &OF_A_PLACE);
        let name = self.text_of(table, "name").or_else(|| self.missing(table, "name"))?;
        let tier = self.parsed::<Tier>(table, "tier").or_else(|| self.missing(table, "tier"))?;
        let as_is = self.parsed(table, "clearance").unwrap_or(Sensitivity::Public);
        let masked = self.parsed(table, "masked_clearance");
        let retention_days = self.number(table, "retention_days", 36_500);
        Some(PlaceCard {
            name: name.into(),
            tier,
            address: String::new(),
            clearance: Clearance { as_is, masked },
            terms: Terms { region: self.text_of(table, "region"), retention_days, price: None },
        })
    }

    fn promise(&mut self, table: &Table, unlabelled: Sensitivity) -> Option<Promise> {
        self.only(table, &OF_A_TEST);
        let about = self.text_of(table, "about").or_else(|| self.missing(table, "about"))?;
        let case = self.case(table, unlabelled);
        let [allowed, masked, refused] =
            ["allowed", "masked", "refused"].map(|key| self.names(table, key));
        if allowed.is_empty() && masked.is_empty() && refused.is_empty() {
            return self.missing(table, "allowed`, `masked` or `refused");
        }
        Some(Promise { about, line: self.line(table, None), case, allowed, masked, refused })
    }

    fn case(&mut self, table: &Table, unlabelled: Sensitivity) -> Case {
        let stated = Labels::of(self.parsed(table, "label").unwrap_or(unlabelled));
        let found: Option<Labels> = self.parsed(table, "found");
        let all = found.map_or_else(|| stated.clone(), |found| stated.clone().join(&found));
        let caller = self.text_of(table, "caller").unwrap_or_else(|| "cli".to_owned());
        // Noon on a Wednesday, when nobody has a rule against anything.
        let hour = self.number(table, "hour", 23).unwrap_or(12);
        let weekday = self.number(table, "weekday", 7).unwrap_or(3);
        Case {
            caller: caller.into(),
            groups: self.names(table, "groups").into_iter().map(GroupName::from).collect(),
            reading: Reading { all, ..Reading::stated(stated) },
            purpose: self.text_of(table, "purpose").unwrap_or_default(),
            hour: u8::try_from(hour).unwrap_or(12),
            weekday: u8::try_from(weekday).unwrap_or(3),
            spent: Spending {
                today: self.number(table, "spent_today_cents", u32::MAX).unwrap_or(0).into(),
                month: self.number(table, "spent_month_cents", u32::MAX).unwrap_or(0).into(),
            },
        }
    }

    fn line(&self, table: &Table, key: Option<&str>) -> usize {
        let of_key = key.and_then(|key| table.key(key)).and_then(toml_edit::Key::span);
        let span = of_key.or_else(|| table.span());
        span.map_or(1, |span| line_of(self.text, span.start))
    }

    fn mistake(&mut self, table: &Table, key: Option<&str>, what: &str) {
        let line = self.line(table, key);
        self.mistakes.push(format!("{}, line {line}: {what}", self.name));
    }

    fn missing<T>(&mut self, table: &Table, key: &str) -> Option<T> {
        self.mistake(table, None, &format!("`{key}` is missing"));
        None
    }

    /// Notes keys that mean nothing here.
    fn only(&mut self, table: &Table, known: &[&str]) {
        for (key, _) in table.iter().filter(|(key, _)| !known.contains(key)) {
            let what = format!("`{key}` means nothing here; write {}", known.join(", "));
            self.mistake(table, Some(key), &what);
        }
    }

    fn text_of(&mut self, table: &Table, key: &str) -> Option<String> {
        let item = table.get(key)?;
        let text = item.as_str().map(str::to_owned);
        if text.is_none() {
            self.mistake(table, Some(key), &format!("`{key}` must be a text"));
        }
        text
    }

    fn parsed<T>(&mut self, table: &Table, key: &str) -> Option<T>
    where
        T: std::str::FromStr<Err = String>,
    {
        match self.text_of(table, key)?.parse() {
            Ok(value) => Some(value),
            Err(why) => {
                self.mistake(table, Some(key), &format!("`{key}`: {why}"));
                None
            }
        }
    }

    fn number(&mut self, table: &Table, key: &str, most: u32) -> Option<u32> {
        let item = table.get(key)?;
        let number = item.as_integer().and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| *number <= most);
        if number.is_none() {
            self.mistake(table, Some(key), &format!("`{key}` must be a number up to {most}"));
        }
        number
    }

    fn names(&mut self, table: &Table, key: &str) -> Vec<String> {
        let Some(item) = table.get(key) else { return Vec::new() };
        let names = item.as_array().and_then(|names| {
            names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        names.unwrap_or_else(|| {
            self.mistake(table, Some(key), &format!("`{key}` must be a list of names"));
            Vec::new()
        })
    }
}

//! Follows the arguments of a call to their end, and says them as JSON on the way.
//!
//! JSON passes through as it is written; tagged parameters are put into JSON one by one.

use serde_json::Value;

use super::arguments::{Types, value_of};
use super::scan::{Scan, Step};

/// The arguments of a call under way.
#[derive(Debug)]
pub(super) enum Body {
    /// JSON as it is written, and how many objects around it are to be closed after.
    Json { scan: Scan, around: usize, made: String },
    /// All of them, known at once.
    Whole { arguments: String, around: usize },
    /// Tagged parameters.
    Pairs(Pairs),
}

/// What the next bytes of a body are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing certain yet.
    Wait,
    /// This much text is this JSON, and there may be more.
    More { used: usize, json: String },
    /// This much text is the last of it; `around` objects are to be closed.
    Last { used: usize, json: String, around: usize, whole: bool },
}

impl Body {
    pub(super) fn json(around: usize) -> Self {
        Self::Json { scan: Scan::default(), around, made: String::new() }
    }

    /// Tells the body which types the tool declares.
    pub(super) fn typed(mut self, types: Types) -> Self {
        if let Self::Pairs(pairs) = &mut self {
            pairs.types = types;
        }
        self
    }

    /// Reads on.
    pub(super) fn read(&mut self, text: &str) -> Part {
        match self {
            Self::Json { scan, around, made } => {
                let (used, over) = match scan.read(text) {
                    Step::More => (text.len(), false),
                    Step::Ends(used) | Step::Broken(used) => (used, true),
                };
                let json = text[..used].to_owned();
                made.push_str(&json);
                match over {
                    true => Part::Last { used, json, around: *around, whole: is_json(made) },
                    false if used == 0 => Part::Wait,
                    false => Part::More { used, json },
                }
            }
            Self::Whole { arguments, around } => Part::Last {
                used: 0,
                whole: is_json(arguments),
                json: std::mem::take(arguments),
                around: *around,
            },
            Self::Pairs(pairs) => pairs.read(text),
        }
    }

    /// Returns what an answer that stops here leaves of the arguments.
    pub(super) fn cut_off(&mut self, text: &str) -> String {
        match self {
            Self::Json { .. } | Self::Whole { .. } => text.to_owned(),
            Self::Pairs(pairs) => pairs.cut_off(text),
        }
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

/// How one parameter and the end of all are marked.
#[derive(Debug)]
struct Tags {
    /// Before the key.
    open: &'static str,
    /// Behind the key.
    named: &'static str,
    /// Before the value, if that is not the same.
    valued: Option<&'static str>,
    /// Behind the value.
    shut: &'static str,
    /// Behind the last parameter.
    close: &'static str,
    /// Whether that belongs to the call and not to what is around it.
    own: bool,
}

const FUNCTIONS: Tags = Tags {
    open: "<parameter=",
    named: ">",
    valued: None,
    shut: "</parameter>",
    close: "</function>",
    own: true,
};
const KEYS: Tags = Tags {
    open: "<arg_key>",
    named: "</arg_key>",
    valued: Some("<arg_value>"),
    shut: "</arg_value>",
    close: "</tool_call>",
    own: false,
};
const INVOKES: Tags = Tags {
    open: "<parameter name=\"",
    named: "\"",
    valued: Some(">"),
    shut: "</parameter>",
    close: "</invoke>",
    own: true,
};
const PREFIXED: Tags = Tags {
    open: "<｜DSML｜parameter name=\"",
    named: "\"",
    valued: Some(">"),
    shut: "</｜DSML｜parameter>",
    close: "</｜DSML｜invoke>",
    own: true,
};

/// Tagged parameters on their way into JSON.
#[derive(Debug)]
pub(super) struct Pairs {
    tags: &'static Tags,
    types: Types,
    begun: bool,
    /// Where the end of the present value has not been found yet: values can be long.
    searched: usize,
}

impl Pairs {
    fn new(tags: &'static Tags) -> Self {
        Self { tags, types: Types::default(), begun: false, searched: 0 }
    }

    pub(super) fn functions() -> Self {
        Self::new(&FUNCTIONS)
    }

    pub(super) fn keys() -> Self {
        Self::new(&KEYS)
    }

    pub(super) fn invokes() -> Self {
        Self::new(&INVOKES)
    }

    pub(super) fn prefixed() -> Self {
        Self::new(&PREFIXED)
    }

    fn read(&mut self, text: &str) -> Part {
        let trimmed = text.trim_start();
        let space = text.len() - trimmed.len();
        if trimmed.starts_with(self.tags.close) {
            let used = space + if self.tags.own { self.tags.close.len() } else { 0 };
            return self.close(used, true);
        }
        if !trimmed.starts_with(self.tags.open) {
            let coming = [self.tags.open, self.tags.close];
            let coming = coming.iter().any(|mark| mark.starts_with(trimmed));
            return if coming { Part::Wait } else { self.close(space, false) };
        }
        let Some(pair) = self.pair(trimmed) else { return Part::Wait };
        let from = pair.value_at.max(self.searched.saturating_sub(self.tags.shut.len()));
        // The value may hold characters of more than one byte where the last search ended.
        let from = (pair.value_at..=from).rev().find(|&at| trimmed.is_char_boundary(at));
        let from = from.unwrap_or(pair.value_at);
        let Some(length) = trimmed[from..].find(self.tags.shut) else {
            self.searched = trimmed.len();
            return Part::Wait;
        };
        self.searched = 0;
        let end = from + length;
        let json = self.member(&pair, &trimmed[pair.value_at..end]);
        Part::More { used: space + end + self.tags.shut.len(), json }
    }

    /// Reads up to where a value begins.
    fn pair<'a>(&self, text: &'a str) -> Option<Pair<'a>> {
        let rest = &text[self.tags.open.len()..];
        let (key, after) = rest.split_once(self.tags.named)?;
        let (told, value_at) = match self.tags.valued {
            None => ("", text.len() - after.len()),
            Some(valued) => {
                let (told, value) = after.split_once(valued)?;
                (told, text.len() - value.len())
            }
        };
        Some(Pair { key, told, value_at })
    }

    fn member(&mut self, pair: &Pair<'_>, text: &str) -> String {
        let told = pair.told.contains("string=\"true\"").then_some(true);
        let told = told.or_else(|| pair.told.contains("string=\"false\"").then_some(false));
        let json = value_of(&self.types, pair.key.trim(), text, told);
        let key = Value::from(pair.key.trim());
        let before = if std::mem::replace(&mut self.begun, true) { ", " } else { "{" };
        format!("{before}{key}: {json}")
    }

    fn close(&mut self, used: usize, whole: bool) -> Part {
        let json = if self.begun { "}" } else { "{}" };
        Part::Last { used, json: json.to_owned(), around: 0, whole }
    }

    fn cut_off(&mut self, text: &str) -> String {
        let trimmed = text.trim_start();
        let pair = trimmed.starts_with(self.tags.open).then(|| self.pair(trimmed)).flatten();
        match pair {
            Some(pair) => self.member(&pair, &trimmed[pair.value_at..]),
            None if self.begun => String::new(),
            None => "{".to_owned(),
        }
    }
}

struct Pair<'a> {
    key: &'a str,
    /// What the tag says besides the key.
    told: &'a str,
    value_at: usize,
}

//! Reads the beginning of a call: up to where its name is known and its arguments start.
//!
//! It looks at all text since the call's mark and says that it needs more, that this is no
//! call, or what the call is. Until then nothing is told to anyone.

use serde_json::Value;

use super::body::{Body, Pairs};
use super::scan;
use super::style::{DEEPSEEK_ITEM, KIMI_ITEM, Shape};
use super::{notation, python};

/// What the text after a call's mark is.
#[derive(Debug)]
pub(super) enum Head {
    /// Too short to say.
    More,
    /// No call.
    Broken,
    /// A call; its body begins after this many bytes.
    Call { name: String, used: usize, body: Body },
    /// Several calls at once, name and arguments, in this many bytes.
    Calls { calls: Vec<(String, String)>, used: usize },
}

/// A name longer than this is not one; waiting for its end would hold text back.
const LONGEST_NAME: usize = 256;

/// Reads `text`, which follows a call's mark; `end` is the mark behind the calls.
pub(super) fn read(shape: Shape, text: &str, end: &str) -> Head {
    match shape {
        Shape::Object => object(text, Strange::Skipped),
        Shape::Bare => object(text, Strange::Refused),
        Shape::List(..) => object(text, Strange::Skipped),
        Shape::Named if text.starts_with('{') => object(text, Strange::Skipped),
        Shape::Named => named(text),
        Shape::Fenced | Shape::Separated => separated(text),
        Shape::Numbered => numbered(text),
        Shape::Functions => tagged(text, "<function=", ">", Pairs::functions),
        Shape::Invokes => tagged(text, "<invoke name=\"", "\">", Pairs::invokes),
        Shape::Prefixed => tagged(text, "<｜DSML｜invoke name=\"", "\">", Pairs::prefixed),
        Shape::Keys => keys(text),
        Shape::Notation(quote) => noted(text, quote, end),
        Shape::Python => listed(text, end),
        Shape::Harmony => Head::Broken,
    }
}

/// What to do with keys of a call that mean nothing here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strange {
    Skipped,
    Refused,
}

const NAMES: [&str; 2] = ["name", "tool_name"];
const ARGUMENTS: [&str; 4] = ["arguments", "parameters", "args", "input"];
const KNOWN: [&str; 4] = ["type", "id", "tool_call_id", "function"];

fn object(text: &str, strange: Strange) -> Head {
    match (Object { text, at: 0, open: 0, name: None, arguments: None }).read(strange) {
        Ok(head) => head,
        Err(Short::More) => Head::More,
        Err(Short::Broken) => Head::Broken,
    }
}

enum Short {
    More,
    Broken,
}

/// The reading of `{"name": ..., "arguments": ...}`, keys in any order.
struct Object<'a> {
    text: &'a str,
    at: usize,
    /// Objects entered: the call, and perhaps its `function`.
    open: usize,
    name: Option<String>,
    arguments: Option<String>,
}

impl Object<'_> {
    fn read(mut self, strange: Strange) -> Result<Head, Short> {
        self.expect('{')?;
        self.open = 1;
        loop {
            match self.peek()? {
                '}' if self.open == 1 => {
                    self.at += 1;
                    return self.closed();
                }
                '}' => {
                    self.open -= 1;
                    self.at += 1;
                }
                ',' => self.at += 1,
                _ => {
                    if let Some(head) = self.member(strange)? {
                        return Ok(head);
                    }
                }
            }
        }
    }

    fn member(&mut self, strange: Strange) -> Result<Option<Head>, Short> {
        let Value::String(key) = self.value()? else { return Err(Short::Broken) };
        self.expect(':')?;
        let next = self.peek()?;
        if key == "function" && next == '{' {
            self.open += 1;
            self.at += 1;
        } else if NAMES.contains(&key.as_str()) || key == "function" {
            let Value::String(name) = self.value()? else { return Err(Short::Broken) };
            self.name = Some(name);
        } else if ARGUMENTS.contains(&key.as_str()) {
            return self.arguments(next);
        } else if strange == Strange::Refused && !KNOWN.contains(&key.as_str()) {
            return Err(Short::Broken);
        } else {
            self.value()?;
        }
        Ok(None)
    }

    fn arguments(&mut self, next: char) -> Result<Option<Head>, Short> {
        if let (Some(name), '{') = (&self.name, next) {
            let body = Body::json(self.open);
            return Ok(Some(Head::Call { name: name.clone(), used: self.at, body }));
        }
        let arguments = match self.value()? {
            Value::Null => "{}".to_owned(),
            // Some models put the JSON into a string.
            Value::String(inner) => inner,
            other => other.to_string(),
        };
        let Some(name) = self.name.clone() else {
            self.arguments = Some(arguments);
            return Ok(None);
        };
        let body = Body::Whole { arguments, around: self.open };
        Ok(Some(Head::Call { name, used: self.at, body }))
    }

    fn closed(&mut self) -> Result<Head, Short> {
        let name = self.name.take().ok_or(Short::Broken)?;
        let arguments = self.arguments.take().unwrap_or_else(|| "{}".to_owned());
        Ok(Head::Call { name, used: self.at, body: Body::Whole { arguments, around: 0 } })
    }

    fn peek(&mut self) -> Result<char, Short> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next().ok_or(Short::More)
    }

    fn expect(&mut self, wanted: char) -> Result<(), Short> {
        if self.peek()? != wanted {
            return Err(Short::Broken);
        }
        self.at += wanted.len_utf8();
        Ok(())
    }

    fn value(&mut self) -> Result<Value, Short> {
        self.peek()?;
        let length = match scan::length(&self.text[self.at..]) {
            Some(length) => length.map_err(|()| Short::Broken)?,
            None => return Err(Short::More),
        };
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        serde_json::from_str(text).map_err(|_| Short::Broken)
    }
}

/// Whether `text` could be a tool's name.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
    !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(fits)
}

/// Says whether a name without an end may still get one.
fn unfinished(name: &str) -> Head {
    if name.is_empty() || is_name(name) { Head::More } else { Head::Broken }
}

/// A call whose arguments are the JSON object at `used`, if there is one.
fn with_json(text: &str, name: &str, used: usize) -> Head {
    let rest = &text[used..];
    let used = used + rest.len() - rest.trim_start().len();
    let name = name.trim();
    match text[used..].chars().next() {
        None => Head::More,
        Some('{') if is_name(name) => {
            Head::Call { name: name.to_owned(), used, body: Body::json(0) }
        }
        Some(_) => Head::Broken,
    }
}

fn named(text: &str) -> Head {
    let Some(end) = text.find(['[', '{']) else { return unfinished(text.trim()) };
    let (name, rest) = text.split_at(end);
    if rest.starts_with('{') {
        return with_json(text, name, end);
    }
    match rest.find("[ARGS]") {
        Some(at) if at == 0 || rest.starts_with("[CALL_ID]") => {
            with_json(text, name, end + at + "[ARGS]".len())
        }
        None if "[ARGS]".starts_with(rest) || "[CALL_ID]".starts_with(rest) => Head::More,
        None if rest.starts_with("[CALL_ID]") && rest.len() < LONGEST_NAME => Head::More,
        _ => Head::Broken,
    }
}

fn separated(text: &str) -> Head {
    let separator = DEEPSEEK_ITEM[1];
    let Some((before, after)) = text.split_once(separator) else {
        return if text.len() > LONGEST_NAME { Head::Broken } else { Head::More };
    };
    let used = before.len() + separator.len();
    if after.trim_start().starts_with('{') {
        return with_json(text, before, used);
    }
    // The older form: a kind before the separator, the name behind it, the JSON in a fence.
    let Some((name, rest)) = after.split_once('\n') else { return unfinished(after.trim()) };
    let used = used + name.len() + 1;
    let fence = "```json";
    match rest.trim_start() {
        rest if fence.starts_with(rest) => Head::More,
        trimmed if trimmed.starts_with(fence) => {
            with_json(text, name, used + rest.len() - trimmed.len() + fence.len())
        }
        _ => with_json(text, name, used),
    }
}

fn numbered(text: &str) -> Head {
    let separator = KIMI_ITEM[1];
    let Some((id, _)) = text.split_once(separator) else {
        return if text.len() > LONGEST_NAME { Head::Broken } else { Head::More };
    };
    let name = id.trim();
    let name = name.strip_prefix("functions.").unwrap_or(name);
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    with_json(text, name, id.len() + separator.len())
}

fn tagged(text: &str, open: &str, close: &str, pairs: fn() -> Pairs) -> Head {
    let Some(rest) = text.strip_prefix(open) else {
        return if open.starts_with(text) { Head::More } else { Head::Broken };
    };
    match rest.split_once(close) {
        Some((name, _)) if is_name(name.trim()) => Head::Call {
            name: name.trim().to_owned(),
            used: open.len() + name.len() + close.len(),
            body: Body::Pairs(pairs()),
        },
        Some(_) => Head::Broken,
        None => unfinished(rest.trim_end_matches('"')),
    }
}

fn keys(text: &str) -> Head {
    let end = text.find(['\n', '<']);
    let Some(end) = end else { return unfinished(text) };
    let (name, rest) = (text[..end].trim(), text[end..].trim_start());
    let follows = ["<arg_key>", "</tool_call>"];
    if !is_name(name) {
        return Head::Broken;
    }
    if follows.iter().any(|mark| rest.starts_with(mark)) {
        return Head::Call { name: name.to_owned(), used: end, body: Body::Pairs(Pairs::keys()) };
    }
    let coming = follows.iter().any(|mark| mark.starts_with(rest));
    if coming { Head::More } else { Head::Broken }
}

fn noted(text: &str, quote: &str, end: &str) -> Head {
    let open = "call:";
    let Some(rest) = text.strip_prefix(open) else {
        return if open.starts_with(text) { Head::More } else { Head::Broken };
    };
    let Some(brace) = rest.find('{') else { return unfinished(rest) };
    let name = &rest[..brace];
    let Some(length) = rest.find(end) else { return Head::More };
    match notation::to_json(rest[brace..length.max(brace)].trim_end(), quote) {
        Some(arguments) if is_name(name) => Head::Call {
            name: name.to_owned(),
            used: open.len() + length,
            body: Body::Whole { arguments, around: 0 },
        },
        _ => Head::Broken,
    }
}

fn listed(text: &str, end: &str) -> Head {
    if !text.starts_with('[') {
        return Head::Broken;
    }
    let Some(length) = text.find(end) else { return Head::More };
    match python::calls(text[..length].trim()) {
        Some(calls) => Head::Calls { calls, used: length },
        None => Head::Broken,
    }
}

//! Reads calls that are written as Python: `[weather(city="Ulm", days=3)]`.
//!
//! Literals only; an expression is no call we could pass on.

use serde_json::{Map, Value};

const DEEPEST: usize = 64;

/// Returns name and JSON arguments of each call in `text`; `None` if it is anything else.
pub(super) fn calls(text: &str) -> Option<Vec<(String, String)>> {
    let mut reader = Literals { rest: text };
    let mut calls = Vec::new();
    reader.takes('[').then_some(())?;
    while !reader.takes(']') {
        let name = reader.word();
        let named = !name.is_empty() && reader.takes('(');
        named.then_some(())?;
        calls.push((name.to_owned(), Value::Object(reader.keywords()?).to_string()));
        reader.comma(']')?;
    }
    (reader.rest.trim().is_empty() && !calls.is_empty()).then_some(calls)
}

struct Literals<'a> {
    rest: &'a str,
}

impl<'a> Literals<'a> {
    fn keywords(&mut self) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        while !self.takes(')') {
            let key = self.word();
            let named = !key.is_empty() && self.takes('=');
            named.then_some(())?;
            members.insert(key.to_owned(), self.value(0)?);
            self.comma(')')?;
        }
        Some(members)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        if self.takes('{') {
            return self.object(depth);
        }
        if self.takes('[') {
            return self.list(depth, ']');
        }
        if self.takes('(') {
            return self.list(depth, ')');
        }
        if let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            return self.string(quote).map(Value::from);
        }
        match self.word() {
            "True" | "true" => Some(Value::Bool(true)),
            "False" | "false" => Some(Value::Bool(false)),
            "None" | "null" => Some(Value::Null),
            number => serde_json::from_str(number).ok(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        while !self.takes('}') {
            let Value::String(key) = self.value(depth + 1)? else { return None };
            self.takes(':').then_some(())?;
            members.insert(key, self.value(depth + 1)?);
            self.comma('}')?;
        }
        Some(Value::Object(members))
    }

    fn list(&mut self, depth: usize, close: char) -> Option<Value> {
        let mut items = Vec::new();
        while !self.takes(close) {
            items.push(self.value(depth + 1)?);
            self.comma(close)?;
        }
        Some(Value::Array(items))
    }

    fn string(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            if c == quote {
                self.rest = &self.rest[at + 1..];
                return Some(text);
            }
            let c = if c == '\\' { characters.next()?.1 } else { c };
            let escaped = self.rest[..at + 1].ends_with('\\');
            text.push(match c {
                'n' if escaped => '\n',
                't' if escaped => '\t',
                'r' if escaped => '\r',
                plain => plain,
            });
        }
        None
    }

    /// Reads a name or a number.
    fn word(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn takes(&mut self, mark: char) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Reads what stands between two members.
    fn comma(&mut self, close: char) -> Option<()> {
        let there = self.takes(',') || self.rest.starts_with(close);
        there.then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_literals_become_json() {
        let read = calls(r#"[f(a='it\'s "x"', n=-1.5, l=[True, None], d={"k": (1, 2)}), g()]"#);
        let expected = [
            (
                "f".to_owned(),
                r#"{"a":"it's \"x\"","n":-1.5,"l":[true,null],"d":{"k":[1,2]}}"#.into(),
            ),
            ("g".to_owned(), "{}".to_owned()),
        ];
        assert_eq!(read.unwrap(), expected);
        for wrong in ["f()", "[f(1)]", "[f(a=b)]", "[f(a=", "[]", "[f(a=1) g()]"] {
            assert_eq!(calls(wrong), None, "{wrong}");
        }
        assert_eq!(calls(&format!("[f(a={})]", "[".repeat(500))), None);
    }
}

//! Reads the notation in which Gemma writes arguments: JSON with bare keys and own quotes.
//!
//! `{city:<|"|>Ulm<|"|>,days:3}` is `{"city": "Ulm", "days": 3}`.

use serde_json::{Map, Value};

const DEEPEST: usize = 64;

/// Returns the JSON of `text`, in which `quote` stands around strings; `None` if it is neither.
pub(super) fn to_json(text: &str, quote: &str) -> Option<String> {
    let mut reader = Notes { rest: text, quote };
    let value = reader.value(0)?;
    (reader.rest.trim().is_empty() && value.is_object()).then(|| value.to_string())
}

struct Notes<'a> {
    rest: &'a str,
    quote: &'a str,
}

impl<'a> Notes<'a> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.rest = self.rest.trim_start();
        if depth > DEEPEST {
            return None;
        }
        if self.takes("{") {
            return self.object(depth).map(Value::Object);
        }
        if self.takes("[") {
            return self.list(depth).map(Value::Array);
        }
        if let Some(text) = self.string() {
            return Some(Value::from(text?));
        }
        let end = self.rest.find([',', '}', ']']).unwrap_or(self.rest.len());
        let word = self.rest[..end].trim();
        self.rest = &self.rest[end..];
        Some(serde_json::from_str(word).unwrap_or_else(|_| Value::from(word)))
    }

    fn object(&mut self, depth: usize) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        while !self.takes("}") {
            let key = match self.string() {
                Some(key) => key?,
                None => {
                    let (key, _) = self.rest.split_once(':')?;
                    self.rest = &self.rest[key.len()..];
                    key.trim()
                }
            };
            if !self.takes(":") {
                return None;
            }
            members.insert(key.to_owned(), self.value(depth + 1)?);
            self.comma("}")?;
        }
        Some(members)
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        while !self.takes("]") {
            items.push(self.value(depth + 1)?);
            self.comma("]")?;
        }
        Some(items)
    }

    /// Reads a quoted string; the outer `None` means there is none, the inner that it is open.
    fn string(&mut self) -> Option<Option<&'a str>> {
        self.rest = self.rest.trim_start();
        let quote = [self.quote, "\""].into_iter().find(|quote| self.rest.starts_with(quote))?;
        let inner = &self.rest[quote.len()..];
        let Some((text, rest)) = inner.split_once(quote) else { return Some(None) };
        self.rest = rest;
        Some(Some(text))
    }

    fn takes(&mut self, mark: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Reads what stands between two members.
    fn comma(&mut self, close: &str) -> Option<()> {
        let there = self.takes(",") || self.rest.starts_with(close);
        there.then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_quotes_and_bare_keys_become_json() {
        let json = |text| to_json(text, "<|\"|>");
        assert_eq!(
            json("{city:<|\"|>Ulm, {x}<|\"|>,days:3,deep:{a:[true,null,-1.5]},none:{}}").unwrap(),
            r#"{"city":"Ulm, {x}","days":3,"deep":{"a":[true,null,-1.5]},"none":{}}"#
        );
        assert_eq!(json("{}").unwrap(), "{}");
        assert_eq!(json("{a:<|\"|>open"), None);
        assert_eq!(json("{a}"), None);
        assert_eq!(json(&"{a:".repeat(500)), None);
    }
}

//! Fields that clients write in several ways.
//!
//! Says what was meant; what it leads to is the question's matter.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::shape;

/// Stop texts of one request.
const MOST_STOPS: usize = 16;

/// Whether a field asks for anything: `false`, `0`, `"none"`, `"auto"`, `[]` and `{}` do not.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asks(pub(crate) bool);

shape::written!(Asks, true);

impl<'de> Deserialize<'de> for Asks {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(AsksVisitor).map(Self)
    }
}

struct AsksVisitor;

impl<'de> Visitor<'de> for AsksVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E: de::Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E: de::Error>(self, asks: bool) -> Result<bool, E> {
        Ok(asks)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<bool, E> {
        Ok(number != 0)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<bool, E> {
        Ok(number != 0.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<bool, E> {
        Ok(text != "none" && text != "auto")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let mut asks = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            asks = true;
        }
        Ok(asks)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<bool, A::Error> {
        let mut asks = false;
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            asks = true;
        }
        Ok(asks)
    }
}

/// A model's name; `null` asks for any, as if it were not there.
#[derive(Default)]
pub(crate) struct Name(pub(crate) String);

shape::written!(Name, { "type": ["string", "null"] });

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Option::deserialize(reader).map(|name| Self(name.unwrap_or_default()))
    }
}

/// Stop texts: one, several, or none.
#[derive(Default)]
pub(crate) struct Stop(pub(crate) Vec<String>);

shape::written!(Stop, {
    "type": ["string", "array", "null"], "items": { "type": "string" }, "maxItems": MOST_STOPS
});

impl<'de> Deserialize<'de> for Stop {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(StopVisitor).map(Self)
    }
}

struct StopVisitor;

impl<'de> Visitor<'de> for StopVisitor {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of at most 16 strings")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(if text.is_empty() { Vec::new() } else { vec![text.to_owned()] })
    }

    fn visit_unit<E: de::Error>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut texts: A) -> Result<Vec<String>, A::Error> {
        let mut all = Vec::new();
        while all.len() < MOST_STOPS {
            match texts.next_element::<String>()? {
                Some(text) if text.is_empty() => {}
                Some(text) => all.push(text),
                None => return Ok(all),
            }
        }
        match texts.next_element::<IgnoredAny>()? {
            None => Ok(all),
            Some(_) => Err(de::Error::invalid_length(17, &self)),
        }
    }
}

//! A provider's key: usable, never printable.
//!
//! Only what writes headers and signatures for the egress gate reads it.

use std::fmt;

/// A provider's key.
#[derive(Clone)]
pub struct Key(String);

impl Key {
    /// Returns the key itself.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns `text` without the key in it.
    pub(crate) fn cut_from(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "…") }
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

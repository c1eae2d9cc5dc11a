//! A token for gated models: usable, never printable.
//!
//! Only the web client reads it, and only for the host it belongs to.

use std::fmt;

/// A Hugging Face access token.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Returns the header value that carries the token.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

//! Joins the bytes of tokens into text without ever splitting a character.
//!
//! Pure; it does not know tokens.

/// Holds back the bytes of a character that is not complete yet.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    held: Vec<u8>,
}

impl Whole {
    /// Adds bytes and returns the characters that are now complete.
    ///
    /// Bytes that can never become a character turn into U+FFFD.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        let mut out = String::new();
        loop {
            let (good, skip) = match std::str::from_utf8(&self.held) {
                Ok(_) => (self.held.len(), Some(0)),
                Err(error) => (error.valid_up_to(), error.error_len()),
            };
            out.push_str(&String::from_utf8_lossy(&self.held[..good]));
            self.held.drain(..good + skip.unwrap_or(0));
            match skip {
                Some(0) | None => return out,
                Some(_) => out.push(char::REPLACEMENT_CHARACTER),
            }
        }
    }

    /// Returns what is left at the end of the text.
    pub(crate) fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.held)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_out_whole() {
        let text = "a grün 🦀 b";
        let mut whole = Whole::default();
        let out: Vec<String> = text.bytes().map(|byte| whole.push(&[byte])).collect();
        assert_eq!(out.concat(), text);
        assert!(out.iter().all(|piece| piece.chars().count() <= 1));
        assert_eq!(whole.push(b"\xff!\xf0\x9f"), "\u{fffd}!");
        assert_eq!(whole.finish(), "\u{fffd}");
    }
}

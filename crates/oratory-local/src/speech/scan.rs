//! Follows JSON as it is written, to tell where a value ends or that it is no JSON.
//!
//! It watches strings and brackets only; whether the whole is valid is for a parser to say.

/// Deeper nesting is treated as damage: no tool wants it, and parsers refuse it too.
const DEEPEST: usize = 120;

/// Where the reading of one JSON value has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    /// The closing brackets that are still owed.
    owed: Vec<u8>,
    inside_string: bool,
    escaped: bool,
    begun: bool,
}

/// What became of a piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All of it belongs to the value, which goes on.
    More,
    /// The value ends before this byte of the piece.
    Ends(usize),
    /// From this byte on it is no JSON.
    Broken(usize),
}

/// Where a byte stands.
enum Place {
    Within,
    Last,
    Behind,
}

impl Scan {
    /// Returns a scan that is already inside this many objects.
    pub(super) fn inside(objects: usize) -> Self {
        Self { owed: vec![b'}'; objects], begun: true, ..Self::default() }
    }

    /// Reads a piece.
    pub(super) fn read(&mut self, piece: &str) -> Step {
        for (at, byte) in piece.bytes().enumerate() {
            if self.inside_string {
                self.read_inside(byte);
                if self.inside_string || !self.owed.is_empty() {
                    continue;
                }
                return Step::Ends(at + 1);
            }
            match self.read_outside(byte) {
                Some(Place::Within) => {}
                Some(Place::Last) => return Step::Ends(at + 1),
                Some(Place::Behind) => return Step::Ends(at),
                None => return Step::Broken(at),
            }
        }
        Step::More
    }
}

impl Scan {
    fn read_inside(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.inside_string = false,
            _ => {}
        }
    }

    /// Reads a byte outside strings; `None` means damage.
    fn read_outside(&mut self, byte: u8) -> Option<Place> {
        let bare = self.owed.is_empty();
        match byte {
            b'"' => self.inside_string = true,
            b'{' | b'[' if self.owed.len() < DEEPEST => {
                self.owed.push(if byte == b'{' { b'}' } else { b']' });
            }
            b'}' | b']' if self.owed.last() == Some(&byte) => {
                self.owed.pop();
                return Some(if self.owed.is_empty() { Place::Last } else { Place::Within });
            }
            b' ' | b'\t' | b'\r' | b'\n' if !self.begun => return Some(Place::Within),
            // A number or a word on its own ends where something else begins.
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b'}' | b']' if bare => {
                return self.begun.then_some(Place::Behind);
            }
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' => {}
            b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E' => {}
            _ => return None,
        }
        self.begun = true;
        Some(Place::Within)
    }
}

/// Returns how long the value is that `text` begins with; `None` if there is no telling yet.
pub(super) fn length(text: &str) -> Option<Result<usize, ()>> {
    match Scan::default().read(text) {
        Step::More => None,
        Step::Ends(length) => Some(Ok(length)),
        Step::Broken(_) => Some(Err(())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_end() {
        for (text, end) in [
            (r#"{"a": "}\"{", "b": [1, {}]} rest"#, r#"{"a": "}\"{", "b": [1, {}]}"#),
            (r#""a\"b" rest"#, r#""a\"b""#),
            ("[]]", "[]"),
            ("12, 3", "12"),
            ("true}", "true"),
        ] {
            assert_eq!(length(text), Some(Ok(end.len())), "{text}");
        }
        assert_eq!(length(r#"{"a": [1"#), None);
        assert_eq!(length("{]"), Some(Err(())));
        assert_eq!(length("{<"), Some(Err(())));
        assert_eq!(Scan::inside(2).read(r#", "id": 1}}x"#), Step::Ends(11));
    }
}

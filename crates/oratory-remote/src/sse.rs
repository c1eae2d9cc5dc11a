//! Splits a byte stream into the `data:` payloads of server-sent events.
//!
//! Knows nothing of what the payloads mean.

use crate::frames::LARGEST;

/// Collects bytes until an event is whole.
#[derive(Default)]
pub(crate) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
}

/// An event that never ends.
#[derive(Debug, thiserror::Error)]
#[error("an event is larger than {LARGEST} bytes")]
pub(crate) struct Oversize;

impl Events {
    /// Takes bytes in and calls `each` with every payload they complete.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), Oversize> {
        while let Some(at) = bytes.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&bytes[..at]);
            bytes = &bytes[at + 1..];
            self.end_line(&mut each);
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() + self.data.len() > LARGEST { Err(Oversize) } else { Ok(()) }
    }

    fn end_line(&mut self, each: &mut impl FnMut(&[u8])) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        if line.is_empty() {
            if !self.data.is_empty() {
                each(&self.data);
                self.data.clear();
            }
        } else if let Some(data) = line.strip_prefix(b"data:") {
            if !self.data.is_empty() {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Events;

    fn payloads(pieces: &[&[u8]]) -> Vec<String> {
        let mut events = Events::default();
        let mut found = Vec::new();
        for piece in pieces {
            let each = |data: &[u8]| found.push(String::from_utf8_lossy(data).into_owned());
            events.push(piece, each).expect("the events are small");
        }
        found
    }

    #[test]
    fn events_come_out_whole_however_they_arrive() {
        let stream = b": hello\r\n\r\ndata: {\"a\":1}\r\n\r\nevent: x\ndata:two\ndata: lines\n\n";
        for cut in 0..stream.len() {
            let (head, tail) = stream.split_at(cut);
            assert_eq!(payloads(&[head, tail]), ["{\"a\":1}", "two\nlines"], "cut at {cut}");
        }
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut events = Events::default();
        let line = [b"data: ".as_slice(), &vec![b'x'; 5 << 20]].concat();
        assert!(events.push(&line, |_| ()).is_err());
    }
}

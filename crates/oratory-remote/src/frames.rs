//! Cuts the bytes of a streamed answer into events: server-sent events, lines, or AWS's frames.
//!
//! Knows nothing of what they mean. What never ends is refused.

use crate::aws_frames::AwsFrames;
use crate::sse::Events;

/// Events larger than this are refused: no provider sends them, and memory is finite.
pub(crate) const LARGEST: usize = 4 * 1024 * 1024;

/// One event of an answer.
pub(crate) struct Event<'a> {
    /// What it is called, where frames have names.
    pub(crate) name: &'a str,
    /// What it says.
    pub(crate) data: &'a [u8],
}

/// Why bytes are no events.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoFrames {
    #[error("an event is larger than {LARGEST} bytes")]
    Oversize,
    #[error("a frame is damaged: {0}")]
    Damaged(&'static str),
}

/// Collects bytes until an event is whole.
pub(crate) enum Frames {
    Events(Events),
    Lines(Vec<u8>),
    Aws(AwsFrames),
}

impl Frames {
    /// Returns what cuts server-sent events.
    pub(crate) fn events() -> Self {
        Self::Events(Events::default())
    }

    /// Takes bytes in and calls `each` with every event they complete.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&Event<'_>),
    ) -> Result<(), NoFrames> {
        match self {
            Self::Events(events) => events
                .push(bytes, |data| each(&Event { name: "", data }))
                .map_err(|_| NoFrames::Oversize),
            Self::Lines(waiting) => lines(waiting, bytes, &mut each),
            Self::Aws(frames) => frames.push(bytes, &mut each),
        }
    }

    /// Calls `each` with what the end of the stream completes: some forget the last line's end.
    pub(crate) fn end(&mut self, each: impl FnMut(&Event<'_>)) -> Result<(), NoFrames> {
        match self {
            Self::Events(_) => self.push(b"\n\n", each),
            Self::Lines(_) => self.push(b"\n", each),
            Self::Aws(frames) => frames.end(),
        }
    }
}

fn lines(
    waiting: &mut Vec<u8>,
    mut bytes: &[u8],
    each: &mut impl FnMut(&Event<'_>),
) -> Result<(), NoFrames> {
    while let Some(at) = memchr(bytes) {
        waiting.extend_from_slice(&bytes[..at]);
        bytes = &bytes[at + 1..];
        let line = waiting.trim_ascii();
        if !line.is_empty() {
            each(&Event { name: "", data: line });
        }
        waiting.clear();
    }
    waiting.extend_from_slice(bytes);
    if waiting.len() > LARGEST { Err(NoFrames::Oversize) } else { Ok(()) }
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_whole_however_they_arrive_and_the_last_needs_no_end() {
        let stream = b"{\"a\":1}\r\n\n{\"b\":2}\n{\"c\":3}";
        for cut in 0..stream.len() {
            let (head, tail) = stream.split_at(cut);
            let (mut frames, mut found) = (Frames::Lines(Vec::new()), Vec::new());
            let mut each =
                |event: &Event<'_>| found.push(String::from_utf8_lossy(event.data).into_owned());
            frames.push(head, &mut each).unwrap();
            frames.push(tail, &mut each).unwrap();
            frames.end(&mut each).unwrap();
            assert_eq!(found, ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"], "cut at {cut}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut frames = Frames::Lines(Vec::new());
        assert!(frames.push(&vec![b'x'; LARGEST + 1], |_| ()).is_err());
    }
}

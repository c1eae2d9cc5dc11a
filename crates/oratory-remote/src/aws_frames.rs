//! AWS's event stream: binary frames with headers, a payload and two checksums.
//!
//! A frame is 4 bytes of length, 4 of the headers' length, 4 of checksum over those, headers,
//! payload, and 4 of checksum over all before. Numbers are big-endian; checksums are CRC-32.

use crate::frames::{Event, LARGEST, NoFrames};

/// Lengths and their checksum.
const PRELUDE: usize = 12;
/// The checksum at the end.
const CHECKSUM: usize = 4;

/// Collects bytes until a frame is whole.
#[derive(Default)]
pub(crate) struct AwsFrames {
    waiting: Vec<u8>,
}

impl AwsFrames {
    /// Takes bytes in and calls `each` with every event they complete.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        each: &mut impl FnMut(&Event<'_>),
    ) -> Result<(), NoFrames> {
        self.waiting.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(length) = whole(&self.waiting[at..])? {
            let frame = &self.waiting[at..at + length];
            let (name, data) = opened(frame)?;
            each(&Event { name: &name, data });
            at += length;
        }
        self.waiting.drain(..at);
        Ok(())
    }

    /// Says whether the stream ended where a frame does.
    pub(crate) fn end(&self) -> Result<(), NoFrames> {
        if self.waiting.is_empty() { Ok(()) } else { Err(NoFrames::Damaged("its end is missing")) }
    }
}

/// Returns the length of the first frame, once all of it is there.
fn whole(bytes: &[u8]) -> Result<Option<usize>, NoFrames> {
    let Some(prelude) = bytes.get(..PRELUDE) else { return Ok(None) };
    let (length, headers) = (number(&prelude[..4]), number(&prelude[4..8]));
    if crc32(&prelude[..8]) as usize != number(&prelude[8..]) {
        return Err(NoFrames::Damaged("the checksum of its lengths does not fit"));
    }
    if length > LARGEST {
        return Err(NoFrames::Oversize);
    }
    if headers + PRELUDE + CHECKSUM > length {
        return Err(NoFrames::Damaged("its headers are longer than itself"));
    }
    Ok((bytes.len() >= length).then_some(length))
}

/// Returns what a frame is called and its payload.
fn opened(frame: &[u8]) -> Result<(String, &[u8]), NoFrames> {
    let (rest, checksum) = frame.split_at(frame.len() - CHECKSUM);
    if crc32(rest) as usize != number(checksum) {
        return Err(NoFrames::Damaged("its checksum does not fit"));
    }
    let headers = number(&frame[4..8]);
    let (headers, payload) = rest[PRELUDE..].split_at(headers);
    let name = name(headers).ok_or(NoFrames::Damaged("its headers make no sense"))?;
    Ok((name, payload))
}

/// Returns the name of an event or of an exception.
fn name(mut headers: &[u8]) -> Option<String> {
    let mut found = String::new();
    while let [length, rest @ ..] = headers {
        let (name, rest) = rest.split_at_checked((*length).into())?;
        let (kind, rest) = rest.split_first()?;
        let (value, rest) = match kind {
            0 | 1 => rest.split_at_checked(0)?,
            2 => rest.split_at_checked(1)?,
            3 => rest.split_at_checked(2)?,
            4 => rest.split_at_checked(4)?,
            5 | 8 => rest.split_at_checked(8)?,
            9 => rest.split_at_checked(16)?,
            6 | 7 => {
                let (length, rest) = rest.split_at_checked(2)?;
                rest.split_at_checked(number(length))?
            }
            _ => return None,
        };
        if matches!(name, b":event-type" | b":exception-type" | b":error-code") {
            found = String::from_utf8_lossy(value).into_owned();
        }
        headers = rest;
    }
    Some(found)
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// Returns the CRC-32 that Ethernet and zip use. Bit by bit: frames are small and few.
fn crc32(bytes: &[u8]) -> u32 {
    let all = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    });
    !all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The empty frame that AWS gives as an example: no headers, no payload.
    const EMPTY: [u8; 16] =
        [0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff];

    fn frame(name: &str, payload: &str) -> Vec<u8> {
        let mut headers = vec![11];
        headers.extend(b":event-type\x07");
        headers.extend((name.len() as u16).to_be_bytes());
        headers.extend(name.as_bytes());
        let length = (PRELUDE + headers.len() + payload.len() + CHECKSUM) as u32;
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend((headers.len() as u32).to_be_bytes());
        frame.extend(crc32(&frame).to_be_bytes());
        frame.extend(headers);
        frame.extend(payload.as_bytes());
        frame.extend(crc32(&frame).to_be_bytes());
        frame
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(whole(&EMPTY).unwrap(), Some(16));
        assert!(opened(&EMPTY).is_ok());
    }

    #[test]
    fn frames_come_out_whole_however_they_arrive() {
        let stream = [frame("one", "{}"), frame("two", "{\"a\":1}")].concat();
        for cut in 0..stream.len() {
            let (mut frames, mut found) = (AwsFrames::default(), Vec::new());
            let mut each = |event: &Event<'_>| {
                found.push((
                    event.name.to_owned(),
                    String::from_utf8_lossy(event.data).into_owned(),
                ));
            };
            frames.push(&stream[..cut], &mut each).unwrap();
            frames.push(&stream[cut..], &mut each).unwrap();
            frames.end().unwrap();
            let expected = [("one", "{}"), ("two", "{\"a\":1}")];
            assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())), "cut at {cut}");
        }
    }

    #[test]
    fn a_damaged_frame_is_refused_and_none_panics() {
        let good = frame("one", "{}");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x41;
            let mut frames = AwsFrames::default();
            let pushed = frames.push(&bad, &mut |_| panic!("byte {at} was not missed"));
            assert!(pushed.is_err() || frames.end().is_err(), "byte {at}");
        }
    }
}

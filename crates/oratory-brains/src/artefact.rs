//! The one container every brain's weights come in: verified whole before anything in it is used.
//!
//! Knows no brain. Sections are borrowed from the bytes given, never copied.
//!
//! | bytes | what |
//! |---|---|
//! | 0–7 | `ORATBRN` and a line end |
//! | 8–11 | version of this container, little-endian like all numbers here |
//! | 12–43 | SHA-256 of everything from byte 44 on |
//! | 44–47 | length of the header |
//! | 48– | the header, a JSON object: kind, version, about, sections |
//! | then | the sections, each at a multiple of 64, the gaps filled with zeros |

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"ORATBRN\n";
const CONTAINER: u32 = 1;
const DIGEST: usize = 12;
const SEALED: usize = 44;
const HEADER: usize = 48;
/// A header is a page of facts; a larger one is damage or malice.
const LONGEST_HEADER: usize = 1 << 20;
/// Sections begin at multiples of this, so that numbers in a mapped file lie straight.
const ALIGNMENT: usize = 64;

/// Why an artefact cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ArtefactError {
    /// It does not begin as an artefact does.
    #[error("this is no artefact: it does not begin with ORATBRN")]
    NotOne,
    /// The container is of another version.
    #[error("the artefact's container is of version {0}, and this build reads {CONTAINER}")]
    Container(u32),
    /// The digest does not fit the bytes.
    #[error("the artefact is damaged: its SHA-256 does not fit; fetch or train it again")]
    Damaged,
    /// The header cannot be read.
    #[error("the artefact's header cannot be read: {0}")]
    Header(String),
    /// It holds another brain.
    #[error("the artefact holds {found}, not {wanted}")]
    Another {
        /// What it holds: kind and version.
        found: String,
        /// What was wanted.
        wanted: String,
    },
    /// A section is missing or does not have the size it should.
    #[error("the artefact's section {name:?} {what}")]
    Section {
        /// The section.
        name: String,
        /// What is wrong with it.
        what: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Header {
    kind: String,
    version: u32,
    about: Value,
    sections: Vec<Placed>,
}

#[derive(Serialize, Deserialize)]
struct Placed {
    name: String,
    offset: usize,
    length: usize,
}

/// A verified artefact, borrowed from its bytes.
pub struct Artefact<'a> {
    bytes: &'a [u8],
    header: Header,
}

impl<'a> Artefact<'a> {
    /// Verifies `bytes` and returns the artefact in them if it is of this kind and version.
    pub fn open(bytes: &'a [u8], kind: &str, version: u32) -> Result<Self, ArtefactError> {
        let artefact = Self { bytes, header: verified(bytes)? };
        let header = &artefact.header;
        if (header.kind.as_str(), header.version) != (kind, version) {
            let found = format!("{} version {}", header.kind, header.version);
            return Err(ArtefactError::Another {
                found,
                wanted: format!("{kind} version {version}"),
            });
        }
        Ok(artefact)
    }

    /// Returns what the header says about the brain, beyond where its sections are.
    pub fn about<T: DeserializeOwned>(&self) -> Result<T, ArtefactError> {
        T::deserialize(&self.header.about).map_err(|error| ArtefactError::Header(error.to_string()))
    }

    /// Returns a section's bytes.
    pub fn section(&self, name: &str) -> Result<&'a [u8], ArtefactError> {
        let placed = self.header.sections.iter().find(|placed| placed.name == name);
        let placed = placed.ok_or_else(|| wrong(name, "is missing"))?;
        Ok(&self.bytes[placed.offset..placed.offset + placed.length])
    }

    /// Returns a section's bytes if there are exactly `length` of them.
    pub fn section_of(&self, name: &str, length: usize) -> Result<&'a [u8], ArtefactError> {
        let section = self.section(name)?;
        if section.len() == length {
            return Ok(section);
        }
        Err(wrong(name, &format!("has {} bytes, not {length}", section.len())))
    }

    /// Returns the numbers of a section of 32-bit floats.
    pub fn floats(&self, name: &str) -> Result<Vec<f32>, ArtefactError> {
        let (numbers, rest) = self.section(name)?.as_chunks::<4>();
        if rest.is_empty() {
            return Ok(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect());
        }
        Err(wrong(name, "is cut off within a number"))
    }

    /// Returns the SHA-256 that sealed it, in hexadecimal digits.
    pub fn digest(&self) -> String {
        self.bytes[DIGEST..SEALED].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn wrong(name: &str, what: &str) -> ArtefactError {
    ArtefactError::Section { name: name.to_owned(), what: what.to_owned() }
}

/// Returns the header once the whole has been found sound.
fn verified(bytes: &[u8]) -> Result<Header, ArtefactError> {
    if !bytes.starts_with(MAGIC) {
        return Err(ArtefactError::NotOne);
    }
    let container = number(bytes, MAGIC.len()).ok_or(ArtefactError::Damaged)?;
    if container != CONTAINER {
        return Err(ArtefactError::Container(container));
    }
    let sealed = bytes.get(SEALED..).ok_or(ArtefactError::Damaged)?;
    if bytes[DIGEST..SEALED] != Sha256::digest(sealed)[..] {
        return Err(ArtefactError::Damaged);
    }
    let length = number(bytes, SEALED).ok_or(ArtefactError::Damaged)? as usize;
    let header = (length <= LONGEST_HEADER).then(|| bytes.get(HEADER..HEADER + length)).flatten();
    let header = header.ok_or_else(|| ArtefactError::Header("it is too long".to_owned()))?;
    let header: Header =
        serde_json::from_slice(header).map_err(|error| ArtefactError::Header(error.to_string()))?;
    let past = header.sections.iter().find(|placed| {
        placed.offset.checked_add(placed.length).is_none_or(|end| end > bytes.len())
    });
    past.map_or(Ok(()), |placed| Err(wrong(&placed.name, "reaches past the end")))?;
    Ok(header)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|number| u32::from_le_bytes(*number))
}

/// Returns the bytes of an artefact: what `Artefact::open` reads.
pub fn write(
    kind: &str,
    version: u32,
    about: &impl Serialize,
    sections: &[(&str, &[u8])],
) -> Result<Vec<u8>, ArtefactError> {
    let about = serde_json::to_value(about).map_err(|e| ArtefactError::Header(e.to_string()))?;
    let mut header = Header { kind: kind.to_owned(), version, about, sections: Vec::new() };
    for (name, bytes) in sections {
        header.sections.push(Placed { name: (*name).to_owned(), offset: 0, length: bytes.len() });
    }
    let text = settled(&mut header);
    let mut all = [&MAGIC[..], &CONTAINER.to_le_bytes(), &[0; SEALED - DIGEST]].concat();
    let length = u32::try_from(text.len()).expect("a header of that length has been refused");
    all.extend(length.to_le_bytes());
    all.extend(text.as_bytes());
    for (placed, (_, bytes)) in header.sections.iter().zip(sections) {
        all.resize(placed.offset, 0);
        all.extend(*bytes);
    }
    let digest = Sha256::digest(&all[SEALED..]);
    all[DIGEST..SEALED].copy_from_slice(&digest);
    // Whatever cannot be read again was never written.
    verified(&all).map(|_| all)
}

/// Places the sections behind a header whose own length depends on where they are.
fn settled(header: &mut Header) -> String {
    loop {
        let text = serde_json::to_string(header).expect("plain data always serialises");
        let mut at = HEADER + text.len();
        let mut moved = false;
        for placed in &mut header.sections {
            at = at.next_multiple_of(ALIGNMENT);
            // Only ever further back, so that this ends.
            moved |= placed.offset < at;
            placed.offset = placed.offset.max(at);
            at = placed.offset + placed.length;
        }
        if !moved {
            return text;
        }
    }
}

#[cfg(test)]
mod tests;

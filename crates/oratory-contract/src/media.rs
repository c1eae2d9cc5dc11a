//! Pictures and sounds within a message: the bytes a caller sent, and where they stand.
//!
//! Nothing here looks into them, and no detector can.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

/// A picture or a sound.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Medium {
    /// What it is for.
    pub sense: Sense,
    /// Where in the message's text it stands: before the byte with this number.
    pub at: usize,
    /// The file, as it was sent.
    pub file: File,
}

/// With which sense a medium is taken in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Sense {
    /// It is a picture.
    Sight,
    /// It is a sound.
    Hearing,
}

impl Sense {
    /// Returns what is taken in with it, as a plural: `pictures` or `sounds`.
    pub fn things(self) -> &'static str {
        match self {
            Self::Sight => "pictures",
            Self::Hearing => "sounds",
        }
    }
}

/// The bytes of a file, shared rather than copied. They are never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct File(Arc<[u8]>);

impl File {
    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for File {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File of {} bytes", self.0.len())
    }
}

impl Serialize for File {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // In one piece: a list of numbers takes many times as long.
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_byte_buf(FileVisitor)
    }
}

struct FileVisitor;

impl<'de> Visitor<'de> for FileVisitor {
    type Value = File;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<File, E> {
        Ok(bytes.to_vec().into())
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<File, E> {
        Ok(bytes.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<File, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = numbers.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes.into())
    }
}

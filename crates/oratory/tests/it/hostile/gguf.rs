//! A model file taken apart, so that one thing in it can be made wrong and the rest stays sound.
//!
//! Reads only sound files; what it writes may be anything but.

use std::io::Read;

/// The numbers GGUF gives to types of fields.
pub(super) const UINT32: u32 = 4;
pub(super) const INT32: u32 = 5;
pub(super) const FLOAT32: u32 = 6;
pub(super) const TEXT: u32 = 8;
pub(super) const ARRAY: u32 = 9;
pub(super) const UINT64: u32 = 10;

/// A tensor as the header describes it.
#[derive(Clone)]
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) shape: Vec<u64>,
    pub(super) kind: u32,
    pub(super) offset: u64,
}

/// A model file in parts.
#[derive(Clone)]
pub(super) struct Gguf {
    /// Names, and values with their type before them, as they lie in the file.
    pub(super) fields: Vec<(String, Vec<u8>)>,
    pub(super) tensors: Vec<Tensor>,
    pub(super) data: Vec<u8>,
}

fn u32_of(from: &mut &[u8]) -> u32 {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes).unwrap();
    u32::from_le_bytes(bytes)
}

fn u64_of(from: &mut &[u8]) -> u64 {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes).unwrap();
    u64::from_le_bytes(bytes)
}

fn text_of(from: &mut &[u8]) -> String {
    let mut bytes = vec![0; u64_of(from) as usize];
    from.read_exact(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn skip(from: &mut &[u8], kind: u32) {
    let width = match kind {
        TEXT => {
            text_of(from);
            return;
        }
        ARRAY => {
            let (kind, length) = (u32_of(from), u64_of(from));
            (0..length).for_each(|_| skip(from, kind));
            return;
        }
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        _ => 8,
    };
    *from = &from[width..];
}

/// Returns a text as a file holds it.
pub(super) fn text(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

/// Returns a value of this type.
pub(super) fn value(kind: u32, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut value = kind.to_le_bytes().to_vec();
    value.extend(bytes.as_ref());
    value
}

/// Returns a list of texts.
pub(super) fn texts(texts: &[String]) -> Vec<u8> {
    let mut bytes = value(ARRAY, TEXT.to_le_bytes());
    bytes.extend((texts.len() as u64).to_le_bytes());
    texts.iter().for_each(|one| bytes.extend(text(one)));
    bytes
}

impl Gguf {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut from = &bytes[8..];
        let (tensors, fields) = (u64_of(&mut from), u64_of(&mut from));
        let mut field = |_| {
            let name = text_of(&mut from);
            let start = from;
            let kind = u32_of(&mut from);
            skip(&mut from, kind);
            (name, start[..start.len() - from.len()].to_vec())
        };
        let fields = (0..fields).map(&mut field).collect();
        let mut tensor = |_| {
            let name = text_of(&mut from);
            let dimensions = u32_of(&mut from);
            let shape = (0..dimensions).map(|_| u64_of(&mut from)).collect();
            Tensor { name, shape, kind: u32_of(&mut from), offset: u64_of(&mut from) }
        };
        let tensors = (0..tensors).map(&mut tensor).collect();
        let header = (bytes.len() - from.len()).next_multiple_of(32);
        Self { fields, tensors, data: bytes[header..].to_vec() }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = b"GGUF\x03\0\0\0".to_vec();
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.fields.len() as u64).to_le_bytes());
        for (name, value) in &self.fields {
            out.extend(text(name));
            out.extend(value);
        }
        for tensor in &self.tensors {
            out.extend(text(&tensor.name));
            out.extend((tensor.shape.len() as u32).to_le_bytes());
            tensor.shape.iter().for_each(|length| out.extend(length.to_le_bytes()));
            out.extend(tensor.kind.to_le_bytes());
            out.extend(tensor.offset.to_le_bytes());
        }
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(&self.data);
        out
    }

    /// Gives a field another value, or adds it.
    pub(super) fn set(mut self, name: &str, value: Vec<u8>) -> Self {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = value,
            None => self.fields.push((name.to_owned(), value)),
        }
        self
    }

    pub(super) fn number(self, name: &str, number: u32) -> Self {
        self.set(name, value(UINT32, number.to_le_bytes()))
    }

    pub(super) fn float(self, name: &str, number: f32) -> Self {
        self.set(name, value(FLOAT32, number.to_le_bytes()))
    }

    pub(super) fn text(self, name: &str, words: &str) -> Self {
        self.set(name, value(TEXT, text(words)))
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// Returns the texts of a list.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let (_, value) = self.fields.iter().find(|(known, _)| known == name).unwrap();
        let mut from = &value[8..];
        (0..u64_of(&mut from)).map(|_| text_of(&mut from)).collect()
    }

    /// Changes what the header says of a tensor.
    pub(super) fn tensor(mut self, name: &str, change: impl FnOnce(&mut Tensor)) -> Self {
        change(self.tensors.iter_mut().find(|tensor| tensor.name == name).unwrap());
        self
    }

    /// Fills a tensor with one number.
    pub(super) fn fill(mut self, name: &str, number: f32) -> Self {
        let tensor = self.tensors.iter().find(|tensor| tensor.name == name).unwrap();
        let (from, count) = (tensor.offset as usize, tensor.shape.iter().product::<u64>() as usize);
        for at in 0..count {
            self.data[from + at * 4..][..4].copy_from_slice(&number.to_le_bytes());
        }
        self
    }
}

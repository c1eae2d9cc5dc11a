//! Writes a GGUF version 3 file: fields first, then tensors, one after the other.
//!
//! Tensors may be larger than memory; they are made while they are written. It does not quantise.

use std::fmt::Debug;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::Arc;

use super::{DEFAULT_ALIGNMENT, Kind, MAGIC, pad};

/// The value of one field.
#[derive(Clone, Debug)]
pub enum Field {
    /// A 32-bit number.
    Number(u32),
    /// A 32-bit float.
    Float(f32),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of signed numbers.
    Numbers(Vec<i32>),
    /// A list of 32-bit floats.
    Floats(Vec<f32>),
}

/// One tensor.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its dimensions, the fastest first; the first fills whole blocks of its kind.
    pub shape: Vec<u64>,
    /// How its numbers are stored.
    pub kind: Kind,
    /// Its numbers.
    pub data: Data,
}

/// Where the numbers of a tensor come from.
#[derive(Clone, Debug)]
pub enum Data {
    /// All zero, which costs no disk on most file systems.
    Zero,
    /// 32-bit floats, for a tensor of that kind.
    Numbers(Vec<f32>),
    /// Bytes made while they are written.
    Made(Arc<dyn Fill>),
}

/// Makes the bytes of a tensor.
pub trait Fill: Debug + Send + Sync {
    /// Writes them, exactly as many as the tensor takes.
    fn fill(&self, out: &mut dyn Write) -> io::Result<()>;
}

impl Tensor {
    fn bytes(&self) -> u64 {
        self.kind.bytes(self.shape.iter().product())
    }
}

/// A file being put together.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    fields: Vec<(String, Field)>,
    tensors: Vec<Tensor>,
}

impl Writer {
    /// Adds a field.
    pub fn field(&mut self, key: impl Into<String>, value: Field) {
        self.fields.push((key.into(), value));
    }

    /// Adds a tensor.
    pub fn tensor(&mut self, tensor: Tensor) {
        self.tensors.push(tensor);
    }

    /// Returns the tensors so far.
    pub(crate) fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Leaves all numbers out.
    #[cfg(test)]
    pub(crate) fn hollow(mut self) -> Self {
        self.tensors.iter_mut().for_each(|tensor| tensor.data = Data::Zero);
        self
    }

    /// Writes everything to `out`, which must be empty. Equal content gives equal bytes.
    pub fn write(&self, mut out: impl Write + Seek) -> io::Result<()> {
        let header = self.header();
        out.write_all(&header)?;
        let mut at = padded(header.len() as u64);
        for tensor in &self.tensors {
            out.seek(SeekFrom::Start(at))?;
            match &tensor.data {
                Data::Zero => {}
                Data::Numbers(numbers) => {
                    let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
                    out.write_all(&bytes.collect::<Vec<u8>>())?;
                }
                Data::Made(made) => made.fill(&mut out)?,
            }
            at = padded(at + tensor.bytes());
        }
        // A final zero byte gives the file its length even where the last tensor is a hole.
        out.seek(SeekFrom::Start(at))?;
        out.write_all(&[0])
    }

    fn header(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(3_u32.to_le_bytes());
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.fields.len() as u64).to_le_bytes());
        for (key, value) in &self.fields {
            put_text(&mut out, key);
            put_field(&mut out, value);
        }
        let mut offset = 0_u64;
        for tensor in &self.tensors {
            put_text(&mut out, &tensor.name);
            out.extend((tensor.shape.len() as u32).to_le_bytes());
            for length in &tensor.shape {
                out.extend(length.to_le_bytes());
            }
            out.extend(tensor.kind.number().to_le_bytes());
            out.extend(offset.to_le_bytes());
            offset = padded(offset + tensor.bytes());
        }
        out
    }
}

fn padded(value: u64) -> u64 {
    pad(value, DEFAULT_ALIGNMENT).expect("a file is shorter than 2^64 bytes")
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn put_kind(out: &mut Vec<u8>, kind: u32) {
    out.extend(kind.to_le_bytes());
}

fn put_array(out: &mut Vec<u8>, kind: u32, length: usize) {
    put_kind(out, 9);
    put_kind(out, kind);
    out.extend((length as u64).to_le_bytes());
}

fn put_field(out: &mut Vec<u8>, value: &Field) {
    match value {
        Field::Number(number) => {
            put_kind(out, 4);
            out.extend(number.to_le_bytes());
        }
        Field::Float(number) => {
            put_kind(out, 6);
            out.extend(number.to_le_bytes());
        }
        Field::Bool(yes) => {
            put_kind(out, 7);
            out.push(u8::from(*yes));
        }
        Field::Text(text) => {
            put_kind(out, 8);
            put_text(out, text);
        }
        Field::Texts(texts) => {
            put_array(out, 8, texts.len());
            texts.iter().for_each(|text| put_text(out, text));
        }
        Field::Numbers(numbers) => {
            put_array(out, 5, numbers.len());
            out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        Field::Floats(numbers) => {
            put_array(out, 6, numbers.len());
            out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
    }
}

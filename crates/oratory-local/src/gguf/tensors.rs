//! Reads and checks what a GGUF header says of its tensors: shapes, types, places.
//!
//! The numbers in a tensor are never read.

use std::io::{Read, Seek};

use super::source::Source;
use super::{Damage, pad, types};

/// Longest name of a tensor; llama.cpp refuses longer ones.
const MAX_NAME: u64 = 63;

/// What a header says of one tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Its name.
    pub name: String,
    /// Its dimensions, the fastest first.
    pub shape: Vec<u64>,
    /// The number of its type.
    pub kind: u32,
    /// Numbers in it.
    pub elements: u64,
    /// Bytes it takes.
    pub bytes: u64,
}

/// A tensor and where it begins.
pub(super) struct Entry {
    pub(super) weight: Weight,
    offset: u64,
}

/// Reads what the header says of one tensor.
pub(super) fn read(source: &mut Source<impl Read + Seek>, number: u64) -> Result<Entry, Damage> {
    let name = source.text(&format!("the name of tensor {number}"), MAX_NAME)?;
    let dimensions = source.u32(&name)?;
    if dimensions > 4 {
        return Err(Damage::Shape { tensor: name, shape: format!("of {dimensions} dimensions") });
    }
    let mut shape = Vec::with_capacity(4);
    for _ in 0..dimensions {
        shape.push(source.u64(&name)?);
    }
    let kind = source.u32(&name)?;
    let offset = source.u64(&name)?;
    let block = types::block(kind)
        .ok_or_else(|| Damage::TensorType { tensor: name.clone(), found: kind })?;
    let sizes = sizes(&shape, block);
    let (elements, bytes) = sizes.ok_or_else(|| Damage::Shape {
        tensor: name.clone(),
        shape: format!("{shape:?} for its type"),
    })?;
    Ok(Entry { weight: Weight { name, shape, kind, elements, bytes }, offset })
}

/// Returns elements and bytes of a tensor; `None` if they overflow or do not fill whole blocks.
fn sizes(shape: &[u64], block: types::Block) -> Option<(u64, u64)> {
    if !shape.first().copied().unwrap_or(1).is_multiple_of(block.elements) {
        return None;
    }
    if shape.contains(&0) {
        return None;
    }
    let mut elements = 1_i64;
    for &length in shape {
        elements = elements.checked_mul(i64::try_from(length).ok()?)?;
    }
    let elements = u64::try_from(elements).ok()?;
    let bytes = (elements / block.elements).checked_mul(block.bytes)?;
    Some((elements, bytes))
}

/// Checks that the tensors follow each other and end inside the file.
pub(super) fn check_layout(tensors: &[Entry], has: u64, alignment: u64) -> Result<(), Damage> {
    let mut expected = 0_u64;
    for tensor in tensors {
        let name = || tensor.weight.name.clone();
        let offset = tensor.offset;
        if offset != expected {
            return Err(if offset > has {
                Damage::OffsetPastEnd { tensor: name(), offset, has }
            } else {
                Damage::Offset { tensor: name(), offset, expected }
            });
        }
        let end = offset.checked_add(tensor.weight.bytes);
        let needs = end.unwrap_or(u64::MAX);
        if needs > has {
            return Err(Damage::TruncatedData { tensor: name(), needs, has });
        }
        expected = pad(needs, alignment).unwrap_or(u64::MAX);
    }
    Ok(())
}

//! Adapters for made models: two thin random matrices for some of their weights.
//!
//! Another word makes another adapter. Strong enough that a model says something else with one.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;

use super::noise::{self, Noise};
use super::{Shape, compile};
use crate::gguf::{Data, Field, Kind, Tensor, Writer};

/// Numbers between the two matrices.
const RANK: u64 = 8;
/// The weights that are changed, where a model has them.
const CHANGED: [&str; 4] =
    ["attn_q.weight", "attn_v.weight", "attn_qkv.weight", "attn_output.weight"];

/// Writes an adapter for models of this shape to `path`; equal words give equal bytes.
pub fn write_adapter(shape: &Shape, word: &str, path: &Path) -> io::Result<()> {
    let mut writer = Writer::default();
    let text = |text: &str| Field::Text(text.to_owned());
    writer.field("general.type", text("adapter"));
    writer.field("general.architecture", text(shape.family.architecture()));
    writer.field("general.name", text(&format!("{}+{word}", shape.name)));
    writer.field("adapter.type", text("lora"));
    writer.field("adapter.lora.alpha", Field::Float(2.0 * RANK as f32));
    for weight in compile(shape).tensors() {
        let [into, out] = weight.shape[..] else { continue };
        if !CHANGED.iter().any(|changed| weight.name.ends_with(changed)) {
            continue;
        }
        writer.tensor(half(&weight.name, word, 'a', [into, RANK]));
        writer.tensor(half(&weight.name, word, 'b', [RANK, out]));
    }
    writer.write(BufWriter::new(File::create(path)?))
}

fn half(name: &str, word: &str, ending: char, shape: [u64; 2]) -> Tensor {
    let name = format!("{name}.lora_{ending}");
    let [row, rows] = shape;
    let noise = Noise {
        kind: Kind::F32,
        rows,
        row,
        spread: 1.0 / (row as f32).sqrt(),
        mean: 0.0,
        quiet: 0,
        seed: noise::seed(noise::seed(1, word), &name),
    };
    Tensor { name, shape: shape.to_vec(), kind: Kind::F32, data: Data::Made(Arc::new(noise)) }
}

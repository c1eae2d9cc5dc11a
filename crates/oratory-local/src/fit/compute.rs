//! What is computed with: walks through the layers of a network as llama.cpp computes a batch.
//!
//! Each step takes what it writes and lets go of what nobody reads again. Where llama.cpp writes
//! over its input, nothing is taken.

mod block;

use crate::gguf::Facts;

use super::Setup;
use super::arena::{Arena, Room};
use super::layers::Layers;

/// Numbers are computed with 32 bits.
const FLOAT: u64 = 4;

/// Returns the bytes of the compute buffer, and of the ratings that are handed out.
///
/// What is converted to be multiplied has a buffer too, which is claimed but hardly ever touched.
pub(super) fn buffers(facts: &Facts, layers: &Layers, setup: &Setup) -> (u64, u64) {
    let mut walk = Walk::new(facts, layers, setup);
    walk.inputs();
    if walk.family == "gemma3n" {
        walk.streams();
    }
    let mut stream = walk.rows(facts.network.width);
    for number in 0..facts.network.layers {
        stream = walk.layer(stream, number);
    }
    walk.output(stream);
    let ratings = u64::from(facts.network.vocabulary) * FLOAT;
    let told = u64::from(setup.told.max(setup.sequences).max(1));
    (walk.arena.peak(), ratings.saturating_mul(told))
}

/// A walk through the layers.
struct Walk<'a> {
    facts: &'a Facts,
    layers: &'a Layers,
    setup: &'a Setup,
    family: &'a str,
    arena: Arena,
    /// Tokens of a batch.
    tokens: u64,
    /// Tokens of these that are still computed; in the last layer only those that are rated.
    rows: u64,
    /// Cells that a layer sees, and those of one with a window.
    cells: (u64, u64),
    streams: u64,
    /// Whether queries, keys and values come from one tensor.
    fused: bool,
    /// Whether feed-forward networks have a gate.
    gated: bool,
}

impl<'a> Walk<'a> {
    fn new(facts: &'a Facts, layers: &'a Layers, setup: &'a Setup) -> Self {
        let (cells, streams) = setup.cells();
        let sequences = u64::from(setup.sequences.max(1));
        let context = u64::from(setup.context).next_multiple_of(super::CELLS);
        let tokens = u64::from(setup.batch).min(context).next_multiple_of(sequences);
        Self {
            facts,
            layers,
            setup,
            family: facts.architecture.as_deref().unwrap_or_default(),
            arena: Arena::default(),
            tokens,
            rows: tokens,
            cells: (cells, layers.window_cells(setup, cells)),
            streams,
            fused: is_fused(facts, layers),
            gated: is_gated(facts),
        }
    }

    /// Takes a row of floats for each token.
    fn rows(&mut self, width: u32) -> Room {
        self.take(u64::from(width) * self.rows)
    }

    fn take(&mut self, numbers: u64) -> Room {
        self.arena.take(numbers.saturating_mul(FLOAT))
    }

    fn free(&mut self, room: Room) {
        self.arena.free(room);
    }

    /// Takes what stays to the end: the text, and who may see whom.
    fn inputs(&mut self) {
        let network = &self.facts.network;
        // Rows for texts that come as embeddings are there even where none come so.
        let (embedding, other) = (self.rows(network.width), self.rows(network.width));
        // Positions of each token, up to four of them, and its number.
        let positions = self.take(self.tokens * 5);
        let mut all = vec![embedding, other, positions];
        for cells in self.masks() {
            let bytes = if self.setup.flash { 2 } else { 4 };
            let mask = self.tokens / self.streams * cells * self.streams;
            all.push(self.arena.take(mask.saturating_mul(bytes)));
            all.push(self.arena.take(self.tokens * 8));
            all.push(self.arena.take(self.tokens * 8 * self.across()));
        }
        // Nothing here is let go: llama.cpp keeps inputs, and so does the arena.
        drop(all);
    }

    /// Takes the embeddings of each layer, and the further streams that run beside the first.
    fn streams(&mut self) {
        const SMALL: u32 = 256;
        const FURTHER: u32 = 5;
        let network = &self.facts.network;
        let each = |walk: &mut Self| walk.rows(SMALL.saturating_mul(network.layers));
        let kept = [each(self), each(self)];
        let passing = [each(self), each(self)];
        passing.into_iter().for_each(|room| self.free(room));
        let further = self.rows(network.width.saturating_mul(FURTHER));
        // As with other inputs, these stay to the end.
        drop((kept, further));
    }

    /// Returns the cells of each mask there is.
    fn masks(&self) -> Vec<u64> {
        if self.layers.forgetful {
            return vec![self.tokens];
        }
        let some = |windowed: bool| {
            self.layers.each.iter().any(|layer| layer.cache.is_some() && layer.windowed == windowed)
        };
        let windowed = self.layers.window > 0;
        let whole = some(false) || windowed;
        [(whole, self.cells.0), (windowed, self.cells.1)]
            .into_iter()
            .filter_map(|(there, cells)| there.then_some(cells))
            .collect()
    }

    /// Returns how many places a token's values go to: one, or one each where they lie across.
    fn across(&self) -> u64 {
        let widest = self.layers.each.iter().filter_map(|layer| layer.cache).map(|head| head.value);
        if self.setup.flash { 1 } else { u64::from(widest.max().unwrap_or(0)).max(1) }
    }

    /// Goes on with the rows that are rated.
    fn choose(&mut self, rows: Room) -> Room {
        let rated = u64::from(self.setup.outputs).clamp(1, self.tokens.max(1));
        if self.rows == rated && rated < self.tokens {
            return rows;
        }
        self.rows = rated;
        let chosen = self.rows(self.facts.network.width);
        self.free(rows);
        chosen
    }

    fn output(&mut self, stream: Room) {
        let network = &self.facts.network;
        if self.layers.forgetful {
            return self.free(stream);
        }
        let norm = self.rows(network.width);
        self.free(stream);
        let norm = self.choose(norm);
        let ratings = self.rows(network.vocabulary);
        self.free(norm);
        self.free(ratings);
    }
}

fn is_fused(facts: &Facts, layers: &Layers) -> bool {
    let fused = |name: &str| name.contains("attn_qkv.weight");
    layers.each.iter().all(|layer| layer.state == 0)
        && facts.weights.iter().any(|weight| fused(&weight.name))
}

/// A gate is a tensor beside the others, or in one with them, as in Phi-3.
fn is_gated(facts: &Facts) -> bool {
    facts.architecture.as_deref() == Some("phi3")
        || facts.weights.iter().any(|weight| weight.name.contains("ffn_gate."))
}

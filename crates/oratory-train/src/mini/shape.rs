//! The three sizes of `mini`: how wide, how deep, and what each tensor is called.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// How a network is laid out: the `qwen3` architecture with tied embeddings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Its name, such as `mini-s`.
    pub name: String,
    /// How many tokens it knows.
    pub vocabulary: usize,
    /// Numbers per token between layers.
    pub width: usize,
    /// Layers.
    pub layers: usize,
    /// Heads that ask.
    pub heads: usize,
    /// Heads that are asked; each serves as many asking heads.
    pub key_heads: usize,
    /// Numbers per head.
    pub head: usize,
    /// Numbers inside the feed-forward part.
    pub inner: usize,
}

/// The longest text the models are for, in tokens.
pub const CONTEXT: usize = 2048;
/// The tokens of the vocabulary all sizes share.
pub const VOCABULARY: usize = 2048;
/// Keeps a norm from dividing by zero.
pub(crate) const EPSILON: f32 = 1e-6;
/// The base of the rotary positions.
pub(crate) const ROPE_BASE: f32 = 10_000.0;

impl Shape {
    /// Returns the size with this name.
    pub fn named(name: &str) -> Option<Self> {
        let (width, layers, heads, key_heads, inner) = match name {
            "mini-s" => (96, 3, 3, 3, 256),
            "mini-m" => (192, 4, 6, 3, 512),
            "mini-l" => (256, 8, 8, 4, 640),
            _ => return None,
        };
        let name = name.to_owned();
        Some(Self {
            name,
            vocabulary: VOCABULARY,
            width,
            layers,
            heads,
            key_heads,
            head: 32,
            inner,
        })
    }

    /// Returns how wide queries are.
    pub(crate) fn asking(&self) -> usize {
        self.heads * self.head
    }

    /// Returns how wide keys are, and values.
    pub(crate) fn asked(&self) -> usize {
        self.key_heads * self.head
    }

    /// Returns how wide queries, keys and values are side by side.
    pub(crate) fn mixed(&self) -> usize {
        self.asking() + 2 * self.asked()
    }

    /// Returns the place of every tensor.
    pub(crate) fn layout(&self) -> Layout {
        let mut next = 0;
        let mut take = |rows: usize, columns: usize| {
            let tensor = Tensor { start: next, rows, columns };
            next += rows * columns;
            tensor
        };
        let embedding = take(self.vocabulary, self.width);
        let layers = (0..self.layers)
            .map(|_| LayerLayout {
                norm: take(1, self.width),
                query: take(self.asking(), self.width),
                key: take(self.asked(), self.width),
                value: take(self.asked(), self.width),
                query_norm: take(1, self.head),
                key_norm: take(1, self.head),
                out: take(self.width, self.asking()),
                inner_norm: take(1, self.width),
                gate: take(self.inner, self.width),
                up: take(self.inner, self.width),
                down: take(self.width, self.inner),
            })
            .collect();
        let norm = take(1, self.width);
        Layout { embedding, layers, norm, numbers: next }
    }

    /// Returns how many numbers it has to learn.
    pub fn numbers(&self) -> usize {
        self.layout().numbers
    }
}

/// Where one tensor lies among all numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tensor {
    pub(crate) start: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

impl Tensor {
    pub(crate) fn range(self) -> Range<usize> {
        self.start..self.start + self.rows * self.columns
    }

    /// Returns this tensor and the ones right behind it up to `last` as one with more rows.
    pub(crate) fn through(self, last: Self) -> Self {
        let end = last.range().end;
        Self { rows: (end - self.start) / self.columns, ..self }
    }
}

/// Where everything lies.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) embedding: Tensor,
    pub(crate) layers: Vec<LayerLayout>,
    pub(crate) norm: Tensor,
    /// How many numbers there are.
    pub(crate) numbers: usize,
}

/// Where the tensors of one layer lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LayerLayout {
    pub(crate) norm: Tensor,
    pub(crate) query: Tensor,
    pub(crate) key: Tensor,
    pub(crate) value: Tensor,
    pub(crate) query_norm: Tensor,
    pub(crate) key_norm: Tensor,
    pub(crate) out: Tensor,
    pub(crate) inner_norm: Tensor,
    pub(crate) gate: Tensor,
    pub(crate) up: Tensor,
    pub(crate) down: Tensor,
}

impl LayerLayout {
    /// Returns queries, keys and values as the one matrix that makes them all.
    pub(crate) fn mixed(&self) -> Tensor {
        self.query.through(self.value)
    }

    /// Returns the two matrices that go into the feed-forward part as one.
    pub(crate) fn opened(&self) -> Tensor {
        self.gate.through(self.up)
    }

    /// Returns the matrices, which learn otherwise than single numbers do.
    pub(crate) fn matrices(&self) -> [Tensor; 7] {
        [self.query, self.key, self.value, self.out, self.gate, self.up, self.down]
    }
}

//! What a header says of the network: its sizes, layer by layer.
//!
//! Values are as the file states them, filled in where llama.cpp fills in; nothing is judged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Numbers of fields, by their names without the architecture; a lone number is a list of one.
pub(super) type Numbers = BTreeMap<String, Vec<u64>>;

/// The sizes of a network. Lists have one entry for each layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Layers that every token passes.
    pub layers: u32,
    /// Layers after those that predict further ahead.
    pub ahead: u32,
    /// The width of the residual stream.
    pub width: u32,
    /// Tokens in the vocabulary.
    pub vocabulary: u32,
    /// The width of the feed-forward network.
    pub feed_forward: Vec<u32>,
    /// Heads of attention.
    pub heads: Vec<u32>,
    /// Heads of keys and values; 0 where a layer has none.
    pub heads_kv: Vec<u32>,
    /// The width of a head's keys and values.
    pub head: Head,
    /// The same in layers with a sliding window.
    pub head_in_window: Head,
    /// The width of keys and values once decompressed, if they are kept compressed.
    pub decompressed: Option<Head>,
    /// Tokens in a sliding window; 0 means that there is none.
    pub window: u32,
    /// Which layers have a sliding window, where the file says.
    pub windows: Windows,
    /// Experts of a layer, and how many each token uses.
    pub experts: (u32, u32),
    /// The width of one expert.
    pub expert_feed_forward: u32,
    /// The width of the experts that every token uses.
    pub shared_feed_forward: u32,
    /// Layers at the beginning without experts.
    pub dense_layers: u32,
    /// The ranks of compressed queries, and of keys and values.
    pub ranks: (u32, u32),
    /// The recurrent part, if there is one.
    pub recurrent: Option<Recurrent>,
    /// Layers at the end that use the keys and values of earlier ones.
    pub sharing_layers: u32,
    /// Whether a token sees those after it.
    pub sees_ahead: bool,
    /// How the states after each token become one, where the file says.
    pub pooling: Option<Pooling>,
}

/// How the states after each token of a text become one vector, or a rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The first.
    First,
    /// The last.
    Last,
    /// A head rates the first or the last.
    Rank,
}

/// The width of one head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Of its keys.
    pub key: u32,
    /// Of its values.
    pub value: u32,
}

/// Which layers have a sliding window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Windows {
    /// The file does not say; the family's own pattern holds.
    #[default]
    Usual,
    /// All but every so many.
    Every(u32),
    /// These.
    Listed(Vec<bool>),
}

/// The recurrent part of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recurrent {
    /// Tokens that its convolution sees.
    pub kernel: u32,
    /// The width of all its heads.
    pub inner: u32,
    /// The width of a head's state.
    pub state: u32,
    /// Heads of values, or the rank of the time step.
    pub ranks: u32,
    /// Heads of keys.
    pub groups: u32,
    /// Tokens that a short convolution keeps, in networks that have only that.
    pub short_kernel: u32,
    /// Tokens of which every layer keeps a shifted copy.
    pub shifted: u32,
    /// The width of a head, in networks of that kind.
    pub head: u32,
    /// Layers from one with attention to the next; 0 where the file does not say.
    pub interval: u32,
    /// Which layers are recurrent, where the file says.
    pub listed: Option<Vec<bool>>,
}

impl Network {
    pub(super) fn of(numbers: &Numbers, tokens: u64) -> Self {
        let read = Reader { numbers };
        let all = read.one("block_count");
        let ahead = read.one("nextn_predict_layers").min(all);
        let width = read.one("embedding_length");
        let heads = read.each("attention.head_count", all).unwrap_or_default();
        let even = width.checked_div(heads.first().copied().unwrap_or(0)).unwrap_or(0);
        let head = read.head("", Head { key: even, value: even });
        Self {
            layers: all - ahead,
            ahead,
            width,
            vocabulary: u32::try_from(tokens).map_or(1 << 24, |tokens| tokens.min(1 << 24)),
            feed_forward: read.each("feed_forward_length", all).unwrap_or_default(),
            heads_kv: read.each("attention.head_count_kv", all).unwrap_or_else(|| heads.clone()),
            heads,
            head,
            head_in_window: read.head("_swa", head),
            decompressed: Some(read.head("_mla", Head::default())).filter(|head| head.key > 0),
            window: read.one("attention.sliding_window"),
            windows: read.windows(),
            experts: (read.one("expert_count"), read.most("expert_used_count")),
            expert_feed_forward: read.most("expert_feed_forward_length"),
            shared_feed_forward: read.one("expert_shared_feed_forward_length").max(
                read.one("expert_shared_count")
                    .saturating_mul(read.most("expert_feed_forward_length")),
            ),
            dense_layers: read.one("leading_dense_block_count"),
            ranks: (read.one("attention.q_lora_rank"), read.one("attention.kv_lora_rank")),
            recurrent: read.recurrent(),
            sharing_layers: read.one("attention.shared_kv_layers"),
            sees_ahead: read.get("attention.causal").is_some_and(|list| list == [0]),
            pooling: match read.one("pooling_type") {
                1 => Some(Pooling::Mean),
                2 => Some(Pooling::First),
                3 => Some(Pooling::Last),
                4 => Some(Pooling::Rank),
                _ => None,
            },
        }
    }
}

struct Reader<'a> {
    numbers: &'a Numbers,
}

impl Reader<'_> {
    fn get(&self, key: &str) -> Option<&[u64]> {
        self.numbers.get(key).map(Vec::as_slice)
    }

    fn one(&self, key: &str) -> u32 {
        self.get(key).and_then(<[u64]>::first).map_or(0, |&number| small(number))
    }

    fn most(&self, key: &str) -> u32 {
        self.get(key).into_iter().flatten().copied().map(small).max().unwrap_or(0)
    }

    /// Returns one number for each layer; a lone number holds for all.
    fn each(&self, key: &str, layers: u32) -> Option<Vec<u32>> {
        let list = self.get(key)?;
        let last = list.last().copied()?;
        let layer = |layer: u32| match list {
            [lone] => *lone,
            list => list.get(layer as usize).copied().unwrap_or(last),
        };
        Some((0..layers).map(|number| small(layer(number))).collect())
    }

    fn head(&self, ending: &str, otherwise: Head) -> Head {
        let or = |key: &str, otherwise| match self.one(&format!("attention.{key}_length{ending}")) {
            0 => otherwise,
            number => number,
        };
        Head { key: or("key", otherwise.key), value: or("value", otherwise.value) }
    }

    fn windows(&self) -> Windows {
        match self.get("attention.sliding_window_pattern") {
            None => Windows::Usual,
            Some([every]) => Windows::Every(small(*every)),
            Some(list) => Windows::Listed(list.iter().map(|&yes| yes != 0).collect()),
        }
    }

    fn recurrent(&self) -> Option<Recurrent> {
        let listed = self.get("attention.recurrent_layers");
        let found = Recurrent {
            kernel: self.one("ssm.conv_kernel"),
            inner: self.one("ssm.inner_size"),
            state: self.one("ssm.state_size"),
            ranks: self.one("ssm.time_step_rank"),
            groups: self.one("ssm.group_count"),
            short_kernel: self.one("shortconv.l_cache"),
            shifted: self.one("token_shift_count"),
            head: self.one("wkv.head_size").max(self.one("kda.head_dim")),
            interval: self.one("full_attention_interval"),
            listed: listed.map(|list| list.iter().map(|&yes| yes != 0).collect()),
        };
        (found != Recurrent::default()).then_some(found)
    }
}

/// The largest size of anything here. Real ones stay far below, and products of three fit.
const LARGEST: u32 = 1 << 20;

/// Numbers that are no sizes become the largest one; whoever plans with them finds no room.
pub(super) fn small(number: u64) -> u32 {
    u32::try_from(number).map_or(LARGEST, |number| number.min(LARGEST))
}

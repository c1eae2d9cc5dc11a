//! What each layer remembers: keys and values, of everything or a window, or a recurrent state.
//!
//! Families differ in ways that headers do not say; what llama.cpp knows by name is here too.

use crate::gguf::{Facts, Head, Kind, Network, Recurrent, Windows};

use super::Setup;

/// Families that remember nothing from one text to the next.
const FORGETFUL: [&str; 15] = [
    "bert",
    "jina-bert-v2",
    "jina-bert-v3",
    "nomic-bert",
    "nomic-bert-moe",
    "neo-bert",
    "eurobert",
    "modern-bert",
    "gemma-embedding",
    "wavtokenizer-dec",
    "dream",
    "llada",
    "llada-moe",
    "rnd1",
    "clef",
];

/// Families with no attention at all.
const RECURRENT: [&str; 6] = ["mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"];

/// Families whose layers have windows, and one in how many has none.
const WINDOWED: [(&str, u32, First); 22] = [
    ("afmoe", 4, First::Window),
    ("cohere2", 4, First::Window),
    ("cohere2moe", 4, First::Whole),
    ("exaone-moe", 4, First::Window),
    ("exaone4", 4, First::Window),
    ("gemma-embedding", 6, First::Window),
    ("gemma2", 2, First::Window),
    ("gemma3", 6, First::Window),
    ("gemma3n", 5, First::Window),
    ("gemma4", 6, First::Window),
    ("gpt-oss", 2, First::Window),
    ("laguna", 4, First::Whole),
    ("llama4", 4, First::Window),
    ("mellum", 4, First::Window),
    ("mimo2", 4, First::Window),
    ("modern-bert", 3, First::Whole),
    ("muse-glimmer", 4, First::Window),
    ("olmo2", 4, First::Window),
    ("plamo3", 8, First::Window),
    ("smallthinker", 4, First::Whole),
    ("step35", 4, First::Window),
    ("granite-swa", 4, First::Window),
];

/// Whether the first layer of a pattern has a window.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Window,
    Whole,
}

/// What one layer remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layer {
    /// Numbers of keys and of values for each token.
    pub(super) cache: Option<Head>,
    pub(super) windowed: bool,
    /// Numbers of its state for each sequence, all of 32 bits.
    pub(super) state: u64,
}

/// What all layers remember.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub(super) each: Vec<Layer>,
    pub(super) window: u32,
    pub(super) forgetful: bool,
}

/// Says whether a family remembers nothing from one text to the next.
pub(crate) fn forgets(family: &str) -> bool {
    FORGETFUL.contains(&family)
}

impl Layers {
    pub(super) fn of(facts: &Facts) -> Self {
        let family = facts.architecture.as_deref().unwrap_or_default();
        let network = &facts.network;
        if forgets(family) {
            return Self { forgetful: true, ..Self::default() };
        }
        let pattern = WINDOWED.iter().find(|(name, ..)| *name == family);
        let window = if pattern.is_some() { network.window } else { 0 };
        let each = (0..network.layers).map(|number| {
            let windowed =
                window > 0 && pattern.is_some_and(|row| is_windowed(network, row, number));
            layer(family, network, number, windowed)
        });
        Self { each: each.collect(), window, forgetful: false }
    }

    /// Returns the bytes of keys and values for one memory of this many cells.
    pub(super) fn cache(&self, setup: &Setup, cells: u64) -> u64 {
        let widest = self.each.iter().filter_map(|layer| layer.cache).map(|head| head.value).max();
        let short = self.window_cells(setup, cells);
        self.each.iter().fold(0, |sum, layer| {
            let Some(head) = layer.cache else { return sum };
            // Without flash attention values lie across, padded to the widest layer's.
            let value = match (setup.flash, head.value) {
                (false, 1..) => widest.unwrap_or(0),
                (_, value) => value,
            };
            let row = bytes(setup.keys, head.key) + bytes(setup.values, value);
            let cells = if layer.windowed { short } else { cells };
            sum.saturating_add(row.saturating_mul(cells))
        })
    }

    /// Returns the bytes of keys and values that a token reads which comes after `depth` others.
    pub(super) fn read(&self, setup: &Setup, depth: u64) -> u64 {
        self.each.iter().fold(0, |sum, layer| {
            let Some(head) = layer.cache else { return sum };
            let seen = if layer.windowed { depth.min(self.window.into()) } else { depth };
            let row = bytes(setup.keys, head.key) + bytes(setup.values, head.value);
            sum.saturating_add(row.saturating_mul(seen))
        })
    }

    /// Returns the cells that a layer with a window has.
    pub(super) fn window_cells(&self, setup: &Setup, cells: u64) -> u64 {
        if setup.full_windows {
            return cells;
        }
        let sharing = if setup.unified { setup.sequences.max(1) } else { 1 };
        let batch = u64::from(setup.batch.min(setup.context));
        let wanted = u64::from(self.window) * u64::from(sharing) + batch;
        cells.min(wanted).next_multiple_of(super::CELLS)
    }

    /// Returns the bytes of one sequence's state that cannot be cut: recurrent, and what layers with a
    /// window remember.
    pub(super) fn uncuttable(&self, setup: &Setup, cells: u64) -> u64 {
        let seen = cells.min(self.window.into());
        let windows = self.each.iter().filter(|layer| layer.windowed && !setup.full_windows);
        let rows = windows.filter_map(|layer| layer.cache).fold(0_u64, |sum, head| {
            sum.saturating_add(bytes(setup.keys, head.key) + bytes(setup.values, head.value))
        });
        self.recurrent().saturating_add(rows.saturating_mul(seen))
    }

    /// Returns the bytes of recurrent state for one sequence.
    pub(super) fn recurrent(&self) -> u64 {
        self.each.iter().fold(0, |sum, layer| sum.saturating_add(layer.state.saturating_mul(4)))
    }
}

fn bytes(kind: Kind, elements: u32) -> u64 {
    kind.bytes(u64::from(elements).next_multiple_of(kind.block_elements()))
}

fn is_windowed(network: &Network, row: &(&str, u32, First), number: u32) -> bool {
    let &(_, usual, first) = row;
    let every = match &network.windows {
        Windows::Listed(list) => return list.get(number as usize).copied().unwrap_or(false),
        Windows::Every(every) => *every,
        Windows::Usual => usual,
    };
    match (every, first) {
        (0, _) => true,
        (_, First::Whole) => !number.is_multiple_of(every),
        (_, First::Window) => number % every < every - 1,
    }
}

fn layer(family: &str, network: &Network, number: u32, windowed: bool) -> Layer {
    let at = |list: &[u32]| list.get(number as usize).copied().unwrap_or(0);
    let kv = at(&network.heads_kv);
    let recurs = recurs(family, network, number);
    let mut layer = Layer { windowed, ..Layer::default() };
    if recurs && let Some(net) = &network.recurrent {
        layer.state = state(network, net, at(&network.heads));
    }
    let shares = family == "gemma3n" && number >= 20
        || number >= network.layers.saturating_sub(network.sharing_layers);
    let both = family == "falcon-h1";
    let idle = family.starts_with("nemotron_h") && at(&network.feed_forward) > 0;
    if idle {
        return Layer { windowed, ..Layer::default() };
    }
    if kv > 0 && (!recurs || both) && !shares {
        let head = if windowed { network.head_in_window } else { network.head };
        // Compressed keys hold the values too.
        let value = if network.decompressed.is_some() { 0 } else { head.value };
        let times = |width: u32| width.saturating_mul(kv);
        layer.cache = Some(Head { key: times(head.key), value: times(value) });
    }
    layer
}

/// Says whether a layer is recurrent.
fn recurs(family: &str, network: &Network, number: u32) -> bool {
    let Some(net) = &network.recurrent else { return false };
    if RECURRENT.contains(&family) || family == "falcon-h1" {
        return true;
    }
    if let Some(listed) = &net.listed {
        return listed.get(number as usize).copied().unwrap_or(false);
    }
    if matches!(family, "qwen3next" | "qwen35" | "qwen35moe" | "qwen4exp") {
        let every = if net.interval == 0 { 4 } else { net.interval };
        return !(number + 1).is_multiple_of(every);
    }
    // Elsewhere a recurrent layer is one without keys.
    network.heads_kv.get(number as usize).is_some_and(|&heads| heads == 0)
}

/// Returns the numbers that a recurrent layer keeps for each sequence.
fn state(network: &Network, net: &Recurrent, heads: u32) -> u64 {
    let [width, inner, state, head, heads] =
        [network.width, net.inner, net.state, net.head, heads].map(u64::from);
    let tail = u64::from(net.kernel.saturating_sub(1));
    if net.shifted > 0 {
        return width * u64::from(net.shifted) + width * head;
    }
    if net.short_kernel > 0 {
        return width * u64::from(net.short_kernel - 1);
    }
    if head > 0 {
        return 3 * tail * heads * head + head * head * heads;
    }
    tail * (inner + 2 * u64::from(net.groups) * state) + state * inner
}

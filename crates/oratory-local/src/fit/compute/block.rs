//! One layer: attention or what stands in for it, then the feed-forward network.
//!
//! Orders are those of the graphs in llama.cpp's `models`.

use crate::gguf::Head;

use super::super::arena::Room;
use super::Walk;

impl Walk<'_> {
    /// Walks through one layer and returns the stream behind it.
    pub(super) fn layer(&mut self, stream: Room, number: u32) -> Room {
        let network = &self.facts.network;
        let norm = self.rows(network.width);
        let layer = self.layers.each.get(number as usize).copied().unwrap_or_default();
        let mixed = if layer.state > 0 && layer.cache.is_none() {
            self.recurrent(norm)
        } else if network.decompressed.is_some() {
            self.latent(norm, number)
        } else {
            self.attention(norm, number, layer.windowed)
        };
        let (mixed, stream) = if number + 1 == network.layers && self.chooses_early() {
            let mixed = self.choose(mixed);
            (mixed, self.choose_also(stream))
        } else {
            (mixed, stream)
        };
        // What attention adds is written over what it computed.
        self.free(stream);
        let norm = self.rows(network.width);
        let added = if self.has_experts(number) {
            self.experts(norm)
        } else {
            self.feed_forward(norm, number)
        };
        self.free(mixed);
        added
    }

    /// Says whether the last layer goes on with rated rows only after its attention.
    fn chooses_early(&self) -> bool {
        !self.layers.forgetful && !matches!(self.family, "qwen35" | "qwen35moe" | "qwen3next")
    }

    fn choose_also(&mut self, stream: Room) -> Room {
        let chosen = self.rows(self.facts.network.width);
        self.free(stream);
        chosen
    }

    fn has_experts(&self, number: u32) -> bool {
        let network = &self.facts.network;
        network.experts.0 > 0 && number >= network.dense_layers
    }

    fn heads(&self, number: u32) -> (u64, u64) {
        let network = &self.facts.network;
        let at = |list: &[u32]| u64::from(list.get(number as usize).copied().unwrap_or(0));
        (at(&network.heads), at(&network.heads_kv))
    }

    fn attention(&mut self, norm: Room, number: u32, windowed: bool) -> Room {
        let network = &self.facts.network;
        let head = if windowed { network.head_in_window } else { network.head };
        let (heads, kv) = self.heads(number);
        let gated = matches!(self.family, "qwen35" | "qwen35moe" | "qwen3next" | "qwen4exp");
        let queries = heads * u64::from(head.key) * self.tokens;
        if self.fused {
            return self.one_tensor(norm, heads, kv, head, windowed);
        }
        let mut gate = None;
        let query = if gated {
            let both = self.take(2 * queries);
            let query = self.take(queries);
            gate = Some(both);
            query
        } else {
            self.rewritten(queries)
        };
        let value = self.take(kv * u64::from(head.value) * self.tokens);
        let pressed = self.take(kv * u64::from(head.key) * self.tokens);
        self.free(norm);
        let key = self.take(kv * u64::from(head.key) * self.tokens);
        self.free(pressed);
        self.free(key);
        self.free(value);
        let out = self.scores(query, heads, head, windowed);
        if let Some(both) = gate {
            let part = self.take(queries);
            self.free(both);
            self.free(part);
        }
        self.joined(out)
    }

    /// Takes what is computed, and then once more: reshaped rows are not written over.
    fn rewritten(&mut self, numbers: u64) -> Room {
        let first = self.take(numbers);
        let second = self.take(numbers);
        self.free(first);
        second
    }

    fn one_tensor(&mut self, norm: Room, heads: u64, kv: u64, head: Head, windowed: bool) -> Room {
        let [keys, values] = [head.key, head.value].map(u64::from);
        let all = self.take((heads * keys + kv * (keys + values)) * self.tokens);
        self.free(norm);
        let query = self.take(heads * keys * self.tokens);
        let key = self.take(kv * keys * self.tokens);
        self.free(key);
        self.free(all);
        let out = self.scores(query, heads, head, windowed);
        self.joined(out)
    }

    /// Rates every cell for every query, and gathers the values.
    fn scores(&mut self, query: Room, heads: u64, head: Head, windowed: bool) -> Room {
        let cells = if self.layers.forgetful {
            self.tokens
        } else if windowed {
            self.cells.1
        } else {
            self.cells.0
        };
        let gathered = heads * u64::from(head.value) * self.tokens;
        if self.setup.flash {
            let out = self.take(gathered);
            self.free(query);
            return out;
        }
        let rated = (self.tokens * heads).saturating_mul(cells);
        let scores = self.take(rated);
        self.free(query);
        let out = self.take(gathered);
        self.free(scores);
        let joined = self.take(gathered);
        self.free(out);
        joined
    }

    fn joined(&mut self, out: Room) -> Room {
        let mixed = self.rows(self.facts.network.width);
        self.free(out);
        mixed
    }

    /// Keys and values compressed together; each head sees them all.
    fn latent(&mut self, norm: Room, number: u32) -> Room {
        let network = &self.facts.network;
        let (heads, _) = self.heads(number);
        let whole = network.decompressed.unwrap_or_default();
        let [rank, key, value] = [network.ranks.1, network.head.key, whole.value].map(u64::from);
        let rotated = key.saturating_sub(rank);
        let plain = u64::from(whole.key).saturating_sub(rotated);
        let query = self.take(heads * (plain + rotated) * self.tokens);
        let absorbed = self.take(heads * rank * self.tokens);
        let together = self.take(heads * key * self.tokens);
        self.free(absorbed);
        let pressed = self.take(key * self.tokens);
        self.free(norm);
        let normed = self.take(key * self.tokens);
        self.free(pressed);
        self.free(query);
        self.free(normed);
        let head = Head { key: network.head.key, value: network.ranks.1 };
        let gathered = self.scores(together, heads, head, false);
        let out = self.take(heads * value * self.tokens);
        self.free(gathered);
        self.joined(out)
    }

    /// A delta net, or another recurrent layer of its size.
    fn recurrent(&mut self, norm: Room) -> Room {
        let Some(net) = &self.facts.network.recurrent else { return norm };
        let [inner, state, groups, kernel] =
            [net.inner, net.state, net.groups, net.kernel].map(u64::from);
        let sequences = u64::from(self.setup.sequences.max(1));
        let channels = inner + 2 * groups * state;
        let mixed = self.take(channels * self.tokens);
        let gate = self.take(inner * self.tokens);
        self.free(norm);
        let input = self.take(channels * (self.tokens + kernel * sequences));
        self.free(mixed);
        let states = self.take(state * inner * sequences);
        let output = self.take(channels * self.tokens);
        self.free(input);
        let (query, key) =
            (self.take(groups * state * self.tokens), self.take(groups * state * self.tokens));
        let result = self.take(inner * (self.tokens + state * sequences));
        self.free(output);
        self.free(states);
        self.free(query);
        self.free(key);
        let normed = self.take(inner * self.tokens);
        self.free(result);
        self.free(gate);
        self.joined(normed)
    }

    fn feed_forward(&mut self, norm: Room, number: u32) -> Room {
        let network = &self.facts.network;
        let wide = network.feed_forward.get(number as usize).copied().unwrap_or(0);
        let gate = self.rows(if self.gated { wide } else { 0 });
        let up = self.rows(wide);
        self.free(norm);
        let both = if self.gated {
            let both = self.rows(wide);
            self.free(up);
            both
        } else {
            up
        };
        self.free(gate);
        let down = self.rows(network.width);
        self.free(both);
        down
    }

    /// A router, those experts that it chooses, and the one that all tokens use.
    fn experts(&mut self, norm: Room) -> Room {
        let network = &self.facts.network;
        let (count, used) = network.experts;
        let wide = u64::from(network.expert_feed_forward) * u64::from(used) * self.rows;
        let ratings = self.rows(count);
        let order = self.rows(count);
        let chosen = self.rows(used);
        self.free(ratings);
        let gate = self.take(wide);
        let up = self.take(wide);
        let norm = if network.shared_feed_forward == 0 {
            self.free(norm);
            None
        } else {
            Some(norm)
        };
        let both = self.take(wide);
        self.free(gate);
        self.free(up);
        let each = self.take(u64::from(network.width) * u64::from(used) * self.rows);
        self.free(both);
        self.free(order);
        self.free(chosen);
        let sum = self.rows(network.width);
        self.free(each);
        let Some(norm) = norm else { return sum };
        let gate = self.rows(network.shared_feed_forward);
        let up = self.rows(network.shared_feed_forward);
        let both = self.rows(network.shared_feed_forward);
        self.free(gate);
        self.free(up);
        let down = self.rows(network.width);
        self.free(both);
        self.free(norm);
        self.free(sum);
        down
    }
}

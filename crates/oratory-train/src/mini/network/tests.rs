//! The way back against small steps on the way there.

use super::*;

fn shape() -> Shape {
    let name = "tiny".to_owned();
    Shape { name, vocabulary: 40, width: 24, layers: 2, heads: 4, key_heads: 2, head: 8, inner: 20 }
}

fn batch(chance: &mut Chance) -> Batch {
    let lengths = vec![7, 1, 60];
    let count = lengths.iter().sum();
    let mut tokens = || (0..count).map(|_| chance.below(40) as u32).collect();
    let (tokens, next) = (tokens(), tokens());
    let weights = (0..count).map(|at| [1.0, 0.0, 0.3][at % 3]).collect();
    Batch { tokens, lengths, next, weights }
}

fn shaken(chance: &mut Chance) -> Network {
    let mut network = Network::new(shape(), 3, Exactness::Full);
    network.numbers.iter_mut().for_each(|number| *number += 0.15 * chance.normal());
    network
}

#[test]
fn slopes_are_those_that_small_steps_find() {
    let mut chance = Chance::new(5);
    let (mut network, batch) = (shaken(&mut chance), batch(&mut chance));
    let mut slopes = vec![0.0; network.numbers.len()];
    let mut workshop = Workshop::default();
    network.learn(&batch, 1.0, &mut workshop, &mut slopes);
    let mut loss = |network: &mut Network| {
        network.learn(&batch, 1.0, &mut workshop, &mut vec![0.0; slopes.len()]).loss
    };
    let layer = network.layout.layers[1];
    let mut tensors =
        vec![network.layout.embedding, network.layout.norm, layer.norm, layer.inner_norm];
    tensors.extend([layer.query_norm, layer.key_norm]);
    tensors.extend(layer.matrices());
    tensors.extend(network.layout.layers[0].matrices());
    for tensor in tensors {
        // All numbers of a tensor in one random direction: what one step hides, many show.
        let direction: Vec<f32> = tensor.range().map(|_| chance.normal()).collect();
        let kept = network.numbers.clone();
        let mut moved = |by: f32| {
            for (at, step) in tensor.range().zip(&direction) {
                network.numbers[at] = kept[at] + by * step;
            }
            loss(&mut network)
        };
        let found = (moved(1e-3) - moved(-1e-3)) / 2e-3;
        network.numbers.clone_from(&kept);
        let range = tensor.range();
        let told: f64 = slopes[range].iter().zip(&direction).map(|(s, d)| f64::from(s * d)).sum();
        assert!(
            (found - told).abs() < 0.02 * (1.0 + found.abs()),
            "{tensor:?}: {told}, not {found}"
        );
    }
}

#[test]
fn texts_of_one_batch_know_nothing_of_each_other() {
    let mut chance = Chance::new(6);
    let (mut network, batch) = (shaken(&mut chance), batch(&mut chance));
    let mut learn = |batch: &Batch| {
        let mut slopes = vec![0.0; network.numbers.len()];
        network.learn(batch, 1.0, &mut Workshop::default(), &mut slopes).loss
    };
    let whole = learn(&batch);
    let (mut start, mut parts) = (0, 0.0);
    for &length in &batch.lengths {
        let range = start..start + length;
        parts += learn(&Batch {
            tokens: batch.tokens[range.clone()].to_vec(),
            lengths: vec![length],
            next: batch.next[range.clone()].to_vec(),
            weights: batch.weights[range].to_vec(),
        });
        start += length;
    }
    assert!((whole - parts).abs() < 1e-3, "{whole} is not {parts}");
}

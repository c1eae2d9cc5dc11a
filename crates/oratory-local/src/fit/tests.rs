//! Plans beside what llama.cpp says it would allocate, family by family.
//!
//! Files hold only headers: nothing here depends on weights.

use super::measured::ask;
use super::*;
use crate::{gguf, shapes};

/// Returns a file that claims this shape, and what its header says.
pub(super) fn hollow(name: &str) -> (tempfile::TempDir, Facts) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made.gguf");
    shapes::write_hollow(&shapes::find(name).unwrap(), &path).unwrap();
    let facts = gguf::check(&path).unwrap();
    (dir, facts)
}

/// The ways a model may be run that change what it takes.
fn setups() -> [Setup; 10] {
    let base = Setup { repack: Repack::Off, ..Setup::new(4096) };
    [
        base,
        Setup { outputs: 512, ..base },
        Setup { context: 700, ..base },
        Setup { flash: true, ..base },
        Setup { flash: true, context: 16_384, keys: Kind::Q8_0, values: Kind::Q8_0, ..base },
        Setup { batch: 128, ..base },
        Setup { sequences: 4, outputs: 4, ..base },
        Setup { sequences: 4, unified: true, outputs: 4, ..base },
        Setup { full_windows: false, ..base },
        Setup { repack: Repack::Off, ..Setup::of_engine(1024, 4) },
    ]
}

/// How far the compute buffer may be off, in per cent. Where graphs are walked step by step it is
/// a few; Gemma 3n's side streams are only counted, and encoders' graphs are small.
fn tolerance(name: &str) -> f64 {
    match name {
        name if name.contains("gemma3n") => 20.0,
        name if name.contains("bert") || name.contains("nomic") || name.contains("bge") => 30.0,
        "tiny-gpt-oss" => 25.0,
        name if name.contains("deepseek") => 12.0,
        _ => 8.0,
    }
}

/// Checks every setup of one shape; the cache and recurrent state must be exact.
fn check(name: &str) {
    const MIB: f64 = (1 << 20) as f64;
    let (dir, facts) = hollow(name);
    let all = ask(&dir.path().join("made.gguf"), &setups(), false);
    for (setup, said) in setups().into_iter().zip(all) {
        let plan = plan(&facts, &setup);
        // llama.cpp tells hundredths of a MiB of each memory it has.
        assert!((said.cache - plan.cache as f64).abs() < 0.03 * MIB, "{name} {setup:?} {said:?}");
        let recurrent = (said.recurrent - plan.recurrent as f64).abs();
        assert!(recurrent < 0.02 * MIB, "{name} {setup:?} {said:?} {plan:?}");
        let off = (plan.compute as f64 / said.compute - 1.0) * 100.0;
        assert!(
            off.abs() < tolerance(name),
            "{name} is {off:.1} % off: {setup:?} {said:?} {plan:?}"
        );
        let all = said.cache + said.recurrent + said.compute + said.output;
        let mine = (plan.cache + plan.recurrent + plan.compute + plan.ratings) as f64;
        let weights = plan.weights as f64;
        let off = ((mine + weights) / (all + weights) - 1.0) * 100.0;
        assert!(weights < 300.0 * MIB || off.abs() < 5.0, "{name} in all is {off:.1} % off");
    }
}

#[test]
fn tiny_models_take_what_is_planned() {
    shapes::names().filter(|name| name.starts_with("tiny-")).for_each(check);
}

#[test]
fn true_models_take_what_is_planned() {
    for name in ["qwen3-0.6b", "qwen3-30b-a3b", "qwen3.5-4b", "llama-3.1-8b", "gpt-oss-20b"] {
        check(name);
    }
}

#[test]
fn models_that_only_read_take_what_is_planned() {
    const MIB: f64 = (1 << 20) as f64;
    for (name, contexts) in [
        ("bge-small", vec![128, 512]),
        ("nomic-embed", vec![512, 2048]),
        ("tiny-bert-reranker", vec![512]),
        ("qwen3-embedding-0.6b", vec![512, 4096]),
        ("qwen3-reranker-0.6b", vec![8192]),
    ] {
        let (dir, facts) = hollow(name);
        for context in contexts {
            let setup = Setup { repack: Repack::Off, ..Setup::of_model(&facts, context, 1) };
            let said = ask(&dir.path().join("made.gguf"), &[setup], false)[0];
            let plan = plan(&facts, &setup);
            assert!(
                (said.cache - plan.cache as f64).abs() < 0.03 * MIB,
                "{name} {said:?} {plan:?}"
            );
            // llama.cpp takes room for ratings when it first hands them out.
            let [said, mine] = [said.cache + said.compute, (plan.cache + plan.compute) as f64]
                .map(|bytes| bytes + (plan.weights + plan.ratings + plan.program) as f64);
            let off = (mine / said - 1.0) * 100.0;
            assert!(off.abs() < 5.0, "{name} at {context} is {off:.1} % off: {said:?} {plan:?}");
        }
    }
}

#[test]
fn repacked_weights_are_counted_once_more() {
    for name in ["tiny-llama", "tiny-qwen3moe", "tiny-gpt-oss", "tiny-deepseek2", "tiny-phi3"] {
        let (dir, facts) = hollow(name);
        let setup = Setup { repack: Repack::here(), ..Setup::new(512) };
        let said = ask(&dir.path().join("made.gguf"), &[setup], true)[0];
        let planned = plan(&facts, &setup).repacked;
        let off = said.repacked - planned as f64;
        assert!(off.abs() < 0.01 * f64::from(1 << 20), "{name}: {said:?}, {planned} planned");
    }
}

#[test]
fn all_experts_count_and_only_those_used_are_read() {
    let (_dir, facts) = hollow("qwen3-30b-a3b");
    let plan = plan(&facts, &Setup::new(4096));
    let gb = |bytes: u64| bytes as f64 / 1e9;
    assert!((17.0..20.0).contains(&gb(plan.weights)), "{plan:?}");
    assert!((1.5..2.5).contains(&gb(active_bytes(&facts))), "{}", active_bytes(&facts));
}

#[test]
fn the_largest_context_fits_and_one_step_more_does_not() {
    for name in ["tiny-qwen3", "tiny-gemma3", "tiny-qwen35", "llama-3.2-1b"] {
        let (_dir, facts) = hollow(name);
        let setup = Setup::new(4096);
        let at = |context| plan(&facts, &Setup { context, ..setup }).total();
        let room = at(1500);
        let found = largest_context(&facts, &setup, room).unwrap();
        assert!(at(found) <= room && at(found + 256) > room, "{name}: {found}");
        assert_eq!(largest_context(&facts, &setup, 1 << 20), None, "{name}");
        assert_eq!(largest_context(&facts, &setup, u64::MAX), facts.context, "{name}");
    }
}

#[test]
fn sizes_that_are_no_sizes_make_no_plan_fit() {
    let (_dir, mut facts) = hollow("tiny-llama");
    let most = 1 << 20;
    facts.network.width = most;
    facts.network.head = crate::gguf::Head { key: most, value: most };
    facts.network.heads = vec![most; 512];
    facts.network.heads_kv = vec![most; 512];
    facts.network.feed_forward = vec![most; 512];
    facts.network.layers = 512;
    facts.context = Some(u32::MAX);
    let setup = Setup::new(u32::MAX - 256);
    assert!(plan(&facts, &setup).total() > 1 << 50);
    assert_eq!(largest_context(&facts, &setup, 64 << 30), None);
}

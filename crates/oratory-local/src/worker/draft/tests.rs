//! What makes proposals up, with made models: it says what it would say, and remembers only what
//! was really said.

use super::*;
use crate::llama::{
    After, Ahead, Attention, Backend, Batch, Cells, Layout, Loading, Lock, Model, Rate, Repack,
    States, Watch,
};
use crate::shapes;
use crate::story::{self, Story};

const OURS: [u8; 16] = [1; 16];
const THEIRS: [u8; 16] = [2; 16];

fn open(path: &std::path::Path) -> Model {
    let loading = Loading { repack: Repack::Yes, lock: Lock::No, gpu_layers: 0, ahead: true };
    Model::load(Backend::start(), path, loading, |_| ()).unwrap()
}

fn layout(size: u32, rated: u32) -> Layout {
    let (attention, cells) = (Attention::Auto, Cells::F16);
    Layout {
        size,
        sequences: 1,
        batch: 64,
        threads: 1,
        spin: 0,
        rated,
        states: States::Rated,
        attention,
        cells,
    }
}

/// Returns what a model says after `said`, one token at a time.
fn plainly(model: &Model, said: &[Token], count: usize) -> Vec<Token> {
    let watch = Watch::default();
    let mut context = Context::new(model, &layout(1024, 1), &watch).unwrap();
    let mut all = said.to_vec();
    let mut fed = 0;
    while all.len() < said.len() + count {
        let (mut batch, mut row) = (Batch::default(), 0);
        let until = all.len().min(fed + 64);
        for (at, token) in all.iter().enumerate().take(until).skip(fed) {
            let rate = if at + 1 == until { Rate::Yes } else { Rate::No };
            row = batch.add(0, at, *token, rate);
        }
        context.decode(&mut batch).unwrap();
        fed = until;
        if fed == all.len() {
            all.push(smaller::likeliest(context.logits(row).unwrap()).0);
        }
    }
    all.split_off(said.len())
}

#[test]
fn a_helper_says_what_it_would_say_and_follows_what_is_said_instead() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("helper.gguf");
    story::write(&path, &Story { context: 1024, ..Story::default() }).unwrap();
    let model = open(&path);
    let watch = Watch::default();
    let context = Context::new(&model, &layout(1024, 1), &watch).unwrap();
    let mut helper = Helper::new(context);
    let mut said = model.tokenise(&"Good morning, how are you? ".repeat(8), false);
    let mut late = 0;
    let first = loop {
        match helper.draft(OURS, &said, 6, 0.0) {
            Some(tokens) => break tokens,
            None => late += 1,
        }
    };
    assert!(late > 0, "a long prompt is read in pieces");
    assert_eq!(first, plainly(&model, &said, 6));
    // The model says something else, and then the helper goes on from there.
    said.extend([first[0], first[1].wrapping_add(1)]);
    assert_eq!(helper.draft(OURS, &said, 4, 0.0).unwrap(), plainly(&model, &said, 4));
    assert_eq!(helper.draft(THEIRS, &said[..9], 4, 0.0).unwrap(), plainly(&model, &said[..9], 4));
    assert_eq!(helper.draft(THEIRS, &said[..9], 4, 1.1), Some(Vec::new()), "only what is likely");
}

#[test]
fn layers_that_look_ahead_remember_only_what_was_really_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ahead.gguf");
    shapes::write(&shapes::find("tiny-qwen35-ahead").unwrap(), &path).unwrap();
    let model = open(&path);
    let watch = Watch::default();
    let said: Vec<Token> = (40..72).collect();
    let mut context = Context::new(&model, &layout(1024, 64), &watch).unwrap();
    context.keep_hidden(After::Rated);
    let mut batch = Batch::default();
    for (position, token) in said.iter().enumerate() {
        batch.add(0, position, *token, Rate::Yes);
    }
    context.decode(&mut batch).unwrap();
    let hidden: Vec<Vec<f32>> = (0..said.len()).map(|row| context.hidden(row).unwrap()).collect();
    let ahead = || Heads::new(Ahead::new(&model, &layout(256, 1), &watch).unwrap());
    let hear = |heads: &mut Heads<'_>, from: usize, to: usize| {
        for at in from..to {
            heads.hear(1, at, said[at], hidden[at].clone());
        }
    };
    // One drafts all the time, and guesses wrong all the time; the other drafts once.
    let (mut often, mut once) = (ahead(), ahead());
    hear(&mut often, 8, 9);
    for at in 9..31 {
        let drafted = often.draft(1, &said[..=at], 5, 0.0).unwrap();
        assert_eq!(drafted.len(), 5);
        hear(&mut often, at, at + 1);
    }
    hear(&mut once, 8, 31);
    assert_eq!(often.draft(1, &said, 5, 0.0), once.draft(1, &said, 5, 0.0));
    assert_eq!(once.draft(2, &said, 5, 0.0), None, "another request knows nothing of it");
}

//! Projectors beside models: those that fit, and those that would end the process.
//!
//! Made files, read as any others are.

use super::*;
use crate::gguf;
use crate::shapes::{self, Senses as Made};

fn facts(shape: &str, made: Option<Made>) -> Facts {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made.gguf");
    let shape = shapes::find(shape).unwrap();
    match made {
        Some(made) => shapes::write_projector(&shape, made, &path).unwrap(),
        None => shapes::write(&shape, &path).unwrap(),
    }
    gguf::check(&path).unwrap()
}

#[test]
fn a_projector_says_what_it_lets_its_model_do() {
    for (made, ability, most) in [
        (Made::Gemma3, Ability::See, 512),
        (Made::Qwen3, Ability::See, 1024),
        (Made::Qwen2Audio, Ability::Hear, 1024),
    ] {
        let projector = facts("tiny-qwen3", Some(made));
        let senses = fits(&projector, &facts("tiny-qwen3", None), 512).unwrap();
        assert_eq!((&senses.abilities[..], senses.most), (&[ability][..], most), "{made:?}");
        assert!(senses.memory > projector.bytes, "computing takes memory too");
    }
}

fn changed(change: impl FnOnce(&mut Encoder)) -> String {
    let mut projector = facts("tiny-qwen3", Some(Made::Qwen3));
    change(projector.projector.as_mut().unwrap().sight.as_mut().unwrap());
    fits(&projector, &facts("tiny-qwen3", None), 512).unwrap_err()
}

#[test]
fn what_would_end_the_process_is_refused_by_name() {
    let wider = facts("tiny-gemma3n", Some(Made::Gemma3));
    let why = fits(&wider, &facts("tiny-qwen3", None), 512).unwrap_err();
    assert_eq!(why, "it is made for a model of width 128, and this one's is 256");
    type Change = fn(&mut Encoder);
    let changes: [(Change, &str); 7] = [
        (|it| it.patch = 0, "cuts 64 points into patches of 0"),
        (|it| it.image = 1 << 20, "cuts 1048576 points"),
        (|it| it.heads = 0, "with 0 heads"),
        (|it| it.heads = 7, "with 7 heads"),
        (|it| it.layers = 0, "claims 0 layers"),
        (|it| it.merge = Some(0), "one token of no patches"),
        (|it| it.kind = "future".into(), "of the kind \"future\""),
    ];
    for (change, words) in changes {
        let why = changed(change);
        assert!(why.contains(words), "{why:?} does not say {words:?}");
    }
    let model = facts("tiny-qwen3", None);
    assert_eq!(fits(&model, &model, 512), Err("it is no projector".to_owned()));
    let mut neither = facts("tiny-qwen3", Some(Made::Gemma3));
    neither.projector = Some(gguf::Projector::default());
    assert_eq!(fits(&neither, &model, 512), Err("it holds nothing that sees or hears".to_owned()));
}

//! The order of models, and what becomes of those that cannot be used.
//!
//! Real files in a folder that is gone afterwards.

use super::*;
use crate::story::{self, Story};

fn story(words: &str) -> Story {
    Story { text: words.to_owned(), ..Story::default() }
}

fn names(catalog: &mut Catalog) -> Vec<String> {
    catalog.look();
    catalog.entries().iter().map(|entry| entry.name.to_string()).collect()
}

#[test]
fn larger_models_come_first_damaged_ones_late_and_built_in_ones_last() {
    let dir = tempfile::tempdir().unwrap();
    let own = [("mini", "a b"), ("mini-s", "a")];
    let own = own.map(|(name, text)| BuiltIn { name, bytes: story::bytes(&story(text)).leak() });
    let path = |name: &str| dir.path().join(name);
    story::write(&path("small.gguf"), &story("a b")).unwrap();
    let wide = Story { width: 512, ..story("a b") };
    story::write(&path("wide.gguf"), &wide).unwrap();
    std::fs::write(path("broken.gguf"), "GGUF").unwrap();
    std::fs::write(path("part-00001-of-00002.gguf"), "GGUF").unwrap();
    std::fs::write(path("notes.txt"), "no model").unwrap();
    let sources = Sources {
        dir: dir.path().to_owned(),
        context: 8192,
        built_in: Some((dir.path().join("own"), own.to_vec())),
        ..Sources::default()
    };
    let mut catalog = Catalog::new(sources);
    assert_eq!(names(&mut catalog), ["wide", "small", "broken", "part", "mini", "mini-s"]);
    let part = catalog.entries()[3].facts.clone().unwrap_err();
    assert!(part.message.contains("part-00002-of-00002.gguf is missing"), "{part:?}");
    story::write(&path("new.gguf"), &story("a b c")).unwrap();
    assert!(names(&mut catalog).contains(&"new".to_owned()));
}

fn entry(shape: &str) -> Entry {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made.gguf");
    crate::shapes::write_hollow(&crate::shapes::find(shape).unwrap(), &path).unwrap();
    let facts = gguf::check(&path).unwrap();
    Entry {
        name: "huge".into(),
        path,
        bytes: facts.bytes,
        header: Some(facts.clone()),
        facts: Ok(facts),
        context: 8192,
        revision: 0,
        modified: None,
        built_in: None,
        variant: None,
        adapters: AdapterBytes::default(),
        projector: None,
        blind: None,
    }
}

#[test]
fn what_is_registered_is_listed_from_then_on_and_projectors_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    // Other programs name files after their digests.
    let blob = elsewhere.path().join("sha256-abc");
    story::write(&blob, &story("a b")).unwrap();
    story::write(&dir.path().join("MMProj-seeing.gguf"), &story("a b")).unwrap();
    let list = Arc::new(std::sync::Mutex::new(Vec::new()));
    let listed = list.clone();
    let register = Register::new(move || listed.lock().unwrap().clone());
    let sources = Sources { dir: dir.path().to_owned(), register, ..Sources::default() };
    let mut catalog = Catalog::new(sources);
    assert_eq!(names(&mut catalog), [""; 0]);
    let model = |name: &str, path: &std::path::Path| Registered {
        name: name.into(),
        parts: vec![path.to_owned()],
        projector: None,
    };
    list.lock().unwrap().push(model("their:model", &blob));
    list.lock().unwrap().push(model("gone", &elsewhere.path().join("gone")));
    assert_eq!(names(&mut catalog), ["their:model", "gone"]);
    assert!(catalog.entries()[0].facts.is_ok());
    let gone = catalog.entries()[1].facts.clone().unwrap_err();
    assert!(gone.message.contains("is missing"), "{gone:?}");
}

#[test]
fn a_model_larger_than_memory_is_refused_with_both_sizes() {
    let mut entry = entry("llama-3.1-8b");
    plan(&mut entry, 8192, Some(3 << 30));
    let why = entry.facts.unwrap_err().message;
    assert!(why.contains("GiB at the least") && why.contains("3.0 GiB"), "{why}");
}

#[test]
fn a_model_whose_context_does_not_fit_gets_a_shorter_one() {
    let mut small = entry("qwen3-0.6b");
    plan(&mut small, 8192, Some(1 << 30));
    assert!(small.facts.is_ok());
    assert!((256..8192).contains(&small.context), "{}", small.context);
    let mut whole = entry("qwen3-0.6b");
    plan(&mut whole, 8192, Some(16 << 30));
    assert_eq!(whole.context, 8192);
}

#[test]
fn a_projector_is_found_by_its_name_and_a_nameless_one_only_where_it_may_be_meant() {
    let all = ["gemma-3-4b-it-mmproj-f16", "mmproj-F16", "mmproj-gemma-3-12b-it-Q8_0"];
    let all = all.map(|stem| PathBuf::from(format!("{stem}.gguf")));
    let found = |name: &str, alone: bool| -> Vec<(String, bool)> {
        let likely = projector::of(&name.into(), &all, alone).into_iter();
        likely.map(|likely| (likely.path.display().to_string(), likely.named)).collect()
    };
    let own = ("gemma-3-4b-it-mmproj-f16.gguf".to_owned(), true);
    let nameless = |named| ("mmproj-F16.gguf".to_owned(), named);
    assert_eq!(found("Gemma-3-4B-it-Q4_K_M", false), [own, nameless(false)]);
    assert_eq!(found("other", true), [nameless(true)]);
}

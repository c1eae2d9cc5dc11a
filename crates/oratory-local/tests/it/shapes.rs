//! Made models of true shapes: every family loads in a worker and answers.
//!
//! What they say means nothing; that they say it twice shows that nothing in them is undefined.

use std::path::Path;
use std::time::Instant;

use oratory_local::gguf;
use oratory_local::shapes::{self, find};

use crate::house::{House, question};

fn tiny() -> impl Iterator<Item = &'static str> {
    shapes::names().filter(|name| name.starts_with("tiny-"))
}

/// The families that write text.
fn writers() -> impl Iterator<Item = &'static str> {
    tiny().filter(|name| find(name).unwrap().reads == shapes::Reads::No)
}

fn write(name: &str, dir: &Path) {
    shapes::write(&find(name).unwrap(), &dir.join(format!("{name}.gguf"))).unwrap();
}

#[tokio::test]
async fn every_family_answers_and_twice_the_same() {
    // Numbers of random weights lie so close that the size of a batch can decide between them.
    let house = House::with(&[], |config| config.guess = oratory_local::Guess::Never);
    writers().for_each(|name| write(name, house.dir.path()));
    house.engine.rescan();
    for name in writers() {
        let mut answers = Vec::new();
        for caller in ["one", "two"] {
            let mut asked = question("bababa bebaba Good morning!");
            asked.caller = caller.into();
            asked.limits.max_tokens = Some(100);
            let (text, done) =
                house.hear(name, asked).await.unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!(done.usage.output, 100, "{name}: {text}");
            assert!(!text.contains('\u{fffd}'), "{name} said {text:?}");
            answers.push(text);
        }
        assert_eq!(answers[0], answers[1], "{name}");
    }
}

#[tokio::test]
async fn every_family_answers_with_keys_and_values_of_8_bits() {
    let house = House::with(&[], |config| config.small_cells = true);
    writers().for_each(|name| write(name, house.dir.path()));
    house.engine.rescan();
    for name in writers() {
        let mut asked = question("bababa bebaba Good morning!");
        asked.limits.max_tokens = Some(10);
        let heard = house.hear(name, asked).await.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(heard.1.usage.output, 10, "{name}: {}", heard.0);
    }
}

#[test]
fn every_shape_is_sound_and_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    for name in tiny() {
        let start = Instant::now();
        write(name, dir.path());
        let path = dir.path().join(format!("{name}.gguf"));
        let facts = gguf::check(&path).unwrap();
        let shape = find(name).unwrap();
        assert_eq!(facts.architecture.as_deref(), Some(shape.family.architecture()));
        assert!(facts.bytes < 12 << 20, "{name} takes {} bytes", facts.bytes);
        assert!(start.elapsed().as_secs() < 10, "{name} took {:?}", start.elapsed());
        let once = std::fs::read(&path).unwrap();
        write(name, dir.path());
        assert_eq!(once, std::fs::read(&path).unwrap(), "{name} is not always the same");
    }
}

#[test]
fn names_cut_shapes_and_store_them_differently() {
    let cut = find("qwen3-30b-a3b@2:Q8_0").unwrap();
    assert_eq!((cut.layers, cut.mix.name()), (2, "Q8_0"));
    for wrong in ["qwen3", "qwen3-0.6b@0", "qwen3-0.6b@29", "qwen3-0.6b:Q9", "qwen3-0.6b@x"] {
        assert_eq!(find(wrong), None, "{wrong}");
    }
}

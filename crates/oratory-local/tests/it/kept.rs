//! Prompts already computed: kept over a restart, sealed, and never lent to anybody else.

use std::path::{Path, PathBuf};

use oratory_contract::{Asked, Labels, LocalPlace, Permit, Prepared, Sensitivity};
use oratory_local::story::Story;

use crate::house::{House, question, read};

const STORY: &str = "It was kept";

fn house(kept: &Path) -> House {
    let story = Story { text: STORY.into(), ..Story::default() };
    House::with(&[("m", story)], |config| config.kept = Some((kept.to_owned(), 64 << 20)))
}

fn long() -> Asked {
    question(&"a long prompt ".repeat(40))
}

/// Asks in a house of its own with the very same model file, and returns how much was known.
async fn known(file: &Path, kept: &Path, asked: Asked, sensitivity: Sensitivity) -> u32 {
    let house = house(kept);
    // The same file with the same time: a copy would be another model.
    let path = house.path("m.gguf");
    std::fs::remove_file(&path).unwrap();
    std::fs::hard_link(file, &path).unwrap();
    house.engine.rescan();
    let permit = Permit::new(Labels::of(sensitivity), Vec::new(), Vec::new());
    let answer = house.engine.run(&"m".into(), Prepared::new(asked, &permit)).await.unwrap();
    let (text, done) = read(answer).await.unwrap();
    assert_eq!(text, STORY);
    house.engine.shutdown().await;
    done.usage.cached
}

fn states(kept: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(kept).unwrap().flatten().filter(|entry| entry.path().is_dir());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap().flatten());
    files.map(|file| file.path()).collect()
}

#[tokio::test]
async fn a_prompt_is_known_after_a_restart_to_the_same_caller_only() {
    let (home, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (file, kept) = (home.path().join("m.gguf"), dir.path());
    oratory_local::story::write(&file, &Story { text: STORY.into(), ..Story::default() }).unwrap();
    let ask = async |asked| known(&file, kept, asked, Sensitivity::Internal).await;
    assert_eq!(ask(long()).await, 0);
    assert!(ask(long()).await > 500);
    let mut other = long();
    other.caller = "somebody else".into();
    assert_eq!(ask(other).await, 0, "another caller's prompt was known");
    assert_eq!(known(&file, kept, long(), Sensitivity::Public).await, 0, "other labels");
}

#[tokio::test]
async fn what_is_secret_is_not_written_and_nothing_is_readable() {
    let (home, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (file, kept) = (home.path().join("m.gguf"), dir.path());
    oratory_local::story::write(&file, &Story { text: STORY.into(), ..Story::default() }).unwrap();
    known(&file, kept, long(), Sensitivity::Secret).await;
    assert_eq!(states(kept), Vec::<PathBuf>::new());
    known(&file, kept, long(), Sensitivity::Confidential).await;
    let written = states(kept);
    assert_eq!(written.len(), 1);
    let bytes = std::fs::read(&written[0]).unwrap();
    // A state of zeros would show as runs of equal bytes, and tokens as small numbers.
    assert!(!bytes.windows(16).any(|run| run.iter().all(|byte| *byte == run[0])), "not sealed");
}

#[tokio::test]
async fn a_damaged_state_is_thrown_away_and_the_answer_is_the_same() {
    let (home, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (file, kept) = (home.path().join("m.gguf"), dir.path());
    oratory_local::story::write(&file, &Story { text: STORY.into(), ..Story::default() }).unwrap();
    let ask = async || known(&file, kept, long(), Sensitivity::Internal).await;
    ask().await;
    let state = states(kept).pop().unwrap();
    let mut bytes = std::fs::read(&state).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&state, &bytes).unwrap();
    assert_eq!(ask().await, 0);
    std::fs::write(states(kept).pop().unwrap(), &bytes[..100]).unwrap();
    assert_eq!(ask().await, 0);
    assert!(ask().await > 500);
    std::fs::write(kept.join("key"), [7; 32]).unwrap();
    assert_eq!(ask().await, 0, "opened with another key");
}

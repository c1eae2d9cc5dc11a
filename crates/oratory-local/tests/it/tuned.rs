//! How a model runs fastest here: measured, written down, and never at anybody's cost.

use std::path::Path;
use std::time::{Duration, Instant};

use oratory_contract::{Labels, LocalPlace, Permit, Prepared};
use oratory_local::story::Story;

use crate::house::{House, question, read};

const STORY: &str = "It was measured";
/// A tuner that waits for quiet has had its chance after this long.
const LATE: Duration = Duration::from_secs(60);

/// A house with a model whose conversations take enough memory to be worth the trouble.
fn house(dir: &Path, threads: Option<usize>) -> House {
    let story =
        Story { text: STORY.into(), width: 128, layers: 8, context: 8192, ..Story::default() };
    House::with(&[("m", story)], |config| {
        config.tuned = Some(dir.join("tuned.json"));
        config.threads = threads;
    })
}

async fn answer(house: &House) -> String {
    let permit = Permit::new(Labels::default(), Vec::new(), Vec::new());
    let prepared = Prepared::new(question("Well?"), &permit);
    read(house.engine.run(&"m".into(), prepared).await.unwrap()).await.unwrap().0
}

#[tokio::test]
async fn what_is_measured_holds_for_this_very_file() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path(), Some(1));
    assert_eq!(house.engine.tuned(&"m".into()), None);
    let tuned = house.engine.tune(&"m".into()).await.unwrap();
    assert_eq!(tuned.threads, 1, "a person has said one thread");
    assert!(tuned.turns >= 2, "{tuned:?}");
    assert_eq!(house.engine.tuned(&"m".into()), Some(tuned));
    assert_eq!(answer(&house).await, STORY);
    house.engine.unload(&"m".into()).await;
    let story = Story { text: "Another file".into(), ..Story::default() };
    oratory_local::story::write(&house.path("m.gguf"), &story).unwrap();
    house.engine.rescan();
    assert_eq!(house.engine.tuned(&"m".into()), None);
}

#[tokio::test]
async fn a_model_in_use_is_measured_while_nobody_asks() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path(), None);
    house.engine.tune_when_quiet(Duration::from_millis(100));
    assert_eq!(answer(&house).await, STORY);
    let late = Instant::now() + LATE;
    while house.engine.tuned(&"m".into()).is_none() {
        assert!(Instant::now() < late, "nothing was measured");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(answer(&house).await, STORY);
}

#[tokio::test]
async fn whoever_asks_ends_the_measuring() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path(), None);
    house.engine.tune_when_quiet(Duration::from_millis(1));
    assert_eq!(answer(&house).await, STORY);
    // Somebody asks all the time, so there is never a moment for it.
    let late = Instant::now() + Duration::from_secs(5);
    while Instant::now() < late {
        assert_eq!(answer(&house).await, STORY);
    }
    assert_eq!(house.engine.tuned(&"m".into()), None);
}

#[tokio::test]
async fn a_model_that_is_not_there_cannot_be_measured() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path(), None);
    let failure = house.engine.tune(&"none".into()).await.unwrap_err();
    assert!(failure.message.contains("none"), "{failure}");
}

//! Pulls that end in the middle, and pulls that meet.
//!
//! What came is not fetched again, and no two write the same file.

use std::time::Duration;

use oratory_fakes::Trick;
use oratory_models::{Event, Models, ModelsError};

use crate::desk::{Desk, PIECE, REPO};

const FILE: &str = "Small-Q4_K_M.gguf";
const SIZE: usize = 1_000_000;

/// Pulls until some of the file is here, and then stops in the middle.
async fn stop_in_the_middle(desk: &Desk, models: &Models) {
    desk.registry.trick(FILE, Trick::Slow(4096, Duration::from_millis(2)), usize::MAX);
    tokio::select! {
        done = desk.pull_with(models, REPO) => panic!("it ended: {done:?}"),
        () = async {
            while desk.registry.sent() < (SIZE / 2) as u64 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        } => {}
    }
    desk.registry.behave();
    assert_eq!(desk.visible(), [""; 0], "half a file can be seen");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_an_interruption_is_not_fetched_again() {
    let (desk, bytes) = Desk::with(SIZE).await;
    stop_in_the_middle(&desk, &desk.models()).await;
    assert!(desk.partial().contains(&format!("{FILE}.part")), "{:?}", desk.partial());
    let before = desk.registry.sent();
    desk.pull(REPO).await.unwrap();
    assert_eq!(desk.read(FILE), bytes);
    let resumed = |event: &Event| matches!(event, Event::Resumed { bytes: 200_000.., .. });
    assert_eq!(desk.told(resumed), 1);
    // Only what was under way on each connection when it ended is sent twice.
    let twice = before + (desk.registry.sent() - before) - SIZE as u64;
    assert!(twice <= 4 * PIECE, "{twice} bytes were sent twice");
    assert_eq!(desk.partial(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_another_file_is_not_gone_on_with() {
    let (desk, _) = Desk::with(SIZE).await;
    stop_in_the_middle(&desk, &desk.models()).await;
    let newer = crate::desk::model(99, SIZE);
    desk.registry.repository(REPO, "mit", &[(FILE, &newer)]);
    desk.pull(REPO).await.unwrap();
    assert_eq!(desk.read(FILE), newer);
    assert_eq!(desk.told(|event| matches!(event, Event::Resumed { .. })), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_was_damaged_on_disk_is_begun_anew() {
    let (desk, bytes) = Desk::with(SIZE).await;
    stop_in_the_middle(&desk, &desk.models()).await;
    let draft = desk.folder.path().join(format!(".oratory/partial/{FILE}.part"));
    let mut here = std::fs::read(&draft).unwrap();
    here[1000] ^= 1;
    std::fs::write(&draft, here).unwrap();
    desk.pull(REPO).await.unwrap();
    assert_eq!(desk.read(FILE), bytes);
    assert_eq!(desk.told(|event| matches!(event, Event::Restarted { .. })), 1);
    // A state file that promises more than there is counts for nothing.
    let (desk, bytes) = Desk::with(SIZE).await;
    stop_in_the_middle(&desk, &desk.models()).await;
    std::fs::write(desk.folder.path().join(format!(".oratory/partial/{FILE}.part")), "GG").unwrap();
    desk.pull(REPO).await.unwrap();
    assert_eq!(desk.read(FILE), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_pulls_at_once_the_second_waits_and_fetches_nothing() {
    let (desk, bytes) = Desk::with(SIZE).await;
    desk.registry.trick(FILE, Trick::Slow(4096, Duration::from_millis(1)), usize::MAX);
    let (first, second) = (desk.models(), desk.models());
    let late = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        desk.pull_with(&second, REPO).await
    };
    let (first, second) = tokio::join!(desk.pull_with(&first, REPO), late);
    assert_eq!((first.unwrap().fresh, second.unwrap().fresh), (true, false));
    assert_eq!(desk.read(FILE), bytes);
    assert_eq!(desk.registry.sent(), SIZE as u64);
    let me = Some(std::process::id());
    let waited = |event: &Event| matches!(event, Event::Waiting { process } if *process == me);
    assert_eq!(desk.told(waited), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_being_pulled_is_not_removed_and_its_draft_can_be() {
    let (desk, _) = Desk::with(SIZE).await;
    desk.registry.trick(FILE, Trick::Slow(4096, Duration::from_millis(2)), usize::MAX);
    let models = desk.models();
    tokio::select! {
        done = desk.pull_with(&models, REPO) => panic!("it ended: {done:?}"),
        () = async {
            let draft = desk.folder.path().join(format!(".oratory/partial/{FILE}.part"));
            while std::fs::metadata(&draft).map_or(0, |data| data.len()) == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            let error = desk.models().remove("Small-Q4_K_M").unwrap_err();
            assert!(matches!(error, ModelsError::Busy { .. }), "{error}");
        } => {}
    }
    // A write under way ends first.
    let removed = loop {
        match desk.models().remove("Small-Q4_K_M") {
            Err(ModelsError::Busy { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
            other => break other.unwrap(),
        }
    };
    assert!(removed.bytes > 0);
    assert_eq!(desk.partial(), [""; 0]);
}

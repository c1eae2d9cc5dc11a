//! Servers that do what servers do: ignore ranges, break off, stall, refuse, lie and change.
//!
//! After each, either the file is exact or nothing can be seen of it.

use std::time::{Duration, Instant};

use oratory_fakes::Trick;
use oratory_models::{Event, ModelsError};

use crate::desk::{Desk, PIECE, REPO, model};

const FILE: &str = "Small-Q4_K_M.gguf";
const SIZE: usize = 400_000;

/// Pulls under a trick, and checks that the file is exact.
async fn exact_despite(trick: Trick, times: usize) -> Desk {
    let (desk, bytes) = Desk::with(SIZE).await;
    let shown = format!("{trick:?}");
    desk.registry.trick(FILE, trick, times);
    desk.pull(REPO).await.unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert!(desk.read(FILE) == bytes, "{shown}: other bytes");
    assert_eq!(desk.partial(), [""; 0], "{shown}");
    desk
}

/// Pulls in vain, and checks that nothing can be seen.
async fn in_vain(trick: Trick) -> (Desk, ModelsError) {
    let (desk, _) = Desk::with(SIZE).await;
    desk.registry.trick(FILE, trick, usize::MAX);
    let error = desk.pull(REPO).await.unwrap_err();
    assert_eq!(desk.visible(), [""; 0], "{error}");
    assert_eq!(desk.models().index().read().unwrap(), []);
    (desk, error)
}

#[tokio::test(flavor = "multi_thread")]
async fn several_connections_bring_identical_bytes() {
    let (desk, bytes) = Desk::with(SIZE).await;
    desk.pull(REPO).await.unwrap();
    assert_eq!(desk.read(FILE), bytes);
    assert_eq!(desk.registry.sent(), SIZE as u64);
    let ranges = desk.registry.received().iter().filter(|head| head.contains("range: ")).count();
    assert_eq!(ranges, SIZE.div_ceil(PIECE as usize));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ignores_ranges_is_read_in_one_stream() {
    let desk = exact_despite(Trick::WholeOnly, usize::MAX).await;
    assert_eq!(desk.registry.sent(), SIZE as u64);
    exact_despite(Trick::NoLength, usize::MAX).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ignores_some_ranges_is_read_in_one_stream() {
    let (desk, bytes) = Desk::with(SIZE).await;
    // The first answer tells that ranges work; the others then ignore them.
    desk.registry.trick(FILE, Trick::Slow(PIECE as usize, Duration::ZERO), 1);
    desk.registry.trick(FILE, Trick::WholeOnly, usize::MAX);
    desk.pull(REPO).await.unwrap();
    assert_eq!(desk.read(FILE), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_taken_up_where_it_ended() {
    let desk = exact_despite(Trick::CutsAfter(50_000), 3).await;
    assert_eq!(desk.registry.sent(), SIZE as u64, "bytes were fetched twice");
    assert!(desk.told(|event| matches!(event, Event::Retrying { .. })) >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_off_without_ranges_still_comes_whole() {
    let desk = exact_despite(Trick::WholeAndCuts(300_000), 2).await;
    // Taken up by its range once the server can, and nothing of the first part again.
    assert!(desk.registry.sent() < 2 * SIZE as u64 + 300_000, "{}", desk.registry.sent());
    let (desk, bytes) = Desk::with(SIZE).await;
    desk.registry.trick(FILE, Trick::WholeAndCuts(300_000), 1);
    desk.registry.trick(FILE, Trick::WholeOnly, usize::MAX);
    desk.pull(REPO).await.unwrap();
    assert_eq!(desk.read(FILE), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_silent_is_asked_again() {
    let desk = exact_despite(Trick::StallsAfter(10_000), 2).await;
    let silent = |event: &Event| matches!(event, Event::Retrying { why, .. } if why.contains("nothing came"));
    assert_eq!(desk.told(silent), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_is_waited_for_as_long_as_bytes_come() {
    let slow = Trick::Slow(8000, Duration::from_millis(50));
    let desk = exact_despite(slow, usize::MAX).await;
    assert_eq!(desk.told(|event| matches!(event, Event::Retrying { .. })), 0);
    let moved = |event: &Event| matches!(event, Event::Moved { speed: 1.., total: Some(_), .. });
    assert!(desk.told(moved) > 0, "no speed was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_given_the_time_it_asks_for() {
    let (desk, bytes) = Desk::with(SIZE).await;
    desk.registry.trick(FILE, Trick::Says(503, None), 2);
    desk.registry.trick(FILE, Trick::Says(429, Some(1)), 1);
    let began = Instant::now();
    desk.pull(REPO).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(desk.read(FILE), bytes);
    let asked = Event::Retrying {
        why: "127.0.0.1 answered 429 Too Many Requests".into(),
        after: Duration::from_secs(1),
    };
    assert_eq!(desk.told(|event| *event == asked), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_trying_again_does_not_change_is_said_at_once() {
    let (desk, error) = in_vain(Trick::Says(404, None)).await;
    assert!(error.to_string().contains("answered 404"), "{error}");
    assert_eq!(desk.told(|event| matches!(event, Event::Retrying { .. })), 0);
    let (_, error) = in_vain(Trick::Says(401, None)).await;
    assert!(matches!(error, ModelsError::Gated { .. }), "{error}");
    let (desk, error) = in_vain(Trick::Says(500, None)).await;
    assert!(matches!(error, ModelsError::Unreachable { tries: 4, .. }), "{error}");
    assert_eq!(desk.told(|event| matches!(event, Event::Retrying { .. })), 3);
    let (_, error) = in_vain(Trick::Says(429, Some(900))).await;
    assert!(
        matches!(error, ModelsError::Later { .. }) && error.hint().contains("900 s"),
        "{error}"
    );
    let desk = Desk::new().await;
    let error = desk.pull("nobody/Nothing-GGUF").await.unwrap_err();
    assert!(error.to_string().contains("there is no nobody/Nothing-GGUF"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_digest_throws_the_file_away() {
    let (desk, error) = in_vain(Trick::Damaged).await;
    assert!(matches!(error, ModelsError::Digest { .. }), "{error}");
    assert_eq!(desk.partial(), [""; 0]);
    desk.registry.behave();
    desk.pull(REPO).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_model_is_refused() {
    let desk = Desk::new().await;
    desk.registry.repository("maker/Page-GGUF", "mit", &[("Page.gguf", b"<html>sorry</html>")]);
    let error = desk.pull("maker/Page-GGUF").await.unwrap_err();
    assert!(error.to_string().contains("begins with \"<htm\""), "{error}");
    assert_eq!((desk.visible().len(), desk.partial().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_meanwhile_begins_anew() {
    let desk = exact_despite(Trick::Tag("older"), 2).await;
    let restarted =
        |event: &Event| matches!(event, Event::Restarted { why, .. } if why.contains("tag"));
    assert_eq!(desk.told(restarted), 1);
    let desk = Desk::new().await;
    let address = format!("{}/x/moving.gguf", desk.registry.url());
    desk.registry.file("/x/moving.gguf", &model(1, SIZE));
    let tags: Vec<&'static str> = ["a", "b", "c", "d", "e", "f", "g", "h"].into();
    for tag in tags.iter().cycle().take(64) {
        desk.registry.trick("moving.gguf", Trick::Tag(tag), 1);
    }
    let error = desk.pull(&address).await.unwrap_err();
    assert!(matches!(error, ModelsError::Changed { .. }), "{error}");
    assert_eq!(desk.visible(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_that_goes_round_in_circles_ends() {
    let (desk, _) = Desk::with(SIZE).await;
    let circle = format!("{}/{REPO}/resolve/x/{FILE}", desk.registry.url());
    desk.registry.trick(FILE, Trick::MovedTo(circle), usize::MAX);
    let error = desk.pull(REPO).await.unwrap_err();
    assert!(error.to_string().contains("redirects more than 8 times"), "{error}");
}

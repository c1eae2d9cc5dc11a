//! Workers that die, and readers that leave.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use oratory_contract::{At, Chunk, FailureKind, Retry};
use oratory_local::story::Story;

use crate::house::{AGES, House, endless, program, question, read};

fn kill(pid: u32, signal: i32) {
    let pid = i32::try_from(pid).unwrap();
    // SAFETY: sends a signal to a worker that this test's own engine started and still holds.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

#[tokio::test]
async fn a_killed_worker_fails_its_answer_and_the_next_is_answered() {
    let house = House::with(&[("endless", endless())], |config| config.lanes = Some(1));
    let mut answer = house.ask("endless", question("Go")).await.unwrap();
    for _ in 0..5 {
        answer.chunks.next().await.unwrap().unwrap();
    }
    let pid = house.worker("endless").pid.unwrap();
    let behind = house.hear("endless", short());
    let (failure, behind) = tokio::join!(
        async {
            kill(pid, libc::SIGKILL);
            let start = Instant::now();
            let failure = read(answer).await.unwrap_err();
            assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
            failure
        },
        behind,
    );
    assert_eq!((failure.kind, &failure.at), (FailureKind::Broken, &At::Local));
    assert_eq!(failure.retry, Retry::Now);
    assert!(failure.message.contains("endless was ended by SIGKILL"), "{failure}");
    behind.expect("a request behind the crash is answered by the new worker");
    house.hear("endless", short()).await.unwrap();
    let worker = house.worker("endless");
    assert_eq!(worker.crashes, 1);
    assert_ne!(worker.pid, Some(pid));
}

fn short() -> oratory_contract::Asked {
    let mut asked = question("Go on");
    asked.limits.max_tokens = Some(3);
    asked
}

#[tokio::test]
async fn a_worker_killed_while_idle_is_replaced() {
    let house = House::new();
    house.hear("mini", question("Hi")).await.unwrap();
    kill(house.worker("mini").pid.unwrap(), libc::SIGKILL);
    house.until("mini", |worker| worker.pid.is_none()).await;
    house.hear("mini", question("Hi")).await.unwrap();
}

#[tokio::test]
async fn a_reader_who_leaves_stops_the_work_within_a_token() {
    let slow = Story { layers: 512, context: 1024, ..endless() };
    let house = House::with(&[("endless", slow)], |_| ());
    let mut answer = house.ask("endless", question("Go")).await.unwrap();
    // Its beginning, and three tokens.
    for _ in 0..4 {
        answer.chunks.next().await.unwrap().unwrap();
    }
    drop(answer);
    house.until("endless", |worker| worker.running == 0).await;
    let worker = house.worker("endless");
    // On a quiet machine it is 3 exactly; a busy one may let the worker run ahead of its reader
    // for a while. Left alone it would go on to the end of its context, 1,000 tokens.
    assert!((3..200).contains(&worker.tokens), "{worker:?}");
    let stopped = worker.tokens;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(house.worker("endless").tokens, stopped);
    assert_eq!(worker.crashes, 0);
}

#[tokio::test]
async fn a_reader_who_leaves_during_the_prompt_stops_it() {
    let house = House::with(&[("endless", endless())], |_| ());
    house.hear("endless", short()).await.unwrap();
    let long = question(&"word ".repeat(1500));
    let asked = tokio::time::timeout(Duration::from_millis(100), house.ask("endless", long)).await;
    assert!(asked.is_err(), "the prompt was read too fast for this test");
    house.hear("endless", short()).await.unwrap();
    let worker = house.worker("endless");
    assert_eq!((worker.crashes, worker.tokens), (0, 6), "{worker:?}");
}

#[tokio::test]
async fn a_stuck_worker_is_stopped_and_replaced() {
    let stall = Duration::from_secs(2);
    let house = House::with(&[("endless", endless())], |config| config.stall = stall);
    let mut answer = house.ask("endless", question("Go")).await.unwrap();
    answer.chunks.next().await.unwrap().unwrap();
    kill(house.worker("endless").pid.unwrap(), libc::SIGSTOP);
    let failure = tokio::time::timeout(AGES, read(answer)).await.unwrap().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert!(failure.message.contains("no progress for 2 s"), "{failure}");
    house.hear("endless", short()).await.unwrap();
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_a_clear_error() {
    for (path, expected) in [("/no/such/program", "cannot start"), ("/bin/true", "while it loaded")]
    {
        let house = House::with(&[], |config| config.worker.path = path.into());
        let failure = house.hear("mini", question("Hi")).await.unwrap_err();
        assert!(failure.message.contains(expected), "{failure}");
        assert!(failure.hint.is_some());
    }
    assert!(program().path.exists());
}

#[tokio::test]
async fn shutdown_ends_workers_and_answers() {
    let house = House::with(&[("endless", endless())], |_| ());
    let mut answer = house.ask("endless", question("Go")).await.unwrap();
    answer.chunks.next().await.unwrap().unwrap();
    let pid = house.worker("endless").pid.unwrap();
    tokio::time::timeout(AGES, house.engine.shutdown()).await.unwrap();
    let failure = read(answer).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    let late = house.hear("endless", question("Go")).await.unwrap_err();
    assert_eq!(late.kind, FailureKind::Unreachable);
}

#[tokio::test]
async fn a_slow_reader_holds_the_worker_up_but_loses_no_text() {
    let house = House::new();
    let mut answer = house.ask("mini", question("Hi")).await.unwrap();
    let mut text = String::new();
    while let Some(chunk) = answer.chunks.next().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
        if let Chunk::Text(more) = chunk.unwrap() {
            text.push_str(&more);
        }
    }
    assert!(text.ends_with("./model.gguf"), "{text}");
}

/// Rounds of the test of leaks; all of them only where somebody has the time.
#[allow(clippy::disallowed_methods, reason = "a person who tests has no other way to say so")]
fn rounds() -> usize {
    if std::env::var_os("ORATORY_SLOW").is_some() { 200 } else { 20 }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_is_left_over_after_many_crashes_under_load() {
    let handles = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let house = House::with(&[("endless", endless())], |config| {
        (config.lanes, config.context) = (Some(8), 512);
    });
    let mut before = None;
    for round in 0..rounds() {
        let streams =
            (0..8).map(|stream| house.ask("endless", question(&format!("Go {round} {stream}"))));
        let mut streams: Vec<_> = futures_util::future::join_all(streams)
            .await
            .into_iter()
            .map(|answer| answer.unwrap())
            .collect();
        for answer in &mut streams {
            answer.chunks.next().await.unwrap().unwrap();
        }
        let pid = house.worker("endless").pid.unwrap();
        kill(pid, libc::SIGKILL);
        for answer in streams {
            let failure = tokio::time::timeout(AGES, read(answer)).await.unwrap().unwrap_err();
            assert_eq!(failure.kind, FailureKind::Broken);
        }
        house.hear("endless", short()).await.unwrap();
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "a process is left");
        assert_eq!(house.worker("endless").running, 0);
        // The first rounds open what stays open.
        if round == 2 {
            before = Some(handles());
        }
    }
    let (before, after) = (before.unwrap(), handles());
    assert!(after <= before + 2, "{before} handles were open, {after} are");
}

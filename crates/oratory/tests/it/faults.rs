//! Engine processes that die, clients that leave: the server lives and says what happened.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::house::{House, until};

fn endless() -> Value {
    json!({
        "model": "drone", "stream": true, "max_tokens": 7000,
        "messages": [{ "role": "user", "content": "Go on" }],
    })
}

#[test]
fn an_engine_killed_in_mid_stream_is_an_error_event_and_the_next_request_is_answered() {
    let house = House::new().with_drone();
    let mut server = house.serve();
    let mut response = server.chat(&endless());
    for _ in 0..3 {
        assert!(response.event().is_some());
    }
    let workers = server.workers();
    assert_eq!(workers.len(), 1, "one engine process for one model");
    kill(workers[0]);
    let killed = Instant::now();
    let last = response.events().pop().unwrap();
    println!("told {:?} after the kill", killed.elapsed());
    assert!(killed.elapsed() < Duration::from_secs(20), "the stream did not end");
    let error: Value = serde_json::from_str(&last).unwrap();
    assert_eq!(error["error"].as_object().unwrap().len(), 4, "{error}");
    assert!(error["error"]["message"].as_str().unwrap().contains("drone"), "{error}");
    assert!(server.lives());
    let mut asked = endless();
    asked["max_tokens"] = json!(3);
    let events = server.chat(&asked).events();
    assert_eq!(events.last().unwrap(), "[DONE]", "{events:?}");
}

#[test]
fn a_client_that_leaves_stops_the_engine() {
    let house = House::new().with_drone();
    let server = house.serve();
    let mut response = server.chat(&endless());
    assert!(response.event().is_some());
    let worker = server.workers()[0];
    drop(response);
    // An engine process that has stopped uses no time.
    until("the engine stops computing", || {
        let before = cpu_ticks(worker);
        std::thread::sleep(Duration::from_millis(300));
        cpu_ticks(worker) - before <= 1
    });
    let metrics = server.get("/metrics").text();
    assert!(metrics.contains("outcome=\"hung_up\"} 1"), "{metrics}");
    assert!(metrics.contains("oratory_requests_in_flight 0"), "{metrics}");
}

#[test]
fn no_engine_outlives_a_server_that_was_killed() {
    let house = House::new().with_drone();
    let mut server = house.serve();
    let mut response = server.chat(&endless());
    assert!(response.event().is_some());
    let worker = server.workers()[0];
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    until("the engine ends", || !alive(worker));
}

fn kill(pid: i32) {
    let killed = std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status();
    assert!(killed.unwrap().success());
}

fn stat(pid: i32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// User and system time, in the kernel's ticks.
fn cpu_ticks(pid: i32) -> u64 {
    let stat = stat(pid).unwrap();
    stat[11].parse::<u64>().unwrap() + stat[12].parse::<u64>().unwrap()
}

fn alive(pid: i32) -> bool {
    stat(pid).is_some_and(|stat| stat[0] != "Z")
}

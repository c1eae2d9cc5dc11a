//! Engine processes that die, clients that leave: the server lives and says what happened.

use std::process::Command;
use std::time::{Duration, Instant};

use oratory_local::story::{self, Story};
use serde_json::{Value, json};

use crate::house::{House, Response, Server, until};

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

#[test]
fn an_engine_that_hangs_under_eight_streams_ends_those_and_no_others() {
    let house = House::new().settings("[home]\nstall_seconds = 3\nlanes = 8\n").with_drone();
    std::fs::copy(house.model("drone"), house.model("other")).unwrap();
    let mut server = house.serve();
    let mut streams: Vec<Response> = (0..8).map(|_| server.chat(&endless())).collect();
    streams.iter_mut().for_each(|stream| assert!(stream.event().is_some()));
    let hung = server.workers()[0];
    let mut other = endless();
    other["model"] = json!("other");
    let mut other = server.chat(&other);
    assert!(other.event().is_some());
    signal("-STOP", hung);
    let stopped = Instant::now();
    let ends = streams.into_iter().map(|stream| stream.events().pop().unwrap());
    for end in ends.collect::<Vec<_>>() {
        let error: Value = serde_json::from_str(&end).unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains("drone made no progress for 3 s"), "{end}");
    }
    let took = stopped.elapsed();
    println!("eight streams ended {took:?} after the engine hung");
    assert!(took > Duration::from_secs(2) && took < Duration::from_secs(20), "{took:?}");
    for _ in 0..20 {
        let event: Value = serde_json::from_str(&other.event().unwrap()).unwrap();
        assert!(event["choices"].is_array(), "another model's stream goes on: {event}");
    }
    assert!(!alive(hung), "the engine that hung is gone");
    drop(other);
    let mut short = endless();
    short["max_tokens"] = json!(3);
    assert_eq!(server.chat(&short).events().last().unwrap(), "[DONE]");
    assert!(server.lives());
    until("nothing is left over", || {
        let metrics = server.get("/metrics").text();
        metrics.contains("oratory_lanes_used 0\n") && metrics.contains("in_flight 0\n")
    });
    assert_eq!(server.workers().len(), 2);
}

#[test]
fn an_engine_that_gets_no_more_memory_fails_its_answers_and_is_replaced() {
    let house = House::new().settings("[home]\nlanes = 2\n");
    let text = "round and around it goes".to_owned();
    // Thin, so that it has no memory to spare.
    let story = Story { text, ends: false, width: 32, layers: 128, context: 8192 };
    story::write(&house.model("thin"), &story).unwrap();
    // Never the same again: what has ended an engine once is answered alone.
    let thin = |round: u32| {
        let mut body = endless();
        body["model"] = json!("thin");
        body["messages"][0]["content"] = json!(format!("Go on {round}"));
        body
    };
    let mut command = house.command(&["serve", "--listen", "127.0.0.1:0", "--log", "info"]);
    // Large blocks go back at once, or a long text might fit into what an engine once held.
    command.env("MALLOC_MMAP_THRESHOLD_", "131072");
    let mut server = Server::start(command);
    for round in 0..3 {
        let mut stream = server.chat(&thin(round));
        // Once tokens come, nothing is being prepared any more.
        for _ in 0..8 {
            assert!(stream.event().is_some());
        }
        let worker = server.workers()[0];
        // Enough for the stream to go on, too little for any copy of the text.
        let limit = format!("--data={}", (data(worker) + 8 * 1024) * 1024);
        let limited = Command::new("prlimit").args([&limit, "--pid", &worker.to_string()]).status();
        assert!(limited.unwrap().success());
        let mut long = thin(round);
        long["messages"][0]["content"] = json!(format!("again {round} ").repeat(1_800_000));
        // What is streamed may have begun with a sign of life by then.
        long["stream"] = json!(false);
        let long = server.chat(&long);
        let (status, body) = (long.status, long.json());
        let message = body["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(status == 503 && message.contains("SIGABRT"), "{round}: {status} {body}");
        let last: Value = serde_json::from_str(&stream.events().pop().unwrap()).unwrap();
        assert!(last["error"]["message"].as_str().unwrap().contains("thin"), "{last}");
        let mut short = thin(round);
        short["max_tokens"] = json!(3 + round);
        assert_eq!(server.chat(&short).events().last().unwrap(), "[DONE]");
        assert!(!alive(worker) && server.workers().len() == 1, "one process is there, a new one");
    }
    assert!(server.lives());
}

#[test]
fn an_answer_that_broke_off_is_recorded_with_the_tokens_it_took() {
    let house = House::new().with_drone();
    let mut server = house.serve();
    let mut stream = server.chat(&endless());
    let id = stream.header("x-request-id").unwrap().to_owned();
    for _ in 0..5 {
        assert!(stream.event().is_some());
    }
    signal("-KILL", server.workers()[0]);
    stream.events();
    signal("-TERM", server.pid().cast_signed());
    server.child.wait().unwrap();
    let path = Some(house.path().join("oratory.db"));
    let config = oratory_store::Config { path, ..oratory_store::Config::default() };
    let store = oratory_store::Store::open(config);
    let record = store.record(&serde_json::from_value(json!(id)).unwrap()).unwrap().unwrap();
    assert_eq!(record.outcome.as_str(), "broken");
    assert!(record.usage.input > 2 && record.usage.output >= 4, "{record:?}");
}

fn kill(pid: i32) {
    signal("-KILL", pid);
}

fn signal(signal: &str, pid: i32) {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Memory of its own that a process has, in KiB.
fn data(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
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

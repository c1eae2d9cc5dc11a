//! Hours in minutes: at the limit, with everything mixed, and then the accounts must balance.
//!
//! Seconds long as a rule; `ORATORY_SLOW=1` makes it ten minutes, `ORATORY_SOAK_MINUTES` as long
//! as it says.

mod clients;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use oratory_local::story::{self, Story};
use oratory_store::Store;
use serde_json::{Value, json};

use self::clients::{Client, Seen};
use crate::house::{House, Server, until};

/// Clients at once; the two models answer eight together, and let as many wait.
const CLIENTS: u64 = 16;

/// How long to keep on.
#[allow(clippy::disallowed_methods, reason = "a person who tests has no other way to say so")]
fn length() -> Duration {
    let minutes = std::env::var("ORATORY_SOAK_MINUTES").ok().and_then(|text| text.parse().ok());
    let slow = std::env::var_os("ORATORY_SLOW").is_some();
    minutes.map_or(Duration::from_secs(if slow { 600 } else { 12 }), |minutes: u64| {
        Duration::from_secs(minutes * 60)
    })
}

fn house() -> House {
    let house = House::new().settings("[home]\nlanes = 4\nqueue = 6\ncontext = 1024\n");
    for (name, width, ends) in [("one", 256, false), ("two", 512, true)] {
        let text =
            "round and around it goes\nand never | seldom | once more\ncomes back".to_owned();
        let story = Story { text, ends, width, layers: 4, context: 1024 };
        story::write(&house.model(name), &story).unwrap();
    }
    house
}

/// Memory of the server and of each of its workers, in KiB.
fn memory(server: &Server) -> Vec<u64> {
    let pids = std::iter::once(server.pid().cast_signed()).chain(server.workers());
    pids.filter_map(resident).collect()
}

fn resident(pid: i32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Reads `/metrics` into names and values.
fn figures(server: &Server) -> BTreeMap<String, f64> {
    let page = server.get("/metrics").text();
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.rsplit_once(' '));
    pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect()
}

/// After this long, as much is kept as may be.
const SETTLED: Duration = Duration::from_secs(300);

#[test]
fn after_a_long_day_memory_is_flat_nothing_is_stuck_and_the_accounts_balance() {
    let house = house();
    let mut server = house.serve();
    let over = AtomicBool::new(false);
    let (seen, samples) = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (server, over) = (&server, &over);
                scope.spawn(move || Client::new(server, number).work(over))
            })
            .collect();
        let samples = sample(&server, length());
        over.store(true, Ordering::SeqCst);
        let seen = clients.into_iter().map(|client| client.join().unwrap());
        (seen.fold(Seen::default(), Seen::and), samples)
    });
    println!("{seen}");
    flat(&samples, length());
    quiet(&server);
    balanced(&figures(&server), &seen);
    assert_eq!(
        server
            .chat(&json!({ "model": "one", "max_tokens": 2,
        "messages": [{ "role": "user", "content": "Hi" }] }))
            .status,
        200
    );
    end(&mut server);
    recorded(&house, &seen);
}

/// Watches the memory while the clients work.
fn sample(server: &Server, length: Duration) -> Vec<Vec<u64>> {
    let began = Instant::now();
    let mut samples = Vec::new();
    while began.elapsed() < length {
        std::thread::sleep(
            (length / 60).clamp(Duration::from_millis(200), Duration::from_secs(10)),
        );
        let now = memory(server);
        println!("{:>5} s  {now:?} KiB", began.elapsed().as_secs());
        samples.push(now);
    }
    samples
}

/// What is taken at the end is what was taken before half of it, give or take; in a short run,
/// what states may take that are kept for the next turn comes on top, because it is still growing.
fn flat(samples: &[Vec<u64>], length: Duration) {
    let growing = if length < SETTLED { 96 * 1024 } else { 12 * 1024 };
    let most = |part: &[Vec<u64>], process: usize| {
        part.iter().filter_map(|sample| sample.get(process)).max().copied().unwrap_or(0)
    };
    let (early, late) =
        (&samples[samples.len() / 4..samples.len() / 2], &samples[samples.len() * 3 / 4..]);
    for process in 0..samples.last().map_or(0, Vec::len) {
        let (before, after) = (most(early, process), most(late, process));
        assert!(
            after < before + before / 10 + growing,
            "process {process} grew from {before} to {after} KiB"
        );
    }
}

/// Nobody asks any more, so nothing may be under way.
fn quiet(server: &Server) {
    until("all lanes are free and nobody waits", || {
        let figures = figures(server);
        ["oratory_lanes_used", "oratory_queue_waiting", "oratory_requests_in_flight"]
            .iter()
            .all(|name| figures[*name] == 0.0)
    });
    let figures = figures(server);
    let loaded: Vec<Value> = serde_json::from_str(&server.get("/loaded").text()).unwrap();
    let planned: u64 = loaded.iter().map(|row| row["memory_bytes"].as_u64().unwrap()).sum();
    assert_eq!(figures["oratory_memory_planned_bytes"], planned as f64);
    assert_eq!((loaded.len(), figures["oratory_engine_crashes_total"]), (2, 0.0));
}

/// Every request ended in one way, and every token that was told was counted.
fn balanced(figures: &BTreeMap<String, f64>, seen: &Seen) {
    let ended = |(name, count): (&String, &f64)| {
        name.starts_with("oratory_requests_total").then_some(*count)
    };
    let ended: f64 = figures.iter().filter_map(ended).sum();
    let outcome =
        |outcome: &str| figures[&format!("oratory_requests_total{{outcome=\"{outcome}\"}}")];
    let told = figures["oratory_tokens_total{kind=\"output\"}"];
    let made = figures["oratory_engine_tokens_total"];
    println!("{ended} ended; {told} tokens told, {made} made");
    // Of those who cut the connection before a word, some were never heard.
    assert!(
        ended <= seen.sent as f64 && ended >= (seen.sent - seen.fled) as f64,
        "{ended} of {}",
        seen.sent
    );
    assert_eq!(outcome("invalid"), seen.refused as f64);
    assert!(outcome("answered") >= seen.answers.len() as f64);
    assert!(told >= seen.tokens() as f64 && told <= made, "{told}, {made}, {}", seen.tokens());
    assert_eq!(figures["oratory_records_lost"], 0.0);
}

/// Ends the server as a service manager does.
fn end(server: &mut Server) {
    let pid = server.pid().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
}

/// Each answer that came to its end has a record with the tokens it told.
fn recorded(house: &House, seen: &Seen) {
    let path = Some(house.path().join("oratory.db"));
    let store = Store::open(oratory_store::Config { path, ..oratory_store::Config::default() });
    for (id, tokens) in &seen.answers {
        let record = store.record(&serde_json::from_value(json!(id)).unwrap()).unwrap();
        let record = record.unwrap_or_else(|| panic!("{id} was answered and is not recorded"));
        assert_eq!(u64::from(record.usage.output), *tokens, "{record:?}");
    }
}

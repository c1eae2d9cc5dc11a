//! `kill -9` at any moment loses no record whose write was confirmed.
//!
//! The test runs itself again as a child that writes as fast as it can and names each record
//! once it is confirmed; the parent kills it and looks.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use oratory_store::{Reader, Store, StoreHealth};

use crate::sample::{open, record, write};

const ROUNDS: u64 = 20;
const DATABASE: &str = "ORATORY_STORE_KILLED_CHILD";

#[test]
fn every_confirmed_record_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let mut confirmed = HashSet::new();
    for round in 0..ROUNDS {
        let child = start_child(&path);
        // Spread over 0 to 150 ms: while opening, in the first commits, in full swing.
        let moment = Duration::from_millis(round * 67 % 151);
        confirmed.extend(kill_after(child, moment));
        assert_all_there(&path, &confirmed, round);
    }
    assert!(confirmed.len() > 1000, "the children hardly wrote: {}", confirmed.len());
}

/// The child's part; does nothing when run as a test.
#[test]
fn child() {
    #[expect(clippy::disallowed_methods, reason = "how a test tells its own child what to do")]
    let Some(path) = std::env::var_os(DATABASE) else { return };
    let store = Arc::new(open(Path::new(&path)));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let writers: Vec<_> = (0..8).map(|_| runtime.spawn(write_for_ever(store.clone()))).collect();
    for writer in writers {
        runtime.block_on(writer).unwrap();
    }
}

async fn write_for_ever(store: Arc<Store>) {
    loop {
        let record = record();
        write(&store, &record).await;
        // One write call per line: half a line can only be the last one.
        let line = format!("confirmed {}\n", record.id);
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}

fn start_child(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture"])
        .env(DATABASE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn kill_after(mut child: Child, moment: Duration) -> Vec<String> {
    let output = BufReader::new(child.stdout.take().unwrap());
    let reading = thread::spawn(move || {
        let lines = output.split(b'\n').map_while(Result::ok).map(String::from_utf8);
        lines.map_while(Result::ok).filter_map(|line| confirmed_id(&line)).collect()
    });
    thread::sleep(moment);
    child.kill().unwrap();
    child.wait().unwrap();
    reading.join().unwrap()
}

fn confirmed_id(line: &str) -> Option<String> {
    line.strip_prefix("confirmed ").filter(|id| id.len() == 32).map(str::to_owned)
}

fn assert_all_there(path: &Path, confirmed: &HashSet<String>, round: u64) {
    let store = open(path);
    assert_eq!(store.settled(), StoreHealth::Ok, "opening after round {round}");
    let found = store.recent(u32::MAX).unwrap();
    let found: HashSet<_> = found.iter().map(|record| record.id.to_string()).collect();
    let missing = confirmed.difference(&found).count();
    assert_eq!(missing, 0, "of {} confirmed records, after round {round}", confirmed.len());
    Reader::open(path).unwrap().check().unwrap();
}

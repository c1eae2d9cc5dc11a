//! Records come back as they were written, in this process and beside it.

use oratory_contract::{FailureKind, Money, Outcome, Record, Records, RequestId, Retry};
use oratory_store::{Config, PlaceTotals, Problem, Reader, Store, StoreHealth};

use crate::sample::{open, record, write};

/// Every field differs from its default and from its neighbours.
fn unusual() -> Record {
    Record {
        caller: "zoë \"'; DROP TABLE record".to_owned(),
        first_chunk_us: None,
        from_cache: true,
        started_ms: u64::MAX >> 1,
        outcome: Outcome::Failed("too_long".to_owned()),
        ..record()
    }
}

#[tokio::test]
async fn a_record_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("new/folder/oratory.db"));
    let hung_up = Record { outcome: Outcome::HungUp, ..record() };
    for written in [record(), unusual(), hung_up] {
        write(&store, &written).await;
        assert_eq!(store.record(&written.id).unwrap(), Some(written));
    }
    assert_eq!(store.record(&RequestId::new()).unwrap(), None);
    assert_eq!((store.health(), store.lost()), (StoreHealth::Ok, 0));
}

#[tokio::test]
async fn the_newest_come_first_and_places_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("oratory.db"));
    // In the order in which they are made: identifiers carry the time.
    let answered = record();
    let failed = Outcome::Failed("refused".to_owned());
    let refused = Record { place: String::new(), outcome: failed, ..record() };
    let all = [answered, refused, Record { from_cache: true, ..record() }];
    for record in &all {
        write(&store, record).await;
    }
    assert_eq!(store.recent(2).unwrap(), [all[2].clone(), all[1].clone()]);
    let home = PlaceTotals {
        place: "home".to_owned(),
        requests: 2,
        answered: 2,
        from_cache: 1,
        input_tokens: 1624,
        output_tokens: 240,
    };
    let nowhere = PlaceTotals {
        place: String::new(),
        requests: 1,
        answered: 0,
        from_cache: 0,
        input_tokens: 812,
        output_tokens: 120,
    };
    assert_eq!(store.totals().unwrap().places, [home, nowhere]);
}

#[tokio::test]
async fn a_reader_beside_a_running_store_sees_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    assert_eq!(Reader::open(&path).err().unwrap().problem, Problem::Missing);
    let store = open(&path);
    let written = record();
    write(&store, &written).await;
    store.flush();
    let beside = Reader::open(&path).unwrap();
    assert_eq!(beside.record(&written.id).unwrap(), Some(written));
    beside.check().unwrap();
}

#[tokio::test]
async fn two_stores_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let (server, tool) = (open(&path), open(&path));
    assert_eq!((server.settled(), tool.settled()), (StoreHealth::Ok, StoreHealth::Ok));
    for _ in 0..50 {
        write(&server, &record()).await;
        write(&tool, &record()).await;
    }
    tool.flush();
    assert_eq!((server.lost(), tool.lost()), (0, 0));
    assert_eq!(server.recent(1000).unwrap().len(), 100);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let store = open(&path);
    assert_eq!(store.settled(), StoreHealth::Ok);
    for file in ["oratory.db", "oratory.db-wal", "oratory.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_full_queue_is_overloaded_and_says_when_to_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = Some(folder.path().join("oratory.db"));
    let store = Store::open(Config { path, queue: 2, ..Config::default() });
    let first = store.reserve().unwrap();
    let second = store.reserve().unwrap();
    let refused = store.reserve().err().unwrap();
    assert_eq!(refused.kind, FailureKind::Overloaded);
    assert!(matches!(refused.retry, Retry::After(_)), "{:?}", refused.retry);
    drop(first);
    second.write(record()).await;
    assert!(store.reserve().is_ok(), "both places are free again");
}

#[tokio::test]
async fn shutting_down_writes_what_waits_and_leaves_one_tidy_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let store = open(&path);
    let late = store.reserve().unwrap();
    // Handed over, not awaited: what the process does when it is asked to end.
    let waiting: Vec<_> = (0..500).map(|_| store.reserve().unwrap().write(record())).collect();
    store.shutdown();
    for written in waiting {
        written.await;
    }
    late.write(record()).await;
    assert_eq!(store.lost(), 1, "the one that came after the end");
    assert!(!folder.path().join("oratory.db-wal").exists());
    assert_eq!(Reader::open(&path).unwrap().recent(1000).unwrap().len(), 500);
}

#[tokio::test]
async fn without_a_file_nothing_is_kept_and_nothing_is_missing() {
    let store = Store::open(Config::default());
    let written = record();
    write(&store, &written).await;
    assert_eq!(store.record(&written.id).unwrap(), None);
    assert_eq!((store.settled(), store.lost()), (StoreHealth::Ok, 0));
}

#[tokio::test]
async fn what_a_caller_has_spent_is_found_from_a_moment_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let store = open(&path);
    let now = Record { started_ms: 2_000_000_000_000, ..record() };
    let earlier = Record { started_ms: 1_000, ..record() };
    let another = Record { caller: "ada".to_owned(), ..record() };
    let unknown = Record { spent: None, ..record() };
    for record in [&now, &earlier, &another, &unknown] {
        write(&store, record).await;
    }
    drop(store);
    let spent = record().spent.unwrap();
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.spent("local", 0, 1_999_999_999_999).unwrap(), (spent + spent, spent));
    // What was recorded before a moment is told by the identifier.
    assert_eq!(reader.spent("local", u64::MAX >> 16, 0).unwrap(), (Money::NONE, Money::NONE));
    assert_eq!(reader.spent("nobody", 0, 0).unwrap(), (Money::NONE, Money::NONE));
}

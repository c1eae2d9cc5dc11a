//! Whatever is wrong with the file: clear words, answering goes on, and it heals by itself.

use std::path::Path;

use oratory_store::{Store, StoreHealth};
use rusqlite::Connection;

use crate::sample::{complaint, open, record, wait_until_healed, write};

/// Writes a record, which must neither wait nor fail, and returns what health says.
async fn answering_goes_on(store: &Store) -> (String, String) {
    let before = store.lost();
    let complaint = complaint(store.settled());
    let written = record();
    tokio::time::timeout(std::time::Duration::from_secs(1), write(store, &written))
        .await
        .expect("a failing store must not hold answers up");
    assert_eq!(store.lost(), before + 1);
    complaint
}

fn assert_names(message: &str, path: &Path) {
    assert!(message.contains(&*path.to_string_lossy()), "{message:?} names no file");
}

// Permissions do not bind root, which tests may run as; a file where a folder is needed does.
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named_with_the_systems_reason() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data"), "not a folder").unwrap();
    let path = folder.path().join("data/oratory.db");
    let store = open(&path);
    let (message, hint) = answering_goes_on(&store).await;
    assert_names(&message, &path);
    assert!(message.contains("cannot be written"), "{message}");
    assert!(hint.contains("writable"), "{hint}");

    std::fs::remove_file(folder.path().join("data")).unwrap();
    wait_until_healed(&store);
    let written = record();
    write(&store, &written).await;
    assert_eq!(store.record(&written.id).unwrap(), Some(written));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_read_only_file_system_is_told_as_such() {
    let store = open(Path::new("/proc/oratory.db"));
    let (message, _) = answering_goes_on(&store).await;
    assert!(message.contains("/proc/oratory.db: it cannot be written (No such file"), "{message}");
}

#[tokio::test]
async fn a_folder_in_place_of_the_file_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (message, _) = answering_goes_on(&store).await;
    assert!(message.contains("it is a folder"), "{message}");
}

#[tokio::test]
async fn a_damaged_file_is_left_as_it_is_and_replaced_once_moved_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let garbage = b"these are not the bytes of a database".repeat(500);
    std::fs::write(&path, &garbage).unwrap();
    let store = open(&path);
    let (message, hint) = answering_goes_on(&store).await;
    assert_names(&message, &path);
    assert!(message.contains("damaged"), "{message}");
    assert!(hint.contains("oratory doctor"), "{hint}");
    assert!(store.record(&record().id).is_err(), "reading says so too");
    assert_eq!(std::fs::read(&path).unwrap(), garbage, "somebody may want to rescue it");

    std::fs::rename(&path, folder.path().join("rescued")).unwrap();
    wait_until_healed(&store);
}

#[tokio::test]
async fn a_file_damaged_in_the_middle_never_brings_the_house_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let store = open(&path);
    for _ in 0..200 {
        write(&store, &record()).await;
    }
    drop(store);
    // The header stays whole, so opening alone does not notice.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].fill(0xA5);
    std::fs::write(&path, &bytes).unwrap();
    let store = open(&path);
    let (message, _) = answering_goes_on(&store).await;
    assert!(message.contains("damaged"), "{message}");
}

#[tokio::test]
async fn a_locked_file_heals_when_it_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    drop(open(&path));
    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "locking_mode", "exclusive").unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let store = open(&path);
    let (message, hint) = answering_goes_on(&store).await;
    assert_names(&message, &path);
    assert!(message.contains("another program holds it locked"), "{message}");
    assert!(hint.contains("fuser"), "{hint}");

    drop(other);
    wait_until_healed(&store);
    let written = record();
    write(&store, &written).await;
    assert_eq!(store.record(&written.id).unwrap(), Some(written));
    assert_eq!(store.lost(), 1);
}

#[tokio::test]
async fn a_writer_elsewhere_is_waited_for_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let store = open(&path);
    assert_eq!(store.settled(), StoreHealth::Ok);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let written = record();
    let waiting = tokio::time::sleep(std::time::Duration::from_millis(200));
    let release = async {
        waiting.await;
        other.execute_batch("COMMIT").unwrap();
    };
    tokio::join!(write(&store, &written), release);
    assert_eq!(store.lost(), 0);
    assert_eq!(store.record(&written.id).unwrap(), Some(written));
}

#[tokio::test]
async fn a_file_removed_while_idle_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let store = open(&path);
    write(&store, &record()).await;
    // Longer than the quiet second after which the log is emptied.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    for end in ["", "-wal", "-shm"] {
        std::fs::remove_file(folder.path().join(format!("oratory.db{end}"))).unwrap();
    }
    let (first, second) = (record(), record());
    write(&store, &first).await;
    store.flush();
    assert!(matches!(store.health(), StoreHealth::Failing { .. }), "it found the file gone");
    wait_until_healed(&store);
    write(&store, &second).await;
    let mut found: Vec<_> = store.recent(10).unwrap().iter().map(|record| record.id).collect();
    found.sort();
    let mut expected = [first.id, second.id];
    expected.sort();
    assert_eq!(found, expected, "the one that found it gone has waited");
    assert_eq!(store.lost(), 0);
}

#[tokio::test]
async fn what_waits_for_a_failing_database_when_the_store_closes_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    let store = open(&path);
    assert_eq!(store.settled(), StoreHealth::Ok);
    let locking = Connection::open(&path).unwrap();
    locking.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let waiting = record();
    write(&store, &waiting).await;
    store.flush();
    assert!(matches!(store.health(), StoreHealth::Failing { .. }));
    drop(store);
    locking.execute_batch("ROLLBACK").unwrap();
    assert_eq!(open(&path).recent(10).unwrap(), [waiting]);
}

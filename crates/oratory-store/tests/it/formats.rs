//! Databases of every released format open in this one; those of later ones are left alone.

use std::path::Path;

use oratory_contract::RequestId;
use oratory_store::{Problem, Reader, StoreHealth};
use rusqlite::Connection;

use crate::sample::{complaint, open, record, write};

/// The content of a database as the first release left it. Never edited: a later release adds
/// its own beside it.
const FORMAT_1: &str = include_str!("../fixtures/format-1.sql");

#[tokio::test]
async fn a_database_of_format_1_opens_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    Connection::open(&path).unwrap().execute_batch(FORMAT_1).unwrap();
    // Read beside a running one of that release, it stays as it is.
    let id = RequestId::from_bytes(*b"\x01\x98format-1-row-1");
    let reader = Reader::open(&path).unwrap();
    let before = reader.record(&id).unwrap().expect("the row of the fixture");
    assert_eq!((before.usage.output, before.spent, before.usage.reasoning), (7, None, None));
    let mut seen = Vec::new();
    reader.each(0, |entry| seen.push((entry.usage.output, entry.spent))).unwrap();
    assert_eq!(seen, [(7, None)]);
    drop(reader);
    let store = open(&path);
    assert_eq!(store.settled(), StoreHealth::Ok);
    let old = store.record(&RequestId::from_bytes(*b"\x01\x98format-1-row-1")).unwrap();
    let old = old.expect("the row of the fixture");
    assert_eq!((old.model.as_str(), old.usage.output), ("mini", 7));
    let new = record();
    write(&store, &new).await;
    assert_eq!(store.recent(10).unwrap(), [new, old]);
}

#[test]
fn a_newer_database_is_refused_and_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oratory.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE record (id); PRAGMA user_version = 99")
        .unwrap();
    let (before, store) = (std::fs::read(&path).unwrap(), open(&path));
    let (message, hint) = complaint(store.settled());
    assert!(message.contains("format 99, and this Oratory knows formats up to"), "{message}");
    assert!(hint.contains("newer Oratory"), "{hint}");
    drop(store);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let refused = Reader::open(&path).err().unwrap().problem;
    assert!(matches!(refused, Problem::Newer { found: 99, .. }), "{refused}");
}

#[test]
fn a_database_of_another_program_is_refused_and_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photos.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE photo (id)").unwrap();
    let (before, store) = (std::fs::read(&path).unwrap(), open(&path));
    let (message, _) = complaint(store.settled());
    assert!(message.contains("belongs to another program"), "{message}");
    drop(store);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn the_fixture_is_what_this_release_writes() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made.db");
    drop(open(&made));
    let fixture = folder.path().join("fixture.db");
    Connection::open(&fixture).unwrap().execute_batch(FORMAT_1).unwrap();
    drop(open(&fixture));
    assert_eq!(schema(&made), schema(&fixture));
}

fn schema(path: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(path).unwrap();
    let mut all = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

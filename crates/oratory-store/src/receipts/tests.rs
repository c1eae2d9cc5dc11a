//! Receipts that are whole, and every way in which they are not.

use std::collections::BTreeMap;
use std::path::PathBuf;

use oratory_contract::{Cargo, RequestId, Tier};

use super::*;

struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("receipts.jsonl")
    }

    fn with(count: u64) -> Self {
        let house = Self::new();
        let receipts = Receipts::new(house.path());
        for number in 1..=count {
            assert_eq!(receipts.write(&departure(), 1_000 * number).unwrap(), number);
        }
        receipts.flush().unwrap();
        house
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path()).unwrap();
        text.split_inclusive('\n').map(str::to_owned).collect()
    }

    fn rewrite(&self, change: impl FnOnce(&mut Vec<String>)) -> Vec<(u64, String)> {
        let mut lines = self.lines();
        change(&mut lines);
        std::fs::write(self.path(), lines.concat()).unwrap();
        self.faults()
    }

    fn faults(&self) -> Vec<(u64, String)> {
        let verified = verify(&self.path(), |_| ()).unwrap();
        verified.faults.into_iter().map(|fault| (fault.line, fault.what)).collect()
    }
}

fn departure() -> Departure {
    Departure {
        place: "cloud".into(),
        tier: Tier::Cloud,
        to: "POST https://cloud.example/v1/chat/completions".to_owned(),
        cargo: Some(Cargo {
            request: RequestId::new(),
            labels: "confidential+pii".to_owned(),
            form: "masked",
            masked: BTreeMap::from([("EMAIL", 2)]),
            drawer: String::new(),
        }),
        bytes: 12,
        digest: [7; 32],
    }
}

#[test]
fn whole_receipts_have_no_fault_and_tell_what_left() {
    let house = House::with(3);
    let mut told = Vec::new();
    let verified = verify(&house.path(), |receipt| told.push(receipt.clone())).unwrap();
    assert_eq!(verified, Verified { lines: 3, faults: vec![] });
    assert_eq!(told[0].masked, BTreeMap::from([("email".to_owned(), 2)]));
    assert_eq!((told[1].number, told[1].time.as_str()), (2, "1970-01-01T00:00:02.000Z"));
    assert_eq!(told[2].sha256, "07".repeat(32));
}

#[test]
fn every_change_is_told_by_its_line() {
    let what = |faults: Vec<(u64, String)>| faults;
    let changed =
        House::with(4).rewrite(|lines| lines[1] = lines[1].replace("\"bytes\":12", "\"bytes\":13"));
    assert_eq!(what(changed), [(2, "was changed: its words do not have its digest".to_owned())]);
    let deleted = House::with(4).rewrite(|lines| drop(lines.remove(1)));
    assert_eq!(deleted, [(2, "holds receipt 3: receipt 2 is missing before it".to_owned())]);
    let moved = House::with(4).rewrite(|lines| lines.swap(1, 2));
    let lines: Vec<u64> = moved.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 4], "{moved:?}");
    let cut = House::with(4).rewrite(|lines| lines[3].truncate(40));
    assert_eq!(cut[0], (4, "is cut, or is no receipt".to_owned()));
    let shorter = House::with(4).rewrite(|lines| lines.truncate(2));
    assert_eq!(shorter, [(3, "is missing: receipts 3 to 4 were cut off the end".to_owned())]);
    let all = House::with(2).rewrite(Vec::clear);
    assert_eq!(all, [(1, "is missing: receipts 1 to 2 were cut off the end".to_owned())]);
}

#[test]
fn a_line_made_anew_does_not_fit_the_next() {
    let house = House::with(3);
    let faults = house.rewrite(|lines| {
        let read = line::read(lines[1].trim_end().as_bytes()).unwrap();
        lines[1] = Receipt { bytes: 99, ..read.receipt }.line().0;
    });
    let told = "does not follow the line before it: one of them is another now";
    assert_eq!(faults, [(3, told.to_owned())]);
}

#[test]
fn two_processes_write_one_chain() {
    let house = House::new();
    let (one, other) = (Receipts::new(house.path()), Receipts::new(house.path()));
    std::thread::scope(|scope| {
        for receipts in [&one, &other, &one, &other] {
            scope.spawn(move || {
                for _ in 0..25 {
                    receipts.write(&departure(), 0).unwrap();
                    receipts.flush().unwrap();
                }
            });
        }
    });
    assert_eq!(verify(&house.path(), |_| ()).unwrap(), Verified { lines: 100, faults: vec![] });
}

#[test]
fn a_line_cut_by_a_crash_is_replaced_and_one_cut_by_hand_is_not() {
    let house = House::with(2);
    let mut text = std::fs::read_to_string(house.path()).unwrap();
    text.push_str("{\"number\":3,\"ti");
    std::fs::write(house.path(), text).unwrap();
    let receipts = Receipts::new(house.path());
    assert_eq!(receipts.write(&departure(), 0).unwrap(), 3);
    receipts.flush().unwrap();
    assert_eq!(house.faults(), []);
    house.rewrite(|lines| lines.truncate(2));
    let receipts = Receipts::new(house.path());
    let error = receipts.write(&departure(), 0).unwrap_err();
    assert!(error.to_string().ends_with("receipt 3 was the last, and 2 is now"), "{error}");
    assert!(error.hint().contains("--verify"), "{}", error.hint());
    assert!(receipts.check().is_err());
    std::fs::remove_file(house.path()).unwrap();
    assert!(Receipts::new(house.path()).write(&departure(), 0).is_err(), "all of them are gone");
}

#[test]
fn a_file_that_is_taken_away_while_it_is_open_is_noticed() {
    let house = House::with(1);
    let receipts = Receipts::new(house.path());
    receipts.write(&departure(), 0).unwrap();
    receipts.flush().unwrap();
    std::fs::remove_file(house.path()).unwrap();
    assert!(receipts.write(&departure(), 0).is_err());
    std::fs::remove_file(head_path(&house)).unwrap();
    assert_eq!(receipts.write(&departure(), 0).unwrap(), 1, "moved aside, it begins anew");
}

fn head_path(house: &House) -> PathBuf {
    book::head_path(&house.path())
}

#[test]
fn where_nothing_can_be_written_nothing_is() {
    let house = House::new();
    std::fs::create_dir(house.path()).unwrap();
    let error = Receipts::new(house.path()).write(&departure(), 0).unwrap_err();
    assert!(error.hint().contains("can write to"), "{}", error.hint());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("receipts.jsonl");
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    let error = Receipts::new(path).write(&departure(), 0).unwrap_err();
    assert_eq!(error.hint(), "free some space on that disk");
}

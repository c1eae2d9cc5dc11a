//! A full disk costs records, not answers, and writing resumes once there is room.

use std::path::{Path, PathBuf};
use std::process::Command;

use oratory_store::StoreHealth;

use crate::sample::{complaint, open, record, wait_until_healed, write};

/// A file system of half a megabyte, unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Returns `None` where mounting is not allowed.
    fn mount(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=512k", "oratory-test"])
            .arg(at)
            .output();
        mounted.ok()?.status.success().then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

// The unit test in `database` shows the same with SQLite's own limit wherever tests run.
#[tokio::test]
async fn a_full_disk_is_told_and_survived() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(folder.path()) else {
        println!("not run: mounting a small disk is not allowed here");
        return;
    };
    let ballast = folder.path().join("ballast");
    std::fs::write(&ballast, vec![0; 300 << 10]).unwrap();
    let store = open(&folder.path().join("oratory.db"));
    assert_eq!(store.settled(), StoreHealth::Ok);
    let mut written = 0;
    while store.lost() == 0 {
        write(&store, &record()).await;
        written += 1;
        assert!(written < 10_000, "the disk never filled");
    }
    let (message, hint) = complaint(store.health());
    assert!(message.contains("the disk is full"), "{message}");
    assert!(hint.contains("free some space"), "{hint}");

    std::fs::remove_file(ballast).unwrap();
    wait_until_healed(&store);
    write(&store, &record()).await;
    assert_eq!(store.recent(u32::MAX).unwrap().len(), written, "all but one, and one more");
}

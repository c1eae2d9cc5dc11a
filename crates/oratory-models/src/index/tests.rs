//! An index that is missing, damaged, too new, edited by hand, or behind the times.
//!
//! Models themselves are never touched by any of it.

use super::*;

fn entry(name: &str) -> Entry {
    Entry {
        name: name.into(),
        asked: name.into(),
        from: Origin::Link { url: "http://x.example/m.gguf".into() },
        files: vec![FileEntry { path: format!("{name}.gguf").into(), bytes: 4, sha256: None }],
        projector: None,
        licence: None,
        since: 1,
        beside: None,
    }
}

fn folder(models: &[&str]) -> (tempfile::TempDir, Index) {
    let dir = tempfile::tempdir().unwrap();
    for name in models {
        fs::write(dir.path().join(format!("{name}.gguf")), "GGUF").unwrap();
    }
    let index = Index::new(dir.path());
    (dir, index)
}

fn names(index: &Index) -> Vec<String> {
    index.read().unwrap().into_iter().map(|entry| entry.name).collect()
}

#[test]
fn what_is_remembered_comes_back_until_its_file_is_gone() {
    let (dir, index) = folder(&["a", "b"]);
    assert_eq!(index.read().unwrap(), []);
    index.add(&[entry("b"), entry("a")]).unwrap();
    assert_eq!(index.read().unwrap(), [entry("a"), entry("b")]);
    let newer = Entry { since: 2, ..entry("a") };
    index.add(std::slice::from_ref(&newer)).unwrap();
    assert_eq!(index.read().unwrap(), [newer, entry("b")]);
    fs::remove_file(dir.path().join("a.gguf")).unwrap();
    assert_eq!(names(&index), ["b"]);
    fs::remove_dir_all(index.own_dir()).unwrap();
    assert_eq!(names(&index), [""; 0]);
    index.add(&[entry("b")]).unwrap();
    assert_eq!(names(&index), ["b"]);
}

#[test]
fn a_damaged_index_is_set_aside_and_a_newer_one_left_alone() {
    let (_dir, index) = folder(&["a"]);
    index.add(&[entry("a")]).unwrap();
    let file = index.own_dir().join("index.json");
    fs::write(&file, "{\"version\":1,\"mod").unwrap();
    assert_eq!(names(&index), [""; 0]);
    assert!(file.with_extension("json.damaged").exists());
    index.add(&[entry("a")]).unwrap();
    assert_eq!(names(&index), ["a"]);
    let newer = "{\"version\":9,\"models\":[]}";
    fs::write(&file, newer).unwrap();
    assert!(matches!(index.add(&[entry("a")]), Err(ModelsError::TooNew { version: 9, .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), newer);
}

#[test]
fn an_entry_that_points_out_of_the_folder_is_not_believed() {
    let (dir, index) = folder(&["a"]);
    let outside = dir.path().join("outside.gguf");
    fs::write(&outside, "GGUF").unwrap();
    for path in [outside, "../a.gguf".into(), "x/../../a.gguf".into()] {
        let file = FileEntry { path, bytes: 4, sha256: None };
        index.add(&[Entry { files: vec![file], ..entry("a") }]).unwrap();
        assert_eq!(names(&index), [""; 0]);
    }
}

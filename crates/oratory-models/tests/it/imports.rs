//! Made-up homes of the four programs whose models are found, each laid out as they do it.
//!
//! Nothing in them is changed.

use std::fs;
use std::path::{Path, PathBuf};

use oratory_models::{Holders, Imported, Index, find, find_at};
use serde_json::json;

use crate::desk::model;

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn holders(home: &Path) -> Holders {
    Holders {
        ollama: vec![home.join(".ollama/models")],
        lm_studio: vec![home.join(".lmstudio/models"), home.join("no/such/folder")],
        hugging_face: vec![home.join(".cache/huggingface/hub")],
        llama_cpp: vec![home.join(".cache/llama.cpp")],
    }
}

fn ollama(home: &Path) -> [PathBuf; 2] {
    let dir = home.join(".ollama/models");
    let layer = |kind: &str, digit: &str| {
        let kind = format!("application/vnd.ollama.image.{kind}");
        json!({ "mediaType": kind, "digest": format!("sha256:{}", digit.repeat(64)), "size": 100 })
    };
    let manifest = json!({ "schemaVersion": 2, "layers": [
        layer("template", "c"), layer("model", "a"), layer("projector", "b"),
    ]});
    let manifests = dir.join("manifests/registry.ollama.ai");
    put(&manifests.join("library/qwen3/8b"), manifest.to_string().as_bytes());
    put(&manifests.join("library/broken/latest"), b"{\"layers\":");
    let gone = json!({ "layers": [layer("model", "d")] });
    put(&manifests.join("library/gone/latest"), gone.to_string().as_bytes());
    let hostile = json!({ "layers": [{ "mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../../x" }] });
    put(&manifests.join("library/hostile/latest"), hostile.to_string().as_bytes());
    let blob = |digit: &str| dir.join(format!("blobs/sha256-{}", digit.repeat(64)));
    put(&blob("a"), &model(1, 100));
    put(&blob("b"), &model(2, 50));
    [blob("a"), blob("b")]
}

fn told(found: &[Imported]) -> Vec<(&str, &str, bool)> {
    found.iter().map(|m| (m.name.as_str(), m.holder.as_str(), m.projector.is_some())).collect()
}

#[test]
fn all_four_programs_models_are_found_in_place() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let [blob, eye] = ollama(home);
    let studio = home.join(".lmstudio/models/maker/See-GGUF");
    put(&studio.join("See-Q4_K_M.gguf"), &model(3, 100));
    put(&studio.join("mmproj-See-F16.gguf"), &model(4, 100));
    let repo = home.join(".cache/huggingface/hub/models--maker--Big-GGUF");
    put(&repo.join("blobs/x1"), &model(5, 100));
    put(&repo.join("blobs/x2"), &model(6, 100));
    put(&repo.join("snapshots/0old/Big-Q8_0.gguf"), &model(7, 100));
    fs::create_dir_all(repo.join("snapshots/1new/Q4")).unwrap();
    put(&repo.join("refs/main"), b"1new");
    #[cfg(unix)]
    for (number, blob) in [(1, "x1"), (2, "x2")] {
        let link = repo.join(format!("snapshots/1new/Q4/Big-Q4_0-0000{number}-of-00002.gguf"));
        std::os::unix::fs::symlink(format!("../../../blobs/{blob}"), link).unwrap();
    }
    let cpp = home.join(".cache/llama.cpp");
    put(&cpp.join("maker_Tiny-GGUF_Tiny-Q4_0.gguf"), &model(8, 100));
    put(&cpp.join("other_Eye-GGUF_Eye-Q4_0.gguf"), &model(9, 100));
    put(&cpp.join("other_Eye-GGUF_mmproj-model-f16.gguf"), &model(10, 100));
    put(&cpp.join("maker_Torn-GGUF_Torn-00001-of-00002.gguf"), &model(11, 100));
    let found = find(&holders(home));
    assert_eq!(
        told(&found),
        [
            ("qwen3:8b", "Ollama", true),
            ("See-Q4_K_M", "LM Studio", true),
            ("Big-Q4_0", "the Hugging Face cache", false),
            ("Tiny-Q4_0", "llama.cpp", false),
            ("Eye-Q4_0", "llama.cpp", true),
        ]
    );
    assert_eq!((&found[0].files, found[0].projector.as_ref()), (&vec![blob], Some(&eye)));
    assert_eq!((found[0].bytes, found[2].files.len()), (150, 2));
}

#[test]
fn importing_remembers_each_model_once() {
    let home = tempfile::tempdir().unwrap();
    let dir = tempfile::tempdir().unwrap();
    ollama(home.path());
    put(&home.path().join(".lmstudio/models/a/b/Same.gguf"), &model(1, 100));
    put(&home.path().join(".lmstudio/models/c/d/Same.gguf"), &model(2, 100));
    let index = Index::new(dir.path());
    let found = find(&holders(home.path()));
    let names = |entries: Vec<oratory_models::Entry>| {
        entries.into_iter().map(|entry| entry.name).collect::<Vec<_>>()
    };
    assert_eq!(names(index.import(&found).unwrap()), ["qwen3:8b", "Same", "Same-2"]);
    assert_eq!(index.import(&found).unwrap(), []);
    assert_eq!(names(index.read().unwrap()), ["Same", "Same-2", "qwen3:8b"]);
    fs::remove_dir_all(home.path().join(".ollama")).unwrap();
    assert_eq!(names(index.read().unwrap()), ["Same", "Same-2"]);
}

#[test]
fn a_file_or_a_folder_can_be_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("some/Model-Q8_0.gguf");
    put(&file, &model(1, 100));
    put(&home.path().join("some/Other-Q8_0.gguf"), &model(2, 100));
    let found = find_at(&file).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.as_str(), &found[0].files[0]),
        ("Model-Q8_0", &file.canonicalize().unwrap())
    );
    assert_eq!(find_at(home.path()).unwrap().len(), 2);
    assert!(find_at(&home.path().join("nowhere")).is_err());
    put(&home.path().join("empty/notes.txt"), b"x");
    assert!(
        find_at(&home.path().join("empty")).unwrap_err().to_string().contains("no whole .gguf")
    );
}

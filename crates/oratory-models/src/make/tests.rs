//! Making models: names, circles, and what removing one leaves of the other.
//!
//! Files are a few bytes; nothing runs.

use std::path::Path;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::{Config, FreeSpace};

fn models(dir: &Path) -> Models {
    Models::new(Config { margin: 0, ..Config::new(dir.to_owned(), FreeSpace::new(|_| None)) })
}

fn handed(models: &Models, bytes: &'static [u8]) -> Digest {
    let digest = crate::ollama::hex(&Sha256::digest(bytes));
    let digest = Digest::parse(&format!("sha256:{digest}")).unwrap();
    let (send, pieces) = tokio::sync::mpsc::channel(4);
    send.try_send(Some(Bytes::from_static(bytes))).unwrap();
    send.try_send(None).unwrap();
    models.receive(&digest, None, pieces).unwrap();
    digest
}

fn made(name: &str, of: Material) -> Making {
    Making { name: name.to_owned(), of, beside: None, licence: None }
}

#[test]
fn a_copy_outlives_its_model_and_a_model_stays_while_others_are_made_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let models = models(folder.path());
    let digest = handed(&models, b"GGUF and more");
    assert!(models.has_blob(&digest));
    models.make(made("one", Material::Files(digest.clone(), None))).unwrap();
    assert!(!models.has_blob(&digest));
    assert_eq!(models.copy("one", "ns/two:8b").unwrap(), "ns-two-8b");
    models.make(made("three", Material::Model("ns-two-8b".to_owned()))).unwrap();
    models.remove("one").unwrap();
    assert!(!folder.path().join("one.gguf").exists());
    assert_eq!(fs::read(folder.path().join("ns-two-8b.gguf")).unwrap(), b"GGUF and more");
    let needed = models.remove("ns-two-8b").unwrap_err().to_string();
    assert!(needed.contains("three is made of it"), "{needed}");
    models.remove("three").unwrap();
    models.remove("ns-two-8b").unwrap();
    assert!(models.index().read().unwrap().is_empty());
}

#[test]
fn bad_names_circles_and_files_that_never_came_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let models = models(folder.path());
    models.make(made("a", Material::Model("mini".to_owned()))).unwrap();
    models.make(made("b:latest", Material::Model("a".to_owned()))).unwrap();
    assert!(models.make(made("a", Material::Model("b".to_owned()))).is_err());
    assert!(models.make(made("a", Material::Model("a".to_owned()))).is_err());
    for bad in ["", "..", "x\ny", "base+adapter", "auto", "-rf"] {
        assert!(models.copy("a", bad).is_err(), "{bad:?}");
    }
    let digest = Digest::parse(&format!("sha256:{}", "0".repeat(64))).unwrap();
    let none = models.make(made("c", Material::Files(digest.clone(), None))).unwrap_err();
    assert!(none.to_string().contains("was handed over"));
    let (send, pieces) = tokio::sync::mpsc::channel(4);
    send.try_send(Some(Bytes::from_static(b"GGUF"))).unwrap();
    send.try_send(None).unwrap();
    assert!(models.receive(&digest, None, pieces).unwrap_err().to_string().contains("SHA-256"));
    let (send, pieces) = tokio::sync::mpsc::channel(4);
    send.try_send(Some(Bytes::from_static(b"GG"))).unwrap();
    drop(send);
    assert!(models.receive(&digest, None, pieces).unwrap_err().to_string().contains("broke off"));
    assert_eq!(fs::read_dir(folder.path().join(".oratory/blobs")).unwrap().count(), 0);
    let text = handed(&models, b"no model");
    assert!(matches!(
        models.make(made("c", Material::Files(text, None))),
        Err(ModelsError::NoGguf { .. })
    ));
    for bad in ["", "sha256:", "sha256:zz", "md5:00", "../x"] {
        assert!(Digest::parse(bad).is_err(), "{bad:?}");
    }
}

//! Ollama's own store: a manifest for each name and tag, and blobs by their digests.
//!
//! A blob is named by its digest, and is the GGUF file itself.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Imported, folder};
use crate::plan::sha256;

/// Manifests are a few kilobytes.
const MANIFEST: u64 = 1 << 20;
const OFFICIAL: &str = "registry.ollama.ai";

pub(super) fn find(dir: &Path) -> Vec<Imported> {
    let mut found = Vec::new();
    for host in folders(&dir.join("manifests")) {
        for namespace in folders(&host) {
            for name in folders(&namespace) {
                for tag in entries(&name).into_iter().filter(|path| path.is_file()) {
                    let parts = [&host, &namespace, &name, &tag].map(|path| last(path));
                    found.extend(model(dir, &tag, parts));
                }
            }
        }
    }
    found
}

fn model(dir: &Path, manifest: &Path, [host, namespace, name, tag]: [&str; 4]) -> Option<Imported> {
    let small = fs::metadata(manifest).is_ok_and(|data| data.len() <= MANIFEST);
    let manifest: Value =
        serde_json::from_slice(&fs::read(manifest).ok().filter(|_| small)?).ok()?;
    let layers = manifest["layers"].as_array()?;
    let blob = |kind: &str| {
        let kind = format!("application/vnd.ollama.image.{kind}");
        let layer = layers.iter().find(|layer| layer["mediaType"] == kind.as_str())?;
        let digest = sha256(layer["digest"].as_str()?)?;
        Some(dir.join("blobs").join(format!("sha256-{digest}"))).filter(|path| path.is_file())
    };
    let name = match (host, namespace) {
        (OFFICIAL, "library") => format!("{name}:{tag}"),
        // Slashes separate places from models here.
        _ => format!("{namespace}-{name}:{tag}"),
    };
    Some(folder::model(name, "Ollama", vec![blob("model")?], blob("projector")))
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    all.sort();
    all
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    entries(dir).into_iter().filter(|path| path.is_dir()).collect()
}

fn last(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

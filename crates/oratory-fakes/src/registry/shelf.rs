//! What a registry has: files by path, and the documents that list them.
//!
//! Paths and documents are those of the real registries, as far as a client looks at them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Trick;

/// The commit of every repository.
pub(super) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What is found at a path.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) kind: &'static str,
    /// Where the next page of a listing is.
    pub(super) next: Option<String>,
}

pub(super) struct Shelf {
    url: String,
    pub(super) files: BTreeMap<String, File>,
    pub(super) gates: BTreeMap<String, String>,
    pub(super) tricks: Vec<(String, Trick, usize)>,
    pub(super) received: Vec<String>,
    pub(super) sent: u64,
}

impl Shelf {
    pub(super) fn new(url: String) -> Self {
        let (files, gates) = (BTreeMap::new(), BTreeMap::new());
        Self { url, files, gates, tricks: Vec::new(), received: Vec::new(), sent: 0 }
    }

    pub(super) fn file(&mut self, path: &str, bytes: &[u8]) {
        let kind = "application/octet-stream";
        let file = File { bytes: Arc::new(bytes.to_vec()), kind, next: None };
        self.files.insert(path.to_owned(), file);
    }

    fn document(&mut self, path: &str, document: &Value, next: Option<String>) {
        let bytes = Arc::new(document.to_string().into_bytes());
        self.files.insert(path.to_owned(), File { bytes, kind: "application/json", next });
    }

    pub(super) fn repository(&mut self, name: &str, licence: &str, files: &[(&str, &[u8])]) {
        let info = json!({
            "id": name, "sha": COMMIT, "gated": false,
            "cardData": { "license": licence }, "tags": ["gguf", format!("license:{licence}")],
        });
        self.document(&format!("/api/models/{name}"), &info, None);
        for (path, bytes) in files {
            self.file(&format!("/{name}/resolve/{COMMIT}/{}", path.replace(' ', "%20")), bytes);
        }
        let mut rows: Vec<Value> = files.iter().map(|(path, bytes)| row(path, bytes)).collect();
        rows.insert(0, json!({ "type": "directory", "path": "folder", "size": 0, "oid": "d" }));
        rows.insert(0, json!({ "type": "file", "path": "README.md", "size": 10, "oid": "r" }));
        let tree = format!("/api/models/{name}/tree/{COMMIT}?recursive=true");
        // Two pages, so that nobody forgets the second.
        let second = format!("{tree}&cursor=2");
        let rest = rows.split_off(rows.len() / 2);
        self.document(&second, &Value::Array(rest), None);
        let next = format!("<{}{second}>; rel=\"next\"", self.url);
        self.document(&tree, &Value::Array(rows), Some(next));
    }

    pub(super) fn ollama(&mut self, name: &str, tag: &str, layers: &[(&str, &[u8])]) {
        let rows: Vec<Value> = layers
            .iter()
            .map(|(kind, bytes)| {
                let digest = format!("sha256:{}", sha256(bytes));
                self.file(&format!("/v2/{name}/blobs/{digest}"), bytes);
                let kind = format!("application/vnd.ollama.image.{kind}");
                json!({ "mediaType": kind, "digest": digest, "size": bytes.len() })
            })
            .collect();
        let kind = "application/vnd.docker.distribution.manifest.v2+json";
        let config = json!({ "mediaType": "application/vnd.docker.container.image.v1+json", "digest": "", "size": 0 });
        let manifest =
            json!({ "schemaVersion": 2, "mediaType": kind, "config": config, "layers": rows });
        self.document(&format!("/v2/{name}/manifests/{tag}"), &manifest, None);
    }

    /// Returns the trick that is played on this path now.
    pub(super) fn trick(&mut self, path: &str) -> Option<Trick> {
        let fits =
            |(end, _, left): &&mut (String, Trick, usize)| *left > 0 && path.ends_with(&**end);
        let (_, trick, left) = self.tricks.iter_mut().find(fits)?;
        *left -= 1;
        Some(trick.clone())
    }

    /// Whether this path is behind a gate that this token does not open.
    pub(super) fn is_closed(&self, path: &str, bearer: Option<&str>) -> bool {
        self.gates.iter().any(|(repository, token)| {
            path.starts_with(&format!("/{repository}/"))
                && bearer != Some(&format!("Bearer {token}"))
        })
    }
}

fn row(path: &str, bytes: &[u8]) -> Value {
    let lfs = json!({ "oid": sha256(bytes), "size": bytes.len(), "pointerSize": 134 });
    json!({ "type": "file", "path": path, "size": bytes.len(), "oid": "f", "lfs": lfs })
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

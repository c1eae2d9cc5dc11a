//! The files of a repository, page by page.
//!
//! What a listing says is checked before anything is called by it.

use http::header;
use serde::Deserialize;

use crate::plan::sha256;
use crate::telling::Tell;
use crate::web::{escaped, json};
use crate::{Models, ModelsError, file_name};

/// Pages of a thousand files; no repository of models needs as many.
const PAGES: usize = 50;

/// A file in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) sha256: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "type")]
    kind: String,
    path: String,
    #[serde(default)]
    size: u64,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    oid: String,
    size: u64,
}

/// Returns the GGUF files of a repository.
pub(super) async fn fetch(
    models: &Models,
    endpoint: &str,
    repo: &str,
    revision: &str,
    tell: Tell<'_>,
) -> Result<Vec<Listed>, ModelsError> {
    let path = escaped(revision);
    let mut url = format!("{endpoint}/api/models/{repo}/tree/{path}?recursive=true");
    let mut files = Vec::new();
    for _ in 0..PAGES {
        let (headers, body) = super::get(models, repo, &url, tell).await?;
        let rows: Vec<Row> = json(&url, &body)?;
        files.extend(rows.into_iter().filter_map(listed));
        let link = headers.get(header::LINK).and_then(|link| link.to_str().ok());
        // The token goes along, so the next page must be where the first was.
        match link.and_then(next).filter(|next| next.starts_with(&format!("{endpoint}/"))) {
            Some(next) => url = next.to_owned(),
            None => return Ok(files),
        }
    }
    Ok(files)
}

fn listed(row: Row) -> Option<Listed> {
    let wanted = row.kind == "file" && row.path.to_ascii_lowercase().ends_with(".gguf");
    if !wanted {
        return None;
    }
    if let Some(why) = file_name::path_fault(&row.path) {
        tracing::warn!(path = ?row.path, why, "a file was left out for its name");
        return None;
    }
    let (size, digest) = match row.lfs {
        Some(lfs) => (lfs.size, sha256(&lfs.oid)),
        None => (row.size, None),
    };
    Some(Listed { path: row.path, size, sha256: digest })
}

/// Returns where a `Link` header says that the next page is.
fn next(link: &str) -> Option<&str> {
    link.split(',').find_map(|part| {
        let (address, relation) = part.split_once(';')?;
        let next = relation.replace(' ', "").contains("rel=\"next\"");
        next.then(|| address.trim().strip_prefix('<')?.strip_suffix('>'))?
    })
}

//! Web addresses: a page of a model at a known site, or a `.gguf` file anywhere.
//!
//! Understands the addresses that browsers show; fetches nothing.

use super::{Pick, Reference, Why, hugging_face, ollama, plain, repository};

pub(super) fn read(text: &str) -> Result<Reference, Why> {
    let (_, rest) = text.split_once("://").ok_or("it is no address")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host.contains('@') {
        return Err("it holds a password or a name before the @; leave that out");
    }
    let page = path.split(['?', '#']).next().unwrap_or_default();
    match host.to_ascii_lowercase().as_str() {
        "huggingface.co" | "hf.co" | "www.huggingface.co" => at_hugging_face(page),
        "ollama.com" | "www.ollama.com" | "registry.ollama.ai" => {
            ollama(page.strip_prefix("library/").unwrap_or(page))
        }
        _ if page.to_ascii_lowercase().ends_with(".gguf") => Ok(Reference::Link(text.to_owned())),
        _ => Err("the address does not end in .gguf"),
    }
}

fn at_hugging_face(page: &str) -> Result<Reference, Why> {
    let parts: Vec<&str> = page.trim_end_matches('/').split('/').collect();
    match parts[..] {
        [owner, name, "resolve" | "blob" | "raw", revision, ref file @ ..] if !file.is_empty() => {
            let file = unescaped(&file.join("/")).ok_or("its file name is not text")?;
            if crate::file_name::path_fault(&file).is_some() {
                return Err("its file has no safe name");
            }
            if !file.to_ascii_lowercase().ends_with(".gguf") {
                return Err("its file does not end in .gguf");
            }
            at_revision(owner, name, revision, Pick::File(file))
        }
        [owner, name, "tree", revision, ..] => at_revision(owner, name, revision, Pick::Best),
        [_, _] => hugging_face(page.trim_end_matches('/')),
        _ => Err("that page of Hugging Face is no model; write OWNER/NAME"),
    }
}

fn at_revision(owner: &str, name: &str, revision: &str, pick: Pick) -> Result<Reference, Why> {
    if !plain(revision) {
        return Err("its revision is no name of a branch, tag or commit");
    }
    let repo = repository(&format!("{owner}/{name}"))?;
    Ok(Reference::HuggingFace { repo, revision: revision.to_owned(), pick })
}

/// Undoes `%20` and the like.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

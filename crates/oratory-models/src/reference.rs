//! What a person types for a model, and which source it means.
//!
//! A name with one slash is a Hugging Face repository; a bare name, with or without a tag, is in
//! the Ollama registry; `ollama:` and `hf:` in front say so where the rule says otherwise.

mod address;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::ModelsError;
pub(crate) use address::unescaped;

/// The longest text that can name a model.
const LONGEST: usize = 2000;

/// A model somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// In a Hugging Face repository.
    HuggingFace {
        /// `owner/name`.
        repo: String,
        /// A branch, tag or commit.
        revision: String,
        /// Which of its files.
        pick: Pick,
    },
    /// In the Ollama registry.
    Ollama {
        /// `library` for the official ones.
        namespace: String,
        /// The model.
        name: String,
        /// Its variant.
        tag: String,
    },
    /// A `.gguf` file anywhere on the web.
    Link(String),
    /// A file on this machine.
    Path(PathBuf),
}

/// Which files of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The best that fits this machine.
    Best,
    /// The quantisation of this name.
    Called(String),
    /// This very file.
    File(String),
}

impl FromStr for Reference {
    type Err = ModelsError;

    fn from_str(text: &str) -> Result<Self, ModelsError> {
        let text = text.trim();
        read(text).map_err(|why| ModelsError::Name {
            asked: text.chars().take(120).collect(),
            why: why.to_owned(),
        })
    }
}

/// Why a text names no model; completes "...: ".
type Why = &'static str;

fn read(text: &str) -> Result<Reference, Why> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err("it is too long, or holds control characters");
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return address::read(text);
    }
    if is_path(text) {
        return Ok(Reference::Path(PathBuf::from(text)));
    }
    if let Some(rest) = cut(text, &["ollama:", "registry.ollama.ai/", "ollama.com/"]) {
        return ollama(rest);
    }
    if let Some(rest) = cut(text, &["hf.co/", "huggingface.co/", "hf:"]) {
        return hugging_face(rest);
    }
    let name = text.split_once(':').map_or(text, |(name, _)| name);
    match name.matches('/').count() {
        0 => ollama(text),
        1 => hugging_face(text),
        _ => Err("it has too many slashes"),
    }
}

fn is_path(text: &str) -> bool {
    let plain_file = text.ends_with(".gguf") && !text.contains([':', '/']);
    plain_file || ["/", "./", "../", "~"].iter().any(|start| text.starts_with(start))
}

fn cut<'a>(text: &'a str, prefixes: &[&str]) -> Option<&'a str> {
    prefixes.iter().find_map(|prefix| {
        let head = text.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
    })
}

fn hugging_face(text: &str) -> Result<Reference, Why> {
    let (repo, pick) = match text.split_once(':') {
        None => (text, Pick::Best),
        Some((repo, quantisation)) => (repo, pick(quantisation)?),
    };
    let repo = repository(repo.trim_end_matches('/'))?;
    Ok(Reference::HuggingFace { repo, revision: "main".to_owned(), pick })
}

fn pick(text: &str) -> Result<Pick, Why> {
    if text.eq_ignore_ascii_case("latest") {
        return Ok(Pick::Best);
    }
    if text.to_ascii_lowercase().ends_with(".gguf") {
        return match crate::file_name::path_fault(text) {
            None => Ok(Pick::File(text.to_owned())),
            Some(_) => Err("the file behind the colon has no safe name"),
        };
    }
    if plain(text) {
        Ok(Pick::Called(text.to_owned()))
    } else {
        Err("what stands behind the colon is no quantisation; write it like Q4_K_M")
    }
}

fn repository(text: &str) -> Result<String, Why> {
    match text.split('/').collect::<Vec<_>>()[..] {
        [owner, name] if plain(owner) && plain(name) => Ok(text.to_owned()),
        _ => Err("a Hugging Face repository is written OWNER/NAME"),
    }
}

fn ollama(text: &str) -> Result<Reference, Why> {
    let (path, tag) = text.split_once(':').unwrap_or((text, "latest"));
    let (namespace, name) = path.split_once('/').unwrap_or(("library", path));
    if !plain(namespace) || !plain(name) || !plain(tag) {
        return Err("a model of the Ollama registry is written NAME:TAG or OWNER/NAME:TAG");
    }
    Ok(Reference::Ollama {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        tag: tag.to_owned(),
    })
}

/// Whether this can be one part of a name: it means the same in a path, an address and a tag.
fn plain(part: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    part.len() <= 128
        && part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && part.chars().all(inner)
        && !part.contains("..")
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HuggingFace { repo, pick: Pick::Best, .. } => f.write_str(repo),
            Self::HuggingFace { repo, pick: Pick::Called(name) | Pick::File(name), .. } => {
                write!(f, "{repo}:{name}")
            }
            Self::Ollama { namespace, name, tag } if namespace == "library" => {
                write!(f, "{name}:{tag}")
            }
            Self::Ollama { namespace, name, tag } => write!(f, "ollama:{namespace}/{name}:{tag}"),
            Self::Link(url) => f.write_str(url.split(['?', '#']).next().unwrap_or(url)),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

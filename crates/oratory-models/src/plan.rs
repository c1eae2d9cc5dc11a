//! What is about to be fetched: which bytes, from where, under which names.
//!
//! Made by the sources, carried out by `pull`. Names here have passed `file_name`.

use serde_json::Value;

use crate::index::Origin;
use crate::{ModelsError, file_name};

/// The most parts of one model; the largest models have some dozens.
const MOST_PARTS: usize = 999;

/// A model to fetch.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The name it should have here.
    pub(crate) name: String,
    /// What tells it from another of the same name.
    pub(crate) owner: String,
    pub(crate) origin: Origin,
    pub(crate) licence: Option<String>,
    /// The model's files, in order.
    pub(crate) parts: Vec<Part>,
    /// What lets it see pictures.
    pub(crate) projector: Option<Part>,
    /// Texts to keep beside it.
    pub(crate) beside: Option<Value>,
    /// Whether its source may be shown the token.
    pub(crate) with_token: bool,
}

/// One file to fetch.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) url: String,
    /// Its name here.
    pub(crate) file: String,
    pub(crate) size: Option<u64>,
    pub(crate) sha256: Option<String>,
}

impl Plan {
    /// Returns all files in the order in which they are fetched.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().chain(&self.projector)
    }

    /// Returns the bytes of all files, where all are known.
    pub(crate) fn bytes(&self) -> Option<u64> {
        self.all().try_fold(0_u64, |sum, part| sum.checked_add(part.size?))
    }

    /// Calls it by its owner and its name, where the name alone is taken.
    pub(crate) fn with_owner(mut self) -> Self {
        let name = format!("{}-{}", self.owner, self.name);
        for part in &mut self.parts {
            part.file = part.file.replacen(&self.name, &name, 1);
        }
        self.name = name;
        self
    }

    /// Refuses names that could do harm.
    pub(crate) fn checked(self) -> Result<Self, ModelsError> {
        for name in self.all().map(|part| &part.file).chain([&self.name]) {
            if let Some(why) = file_name::fault(name) {
                let asked = name.chars().take(80).collect::<String>().escape_debug().to_string();
                return Err(ModelsError::Name { asked, why });
            }
        }
        Ok(self)
    }
}

/// Returns the name of one of `total` files of a model.
pub(crate) fn file_of(name: &str, number: usize, total: usize) -> String {
    if total == 1 {
        format!("{name}.gguf")
    } else {
        format!("{name}-{number:05}-of-{total:05}.gguf")
    }
}

/// Returns a digest as we write it, if it is one.
pub(crate) fn sha256(text: &str) -> Option<String> {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    let good = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then(|| hex.to_ascii_lowercase())
}

/// Splits `model-00002-of-00003` into name, number and total.
pub(crate) fn split(stem: &str) -> Option<(&str, usize, usize)> {
    let (head, total) = stem.rsplit_once("-of-")?;
    let (name, number) = head.rsplit_once('-')?;
    let five = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !five(total) || !five(number) || name.is_empty() {
        return None;
    }
    let (number, total) = (number.parse().ok()?, total.parse().ok()?);
    ((1..=total).contains(&number) && total <= MOST_PARTS).then_some((name, number, total))
}

//! Where models are fetched from and where other programs keep theirs.
//!
//! Follows the variables those programs follow, so that what a person has set up once holds here.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use oratory_models::Holders;

use super::Settings;
use super::config::{text, whole};

/// Everything about getting models.
pub(crate) struct ModelsConfig {
    pub(crate) hugging_face: String,
    pub(crate) ollama: String,
    pub(crate) token: Option<String>,
    /// Where a token may lie that nobody stated; read only when something is fetched.
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) connections: usize,
    pub(crate) holders: Holders,
}

impl ModelsConfig {
    pub(super) fn from(settings: &Settings) -> anyhow::Result<Self> {
        let said = |name: &str| settings.environment(name).map(str::to_owned);
        let stated = |key: &str| Some(text(settings, key)).filter(|text| !text.is_empty());
        let hugging_face = stated("models.hugging_face").map(str::to_owned);
        let hugging_face = hugging_face.or_else(|| said("HF_ENDPOINT"));
        let places = Places::of(settings);
        Ok(Self {
            hugging_face: address(
                "models.hugging_face",
                hugging_face.as_deref().unwrap_or("https://huggingface.co"),
            )?,
            ollama: address("models.ollama", text(settings, "models.ollama"))?,
            token: stated("models.token").map(str::to_owned).or_else(|| said("HF_TOKEN")),
            token_file: said("HF_TOKEN_PATH")
                .map(PathBuf::from)
                .or_else(|| Some(places.hugging_face()?.join("token"))),
            connections: whole(settings, "models.connections")?,
            holders: places.holders(),
        })
    }
}

fn address(key: &str, text: &str) -> anyhow::Result<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.with_context(|| {
        format!("`{key}` is {text:?}; write it like \"https://mirror.example\"")
    })?;
    if rest.is_empty() || rest.contains(['@', '?', '#', ' ']) {
        bail!("`{key}` holds more or less than an address; keep a token in `models.token`");
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Where programs keep what they keep.
struct Places<'a> {
    settings: &'a Settings,
    person: Option<&'a Path>,
}

impl<'a> Places<'a> {
    fn of(settings: &'a Settings) -> Self {
        Self { settings, person: settings.person() }
    }

    fn at(&self, variable: &str) -> Option<PathBuf> {
        self.settings.environment(variable).map(PathBuf::from)
    }

    fn cache(&self) -> Option<PathBuf> {
        self.at("XDG_CACHE_HOME").or_else(|| Some(self.person?.join(".cache")))
    }

    fn hugging_face(&self) -> Option<PathBuf> {
        self.at("HF_HOME").or_else(|| Some(self.cache()?.join("huggingface")))
    }

    fn holders(&self) -> Holders {
        let person = |folder: &str| self.person.map(|person| person.join(folder));
        let ollama = match self.at("OLLAMA_MODELS") {
            Some(stated) => vec![stated],
            // The second is where its service keeps them on Linux.
            None => person(".ollama/models")
                .into_iter()
                .chain([PathBuf::from("/usr/share/ollama/.ollama/models")])
                .collect(),
        };
        let studio = [".lmstudio/models", ".cache/lm-studio/models"];
        let hub = self.at("HF_HUB_CACHE").or_else(|| Some(self.hugging_face()?.join("hub")));
        let llama_cpp = self.at("LLAMA_CACHE").or_else(|| {
            if cfg!(target_os = "macos") {
                person("Library/Caches/llama.cpp")
            } else {
                Some(self.cache()?.join("llama.cpp"))
            }
        });
        Holders {
            ollama,
            lm_studio: studio.into_iter().filter_map(person).collect(),
            hugging_face: hub.into_iter().collect(),
            llama_cpp: llama_cpp.into_iter().collect(),
        }
    }
}

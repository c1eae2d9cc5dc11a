//! What a server is, by what it says of itself; never by its port alone.
//!
//! Nothing is asked of it but a few well-known paths, and those only once it has listed models.

use oratory_contract::ModelCard;
use serde_json::Value;

use super::listed::{Entry, entries};
use super::probe::{At, Said, get};
use super::{Server, Sight, Software, ollama};
use crate::Dialect;

const fn keeps(name: &'static str, title: &'static str) -> Software {
    Software { name, title, keeps: true }
}

/// One that may ask somebody else, or of which nobody can tell.
const fn passes_on(name: &'static str, title: &'static str) -> Software {
    Software { name, title, keeps: false }
}

const OLLAMA: Software = keeps("ollama", "Ollama");
const OLLAMA_CLOUD: Software = passes_on("ollama-cloud", "Ollama's cloud");
const LM_STUDIO: Software = keeps("lmstudio", "LM Studio");
const LITELLM: Software = passes_on("litellm", "LiteLLM");
const LOCAL_AI: Software = passes_on("localai", "LocalAI");
const MLX: Software = passes_on("mlx", "MLX");
const LLAMA_SERVER: Software = keeps("llama-server", "llama.cpp's llama-server");
const LLAMA_CPP_PYTHON: Software = keeps("llama-cpp-python", "llama-cpp-python");
const WEB_UI: Software = keeps("text-generation-webui", "text-generation-webui");
const UNKNOWN: Software = passes_on("server", "an OpenAI-compatible server");

/// Those that can be told by whom they call the owner of their models.
const OWNERS: [(&str, Software); 9] = [
    ("llamacpp", LLAMA_SERVER),
    ("vllm", keeps("vllm", "vLLM")),
    ("sglang", keeps("sglang", "SGLang")),
    ("koboldcpp", keeps("koboldcpp", "KoboldCpp")),
    ("organization_owner", LM_STUDIO),
    // Jan and GPT4All list models of clouds, too.
    ("llama.cpp", passes_on("jan", "Jan")),
    ("mlx", passes_on("jan", "Jan")),
    ("remote", passes_on("jan", "Jan")),
    ("humanity", passes_on("gpt4all", "GPT4All")),
];

/// Returns the software that a found place of this name is of: `ollama-2` is an Ollama.
pub(super) fn called(place: &str) -> Option<Software> {
    let numbered = place.rsplit_once('-');
    let bare = numbered.filter(|(_, number)| number.parse::<u32>().is_ok()).map(|(bare, _)| bare);
    let by_list = [OLLAMA, LM_STUDIO, LLAMA_SERVER, LLAMA_CPP_PYTHON, WEB_UI];
    let mut all = by_list.into_iter().chain(OWNERS.map(|(_, software)| software));
    all.find(|software| [Some(place), bare].contains(&Some(software.name)))
}

/// Returns who answered so when asked for models.
pub(super) async fn of(at: At, said: &Said) -> Sight {
    let Some(answer) = said.json() else { return Sight::Stranger };
    let Some(list) = entries(&answer) else { return Sight::Stranger };
    // Only an Oratory says whether a model is ready. Two that find each other would ask in circles.
    if list.iter().any(|entry| entry.0.get("readiness").is_some()) {
        return Sight::Stranger;
    }
    let owner = list.first().map(|entry| entry.text("owned_by")).unwrap_or_default();
    let known = OWNERS.iter().find(|(name, _)| *name == owner).map(|(_, software)| *software);
    if let Some(software) = known.or_else(|| by_header(said, owner)) {
        return servers(one(at, software, &list).await);
    }
    if let Some(servers) = ollama(at).await {
        return Sight::Servers(servers);
    }
    if list.is_empty() {
        return Sight::Stranger;
    }
    let software = by_path(at, said, owner).await;
    servers(one(at, software, &list).await)
}

fn servers(server: Server) -> Sight {
    Sight::Servers(vec![server])
}

fn by_header(said: &Said, owner: &str) -> Option<Software> {
    match (said.server.as_str(), owner) {
        ("llama.cpp", _) => Some(LLAMA_SERVER),
        ("uvicorn", "me") => Some(LLAMA_CPP_PYTHON),
        _ => None,
    }
}

/// Returns what a server is that its list does not tell.
async fn by_path(at: At, said: &Said, owner: &str) -> Software {
    if owner.is_empty() && said.server.starts_with("basehttp/") {
        return MLX;
    }
    if owner == "user" && has(at, "/v1/internal/model/info", "\"model_name\"").await {
        return WEB_UI;
    }
    if has(at, "/.well-known/localai.json", "\"version\"").await {
        return LOCAL_AI;
    }
    if has(at, "/health/liveliness", "I'm alive!").await {
        return LITELLM;
    }
    UNKNOWN
}

async fn has(at: At, path: &'static str, words: &str) -> bool {
    get(at, path).await.is_ok_and(|said| said.says(words))
}

async fn json(at: At, path: &'static str) -> Option<Value> {
    get(at, path).await.ok()?.json()
}

/// Returns the server with what it says of itself elsewhere.
async fn one(at: At, software: Software, list: &[Entry<'_>]) -> Server {
    let mut models: Vec<ModelCard> = list.iter().filter_map(Entry::card).collect();
    let mut version = None;
    match software {
        LLAMA_SERVER => {
            if let Some(props) = json(at, "/props").await {
                version = text(&props["build_info"]);
                // What a conversation may have there, which can be less than the model could.
                let context = props["default_generation_settings"]["n_ctx"].as_u64();
                let context = context.and_then(|tokens| u32::try_from(tokens).ok());
                if let (Some(context), [model]) = (context.filter(|it| *it > 0), &mut models[..]) {
                    model.context = Some(context);
                }
            }
        }
        LM_STUDIO => {
            // Its own list tells models that answer from others, and which are loaded.
            let own = json(at, "/api/v0/models").await;
            if let Some(list) = own.as_ref().and_then(entries) {
                models = list.iter().filter_map(Entry::card).collect();
            }
        }
        Software { name: "vllm", .. } => {
            version = json(at, "/version").await.and_then(|said| text(&said["version"]));
        }
        _ => {}
    }
    let (url, dialect) = (format!("{}/v1", at.url()), Dialect::OpenAi);
    Server { software, version, url, dialect, models }
}

/// Returns a short text that can be shown.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (text.len() <= 60 && !text.contains(char::is_control)).then(|| text.to_owned())
}

/// Returns an Ollama's models, as it lists them itself: only there it says who runs them.
async fn ollama(at: At) -> Option<Vec<Server>> {
    let version = json(at, "/api/version").await?;
    let (here, away) = ollama::models(&json(at, "/api/tags").await?)?;
    let server = |software, models| Server {
        software,
        version: text(&version["version"]),
        url: at.url(),
        dialect: Dialect::Ollama,
        models,
    };
    let mut servers = vec![server(OLLAMA, here)];
    if !away.is_empty() {
        servers.push(server(OLLAMA_CLOUD, away));
    }
    Some(servers)
}

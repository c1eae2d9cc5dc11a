//! The Ollama registry: from a name and a tag to the layers worth fetching.
//!
//! Only the weights are run. Its template is written for another engine, so it is kept beside the
//! model as text and the template inside the GGUF file is used.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::hugging_face::one_line;
use crate::index::Origin;
use crate::plan::{Part, Plan, file_of, sha256};
use crate::telling::Tell;
use crate::web::{Question, Tries, host, json};
use crate::{Models, ModelsError};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// How every kind of layer begins.
const KIND: &str = "application/vnd.ollama.image.";
/// The largest text that is kept; licences are some tens of kilobytes.
const TEXT: u64 = 1 << 20;
/// The most texts that are kept.
const TEXTS: usize = 16;

#[derive(Deserialize)]
struct Manifest {
    layers: Vec<Layer>,
}

/// One blob of a model.
#[derive(Clone, Deserialize)]
pub(crate) struct Layer {
    #[serde(rename = "mediaType")]
    kind: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
}

/// A model in the registry.
pub(crate) struct Place<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) tag: &'a str,
}

/// Returns what to fetch for a model.
pub(crate) async fn plan(
    models: &Models,
    place: &Place<'_>,
    tell: Tell<'_>,
) -> Result<Plan, ModelsError> {
    let Place { namespace, name, tag } = place;
    let base = format!("{}/v2/{namespace}/{name}", models.config.ollama.trim_end_matches('/'));
    let url = format!("{base}/manifests/{tag}");
    let layers = layers(models, place, &url, tell).await?;
    let model = of_kind(&layers, "model").next().ok_or_else(|| ModelsError::Unknown {
        what: format!("{name}:{tag} holds no weights this program can run"),
        hint: "it may run at its publisher's only; look for the same model as a .gguf file".into(),
    })?;
    let part = |layer: &Layer, file: String| -> Result<Part, ModelsError> {
        let digest = sha256(&layer.digest).ok_or_else(|| bad_digest(&url, layer))?;
        let url = format!("{base}/blobs/sha256:{digest}");
        Ok(Part { url, file, size: Some(layer.size), sha256: Some(digest) })
    };
    let flat = match *namespace {
        "library" => format!("{name}-{tag}"),
        _ => format!("{namespace}-{name}-{tag}"),
    };
    let projector = of_kind(&layers, "projector").next();
    let projector =
        projector.map(|layer| part(layer, format!("mmproj-{flat}.gguf"))).transpose()?;
    let texts = texts(models, &base, &layers, tell).await?;
    let licence = texts.get("license").and_then(first_line);
    let plan = Plan {
        owner: "ollama".to_owned(),
        origin: Origin::Ollama { model: format!("{namespace}/{name}:{tag}") },
        licence,
        parts: vec![part(model, file_of(&flat, 1, 1))?],
        projector,
        beside: (!texts.is_empty()).then_some(Value::Object(texts)),
        with_token: false,
        name: flat,
    };
    plan.checked()
}

async fn layers(
    models: &Models,
    place: &Place<'_>,
    url: &str,
    tell: Tell<'_>,
) -> Result<Vec<Layer>, ModelsError> {
    let Place { namespace, name, tag } = place;
    let mut tries = Tries::new(name, url, models.config.patience, tell);
    let question = Question { accept: Some(MANIFEST), ..Question::new(url, None) };
    let found = models.web.document(&question, &mut tries).await;
    let (_, body) = found.map_err(|error| match error {
        ModelsError::Status { status: 401 | 403 | 404, .. } => ModelsError::Unknown {
            what: format!(
                "there is no {namespace}/{name}:{tag} in the Ollama registry at {}",
                host(url)
            ),
            hint: "check the name and the tag; a model of Hugging Face is written OWNER/NAME"
                .to_owned(),
        },
        other => other,
    })?;
    Ok(json::<Manifest>(url, &body)?.layers)
}

/// Returns the layers of a kind; `model` does not stand for `model.something`.
fn of_kind<'a>(layers: &'a [Layer], kind: &'a str) -> impl Iterator<Item = &'a Layer> {
    layers.iter().filter(move |layer| layer.kind.strip_prefix(KIND) == Some(kind))
}

/// Fetches the layers that are texts: template, system, parameters, licences.
async fn texts(
    models: &Models,
    base: &str,
    layers: &[Layer],
    tell: Tell<'_>,
) -> Result<Map<String, Value>, ModelsError> {
    let mut texts = Map::new();
    let small = layers.iter().filter(|layer| layer.size <= TEXT);
    let named = small.filter_map(|layer| Some((layer.kind.strip_prefix(KIND)?, layer)));
    let kept = ["template", "system", "params", "license"];
    for (kind, layer) in named.filter(|(kind, _)| kept.contains(kind)).take(TEXTS) {
        let body = blob(models, base, layer, tell).await?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let value = match kind {
            "params" => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            _ => Value::String(text),
        };
        // A model may come with several licences; the first is the one that is shown.
        match (kind, texts.get_mut(kind)) {
            ("license", Some(Value::String(known))) => {
                known.push_str("\n\n");
                known.push_str(value.as_str().unwrap_or_default());
            }
            _ => drop(texts.insert(kind.to_owned(), value)),
        }
    }
    Ok(texts)
}

async fn blob(
    models: &Models,
    base: &str,
    layer: &Layer,
    tell: Tell<'_>,
) -> Result<Bytes, ModelsError> {
    let url = format!("{base}/blobs/{}", layer.digest);
    let digest = sha256(&layer.digest).ok_or_else(|| bad_digest(&url, layer))?;
    let mut tries = Tries::new("a text of the model", &url, models.config.patience, tell);
    let (_, body) = models.web.document(&Question::new(&url, None), &mut tries).await?;
    let found = hex(&Sha256::digest(&body));
    if found != digest {
        let file = format!("the {} of the model", layer.kind.trim_start_matches(KIND));
        return Err(ModelsError::Digest { file, expected: digest, found });
    }
    Ok(body)
}

fn first_line(text: &Value) -> Option<String> {
    let line = text.as_str()?.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(one_line(line))
}

fn bad_digest(url: &str, layer: &Layer) -> ModelsError {
    let why = format!("{:?} is no digest", layer.digest.chars().take(80).collect::<String>());
    ModelsError::Answer { host: host(url), why }
}

/// Returns bytes as digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! `POST /api/copy` and `POST /api/create`: another name for a model, and models with habits of their own.
//!
//! What cannot be honoured is refused by name, before anything is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::Habits;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::changing::{LINES_AHEAD, allowed, named, success, told};
use super::options::Options;
use super::wanted;
use crate::asking::{answered, decode};
use crate::changes::{Making, Material};
use crate::dialect::Dialect;
use crate::failures::short;
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::{health, misread, reading};

/// How models are loaded, which is the house's matter.
const OF_THE_HOUSE: [&str; 12] = [
    "num_ctx",
    "num_gpu",
    "num_thread",
    "num_batch",
    "num_keep",
    "main_gpu",
    "low_vram",
    "use_mmap",
    "use_mlock",
    "numa",
    "f16_kv",
    "vocab_only",
];

/// What is honoured.
const HONOURED: [&str; 15] = [
    "num_predict",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "seed",
    "repeat_last_n",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
    "mirostat",
    "mirostat_tau",
    "mirostat_eta",
    "stop",
];

#[derive(Deserialize, JsonSchema)]
pub(super) struct Copy {
    source: String,
    destination: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Question {
    // The elder name.
    #[serde(alias = "name")]
    model: String,
    from: Option<String>,
    files: Option<BTreeMap<String, String>>,
    system: Option<String>,
    parameters: Option<Map<String, Value>>,
    license: Option<Licence>,
    stream: Option<bool>,
    template: Option<String>,
    adapters: Option<Value>,
    messages: Option<Value>,
    quantize: Option<String>,
    modelfile: Option<String>,
}

/// One licence or several.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Licence {
    One(String),
    Several(Vec<String>),
}

const WANTED: &[misread::Wanted] = &[
    ("body", "a JSON object"),
    ("files", "an object of names and digests"),
    ("parameters", "an object"),
    ("license", "a text or a list of texts"),
    ("stream", "true or false"),
    ("", "a text"),
];

/// `POST /api/copy`
pub(super) async fn copy(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    answered(&house, Dialect::Ollama, async {
        let question: Copy = read(&house, request).await?;
        let (of, name) = (named(question.source)?, named(question.destination)?);
        allowed(&house, &caller)?.copy(of, name).await?;
        Ok::<_, Rejected>(Response::new(Body::empty()))
    })
    .await
}

/// `POST /api/create`
pub(super) async fn create(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    answered(&house, Dialect::Ollama, async {
        let question: Question = read(&house, request).await?;
        let changes = allowed(&house, &caller)?;
        let stream = question.stream.unwrap_or(true);
        let (tell, heard) = mpsc::channel(LINES_AHEAD);
        let doing = changes.make(question.making()?, tell);
        if stream {
            return Ok(told(doing, heard));
        }
        drop(heard);
        doing.await?;
        Ok::<_, Rejected>(health::json(&success()))
    })
    .await
}

async fn read<Q: DeserializeOwned + Send + 'static>(
    house: &Arc<House>,
    request: Request,
) -> Result<Q, Rejected> {
    let (head, body) = request.into_parts();
    let sent = reading::whole(house, &head.headers, body).await?;
    let (question, _share) = decode::<Q>(sent, WANTED).await?;
    Ok(question)
}

impl Question {
    fn making(mut self) -> Result<Making, Rejected> {
        self.refuse_what_cannot_be_honoured()?;
        let of = self.material()?;
        let parameters = self.parameters.unwrap_or_default();
        let licence = self.license.map(|licence| match licence {
            Licence::One(text) => text,
            Licence::Several(texts) => texts.join("\n\n"),
        });
        Ok(Making {
            name: named(self.model)?,
            of,
            habits: habits(self.system, &parameters)?,
            parameters,
            licence: licence.filter(|text| !text.is_empty()),
        })
    }

    fn refuse_what_cannot_be_honoured(&self) -> Result<(), Rejected> {
        let says = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let holds = |value: &Option<Value>| match value {
            None | Some(Value::Null) => false,
            Some(Value::Array(all)) => !all.is_empty(),
            Some(Value::Object(all)) => !all.is_empty(),
            Some(_) => true,
        };
        let cannot = [
            ("template", says(&self.template), "the model's own template would not be used"),
            ("adapters", holds(&self.adapters), "the model would answer in another way"),
            (
                "messages",
                holds(&self.messages),
                "conversations would begin with more than was said",
            ),
            ("quantize", says(&self.quantize), "the file would be rewritten"),
            ("modelfile", says(&self.modelfile), "it would be made of more than the fields say"),
        ];
        match cannot.into_iter().find(|(_, there, _)| *there) {
            Some((field, _, why)) => Err(Rejected::cannot(field, why)),
            None => Ok(()),
        }
    }

    fn material(&mut self) -> Result<Material, Rejected> {
        let files = self.files.take().unwrap_or_default();
        let from = self.from.take().filter(|from| !from.is_empty());
        match (from, files.is_empty()) {
            (Some(from), true) => Ok(Material::Model(named(from)?)),
            (None, false) => of_files(files),
            (Some(_), false) => {
                Err(Rejected::field("files", "`from` and `files` are both there; say one of them"))
            }
            (None, true) => {
                let message = "`from` is missing: name a model here, or hand over `files`";
                Err(Rejected::field("from", message))
            }
        }
    }
}

/// Tells a model from what lets it see by their names, as they lie in folders.
fn of_files(files: BTreeMap<String, String>) -> Result<Material, Rejected> {
    let (mut model, mut projector) = (None, None);
    for (name, digest) in files {
        let place = match name.to_ascii_lowercase().contains("mmproj") {
            true => &mut projector,
            false => &mut model,
        };
        if place.replace(digest).is_some() {
            let message = format!(
                "`files` holds more than one model, {:?} among them; hand over one .gguf file, and \
                 perhaps its mmproj",
                short(&name)
            );
            return Err(Rejected::field("files", message));
        }
    }
    let model = model.ok_or_else(|| Rejected::field("files", "`files` holds no model"))?;
    Ok(Material::Files(model, projector))
}

/// Returns what holds for a model; what is no such wish is refused.
fn habits(system: Option<String>, parameters: &Map<String, Value>) -> Result<Habits, Rejected> {
    let known = |name: &str| HONOURED.contains(&name) || OF_THE_HOUSE.contains(&name);
    if let Some(name) = parameters.keys().find(|name| !known(name)) {
        let field = format!("parameters.{}", short(name));
        return Err(Rejected::cannot(&field, "the model would write in another way"));
    }
    let options =
        Value::Object(Map::from_iter([("options".to_owned(), Value::Object(parameters.clone()))]));
    let read = misread::read::<Holder>(options.to_string().as_bytes(), wanted::WANTED);
    let options = read.map_err(|rejected| renamed(&rejected))?.options;
    let sampling = options.sampling(None).map_err(|rejected| renamed(&rejected))?;
    let limits = options.limits().map_err(|rejected| renamed(&rejected))?;
    let system = system.filter(|system| !system.is_empty());
    Ok(Habits { system, sampling, max_tokens: limits.max_tokens, stop: limits.stop })
}

/// Stands where `options` stand in a request for an answer, so that faults are found alike.
#[derive(Deserialize)]
struct Holder {
    options: Options,
}

/// Calls a field by the name it has here.
fn renamed(rejected: &Rejected) -> Rejected {
    let here = |text: &str| text.replace("options.", "parameters.");
    let message = here(&rejected.failure.message);
    Rejected::field(&here(rejected.param.as_deref().unwrap_or("parameters")), message)
}

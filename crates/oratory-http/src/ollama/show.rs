//! `POST /api/show`: what is known of one model.
//!
//! Says what Oratory knows of every model; a file's own header is `oratory models show`'s matter.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::Ability;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::listing::{Details, modified};
use crate::asking::{answered, decode};
use crate::dialect::Dialect;
use crate::models::{self, Listed};
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::{health, misread, reading};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(super) struct Question {
    // The elder name.
    #[serde(alias = "name")]
    model: String,
}

/// What is known of a model.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shown {
    modelfile: String,
    parameters: String,
    template: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    details: Details,
    model_info: Map<String, Value>,
    capabilities: Vec<&'static str>,
    modified_at: String,
}

const WANTED: &[misread::Wanted] =
    &[("body", "a JSON object"), ("model", "a text"), ("", "a text")];

/// `POST /api/show`
pub(super) async fn show(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    answered(&house, Dialect::Ollama, async {
        let (head, body) = request.into_parts();
        let sent = reading::whole(&house, &head.headers, body).await?;
        let (Question { model }, _share) = decode::<Question>(sent, WANTED).await?;
        let wanted = super::model(&house, &model)?;
        let model = models::find(&house, wanted.as_str(), &caller)?;
        Ok::<_, Rejected>(health::json(&shown(&model)))
    })
    .await
}

fn shown(model: &Listed) -> Shown {
    let mut info = Map::new();
    info.insert("general.basename".into(), json!(model.name));
    if let Some(parameters) = model.card.parameters {
        info.insert("general.parameter_count".into(), json!(parameters));
    }
    if let Some(context) = model.card.context {
        // Clients look for the length of the context under a family's name; where there is none, ours
        // stands for it.
        let family = model.card.origin.family.as_deref().unwrap_or("oratory");
        info.insert("general.architecture".into(), json!(family));
        info.insert(format!("{family}.context_length"), json!(context));
    }
    let can = |ability| model.card.abilities.contains(&ability);
    let writes = can(Ability::Answer);
    // Every model that writes may call tools: one whose template has no words for them is told
    // of them in plain text.
    let capabilities = [
        (writes, "completion"),
        (writes, "tools"),
        (can(Ability::See), "vision"),
        (can(Ability::Hear), "audio"),
        (can(Ability::Embed), "embedding"),
    ];
    let capabilities: Vec<&'static str> =
        capabilities.into_iter().filter_map(|(can, name)| can.then_some(name)).collect();
    Shown {
        modelfile: format!("# {} is served by Oratory and has no Modelfile.\n", model.name),
        parameters: model.card.origin.parameters.clone(),
        template: "",
        system: model.card.origin.system.clone(),
        details: Details::of(model),
        model_info: info,
        capabilities,
        modified_at: modified(model),
    }
}

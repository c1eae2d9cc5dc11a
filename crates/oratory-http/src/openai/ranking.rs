//! `POST /v1/rerank`: a query and documents in, ratings out, as Jina and Cohere have it, and TEI.
//!
//! The best come first; ratings lie between 0 and 1.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::{Rank, Task, Wanted};
use schemars::JsonSchema;
use serde::Serialize;

use super::wire::InputUsage;
use crate::answers::{Gathered, Head};
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::health;
use crate::inputs;
use crate::loose::Name;
use crate::misread;
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::teller::Teller;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Question {
    #[serde(default)]
    model: Name,
    query: String,
    documents: Option<Vec<Document>>,
    /// TEI's word for them, which is answered in its way.
    texts: Option<Vec<Document>>,
    #[serde(alias = "top_k")]
    top_n: Option<usize>,
    #[serde(alias = "return_text")]
    return_documents: Option<bool>,
    /// Whether documents that are too long lose their end; Jina writes `truncation`.
    #[serde(alias = "truncation")]
    truncate: Option<bool>,
}

/// A document: a text, or an object with one.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
enum Document {
    Bare(String),
    Object { text: String },
}

/// What is told besides the ratings.
pub(crate) struct Wish {
    most: usize,
    /// Whether they are told as TEI does.
    bare: bool,
    /// The documents again, where they are to be returned.
    texts: Option<Vec<String>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Ranking {
    id: String,
    model: String,
    results: Vec<Found>,
    usage: InputUsage,
}

#[derive(Serialize, JsonSchema)]
struct Found {
    index: usize,
    relevance_score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Text>,
}

/// What is told as TEI does.
#[derive(Serialize, JsonSchema)]
pub(super) struct Rated {
    index: usize,
    score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// What is told, in either way.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes what is told")]
pub(super) enum Told {
    Ranking(Ranking),
    Bare(Vec<Rated>),
}

#[derive(Serialize, JsonSchema)]
struct Text {
    text: String,
}

/// `POST /v1/rerank`
pub(crate) async fn rerank(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    asking::respond::<Question>(&house, request).await
}

impl asking::Question for Question {
    type Teller = Wish;
    const DIALECT: Dialect = Dialect::OpenAi;
    const WANTED: &'static [misread::Wanted] = &[
        ("body", "a JSON object"),
        ("model", "a text"),
        ("query", "a text"),
        ("documents", "a list of texts"),
        ("texts", "a list of texts"),
        ("top_n", "a whole number, 1 or more"),
        ("return_documents", "true or false"),
        ("truncate", "true or false"),
        ("", "something else"),
    ];

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Wish>, Rejected> {
        let bare = self.documents.is_none() && self.texts.is_some();
        let field = if bare { "texts" } else { "documents" };
        let missing = || Rejected::field(field, format!("`{field}` is missing"));
        let documents = self.documents.or(self.texts).ok_or_else(missing)?;
        inputs::check_count(field, documents.len())?;
        if documents.is_empty() {
            let message = format!("`{field}` is empty, so there is nothing to rate");
            return Err(Rejected::field(field, message));
        }
        if self.top_n == Some(0) {
            return Err(Rejected::field("top_n", "`top_n` is 0; ask for at least 1"));
        }
        let text = |document| match document {
            Document::Bare(text) | Document::Object { text } => text,
        };
        let documents: Vec<String> = documents.into_iter().map(text).collect();
        let wish = Wish {
            most: self.top_n.unwrap_or(usize::MAX),
            bare,
            texts: self.return_documents.unwrap_or(false).then(|| documents.clone()),
        };
        let too_long = inputs::too_long(self.truncate);
        let task = Task::Rank(Rank { query: self.query, documents, too_long });
        inputs::asking(task, Wanted::parse(&self.model.0), from, wish)
    }
}

impl Teller for Wish {
    fn whole(mut self, head: &Head, mut answers: Vec<Gathered>) -> Result<Response, Rejected> {
        let answer = answers.pop().unwrap_or_default();
        let mut best: Vec<(usize, f32)> = answer.ratings.iter().copied().enumerate().collect();
        // Equal ratings stay in the order of the documents.
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        best.truncate(self.most);
        let mut document = |index: usize| {
            let text = self.texts.as_mut()?.get_mut(index)?;
            Some(Text { text: std::mem::take(text) })
        };
        if self.bare {
            let rated = |(index, score)| {
                let text = document(index).map(|document| document.text);
                Rated { index, score, text }
            };
            return Ok(health::json(&best.into_iter().map(rated).collect::<Vec<_>>()));
        }
        let found =
            |(index, relevance_score)| Found { index, relevance_score, document: document(index) };
        Ok(health::json(&Ranking {
            id: format!("rerank-{}", head.id),
            model: head.model.to_string(),
            results: best.into_iter().map(found).collect(),
            usage: answer.usage().into(),
        }))
    }
}

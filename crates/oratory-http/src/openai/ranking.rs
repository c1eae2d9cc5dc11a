//! `POST /v1/rerank`: a query and documents in, ratings out, as Jina and Cohere have it.
//!
//! The best come first; ratings lie between 0 and 1.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::{Rank, Task, Wanted};
use serde::Serialize;

use super::wire::InputUsage;
use crate::answers::{Gathered, Head};
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::health;
use crate::inputs;
use crate::misread;
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::teller::Teller;

#[derive(serde::Deserialize)]
pub(crate) struct Question {
    #[serde(default)]
    model: String,
    query: String,
    documents: Vec<Document>,
    #[serde(alias = "top_k")]
    top_n: Option<usize>,
    return_documents: Option<bool>,
    /// Whether documents that are too long lose their end; Jina writes `truncation`.
    #[serde(alias = "truncation")]
    truncate: Option<bool>,
}

/// A document: a text, or an object with one.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Document {
    Bare(String),
    Object { text: String },
}

/// What is told besides the ratings.
pub(crate) struct Wish {
    most: usize,
    /// The documents again, where they are to be returned.
    texts: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Ranking {
    id: String,
    model: String,
    results: Vec<Found>,
    usage: InputUsage,
}

#[derive(Serialize)]
struct Found {
    index: usize,
    relevance_score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Text>,
}

#[derive(Serialize)]
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
        ("top_n", "a whole number, 1 or more"),
        ("return_documents", "true or false"),
        ("truncate", "true or false"),
        ("", "something else"),
    ];

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Wish>, Rejected> {
        inputs::check_count("documents", self.documents.len())?;
        if self.top_n == Some(0) {
            return Err(Rejected::field("top_n", "`top_n` is 0; ask for at least 1"));
        }
        let text = |document| match document {
            Document::Bare(text) | Document::Object { text } => text,
        };
        let documents: Vec<String> = self.documents.into_iter().map(text).collect();
        let wish = Wish {
            most: self.top_n.unwrap_or(usize::MAX),
            texts: self.return_documents.unwrap_or(false).then(|| documents.clone()),
        };
        let too_long = inputs::too_long(self.truncate);
        let task = Task::Rank(Rank { query: self.query, documents, too_long });
        inputs::asking(task, Wanted::parse(&self.model), from, wish)
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

//! `POST /v1/rerank`: a query and documents in, ratings out, as Jina and Cohere have it.
//!
//! The best come first; ratings lie between 0 and 1.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::{Asked, Labels, Rank, Task, TooLong, Wanted};
use serde::Serialize;

use super::numbers::{Numbers, respond};
use super::{Rejected, known_name};
use crate::health;
use crate::router::{House, Inside};

/// Documents in one request.
const MOST_DOCUMENTS: usize = 2048;

#[derive(serde::Deserialize)]
struct Question {
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
struct Wish {
    most: usize,
    /// The documents again, where they are to be returned.
    texts: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Ranking {
    id: String,
    model: String,
    results: Vec<Found>,
    usage: UsageWire,
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

#[derive(Serialize)]
struct UsageWire {
    prompt_tokens: u32,
    total_tokens: u32,
}

/// `POST /v1/rerank`
pub(crate) async fn rerank(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    respond(&house, request, Question::asked, tell).await
}

impl Question {
    fn asked(
        self,
        house: &Arc<House>,
        declared: Option<Labels>,
    ) -> Result<(Asked, Wish), Rejected> {
        known_name(&self.model)?;
        let count = self.documents.len();
        if count > MOST_DOCUMENTS {
            let message = format!("there are {count} `documents`; send at most {MOST_DOCUMENTS}");
            return Err(Rejected::field("documents", message));
        }
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
        let too_long = if self.truncate.unwrap_or(false) { TooLong::Cut } else { TooLong::Refused };
        let task = Task::Rank(Rank { query: self.query, documents, too_long });
        let wanted = Wanted::parse(&self.model);
        Ok((Asked { declared, ..Asked::of(task, house.caller.clone(), wanted) }, wish))
    }
}

fn tell(numbers: &Numbers, mut wish: Wish) -> Response {
    let mut best: Vec<(usize, f32)> = numbers.ratings.iter().copied().enumerate().collect();
    // Equal ratings stay in the order of the documents.
    best.sort_by(|a, b| b.1.total_cmp(&a.1));
    best.truncate(wish.most);
    let mut document = |index: usize| {
        let text = wish.texts.as_mut()?.get_mut(index)?;
        Some(Text { text: std::mem::take(text) })
    };
    let found =
        |(index, relevance_score)| Found { index, relevance_score, document: document(index) };
    let tokens = numbers.usage.input;
    health::json(&Ranking {
        id: format!("rerank-{}", numbers.id),
        model: numbers.model.clone(),
        results: best.into_iter().map(found).collect(),
        usage: UsageWire { prompt_tokens: tokens, total_tokens: tokens },
    })
}

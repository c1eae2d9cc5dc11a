//! The way of one request through this room, the same for every dialect: read, decode, hand
//! over, tell.
//!
//! What a request means and how its answer is told is the dialect's matter.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use oratory_contract::{
    Answer, Asked, At, Caller, Delivery, Failure, FailureKind, Labels, RequestId, Sensitivity,
    Strictness, Words,
};
use oratory_pipeline::{Decision, Told};
use serde::de::DeserializeOwned;

use crate::answers::Answers;
use crate::dialect::Dialect;
use crate::misread::{self, Wanted};
use crate::reading::{self, Sent, Share};
use crate::rejected::Rejected;
use crate::router::House;
use crate::teller::Teller;
use crate::telling::Telling;
use crate::unread::{Row, Unread};
use crate::{events, failures, unread};

/// A request's body in one dialect.
pub(crate) trait Question: DeserializeOwned + Send + 'static {
    /// What tells its answer.
    type Teller: Teller;
    /// Whose words it is in.
    const DIALECT: Dialect;
    /// What belongs where in it.
    const WANTED: &'static [Wanted];
    /// Its words, if there are places that can be asked in the same.
    const WORDS: Option<Words> = None;
    /// What becomes of fields that are known and not carried out.
    const RULES: &'static [Row] = unread::USUAL;

    /// Returns what it asks for.
    fn asking(self, from: &Origin<'_>) -> Result<Asking<Self::Teller>, Rejected>;
}

/// Where a request comes from.
pub(crate) struct Origin<'a> {
    pub(crate) house: &'a Arc<House>,
    pub(crate) caller: Caller,
    /// The label the caller put on it.
    pub(crate) declared: Option<Labels>,
    /// What the caller says it is for.
    pub(crate) purpose: Option<String>,
    pub(crate) began: Instant,
    strictness: Strictness,
    /// What came with it that is not read here.
    headers: Vec<(String, String)>,
    unread: Unread,
}

impl Origin<'_> {
    /// Returns who asks.
    pub(crate) fn caller(&self) -> Caller {
        self.caller.clone()
    }
}

/// What a request asks for.
pub(crate) struct Asking<T> {
    /// One request for each answer it wants, at least one.
    pub(crate) asked: Vec<Asked>,
    pub(crate) teller: T,
}

impl<T> Asking<T> {
    /// Returns what asks for one answer.
    pub(crate) fn one(asked: Asked, teller: T) -> Self {
        Self { asked: vec![asked], teller }
    }
}

/// Answers a request whose body is a `Q`.
pub(crate) async fn respond<Q: Question>(house: &Arc<House>, request: Request) -> Response {
    answered(house, Q::DIALECT, answer::<Q>(house, request)).await
}

/// Returns the answer, or tells what was wrong with the request.
pub(crate) async fn answered(
    house: &House,
    dialect: Dialect,
    answer: impl Future<Output = Result<Response, Rejected>>,
) -> Response {
    match answer.await {
        Ok(response) => response,
        Err(rejected) => {
            house.meters.failed(rejected.failure.kind);
            let mut response = dialect.failure(&rejected.failure, rejected.param.as_deref());
            if let Some(id) = rejected.id {
                put(response.headers_mut(), "x-request-id", &id.to_string());
            }
            response
        }
    }
}

async fn answer<Q: Question>(house: &Arc<House>, request: Request) -> Result<Response, Rejected> {
    let began = Instant::now();
    let (question, from, share) = read::<Q>(house, request, began).await?;
    tell(question, &from, share).await
}

/// Reads a request. Its share is given back when the answer begins: until then its text is kept.
pub(crate) async fn read<Q: Question>(
    house: &Arc<House>,
    request: Request,
    began: Instant,
) -> Result<(Q, Origin<'_>, Share), Rejected> {
    let (head, body) = request.into_parts();
    let (caller, declared) = (who(&head)?, declared(&head.headers)?);
    let sent = reading::whole(house, &head.headers, body).await?;
    let share = sent.share;
    let (question, unread) =
        apart(sent.bytes, |bytes| misread::read_all::<Q>(bytes, Q::WANTED)).await?;
    let (purpose, strictness) = (purpose(&head.headers)?, strictness(&head.headers)?);
    let headers = unread::headers(&head.headers, Q::WORDS);
    let from = Origin { house, caller, declared, purpose, began, strictness, headers, unread };
    Ok((question, from, share))
}

/// Returns what a question asks for, with all that came with it.
pub(crate) fn understood<Q: Question>(
    question: Q,
    from: &Origin<'_>,
) -> Result<Asking<Q::Teller>, Rejected> {
    let mut asking = question.asking(from)?;
    for asked in &mut asking.asked {
        asked.purpose.clone_from(&from.purpose);
        let extras = &mut asked.extras;
        (extras.words, extras.strictness) = (Q::WORDS, from.strictness);
        from.unread.add_to(extras, Q::RULES)?;
        for (name, _) in &from.headers {
            extras.misses(format!("{name} (header)"));
        }
        extras.headers.clone_from(&from.headers);
    }
    Ok(asking)
}

/// Returns who has sent a request: whom the door has let in with it.
pub(crate) fn who(head: &Parts) -> Result<Caller, Failure> {
    head.extensions.get::<Caller>().cloned().ok_or_else(|| {
        let message = "a request came in past the door";
        Failure::new(FailureKind::Ours, At::Oratory, message)
    })
}

/// Answers a question that has been read.
pub(crate) async fn tell<Q: Question>(
    question: Q,
    from: &Origin<'_>,
    share: Share,
) -> Result<Response, Rejected> {
    let (house, began) = (from.house, from.began);
    let Asking { asked, teller } = understood(question, from)?;
    Ok(match asked.first().map(|asked| asked.delivery) {
        Some(Delivery::Stream) => events::response(house, asked, began, share, teller).await?,
        Some(Delivery::Whole) | None => {
            let (answers, decision) = begin(house.clone(), asked, began, Some(share)).await?;
            let (head, id) = (answers.head.clone(), decision.id);
            let whole = answers.gather().await;
            let whole = whole.map_err(|failure| Rejected::from(failure).told_in(id))?;
            let mut response = teller.whole(&head, whole)?;
            mark(response.headers_mut(), &decision);
            response
        }
    })
}

/// Hands requests over and waits until each answer has begun.
pub(crate) async fn begin(
    house: Arc<House>,
    asked: Vec<Asked>,
    began: Instant,
    _share: Option<Share>,
) -> Result<(Answers, Decision), Rejected> {
    let each = asked.into_iter().map(|asked| one(&house, asked, began));
    // Whichever fails first ends the others with it.
    let all = futures_util::future::try_join_all(each).await?;
    let mut decision = None;
    let mut answers = Answers::new(began, now());
    for (told, telling) in all {
        let Told { answer: Answer { model, chunks, .. }, decision: made } = told;
        let decision: &Decision = decision.get_or_insert(made);
        answers.add(decision.id, model, chunks, telling);
    }
    let decision = decision.ok_or_else(|| {
        Failure::new(FailureKind::Ours, At::Oratory, "a request asked for no answer")
    })?;
    Ok((answers, decision))
}

async fn one(
    house: &Arc<House>,
    asked: Asked,
    began: Instant,
) -> Result<(Told, Telling), Rejected> {
    let id: RequestId = asked.id;
    let telling = Telling::begin(house.clone(), began);
    match house.pipeline.answer(asked).await {
        Ok(told) => Ok((told, telling)),
        Err(failure) => {
            // Counted with every other rejection.
            telling.counted_elsewhere();
            Err(Rejected::from(failure).told_in(id))
        }
    }
}

/// Bodies up to here are decoded where they are, which takes microseconds.
const AT_ONCE: usize = 64 << 10;

/// Reads a body's JSON; a long one takes so long that other requests must not wait for it.
pub(crate) async fn decode<Q: DeserializeOwned + Send + 'static>(
    sent: Sent,
    wanted: &'static [Wanted],
) -> Result<(Q, Share), Rejected> {
    let share = sent.share;
    Ok((apart(sent.bytes, |bytes| misread::read(bytes, wanted)).await?, share))
}

/// Works on the bytes of a body, elsewhere if there are many.
async fn apart<T: Send + 'static>(
    bytes: Bytes,
    work: impl FnOnce(&[u8]) -> Result<T, Rejected> + Send + 'static,
) -> Result<T, Rejected> {
    if bytes.len() <= AT_ONCE {
        return work(&bytes);
    }
    tokio::task::spawn_blocking(move || work(&bytes)).await.unwrap_or_else(|error| {
        let message = "the request could not be decoded";
        Err(Failure::new(FailureKind::Ours, At::Oratory, message).because(error).into())
    })
}

/// Says in headers which request this was and who answered.
pub(crate) fn mark(headers: &mut HeaderMap, decision: &Decision) {
    number(headers, decision.id);
    put(headers, "x-oratory-place", &format!("{}/{}", decision.place, decision.model));
    put(headers, "x-oratory-labels", &decision.labels);
    put(headers, "x-oratory-decision", &decision.line());
    if !decision.left_out.is_nothing() {
        put(headers, LEFT_OUT, &decision.left_out.to_string());
    }
    for name in decision.omitted.iter().take(MOST_NOTES) {
        // What a client has called a thing need not be fit for a head.
        let plain = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
        let note: String = failures::short(name).chars().map(plain).collect();
        if let Ok(value) = HeaderValue::from_str(&note) {
            headers.append(LEFT_OUT, value);
        }
    }
}

/// Says in headers which request this was.
pub(crate) fn number(headers: &mut HeaderMap, id: RequestId) {
    put(headers, "x-request-id", &id.to_string());
    // Where Anthropic's clients look for it.
    put(headers, "request-id", &id.to_string());
}

fn put(headers: &mut HeaderMap, name: &'static str, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// Returns the label the caller put on the request, in the `x-oratory-label` header.
///
/// Two values, in two headers or with a comma between them, are joined upward.
pub(crate) fn declared(headers: &HeaderMap) -> Result<Option<Labels>, Rejected> {
    let mut highest = None;
    for value in headers.get_all(LABEL) {
        let value = value.to_str().map_err(|_| label("it is not text"))?;
        for level in value.split(',') {
            let level = level.trim().parse::<Sensitivity>().map_err(|why| label(&why))?;
            highest = highest.max(Some(level));
        }
    }
    Ok(highest.map(Labels::of))
}

/// Names what in a request was not carried out.
const LEFT_OUT: &str = "x-oratory-left-out";
/// Heads have a size; the record names no more either.
const MOST_NOTES: usize = 16;

const LABEL: &str = "x-oratory-label";

/// Returns what the caller says a request is for, in the `x-oratory-purpose` header.
pub(crate) fn purpose(headers: &HeaderMap) -> Result<Option<String>, Rejected> {
    let mut values = headers.get_all(PURPOSE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return match headers.contains_key(PURPOSE) {
            true => Err(Rejected::field(PURPOSE, format!("`{PURPOSE}` is there twice; name one"))),
            false => Ok(None),
        };
    };
    // A policy compares it with words of its own; what it cannot hold cannot be meant.
    match value.to_str() {
        Ok(text) if text.len() <= 64 => Ok(Some(text.trim().to_owned())),
        _ => {
            let message =
                format!("`{PURPOSE}` must be up to 64 plain characters, such as translation");
            Err(Rejected::field(PURPOSE, message))
        }
    }
}

const PURPOSE: &str = "x-oratory-purpose";

/// Returns whether nothing of a request may be left out, as the `x-oratory-strict` header says.
fn strictness(headers: &HeaderMap) -> Result<Strictness, Rejected> {
    let Some(value) = headers.get(STRICT) else { return Ok(Strictness::Lenient) };
    match value.as_bytes() {
        b"true" => Ok(Strictness::Strict),
        b"false" => Ok(Strictness::Lenient),
        _ => Err(Rejected::field(STRICT, format!("`{STRICT}` must be true or false"))),
    }
}

const STRICT: &str = "x-oratory-strict";

fn label(why: &str) -> Rejected {
    Rejected::field(LABEL, format!("`{LABEL}`: {}", failures::short(why)))
}

/// Returns the seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

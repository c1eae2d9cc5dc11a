//! A chat completion as server-sent events.
//!
//! After the first event a failure can only be told as an event; it is told as one that
//! clients raise as an error, and nothing follows it.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderValue, header};
use oratory_contract::{Chunk, Chunks, Done, Failure};
use serde::Serialize;

use super::reply::{self, Head};
use super::telling::Telling;
use super::wire::{CallWire, LogprobsWire, UsageWire, finish_reason};
use crate::failures;

#[derive(Serialize)]
struct Event<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: &'a [Choice<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageWire>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: Option<LogprobsWire>,
    finish_reason: Option<&'a str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[CallWire<'a>; 1]>,
}

/// Writes events.
struct Writer {
    id: String,
    model: String,
    created: u64,
    usage: bool,
    began: bool,
}

pub(super) fn response(head: &Head, chunks: Chunks, telling: Telling, usage: bool) -> Response {
    let writer = Writer {
        id: head.id.clone(),
        model: head.model.to_string(),
        created: head.created,
        usage,
        began: false,
    };
    let events =
        futures_util::stream::unfold(Some((chunks, telling, writer)), |state| async move {
            let (mut chunks, mut telling, mut writer) = state?;
            let chunk = chunks.next().await.unwrap_or_else(|| Err(reply::cut_short()));
            telling.note(&chunk);
            let last = matches!(chunk, Ok(Chunk::Done(_)) | Err(_));
            let bytes = Ok::<_, std::convert::Infallible>(writer.write(chunk));
            Some((bytes, (!last).then_some((chunks, telling, writer))))
        });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // nginx would gather events before passing them on.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl Writer {
    fn write(&mut self, chunk: Result<Chunk, Failure>) -> Bytes {
        let mut out = Vec::with_capacity(256);
        match chunk {
            Ok(Chunk::Text(text)) => {
                self.delta(&mut out, Delta { content: Some(&text), ..Delta::default() });
            }
            Ok(Chunk::Thinking(text)) => {
                self.delta(&mut out, Delta { reasoning_content: Some(&text), ..Delta::default() });
            }
            Ok(Chunk::Call(part)) => {
                let tool_calls = Some([CallWire::part(&part)]);
                self.delta(&mut out, Delta { tool_calls, ..Delta::default() });
            }
            Ok(Chunk::Chances(chances)) => {
                let logprobs = Some(LogprobsWire::of(&chances));
                let delta = Delta { content: Some(""), ..Delta::default() };
                self.event(&mut out, &[Choice { logprobs, ..choice(delta, None) }], None);
            }
            // Comes only where it is asked for, which is not here.
            Ok(Chunk::Vector(_) | Chunk::Rating(_)) => {}
            Ok(Chunk::Done(done)) => self.done(&mut out, done),
            Err(failure) => {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(&failures::openai_body(&failure, None));
                out.extend_from_slice(b"\n\n");
            }
        }
        out.into()
    }

    /// Writes an event with something new; the first says who speaks.
    fn delta(&mut self, out: &mut Vec<u8>, delta: Delta<'_>) {
        let role = (!std::mem::replace(&mut self.began, true)).then_some("assistant");
        self.event(out, &[choice(Delta { role, ..delta }, None)], None);
    }

    fn done(&mut self, out: &mut Vec<u8>, done: Done) {
        if !self.began {
            self.delta(out, Delta { content: Some(""), ..Delta::default() });
        }
        self.event(out, &[choice(Delta::default(), Some(finish_reason(done.finish)))], None);
        if self.usage {
            self.event(out, &[], Some(done.usage.into()));
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn event(&self, out: &mut Vec<u8>, choices: &[Choice<'_>], usage: Option<UsageWire>) {
        let event = Event {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            choices,
            usage,
        };
        out.extend_from_slice(b"data: ");
        serde_json::to_writer(&mut *out, &event).expect("writing to memory cannot fail");
        out.extend_from_slice(b"\n\n");
    }
}

fn choice<'a>(delta: Delta<'a>, finish_reason: Option<&'a str>) -> Choice<'a> {
    Choice { index: 0, delta, logprobs: None, finish_reason }
}

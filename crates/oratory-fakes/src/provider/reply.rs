//! What each script says over HTTP: whole, event by event, or not at all.
//!
//! The words are `Script`'s; here they become bytes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use oratory_contract::Ability;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Manner, Seen, Then};
use crate::Script;
use crate::wire::{self, Request};

/// Answers one request; says whether the connection can be used for another.
pub(super) async fn give(
    stream: &mut TcpStream,
    request: &Request,
    manner: &Manner,
    seen: &Seen,
) -> bool {
    match (manner, request.target()) {
        (Manner::Always(bytes, then), _) => {
            let _listening = Listening::begin(seen);
            stream.write_all(bytes).await.is_ok() && go_on(stream, then).await
        }
        (Manner::Falters(bytes, bad, of), ("POST", _))
            if seen.questions.fetch_add(1, Ordering::SeqCst) % of < *bad =>
        {
            stream.write_all(bytes).await.is_ok()
        }
        (_, ("GET", "/v1/models")) => {
            wire::whole(stream, "200 OK", "", &models().to_string()).await
        }
        (_, ("POST", "/v1/chat/completions")) => chat(stream, request, seen).await,
        _ => wire::whole(stream, "404 Not Found", "", &error("there is nothing here")).await,
    }
}

/// Does what follows bytes that were said.
async fn go_on(stream: &mut TcpStream, then: &Then) -> bool {
    match then {
        Then::Silence => wire::speaks(stream).await,
        Then::Close => false,
        Then::Again(more) => {
            while stream.write_all(more).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            false
        }
    }
}

async fn chat(stream: &mut TcpStream, request: &Request, seen: &Seen) -> bool {
    let Ok(asked) = serde_json::from_slice::<Value>(request.body()) else {
        return wire::whole(stream, "400 Bad Request", "", &error("that is no JSON")).await;
    };
    let model = asked["model"].as_str().unwrap_or_default();
    match model.parse::<Script>() {
        Err(why) => wire::whole(stream, "404 Not Found", "", &error(&why)).await,
        Ok(Script::RateLimited) => {
            let later = "retry-after: 7\r\n";
            wire::whole(stream, "429 Too Many Requests", later, &error("too many")).await
        }
        Ok(Script::Crashes) => {
            let status = "500 Internal Server Error";
            wire::whole(stream, status, "", &error("the model crashed")).await
        }
        Ok(script) => say(stream, &Saying::new(script, &asked), seen).await,
    }
}

/// What is about to be said, and how.
struct Saying {
    script: Script,
    words: Vec<String>,
    pause: Duration,
    streams: bool,
    usage: bool,
}

impl Saying {
    fn new(script: Script, asked: &Value) -> Self {
        let messages = asked["messages"].as_array().map_or(&[][..], Vec::as_slice);
        let last = messages.last().and_then(|message| message["content"].as_str());
        let (words, pause) = script.words(last.unwrap_or_default());
        let streams = asked["stream"] == true;
        let usage = asked["stream_options"]["include_usage"] == true;
        Self { script, words, pause, streams, usage }
    }

    fn usage(&self) -> Value {
        let output = self.words.len();
        json!({ "prompt_tokens": 3, "completion_tokens": output, "total_tokens": output + 3 })
    }

    fn event(&self, choices: &Value, usage: Option<Value>) -> String {
        let mut event = json!({
            "id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1,
            "model": self.script.as_str(), "choices": choices,
        });
        if let Some(usage) = usage {
            event["usage"] = usage;
        }
        event.to_string()
    }

    fn completion(&self) -> String {
        json!({
            "id": "chatcmpl-fake", "object": "chat.completion", "created": 1,
            "model": self.script.as_str(),
            "choices": [{
                "index": 0,
                "message": { "role": "assistant", "content": self.words.concat() },
                "finish_reason": "stop",
            }],
            "usage": self.usage(),
        })
        .to_string()
    }
}

/// Says the words, unless the client leaves before the end.
async fn say(stream: &mut TcpStream, saying: &Saying, seen: &Seen) -> bool {
    let listening = Listening::begin(seen);
    let told =
        if saying.streams { events(stream, saying).await } else { whole(stream, saying).await };
    if told.is_err() {
        listening.seen.hung_up.fetch_add(1, Ordering::SeqCst);
    }
    told == Ok(Next::Another)
}

/// The client has left.
#[derive(Debug, PartialEq, Eq)]
struct Gone;

/// What follows an answer on its connection.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Another,
    Close,
}

fn taken(sent: bool) -> Result<(), Gone> {
    if sent { Ok(()) } else { Err(Gone) }
}

async fn whole(stream: &mut TcpStream, saying: &Saying) -> Result<Next, Gone> {
    let count = u32::try_from(saying.words.len()).unwrap_or(u32::MAX);
    pause(stream, saying.pause * count).await?;
    let completion = saying.completion();
    if saying.script == Script::CutsOff {
        // The head promises more than comes.
        let half = &completion[..completion.len() / 2];
        let longer = completion.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {longer}\r\n\r\n{half}");
        taken(stream.write_all(head.as_bytes()).await.is_ok())?;
        return Ok(Next::Close);
    }
    taken(wire::whole(stream, "200 OK", "", &completion).await)?;
    Ok(Next::Another)
}

async fn events(stream: &mut TcpStream, saying: &Saying) -> Result<Next, Gone> {
    taken(wire::begin_events(stream).await)?;
    let role = json!([{ "index": 0, "delta": { "role": "assistant", "content": "" }, "finish_reason": null }]);
    taken(wire::event(stream, &saying.event(&role, None)).await)?;
    for word in &saying.words {
        pause(stream, saying.pause).await?;
        let choice = json!([{ "index": 0, "delta": { "content": word }, "finish_reason": null }]);
        taken(wire::event(stream, &saying.event(&choice, None)).await)?;
    }
    if saying.script == Script::CutsOff {
        return Ok(Next::Close);
    }
    let end = json!([{ "index": 0, "delta": {}, "finish_reason": "stop" }]);
    taken(wire::event(stream, &saying.event(&end, None)).await)?;
    if saying.usage {
        taken(wire::event(stream, &saying.event(&json!([]), Some(saying.usage()))).await)?;
    }
    taken(wire::event(stream, "[DONE]").await)?;
    taken(wire::end_events(stream).await)?;
    Ok(Next::Another)
}

/// Lets time pass, unless the client leaves meanwhile.
async fn pause(stream: &mut TcpStream, pause: Duration) -> Result<(), Gone> {
    if pause.is_zero() {
        return Ok(());
    }
    tokio::time::timeout(pause, wire::gone(stream)).await.map_or(Ok(()), |()| Err(Gone))
}

/// Counts one answer being given, until dropped.
struct Listening<'a> {
    seen: &'a Seen,
}

impl<'a> Listening<'a> {
    fn begin(seen: &'a Seen) -> Self {
        seen.listeners.fetch_add(1, Ordering::SeqCst);
        Self { seen }
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.seen.listeners.fetch_sub(1, Ordering::SeqCst);
    }
}

fn models() -> Value {
    // Only chat is served here.
    let chats = Script::ALL.iter().filter(|script| script.abilities() == [Ability::Answer]);
    let models: Vec<Value> =
        chats.map(|script| json!({ "id": script.as_str(), "object": "model" })).collect();
    json!({ "object": "list", "data": models })
}

fn error(message: &str) -> String {
    json!({ "error": { "message": message, "type": "fake_error", "param": null, "code": null } })
        .to_string()
}

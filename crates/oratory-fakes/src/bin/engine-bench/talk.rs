//! One request over HTTP, streamed, and when its tokens came.
//!
//! Prompts are words that made models know as one token each, so that both servers read as many.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Trouble;
use crate::server::Server;

/// When the tokens of an answer came.
pub(crate) struct Heard {
    pub(crate) first: Duration,
    pub(crate) last: Duration,
    pub(crate) tokens: usize,
}

impl Heard {
    /// Returns tokens a second after the first.
    pub(crate) fn pace(&self) -> f64 {
        (self.tokens.max(2) - 1) as f64 / (self.last - self.first).as_secs_f64().max(1e-9)
    }
}

/// Returns so many words; other numbers give other words.
pub(crate) fn words(number: u32, count: u32) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9) ^ 0x85eb_ca6b;
    let mut text = String::new();
    for _ in 0..count {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push(' ');
        text.push_str(&word(state >> 16 & 0x3fff));
    }
    text
}

/// Spells a number in syllables, as the vocabularies of made models do.
fn word(number: u32) -> String {
    let syllable = |number: u32| {
        let consonant = b"bcdfghjklmnpqrstvwxz"[number as usize / 5 % 20];
        [consonant, b"aeiou"[number as usize % 5]].map(char::from)
    };
    [number, number / 100, number / 10_000]
        .map(|part| syllable(part % 100))
        .concat()
        .iter()
        .collect()
}

/// Asks a server and hears the answer out.
pub(crate) async fn ask(server: &Server, prompt: &str, most: u32) -> Result<Heard, Trouble> {
    ask_for(server, prompt, most, json!({})).await
}

/// Asks with more fields beside the usual ones.
pub(crate) async fn ask_for(
    server: &Server,
    prompt: &str,
    most: u32,
    more: Value,
) -> Result<Heard, Trouble> {
    let mut body = json!({
        "model": server.model,
        "messages": [{ "role": "user", "content": prompt }],
        "max_tokens": most,
        "temperature": 0,
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let began = Instant::now();
    let mut stream = post(server, "/v1/chat/completions", &body).await?;
    let mut buffer = Vec::new();
    let (mut seen, mut first, mut last) = (0, None, began.elapsed());
    let mut read = 0;
    while stream.read_buf(&mut buffer).await? > 0 {
        // Only whole lines are looked at, each once.
        let end = buffer.iter().rposition(|byte| *byte == b'\n').map_or(read, |at| at + 1);
        let fresh = tokens(&buffer[read..end]);
        read = end;
        if fresh > 0 {
            last = began.elapsed();
            first.get_or_insert(last);
            seen += fresh;
        }
    }
    let Some(first) = first else {
        let heard: String = String::from_utf8_lossy(&buffer).chars().take(600).collect();
        return Err(format!("{:?} answered no token; heard was {heard:?}", server.kind).into());
    };
    // Several tokens may come in one piece; who counts them says how many.
    let tokens = counted(&String::from_utf8_lossy(&buffer)).unwrap_or(seen);
    Ok(Heard { first, last, tokens })
}

/// What Oratory wrote, and how long that took it by its own account.
pub(crate) struct Written {
    /// The message, text and calls.
    pub(crate) message: Value,
    pub(crate) tokens: f64,
    pub(crate) seconds: f64,
}

/// Asks Oratory in Ollama's dialect, which tells how long reading took and how long writing.
pub(crate) async fn write(server: &Server, mut body: Value, most: u32) -> Result<Written, Trouble> {
    body["model"] = server.model.clone().into();
    body["stream"] = false.into();
    body["options"] = json!({ "temperature": 0, "num_predict": most });
    let mut stream = post(server, "/api/chat", &body).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, answer) = answer.split_once("\r\n\r\n").ok_or("an answer has no body")?;
    let answer: Value = serde_json::from_str(answer)?;
    let number = |name: &str| answer[name].as_f64().ok_or_else(|| format!("no {name}: {answer}"));
    let (tokens, seconds) = (number("eval_count")?, number("eval_duration")? / 1e9);
    Ok(Written { message: unnamed(answer["message"].clone()), tokens, seconds })
}

/// Takes the names of calls away: they are drawn anew for every answer.
fn unnamed(mut message: Value) -> Value {
    for call in message["tool_calls"].as_array_mut().into_iter().flatten() {
        call.as_object_mut().map(|call| call.remove("id"));
    }
    message
}

async fn post(server: &Server, path: &str, body: &Value) -> Result<TcpStream, Trouble> {
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        server.address,
        body.len()
    );
    let mut stream = TcpStream::connect(server.address).await?;
    stream.set_nodelay(true)?;
    stream.write_all((head + &body).as_bytes()).await?;
    Ok(stream)
}

/// Returns how many tokens the server counted, if it says.
fn counted(stream: &str) -> Option<usize> {
    let (_, rest) = stream.rsplit_once("\"completion_tokens\":")?;
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Counts the pieces of text in lines of a stream; each is one token of a made model.
fn tokens(lines: &[u8]) -> usize {
    let text = String::from_utf8_lossy(lines);
    let told = text.lines().filter(|line| {
        let content = line.split_once("\"content\":").map(|(_, rest)| rest.trim_start());
        line.starts_with("data: ")
            && content.is_some_and(|rest| rest.starts_with('"') && !rest.starts_with("\"\""))
    });
    told.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_the_same_whatever_they_are_named() {
        let call = |id, name| unnamed(json!({ "tool_calls": [{ "id": id, "name": name }] }));
        assert_eq!(call("a", "look"), call("b", "look"));
        assert_ne!(call("a", "look"), call("a", "listen"));
    }

    #[test]
    fn pieces_of_text_are_counted_and_nothing_else() {
        let stream =
            b"data: {\"delta\":{\"role\":\"assistant\"}}\n\ndata: {\"delta\": {\"content\": \
                       \" baba\"}}\n\ndata: {\"delta\":{\"content\":\"\"}}\ndata: [DONE]\n";
        assert_eq!(tokens(stream), 1);
        assert_eq!(counted("data: {\"usage\":{\"completion_tokens\": 33}}"), Some(33));
        assert_eq!(word(0), "bababa");
        assert_eq!(words(1, 3).split_whitespace().count(), 3);
        assert_ne!(words(1, 3), words(2, 3));
    }
}

//! The provider behind the gateway: as cheap as can be, since it shares a core with the callers.
//!
//! Answers everything the same, whole or in a stream, from bytes made beforehand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::Trouble;
use crate::caller::extent;

/// Tokens that follow the first one of a stream.
const TOKENS: usize = 20;

/// A provider that serves as long as the process lives.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
}

/// The bytes it says.
struct Said {
    whole: Vec<u8>,
    /// The head and the first event, then each of the others, the last with the end.
    streamed: Vec<Vec<u8>>,
}

impl Upstream {
    /// Starts it on a thread of its own: a real provider shares none with its callers, so going
    /// there directly takes a switch that must not be counted against gateways.
    pub(crate) fn start() -> Result<Self, Trouble> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        std::thread::Builder::new()
            .name("upstream".to_owned())
            .spawn(move || runtime.block_on(serve(&listener)))?;
        Ok(Self { address })
    }
}

async fn serve(listener: &TcpListener) {
    let said = Arc::new(Said { whole: whole(), streamed: streamed() });
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, said.clone()));
    }
}

async fn converse(mut stream: TcpStream, said: Arc<Said>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let mut buffer = Vec::with_capacity(16 * 1024);
    while matches!(stream.read_buf(&mut buffer).await, Ok(read) if read > 0) {
        let Some(end) = extent(&buffer) else { continue };
        let told = if streams(&buffer[..end]) {
            tell(&mut stream, &said.streamed).await
        } else {
            stream.write_all(&said.whole).await
        };
        if told.is_err() {
            return;
        }
        buffer.drain(..end);
    }
}

/// Looks for the wish at the end only, where callers and gateways both write it.
fn streams(request: &[u8]) -> bool {
    let wish = b"\"stream\":true";
    let tail = &request[request.len().saturating_sub(80)..];
    tail.windows(wish.len()).any(|window| window == wish)
}

async fn tell(stream: &mut TcpStream, events: &[Vec<u8>]) -> std::io::Result<()> {
    for (at, event) in events.iter().enumerate() {
        stream.write_all(event).await?;
        if at == 0 {
            // Else the core is busy with the other tokens when the first one could be heard.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    Ok(())
}

const ANSWER: &str = "Warm days and cool nights suit it best. Water it in the morning, \
                      twice a week, and keep the leaves dry.";

fn whole() -> Vec<u8> {
    let body = json!({
        "id": "chatcmpl-0001", "object": "chat.completion", "created": 1, "model": "mock",
        "choices": [{
            "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": ANSWER },
        }],
        "usage": { "prompt_tokens": 210, "completion_tokens": 24, "total_tokens": 234 },
    })
    .to_string();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    (head + &body).into_bytes()
}

fn streamed() -> Vec<Vec<u8>> {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let first = event(&json!({ "role": "assistant", "content": "Warm" }), &Value::Null);
    let mut events = vec![(head.to_owned() + &first).into_bytes()];
    for _ in 0..TOKENS {
        events.push(event(&json!({ "content": " days" }), &Value::Null).into_bytes());
    }
    let end = event(&json!({}), &json!("stop")) + &chunk("data: [DONE]\n\n") + "0\r\n\r\n";
    events.push(end.into_bytes());
    events
}

fn event(delta: &Value, finish: &Value) -> String {
    let event = json!({
        "id": "chatcmpl-0001", "object": "chat.completion.chunk", "created": 1, "model": "mock",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    });
    chunk(&format!("data: {event}\n\n"))
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

//! Providers that misbehave, each in its own dialect.
//!
//! Nothing here knows what Oratory makes of it.

use std::io::Write;
use std::net::TcpListener;

use oratory_contract::Delivery;
use oratory_fakes::Provider;
use oratory_remote::Dialect;
use serde_json::json;

use crate::canned::{events, frame, head, nonsense, success, unframed, whole};

/// What goes wrong.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    Refused,
    NoTls,
    SlowFirstByte,
    SilentInMidStream,
    CutInMidStream,
    NeverEnding,
    OnlyPings,
    LongerThanItSays,
    ShorterThanItSays,
    NoJson,
    NoFrames,
    ErrorInMidStream,
    Status(u16),
    TooLong,
    RateLimit,
    OutOfCredit,
    CreditTooLow,
    Maintenance,
}

/// What a provider says of its fault, where it says anything.
const WORDS: &str = "the dog ate it";

impl Fault {
    /// Returns what happens, for a person.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Refused => "nobody listens there",
            Self::NoTls => "the server does not speak TLS",
            Self::SlowFirstByte => "nothing is said",
            Self::SilentInMidStream => "nothing more is said in the middle of the answer",
            Self::CutInMidStream => "the connection ends in the middle of the answer",
            Self::NeverEnding => "the answer never ends",
            Self::OnlyPings => "nothing but signs of life comes",
            Self::LongerThanItSays => "the answer is longer than its `content-length`",
            Self::ShorterThanItSays => "the answer is shorter than its `content-length`",
            Self::NoJson => "the answer is no JSON",
            Self::NoFrames => "the stream has no events",
            Self::ErrorInMidStream => "an error is told in the middle of the answer",
            Self::TooLong => "400, because the prompt is too long",
            Self::RateLimit => "429, with `retry-after: 7`",
            Self::OutOfCredit => "429, because no credit is left",
            Self::CreditTooLow => "400, because the credit is too low",
            Self::Maintenance => "503, with `retry-after: 3`",
            Self::Status(400) => "400",
            Self::Status(401) => "401",
            Self::Status(402) => "402",
            Self::Status(403) => "403",
            Self::Status(404) => "404",
            Self::Status(408) => "408",
            Self::Status(409) => "409",
            Self::Status(413) => "413",
            Self::Status(422) => "422",
            Self::Status(429) => "429",
            Self::Status(500) => "500",
            Self::Status(502) => "502",
            Self::Status(503) => "503",
            Self::Status(529) => "529",
            Self::Status(_) => "another status",
        }
    }

    /// Returns the words that must reach the caller.
    pub(super) fn words(self) -> Option<&'static str> {
        match self {
            Self::Status(_) | Self::RateLimit | Self::Maintenance | Self::ErrorInMidStream => {
                Some(WORDS)
            }
            _ => None,
        }
    }
}

/// Starts a provider with this fault and returns it with its address.
pub(super) async fn misbehaving(
    fault: Fault,
    dialect: Dialect,
    delivery: Delivery,
) -> (Option<Provider>, String) {
    let provider = match fault {
        Fault::Refused => return (None, unused()),
        Fault::NoTls => return (None, without_tls()),
        Fault::SlowFirstByte => Provider::saying("").await,
        Fault::SilentInMidStream => Provider::saying(half(dialect, delivery)).await,
        Fault::CutInMidStream => Provider::closing(half(dialect, delivery)).await,
        Fault::NeverEnding => {
            let more = match delivery {
                Delivery::Whole => b" ".to_vec(),
                Delivery::Stream => events(dialect).swap_remove(0),
            };
            Provider::endless("HTTP/1.1 200 OK\r\n\r\n", more).await
        }
        Fault::OnlyPings => {
            let ping = sign_of_life(dialect);
            Provider::endless("HTTP/1.1 200 OK\r\n\r\n", ping).await
        }
        Fault::LongerThanItSays => {
            let body = body(dialect, delivery);
            let head = head(dialect, delivery, body.len() / 2);
            Provider::saying([head.as_bytes(), &body].concat()).await
        }
        Fault::ShorterThanItSays => {
            let body = body(dialect, delivery);
            let head = head(dialect, delivery, body.len() + 9);
            Provider::closing([head.as_bytes(), &body].concat()).await
        }
        Fault::NoJson => {
            let body = match delivery {
                Delivery::Whole => b"<html>no answer</html>".to_vec(),
                Delivery::Stream => nonsense(dialect),
            };
            Provider::saying(success(dialect, delivery, &body)).await
        }
        Fault::NoFrames => Provider::saying(success(dialect, delivery, &unframed(dialect))).await,
        Fault::ErrorInMidStream => {
            let mut said = events(dialect);
            said.truncate(2);
            said.push(error_event(dialect));
            Provider::saying(success(dialect, delivery, &said.concat())).await
        }
        Fault::Status(code) => Provider::saying(refusal(dialect, code, "", "other", WORDS)).await,
        Fault::TooLong => {
            let words = "prompt is too long: 9 tokens > 8 maximum";
            Provider::saying(refusal(dialect, 400, "", "other", words)).await
        }
        Fault::RateLimit => {
            let header = "retry-after: 7\r\n";
            Provider::saying(refusal(dialect, 429, header, "other", WORDS)).await
        }
        Fault::OutOfCredit => {
            // Providers that have no name for it have words.
            let words = match dialect {
                Dialect::Ollama | Dialect::Bedrock => "Insufficient balance",
                _ => "You exceeded your current quota",
            };
            Provider::saying(refusal(dialect, 429, "", "insufficient_quota", words)).await
        }
        Fault::CreditTooLow => {
            let words = "Your credit balance is too low to access the API";
            Provider::saying(refusal(dialect, 400, "", "invalid_request_error", words)).await
        }
        Fault::Maintenance => {
            let header = "retry-after: 3\r\n";
            Provider::saying(refusal(dialect, 503, header, "other", WORDS)).await
        }
    };
    let url = provider.url();
    (Some(provider), url)
}

/// Returns an address where nobody listens.
fn unused() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port can be had");
    let address = listener.local_addr().expect("a bound socket has an address");
    format!("http://{address}/v1")
}

/// Returns an address where somebody listens who has never heard of TLS.
fn without_tls() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port can be had");
    let address = listener.local_addr().expect("a bound socket has an address");
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    format!("https://{address}/v1")
}

fn body(dialect: Dialect, delivery: Delivery) -> Vec<u8> {
    match delivery {
        Delivery::Whole => whole(dialect),
        Delivery::Stream => events(dialect).concat(),
    }
}

/// Returns an answer as far as its middle, with a head that promises all of it.
fn half(dialect: Dialect, delivery: Delivery) -> Vec<u8> {
    let body = body(dialect, delivery);
    let head = head(dialect, delivery, body.len());
    let said = match delivery {
        Delivery::Whole => body[..body.len() / 2].to_vec(),
        Delivery::Stream => events(dialect)[..2].concat(),
    };
    [head.into_bytes(), said].concat()
}

/// Returns a refusal in the envelope of the dialect.
fn refusal(dialect: Dialect, code: u16, headers: &str, name: &str, words: &str) -> String {
    let mut headers = headers.to_owned();
    let body = match dialect {
        Dialect::OpenAi | Dialect::Azure | Dialect::Responses => {
            json!({ "error": { "message": words, "type": name, "param": null, "code": name } })
        }
        Dialect::Anthropic => {
            json!({ "type": "error", "error": { "type": name, "message": words } })
        }
        Dialect::Gemini => json!({ "error": { "code": code, "message": words, "status": name } }),
        Dialect::Ollama => json!({ "error": words }),
        Dialect::Bedrock => {
            headers.push_str("x-amzn-errortype: OtherException:http://internal.amazon.com/\r\n");
            json!({ "message": words })
        }
    };
    let (body, status) = (body.to_string(), format!("{code} Status"));
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

/// Returns what says that an answer is still being made, and nothing of it.
fn sign_of_life(dialect: Dialect) -> Vec<u8> {
    match dialect {
        Dialect::Ollama => b"\n".to_vec(),
        Dialect::Anthropic => b"event: ping\ndata: {\"type\": \"ping\"}\n\n".to_vec(),
        Dialect::Bedrock => frame("messageStart", &json!({ "role": "assistant" }).to_string()),
        _ => b": still here\n\n".to_vec(),
    }
}

/// Returns an event that tells an error: too much to do.
fn error_event(dialect: Dialect) -> Vec<u8> {
    let value = match dialect {
        Dialect::OpenAi | Dialect::Azure => {
            json!({ "error": { "message": WORDS, "type": "x", "code": "rate_limit_exceeded" } })
        }
        Dialect::Responses => json!({
            "type": "error", "code": "rate_limit_exceeded", "message": WORDS, "param": null,
            "sequence_number": 3,
        }),
        Dialect::Anthropic => {
            json!({ "type": "error", "error": { "type": "overloaded_error", "message": WORDS } })
        }
        Dialect::Gemini => {
            json!({ "error": { "code": 503, "message": WORDS, "status": "UNAVAILABLE" } })
        }
        Dialect::Ollama => json!({ "error": WORDS }),
        Dialect::Bedrock => {
            return frame("throttlingException", &json!({ "message": WORDS }).to_string());
        }
    };
    let end = if dialect == Dialect::Ollama { "\n" } else { "\n\n" };
    let begin = if dialect == Dialect::Ollama { "" } else { "data: " };
    format!("{begin}{value}{end}").into_bytes()
}

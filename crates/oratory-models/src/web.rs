//! The client: asks, follows redirects, and tells failures worth another try from the rest.
//!
//! A token goes to the host it was given for and to no other, wherever that host points. No proxy
//! is used, and what began with https stays there.

mod client;
mod status;
mod tries;

use std::sync::OnceLock;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::{ModelsError, Patience, Token};
use client::Client;
pub(crate) use status::{host, origin};
pub(crate) use tries::{Tries, Trouble};

/// Redirects in a row; Hugging Face needs two.
const HOPS: usize = 8;
/// The largest document that is no model: listings of huge repositories stay below it.
const DOCUMENT: usize = 32 << 20;
/// Hugging Face tells the digest of a file where it redirects to its storage.
const LINKED_TAG: HeaderName = HeaderName::from_static("x-linked-etag");

/// Asks servers.
#[derive(Debug)]
pub(crate) struct Web {
    client: OnceLock<Client>,
    pub(crate) patience: Patience,
}

/// One question.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) url: &'a str,
    /// Sent only to the host of `url`.
    pub(crate) token: Option<&'a Token>,
    pub(crate) accept: Option<&'static str>,
    /// The first byte wanted, and the one after the last.
    pub(crate) range: Option<(u64, Option<u64>)>,
}

impl<'a> Question<'a> {
    pub(crate) fn new(url: &'a str, token: Option<&'a Token>) -> Self {
        Self { url, token, accept: None, range: None }
    }
}

/// The head of an answer, and its body still to come.
pub(crate) struct Reply {
    pub(crate) response: Response<Incoming>,
    /// What identifies these very bytes, if the server says.
    pub(crate) validator: Option<String>,
}

impl Web {
    pub(crate) fn new(patience: Patience) -> Self {
        Self { client: OnceLock::new(), patience }
    }

    /// Asks once and follows redirects.
    pub(crate) async fn ask(&self, question: &Question<'_>) -> Result<Reply, Trouble> {
        let nonsense =
            |why: String| Trouble::Final(ModelsError::Answer { host: host(question.url), why });
        let first: Uri = question.url.parse().map_err(|error| {
            Trouble::Final(ModelsError::Name {
                asked: question.url.to_owned(),
                why: format!("it is no address: {error}"),
            })
        })?;
        let mut uri = first.clone();
        let mut linked = None;
        for _ in 0..HOPS {
            let at_home = origin(&uri) == origin(&first);
            let response = self.hop(&uri, question, at_home).await?;
            linked = linked.or_else(|| header(response.headers(), &LINKED_TAG));
            if !is_redirect(response.status()) {
                if let Some(trouble) = status::judge(&response, &uri, question, at_home) {
                    return Err(trouble);
                }
                let validator = linked.or_else(|| validator(response.headers()));
                return Ok(Reply { response, validator });
            }
            let next = header(response.headers(), &header::LOCATION)
                .and_then(|location| status::follow(&uri, &location))
                .ok_or_else(|| nonsense("it redirects to nowhere".to_owned()))?;
            if uri.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
                return Err(nonsense("it redirects from https to plain http".to_owned()));
            }
            uri = next;
        }
        Err(nonsense(format!("it redirects more than {HOPS} times")))
    }

    async fn hop(
        &self,
        uri: &Uri,
        question: &Question<'_>,
        at_home: bool,
    ) -> Result<Response<Incoming>, Trouble> {
        let asking = self
            .client
            .get_or_init(|| client::new(&self.patience))
            .request(request(uri, question, at_home)?);
        let host = uri.host().unwrap_or_default();
        match timeout(self.patience.stall, asking).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(Trouble::again(format!("{host}: {}", innermost(&error)))),
            Err(_) => {
                let waited = self.patience.stall.as_secs_f32();
                Err(Trouble::again(format!("{host} did not answer within {waited} s")))
            }
        }
    }

    /// Asks until there is an answer, or it is plain that there will be none.
    pub(crate) async fn insist(
        &self,
        question: &Question<'_>,
        tries: &mut Tries<'_>,
    ) -> Result<Reply, ModelsError> {
        loop {
            match self.ask(question).await {
                Ok(reply) => return Ok(reply),
                Err(trouble) => tries.failed(trouble).await?,
            }
        }
    }

    /// Fetches a document, with its headers.
    pub(crate) async fn document(
        &self,
        question: &Question<'_>,
        tries: &mut Tries<'_>,
    ) -> Result<(HeaderMap, Bytes), ModelsError> {
        loop {
            let read = match self.ask(question).await {
                Ok(reply) => self.whole(reply.response).await,
                Err(trouble) => Err(trouble),
            };
            match read {
                Ok(document) => return Ok(document),
                Err(trouble) => tries.failed(trouble).await?,
            }
        }
    }

    async fn whole(&self, response: Response<Incoming>) -> Result<(HeaderMap, Bytes), Trouble> {
        let (head, body) = response.into_parts();
        let body = http_body_util::Limited::new(body, DOCUMENT).collect();
        match timeout(self.patience.stall, body).await {
            Ok(Ok(body)) => Ok((head.headers, body.to_bytes())),
            Ok(Err(error)) => Err(Trouble::again(format!("the answer broke off: {error}"))),
            Err(_) => Err(Trouble::again("the answer did not end".to_owned())),
        }
    }
}

fn request(
    uri: &Uri,
    question: &Question<'_>,
    at_home: bool,
) -> Result<Request<Empty<Bytes>>, Trouble> {
    let mut request = Request::get(uri)
        .header(header::USER_AGENT, concat!("oratory/", env!("CARGO_PKG_VERSION")))
        // A compressed answer has other offsets than the file.
        .header(header::ACCEPT_ENCODING, "identity");
    if let Some(accept) = question.accept {
        request = request.header(header::ACCEPT, accept);
    }
    if let Some((start, end)) = question.range {
        let end = end.map_or(String::new(), |end| (end - 1).to_string());
        request = request.header(header::RANGE, format!("bytes={start}-{end}"));
    }
    let wrong =
        |why: String| Trouble::Final(ModelsError::Name { asked: question.url.to_owned(), why });
    if let Some(token) = question.token.filter(|_| at_home) {
        let mut value = HeaderValue::from_str(&token.bearer())
            .map_err(|_| wrong("the token holds characters no header may carry".to_owned()))?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    request.body(Empty::new()).map_err(|error| wrong(error.to_string()))
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn validator(headers: &HeaderMap) -> Option<String> {
    header(headers, &header::ETAG).or_else(|| header(headers, &header::LAST_MODIFIED))
}

/// Reads a document as JSON.
pub(crate) fn json<T: DeserializeOwned>(url: &str, body: &[u8]) -> Result<T, ModelsError> {
    serde_json::from_slice(body).map_err(|error| ModelsError::Answer {
        host: host(url),
        why: format!("its document is not what was expected: {error}"),
    })
}

/// Returns the end of the chain, where the operating system says what happened.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// Escapes what may not stand in a path of an address.
pub(crate) fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/+,=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

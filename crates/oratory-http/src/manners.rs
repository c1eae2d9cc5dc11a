//! What every answer carries, whatever made it: a name, leave for a page elsewhere to read it, and
//! a smaller body for a client that can read one.
//!
//! Looks at heads only; who may come in is the door's matter.

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use oratory_contract::RequestId;

use crate::packing;

/// The paths that are served, and the manners of all of them.
#[derive(Clone)]
pub struct Served {
    pub(crate) router: Router,
    pub(crate) origins: Origins,
}

/// Pages of these origins may read answers.
#[derive(Clone, Debug, Default)]
pub struct Origins(std::sync::Arc<[String]>);

/// What of a request's head matters to its answer.
pub(crate) struct Noted {
    /// The origin that may read the answer.
    origin: Option<HeaderValue>,
    preflight: Option<Preflight>,
    packed: bool,
}

/// A browser's question whether it may ask at all.
struct Preflight {
    headers: Option<HeaderValue>,
    private: bool,
}

const REQUEST: &str = "x-request-id";
/// What of a head a page may read beside what every page may.
const EXPOSED: &str = "x-request-id, request-id, x-oratory-place, x-oratory-labels, x-oratory-decision, x-oratory-left-out, retry-after";
const PRIVATE_ASKED: HeaderName = HeaderName::from_static("access-control-request-private-network");
const PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");
/// How long a browser need not ask again, in seconds.
const REMEMBERED: &str = "600";

impl Origins {
    /// Returns the origins of this list; `*` stands for all of them.
    pub fn new(origins: Vec<String>) -> Self {
        Self(origins.into())
    }

    /// Whether a page of this origin may read answers.
    pub(crate) fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == "*" || known.eq_ignore_ascii_case(origin))
    }
}

impl Noted {
    pub(crate) fn of<B>(request: &Request<B>, origins: &Origins) -> Self {
        let headers = request.headers();
        let origin = headers.get(header::ORIGIN);
        let origin = origin.filter(|origin| origin.to_str().is_ok_and(|text| origins.allow(text)));
        let asks = request.method() == Method::OPTIONS
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let preflight = (origin.is_some() && asks).then(|| Preflight {
            headers: headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned(),
            private: headers.contains_key(PRIVATE_ASKED),
        });
        Self { origin: origin.cloned(), preflight, packed: packing::is_read_by(headers) }
    }

    /// Returns the answer to a browser that asks whether it may ask.
    pub(crate) fn preflight(&mut self) -> Option<Response> {
        let Preflight { headers: asked, private } = self.preflight.take()?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        put(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE");
        put(headers, header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
        if let Some(asked) = asked {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
        }
        if private {
            put(headers, PRIVATE, "true");
        }
        Some(response)
    }

    /// Gives an answer what it carries.
    pub(crate) async fn finish(self, response: Response) -> Response {
        let mut response = match self.packed && is_worth_it(&response) {
            true => packing::packed(response).await,
            false => response,
        };
        let headers = response.headers_mut();
        if !headers.contains_key(REQUEST) {
            let id = RequestId::new().to_string();
            put(headers, HeaderName::from_static(REQUEST), &id);
        }
        if let Some(origin) = self.origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            put(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            headers.append(header::VARY, HeaderValue::from_static("origin"));
        }
        response
    }
}

/// Bodies below this fit into one packet as they are.
const WORTH_IT: u64 = 1400;

/// Whether a body is whole, JSON or plain text, and long enough. A stream is sent as it comes.
fn is_worth_it(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let text = |kind: &HeaderValue| {
        kind.as_bytes().starts_with(b"application/json")
            || kind.as_bytes().starts_with(b"text/plain")
    };
    response.body().size_hint().exact().is_some_and(|bytes| bytes >= WORTH_IT)
        && kind.is_some_and(text)
}

fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

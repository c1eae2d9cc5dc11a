//! What a status means: an answer, a reason to try again, or the end.
//!
//! Also where a redirect leads.

use std::time::{Duration, SystemTime};

use http::header::{self, HeaderMap};
use http::{Response, Uri};
use hyper::body::Incoming;

use super::{Question, Trouble};
use crate::ModelsError;

/// Says what is wrong with an answer, if anything is.
pub(super) fn judge(
    response: &Response<Incoming>,
    uri: &Uri,
    question: &Question<'_>,
    at_home: bool,
) -> Option<Trouble> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    let busy = matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504);
    // Addresses in a storage expire; asking again at home gives a fresh one.
    let expired = !at_home && matches!(status.as_u16(), 401 | 403 | 410);
    let server = uri.host().unwrap_or_default().to_owned();
    if busy || expired {
        let why = format!("{server} answered {status}");
        return Some(Trouble::Again { why, after: retry_after(response.headers()), server });
    }
    Some(Trouble::Final(ModelsError::Status {
        host: server,
        status: status.as_u16(),
        what: without_query(question.url).to_owned(),
    }))
}

/// How long a server asks us to wait: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(text).ok()?;
    Some(then.duration_since(SystemTime::now()).unwrap_or_default())
}

/// Returns where `location`, found at `from`, leads.
pub(super) fn follow(from: &Uri, location: &str) -> Option<Uri> {
    if location.starts_with("http://") || location.starts_with("https://") {
        return location.parse().ok().filter(|uri: &Uri| uri.host().is_some());
    }
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    if let Some(rest) = location.strip_prefix("//") {
        return format!("{scheme}://{rest}").parse().ok();
    }
    let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if location.starts_with('/') {
        location.to_owned()
    } else {
        format!("{folder}/{location}")
    };
    format!("{scheme}://{authority}{path}").parse().ok()
}

/// Returns what makes two addresses the same server.
pub(crate) fn origin(uri: &Uri) -> (String, String, u16) {
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    (scheme, uri.host().unwrap_or_default().to_ascii_lowercase(), port)
}

/// Returns the host of an address, for a person.
pub(crate) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
}

/// What stands behind the question mark may be a secret.
fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

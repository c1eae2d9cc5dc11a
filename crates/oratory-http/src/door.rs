//! Who may come in: the key, and the headers a browser cannot forge.
//!
//! A web page a person happens to visit can send requests to this machine; without a key, only
//! requests that name this machine and come from no foreign page are served.

use axum::extract::Request;
use http::{HeaderMap, header};
use oratory_contract::{At, Failure, FailureKind};
use subtle::ConstantTimeEq;

/// Who may come in.
#[derive(Clone)]
pub struct Door {
    key: Option<String>,
}

impl Door {
    /// Returns a door that opens to whoever has the key, or, without one, to this machine.
    pub fn new(key: Option<String>) -> Self {
        Self { key }
    }

    /// Lets the request in or says why not.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Failure> {
        match &self.key {
            Some(key) => has_key(request.headers(), key),
            None => from_here(request),
        }
    }
}

fn has_key(headers: &HeaderMap, key: &str) -> Result<(), Failure> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let given = bearer.or_else(|| headers.get("x-api-key").and_then(|value| value.to_str().ok()));
    let wrong = |message| Failure::new(FailureKind::Unauthorized, At::Caller, message);
    match given {
        // In constant time, so that the key cannot be guessed letter by letter.
        Some(given) if bool::from(given.as_bytes().ct_eq(key.as_bytes())) => Ok(()),
        Some(_) => Err(wrong("the key is not the one this Oratory was given")),
        None => Err(wrong("this Oratory wants a key")),
    }
    .map_err(|failure| failure.hint("send `Authorization: Bearer KEY`"))
}

fn from_here(request: &Request) -> Result<(), Failure> {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
    let origin = headers.get(header::ORIGIN).map(|value| value.to_str().unwrap_or("unreadable"));
    let foreign = |name: &str, value: &str| {
        Failure::new(
            FailureKind::Refused,
            At::Caller,
            format!(
                "`{name}: {}` does not name this machine",
                value.chars().take(80).collect::<String>()
            ),
        )
        .hint("to serve other machines or pages, set `server.key` and send it")
    };
    match (host, origin) {
        (Some(host), _) if !is_this_machine(host) => Err(foreign("Host", host)),
        (_, Some(origin)) if !origin_is_this_machine(origin) => Err(foreign("Origin", origin)),
        _ => Ok(()),
    }
}

fn origin_is_this_machine(origin: &str) -> bool {
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    host.is_some_and(is_this_machine)
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;

    use super::{Door, is_this_machine};

    fn let_in(door: &Door, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        door.check(&request.body(Body::empty()).unwrap()).is_ok()
    }

    #[test]
    fn a_foreign_page_cannot_use_a_door_without_a_key() {
        let door = Door::new(None);
        assert!(let_in(&door, &[("host", "127.0.0.1:11435")]));
        assert!(let_in(&door, &[("host", "localhost:1"), ("origin", "http://localhost:3000")]));
        assert!(!let_in(&door, &[("host", "attacker.example:11435")]));
        assert!(!let_in(&door, &[("host", "localhost"), ("origin", "https://attacker.example")]));
        assert!(!let_in(&door, &[("host", "localhost"), ("origin", "null")]));
    }

    #[test]
    fn a_key_opens_the_door_in_either_header() {
        let door = Door::new(Some("open sesame".to_owned()));
        assert!(let_in(&door, &[("authorization", "Bearer open sesame")]));
        assert!(let_in(&door, &[("x-api-key", "open sesame"), ("host", "any.example")]));
        assert!(!let_in(&door, &[("authorization", "Bearer open barley")]));
        assert!(!let_in(&door, &[("host", "localhost")]));
    }

    #[test]
    fn only_loopback_is_this_machine() {
        for host in ["localhost", "127.0.0.1", "127.8.8.8:80", "[::1]:80", "a.localhost"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["", "localhost.example", "127.0.0.1.example", "10.0.0.1", "[::2]"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}

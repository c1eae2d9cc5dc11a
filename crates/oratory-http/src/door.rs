//! Who may come in: keys, and the headers a browser cannot forge.
//!
//! A web page a person happens to visit can send requests to this machine; without a key, only
//! requests that name this machine and come from no foreign page are served.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Uri, header};
use oratory_contract::{
    At, Caller, CallerName, Callers, Failure, FailureKind, KEY_BEGINS, calendar,
};
use subtle::ConstantTimeEq;

use crate::asking::now;
use crate::failures;
use crate::manners::Origins;

/// Who may come in.
#[derive(Clone)]
pub struct Door {
    key: Option<String>,
    callers: Option<Arc<dyn Callers>>,
    keyless: Keyless,
    origins: Origins,
}

/// When programs on this machine may come in without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyless {
    /// Not at all.
    Never,
    /// As long as no caller has a key of its own.
    UntilKeys,
    /// Always.
    Always,
}

/// Whoever has the house's own key, or needs none.
const HOUSE: &str = "http";

impl Door {
    /// Returns a door that opens to whoever has the key, or, without one, to this machine.
    pub fn new(key: Option<String>) -> Self {
        let keyless = if key.is_some() { Keyless::Never } else { Keyless::UntilKeys };
        Self { key, callers: None, keyless, origins: Origins::default() }
    }

    /// Returns a door that opens to callers with keys of their own, too.
    pub fn for_callers(self, callers: Arc<dyn Callers>, keyless: Keyless) -> Self {
        let keyless = if self.key.is_some() { Keyless::Never } else { keyless };
        Self { callers: Some(callers), keyless, ..self }
    }

    /// Returns a door that opens to pages of these origins, too.
    pub fn open_to(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    pub(crate) fn origins(&self) -> &Origins {
        &self.origins
    }

    /// Returns who comes in, or says why nobody does.
    pub(crate) fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<Caller, Failure> {
        let mut wrong = None;
        for given in given(headers) {
            if self.is_ours(given) {
                return Ok(HOUSE.into());
            }
            // Clients that must send something send anything; only what is one of ours was one.
            if let Some(callers) = self.callers.as_ref().filter(|_| is_named(given)) {
                match callers.by_key(given)? {
                    Some(caller) => return unexpired(caller),
                    None => wrong = Some("the key is none that this Oratory knows"),
                }
            } else {
                wrong = wrong
                    .or(self.key.as_ref().map(|_| "the key is not the one this Oratory was given"));
            }
        }
        let named = given(headers).any(is_named) && self.callers.is_some();
        if named || !self.lets_in_without_a_key()? {
            return Err(unauthorized(wrong.unwrap_or("this Oratory wants a key")));
        }
        from_here(headers, uri, &self.origins).map(|()| HOUSE.into())
    }

    /// Returns the caller of this name, if they may ask just now.
    pub(crate) fn known(&self, name: &CallerName) -> Result<Caller, Failure> {
        if name.as_str() == HOUSE {
            return Ok(HOUSE.into());
        }
        let callers = self.callers.as_ref();
        let known = callers.map(|callers| callers.by_name(name)).transpose()?.flatten();
        let gone = || unauthorized(&format!("the key of {:?} is gone", name.as_str()));
        known.ok_or_else(gone).and_then(unexpired)
    }

    fn is_ours(&self, given: &[u8]) -> bool {
        // In constant time, so that the key cannot be guessed letter by letter.
        self.key.as_ref().is_some_and(|key| bool::from(given.ct_eq(key.as_bytes())))
    }

    fn lets_in_without_a_key(&self) -> Result<bool, Failure> {
        Ok(match (self.keyless, &self.callers) {
            (Keyless::Never, _) => false,
            (Keyless::Always, _) | (Keyless::UntilKeys, None) => true,
            (Keyless::UntilKeys, Some(callers)) => !callers.any()?,
        })
    }
}

/// Returns every key that was sent.
fn given(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let bearers = headers.get_all(header::AUTHORIZATION).iter().filter_map(bearer);
    bearers.chain(headers.get_all("x-api-key").iter().map(HeaderValue::as_bytes))
}

fn is_named(given: &[u8]) -> bool {
    given.starts_with(KEY_BEGINS.as_bytes())
}

fn unexpired(caller: Caller) -> Result<Caller, Failure> {
    match caller.expired(now()) {
        None => Ok(caller),
        Some(since) => {
            let (name, since) = (caller.name.as_str(), calendar::utc(since));
            Err(unauthorized(&format!("the key of {name:?} has expired on {since}")))
        }
    }
}

fn unauthorized(message: &str) -> Failure {
    Failure::new(FailureKind::Unauthorized, At::Caller, message)
        .hint("send `Authorization: Bearer KEY`; `oratory keys add` makes one")
}

/// Returns what follows `Bearer`, which RFC 9110 lets clients write in any case.
fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked("bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

fn from_here(headers: &HeaderMap, uri: &Uri, origins: &Origins) -> Result<(), Failure> {
    // Every value must do: which of two a proxy or a client believes is anybody's guess.
    let hosts = headers.get_all(header::HOST).iter().map(readable);
    let hosts = hosts.chain(uri.authority().map(http::uri::Authority::as_str));
    for host in hosts {
        if !is_this_machine(host) {
            return Err(
                foreign("Host", host).hint("to serve other machines, set `server.key` and send it")
            );
        }
    }
    for origin in headers.get_all(header::ORIGIN).iter().map(readable) {
        if !origin_is_this_machine(origin) && !origins.allow(origin) {
            return Err(foreign("Origin", origin)
                .hint("to serve pages from elsewhere, name their origin in `server.origins`"));
        }
    }
    Ok(())
}

fn readable(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or("unreadable")
}

fn foreign(name: &str, value: &str) -> Failure {
    let value = failures::short(value);
    let message = format!("`{name}: {value}` does not name this machine");
    Failure::new(FailureKind::Refused, At::Caller, message)
}

fn origin_is_this_machine(origin: &str) -> bool {
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    host.is_some_and(is_this_machine)
}

fn is_this_machine(host: &str) -> bool {
    let Some((name, rest)) = (match host.strip_prefix('[') {
        Some(v6) => v6.split_once(']'),
        None => Some(host.split_at(host.find(':').unwrap_or(host.len()))),
    }) else {
        return false;
    };
    // Nothing but a port may follow the name, or `[::1]evil.com` would pass.
    let port = rest.strip_prefix(':').unwrap_or(if rest.is_empty() { "" } else { "none" });
    port.bytes().all(|digit| digit.is_ascii_digit())
        && (name.eq_ignore_ascii_case("localhost")
            || name.to_ascii_lowercase().ends_with(".localhost")
            || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::{Door, is_this_machine};

    fn let_in(door: &Door, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        door.check(&head.headers, &head.uri).is_ok()
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
        assert!(let_in(&door, &[("authorization", "bearer open sesame")]));
        let both = [("authorization", "Bearer for a proxy"), ("x-api-key", "open sesame")];
        assert!(let_in(&door, &both));
    }

    #[test]
    fn one_right_header_does_not_excuse_a_wrong_one() {
        let door = Door::new(None);
        assert!(!let_in(&door, &[("host", "localhost"), ("host", "attacker.example")]));
        let origins = [("origin", "http://localhost"), ("origin", "https://attacker.example")];
        assert!(!let_in(&door, &origins));
    }

    #[test]
    fn only_loopback_is_this_machine() {
        for host in ["localhost", "127.0.0.1", "127.8.8.8:80", "[::1]:80", "a.localhost"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "localhost:80evil",
            "[::1]:80:1",
            "",
            "localhost.example",
            "127.0.0.1.example",
            "10.0.0.1",
            "[::2]",
            "[::1]evil.com",
            "[::1",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}

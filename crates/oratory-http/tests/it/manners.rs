//! What every answer carries, and bodies that are sent smaller than they are.
//!
//! The packed bodies were made by other programs: gzip, zlib, brotli and zstd.

use std::time::{Duration, Instant};

use miniz_oxide::inflate::decompress_to_vec;
use oratory_http::{Door, Limits, Origins};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::front::{Front, PATIENCE, front, front_at, front_with};

/// `{"model":"echo","messages":[{"role":"user","content":"one two"}]}`, packed.
const PACKED: [(&str, &str); 5] = [
    (
        "gzip",
        "1f8b0800000000000203ab56cacd4f49cd51b2524a4dcec857d251ca4d2d2e4e4c4f2d56b28aae562acacf49\
         054a9516a71601a592f3f34a52f34a8002f979a90a25e5f94ab5b1b500cf36c65d41000000",
    ),
    (
        "deflate",
        "789cab56cacd4f49cd51b2524a4dcec857d251ca4d2d2e4e4c4f2d56b28aae562acacf49054a9516a71601a5\
         92f3f34a52f34a8002f979a90a25e5f94ab5b1b500cab115f5",
    ),
    (
        "deflate",
        "ab56cacd4f49cd51b2524a4dcec857d251ca4d2d2e4e4c4f2d56b28aae562acacf49054a9516a71601a592f3\
         f34a52f34a8002f979a90a25e5f94ab5b1b500",
    ),
    (
        "br",
        "1b4000409c07b673b49d5c2898de7534be16d9db02d96e6f74775a87a5ab6f899481434e046edf6a1e509de9\
         6c408912f7ad148ea7548c45cc43ae81df01",
    ),
    (
        "zstd",
        "28b52ffd2041e5010012040e1690b5e9302a440ddcc5d7aa68c3f27f7ead39ab7f50026b586320053ddc4ed7\
         745826a32660bb06d14ab0b30691d933198fd26dd302cf2a00",
    ),
];

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

#[tokio::test]
async fn packed_bodies_are_read_and_what_is_not_packed_so_is_told() {
    let front = front().await;
    for (name, hex) in PACKED {
        let headers = format!("content-encoding: {name}\r\n");
        let answer = front.post_bytes("/v1/chat/completions", &headers, &bytes(hex)).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        assert_eq!(answer.json()["choices"][0]["message"]["content"], "one two", "{name}");
        let (status, _, words) =
            front.post_bytes("/v1/chat/completions", &headers, b"{\"messages\":[]}").await.told();
        assert_eq!(status, 400, "{name}: {words}");
        assert!(words.contains("content-encoding"), "{name}: {words}");
    }
    let headers = "content-encoding: lzma\r\n";
    let (status, _, words) = front.post_bytes("/api/chat", headers, b"{}").await.told_bare();
    assert_eq!(status, 400);
    assert!(words.contains("\"lzma\"") && words.contains("gzip, deflate, br and zstd"), "{words}");
}

#[tokio::test]
async fn a_small_body_that_unpacks_to_a_large_one_is_refused() {
    let front = front().await;
    // 2 MB of blanks; the largest body is 1 MB.
    let blanks = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; 2 << 20], 9);
    let headers = "content-encoding: deflate\r\n";
    let (status, _, words) = front.post_bytes("/v1/completions", headers, &blanks).await.told();
    assert_eq!((status, words.contains("once it is unpacked")), (413, true), "{words}");
    // What was taken of the common budget is given back.
    for _ in 0..9 {
        front.post_bytes("/v1/completions", headers, &blanks).await;
    }
    assert_eq!(front.chat(&crate::front::body_of(1000)).await.status, 200);
}

#[tokio::test]
async fn long_answers_are_packed_for_those_who_can_read_it() {
    let front = front().await;
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n")
    };
    let plain = raw(&front, &get("/openapi.json", "accept-encoding: br, gzip;q=0\r\n")).await;
    assert!(!plain.0.contains("content-encoding"), "{}", plain.0);
    let packed = raw(&front, &get("/openapi.json", "accept-encoding: deflate, GZIP\r\n")).await;
    assert!(packed.0.contains("content-encoding: gzip"), "{}", packed.0);
    assert!(packed.0.contains("vary: accept-encoding"), "{}", packed.0);
    assert!(packed.1.len() * 4 < plain.1.len(), "{} of {}", packed.1.len(), plain.1.len());
    assert_eq!(decompress_to_vec(&packed.1[10..]).unwrap(), plain.1);
    let short = raw(&front, &get("/health", "accept-encoding: gzip\r\n")).await;
    assert!(!short.0.contains("content-encoding"), "{}", short.0);
}

/// Returns a response's head in lower case, and its body, which must not be chunked.
async fn raw(front: &Front, request: &str) -> (String, Vec<u8>) {
    let mut stream = front.connect().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await.unwrap().unwrap();
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8_lossy(&all[..end]).to_lowercase(), all[end + 4..].to_vec())
}

#[tokio::test]
async fn every_answer_has_a_name_of_its_own() {
    let front = front().await;
    let mut names = Vec::new();
    for path in ["/nowhere", "/health", "/v1/models", "/v1/chat/completions", "/api/tags"] {
        let head = front.get(path).await.head;
        let name = head.lines().find_map(|line| line.strip_prefix("x-request-id: "));
        names.push(name.unwrap_or_else(|| panic!("{path}: {head}")).to_owned());
    }
    names.dedup();
    assert_eq!(names.len(), 5, "{names:?}");
}

#[tokio::test]
async fn only_pages_that_are_named_may_ask_and_read() {
    let door = Door::new(None).open_to(Origins::new(vec!["https://app.example".to_owned()]));
    let front = front_at(door, Limits::default()).await;
    let ask = |method: &str, origin: &str| {
        format!(
            "{method} /v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             origin: {origin}\r\naccess-control-request-method: GET\r\n\
             access-control-request-headers: authorization, content-type\r\n\r\n"
        )
    };
    let may = front.send(ask("OPTIONS", "https://app.example").as_bytes()).await;
    assert_eq!(may.status, 204, "{}", may.head);
    for line in [
        "access-control-allow-origin: https://app.example",
        "access-control-allow-methods: get, post, delete",
        "access-control-allow-headers: authorization, content-type",
        "vary: origin",
    ] {
        assert!(may.head.contains(line), "{line}: {}", may.head);
    }
    let read = front.send(ask("GET", "https://app.example").as_bytes()).await;
    assert_eq!(read.status, 200);
    assert!(read.head.contains("access-control-allow-origin: https://app.example"));
    assert!(read.head.contains("access-control-expose-headers: x-request-id"), "{}", read.head);
    for (method, status) in [("OPTIONS", 405), ("GET", 403)] {
        let refused = front.send(ask(method, "https://other.example").as_bytes()).await;
        assert_eq!(refused.status, status, "{method}");
        assert!(!refused.head.contains("access-control"), "{}", refused.head);
    }
    // Nobody is named unless a person has done so.
    let plain = crate::front::front().await;
    let refused = plain.send(ask("GET", "https://app.example").as_bytes()).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn who_reads_nothing_of_an_answer_is_given_up() {
    let unread = Duration::from_millis(400);
    let front = front_with(None, Limits { unread, ..Limits::default() }).await;
    let words = "x ".repeat(400_000);
    let body = json!({ "model": "echo", "stream": true,
                       "messages": [{ "role": "user", "content": words }] });
    let body = body.to_string();
    let mut stream = front.connect().await;
    let head = crate::front::post(&format!("content-length: {}\r\n", body.len()));
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let began = Instant::now();
    loop {
        let page = front.get("/metrics").await.body;
        if page.lines().any(|line| line.contains("hung_up") && line.ends_with(" 1")) {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "{page}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(began.elapsed() >= unread);
    drop(stream);
}

#[tokio::test]
async fn http_2_is_spoken_without_asking_first() {
    let front = front().await;
    let mut stream = front.connect().await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(4, 0, 0, &[])).await.unwrap();
    // GET, http, /health, localhost: as RFC 7541 numbers the first two and spells the others.
    let mut head = vec![0x82, 0x86, 0x04, 7];
    head.extend(b"/health");
    head.extend([0x01, 9]);
    head.extend(b"localhost");
    stream.write_all(&frame(1, 5, 1, &head)).await.unwrap();
    let mut body = Vec::new();
    let reading = async {
        loop {
            let mut start = [0; 9];
            stream.read_exact(&mut start).await.unwrap();
            let length = u32::from_be_bytes([0, start[0], start[1], start[2]]) as usize;
            let mut inside = vec![0; length];
            stream.read_exact(&mut inside).await.unwrap();
            if start[3] == 1 {
                assert_eq!(inside[0] & 0x7f, 8, "the status is 200");
            }
            if start[3] == 0 {
                body.extend(inside);
                if start[4] & 1 == 1 {
                    return;
                }
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap();
    assert!(String::from_utf8(body).unwrap().contains("\"status\":\"ok\""));
}

fn frame(kind: u8, flags: u8, stream: u32, inside: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inside.len()).unwrap().to_be_bytes();
    let head = [length[1], length[2], length[3], kind, flags];
    [&head, &stream.to_be_bytes()[..], inside].concat()
}

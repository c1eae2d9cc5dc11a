//! Clients that take time or memory and give nothing.

use std::time::{Duration, Instant};

use oratory_http::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::front::{BODY, PATIENCE, answer, body_of, front, front_with, post};

const SHORT: Duration = Duration::from_millis(300);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

fn short() -> Limits {
    Limits { connections: 2, headers: SHORT, body_pause: SHORT, ..Limits::default() }
}

#[tokio::test]
async fn who_says_nothing_does_not_shut_others_out() {
    let preface = [PREFACE, SETTINGS].concat();
    let half_preface = &PREFACE[..10];
    let half_head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: loc".as_slice();
    let half_body = format!("{}{{\"mess", post("content-length: 100\r\n"));
    for silent in [b"".as_slice(), half_preface, &preface, half_head, half_body.as_bytes()] {
        let front = front_with(None, short()).await;
        let mut held = Vec::new();
        for _ in 0..2 {
            let mut stream = front.connect().await;
            stream.write_all(silent).await.unwrap();
            held.push(stream);
        }
        let asked = tokio::time::timeout(PATIENCE / 2, front.chat(&body_of(3))).await;
        let words = String::from_utf8_lossy(silent);
        assert_eq!(asked.expect(&words).status, 200, "{words}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_on_is_told_so() {
    let front = front_with(None, short()).await;
    let mut stream = front.connect().await;
    stream.write_all(post("content-length: 100\r\n").as_bytes()).await.unwrap();
    let told = answer(stream).await.told();
    assert_eq!((told.0, &*told.2), (408, "the body came too slowly."));
    // A byte now and then is not enough either.
    let mut stream = front.connect().await;
    stream.write_all(post("content-length: 100\r\n").as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let drip = tokio::task::JoinSet::from_iter([async move {
        for _ in 0..90 {
            tokio::time::sleep(SHORT / 5).await;
            let _ = writer.write_all(b" ").await;
        }
    }]);
    let began = Instant::now();
    let mut said = String::new();
    reader.read_to_string(&mut said).await.unwrap();
    drop(drip);
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(began.elapsed() < SHORT * 10, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_slow_but_steady_body_is_read() {
    let front = front_with(None, Limits { body_rate: 1, ..short() }).await;
    let body = body_of(3);
    let mut stream = front.connect().await;
    stream
        .write_all(post(&format!("content-length: {}\r\n", body.len())).as_bytes())
        .await
        .unwrap();
    for piece in body.as_bytes().chunks(6) {
        tokio::time::sleep(SHORT / 5).await;
        stream.write_all(piece).await.unwrap();
    }
    assert_eq!(answer(stream).await.status, 200);
}

#[tokio::test]
async fn an_answer_may_take_longer_than_a_head() {
    let front = front_with(None, short()).await;
    let body = r#"{"model":"slow","stream":true,"messages":[{"role":"user","content":"x"}]}"#;
    let head = post(&format!("content-length: {}\r\n", body.len()));
    let mut stream = front.connect().await;
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let began = Instant::now();
    let mut some = [0; 4096];
    while began.elapsed() < SHORT * 4 {
        assert!(stream.read(&mut some).await.unwrap() > 0, "cut off after {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn stopping_waits_for_nobody_who_has_asked_nothing() {
    let front = front().await;
    let half_body = format!("{}{{\"mess", post("content-length: 100\r\n"));
    let preface = [PREFACE, SETTINGS].concat();
    let mut held = Vec::new();
    for silent in [b"".as_slice(), b"GET / HT", &preface, half_body.as_bytes()] {
        let mut stream = front.connect().await;
        stream.write_all(silent).await.unwrap();
        held.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let took = front.stopped().await;
    assert!(took < Duration::from_secs(4), "{took:?}");
    let told = answer(held.pop().unwrap()).await.told();
    assert_eq!((told.0, &*told.2), (503, "this Oratory is stopping."));
}

#[tokio::test]
async fn stopping_lets_an_answer_end() {
    let front = front().await;
    let body = r#"{"model":"slow","stream":true,"messages":[{"role":"user","content":"x"}]}"#;
    let head = post(&format!("content-length: {}\r\n", body.len()));
    let mut stream = front.connect().await;
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut some = [0; 64];
    stream.read_exact(&mut some).await.unwrap();
    let reading = async {
        // It would go on for 20 seconds; leaving after 3 is enough to have outlasted the grace.
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(3) {
            assert!(stream.read(&mut some).await.unwrap() > 0, "cut off");
        }
        drop(stream);
    };
    let (took, ()) = tokio::join!(front.stopped(), reading);
    assert!(took > Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn unfinished_bodies_have_one_limit_together() {
    let front = front().await;
    let head = post(&format!("content-length: {BODY}\r\n"));
    let most = "x".repeat(BODY * 9 / 10);
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = front.connect().await;
        stream.write_all(format!("{head}{most}").as_bytes()).await.unwrap();
        held.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    // 0.4 of the largest body is left.
    let response = front.chat(&body_of(BODY / 2)).await;
    assert_eq!(response.status, 429, "{}", response.body);
    assert!(response.head.contains("retry-after: 2"), "{}", response.head);
    assert_eq!(front.chat(&body_of(1000)).await.status, 200);
    // What is given up is given back.
    drop(held);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(front.chat(&body_of(BODY / 2)).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_at_once_and_its_sender_hears_it() {
    let front = front().await;
    // Nothing of it has been sent yet.
    let mut stream = front.connect().await;
    stream.write_all(post("content-length: 999999999\r\n").as_bytes()).await.unwrap();
    let began = Instant::now();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
    assert!(began.elapsed() < Duration::from_secs(1));
    // Most clients send everything before they read anything.
    let response = front.chat(&body_of(40 * BODY)).await;
    assert_eq!(response.status, 413, "{}", response.body);
    let chunk = body_of(BODY + 1);
    let head = post("transfer-encoding: chunked\r\n");
    let chunked = format!("{head}{:x}\r\n{chunk}\r\n0\r\n\r\n", chunk.len());
    let response = front.send(chunked.as_bytes()).await;
    assert_eq!(response.status, 413, "{}", response.body);
}

#[tokio::test]
async fn a_body_that_is_no_body_is_not_called_too_large() {
    let front = front().await;
    let head = post("transfer-encoding: chunked\r\n");
    let (status, _, message) = front.send(format!("{head}ZZ\r\nabc").as_bytes()).await.told();
    assert_eq!(status, 400, "{message}");
    let mut stream = front.connect().await;
    stream.write_all(post("content-length: 100\r\n").as_bytes()).await.unwrap();
    stream.write_all(b"{").await.unwrap();
    stream.shutdown().await.unwrap();
    let (status, _, message) = answer(stream).await.told();
    assert_eq!((status, message.contains("broke off")), (400, true), "{message}");
}

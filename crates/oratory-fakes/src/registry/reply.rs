//! One answer of a registry: a file or a piece of it, or what a trick makes of that.
//!
//! Plain HTTP/1.1, so that what a server may do wrong can be done here byte by byte.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Trick;
use super::shelf::{File, Shelf, sha256};
use crate::wire::{self, Request};

/// What is about to be sent.
struct Answer {
    head: String,
    bytes: Vec<u8>,
    /// Stop after this many bytes.
    cut: Option<usize>,
    /// Then be silent instead of hanging up.
    silent: bool,
    pace: Option<(usize, Duration)>,
    chunked: bool,
    counts: bool,
}

/// Answers one request; says whether the connection can be used for another.
pub(super) async fn give(
    stream: &mut TcpStream,
    request: &Request,
    shelf: &Arc<Mutex<Shelf>>,
) -> bool {
    let answer = {
        let mut shelf = shelf.lock().expect("no test panics while it holds the lock");
        let head = String::from_utf8_lossy(&request.bytes).into_owned();
        shelf.received.push(head);
        answer(request, &mut shelf)
    };
    send(stream, &answer, shelf).await
}

fn answer(request: &Request, shelf: &mut Shelf) -> Answer {
    let (_, path) = request.target();
    let trick = shelf.trick(path);
    match &trick {
        Some(Trick::Says(status, after)) => {
            let after = after.map_or(String::new(), |after| format!("retry-after: {after}\r\n"));
            return empty(&format!("{status} As Told"), &after);
        }
        Some(Trick::MovedTo(place)) => {
            return empty("302 Found", &format!("location: {place}\r\n"));
        }
        _ => {}
    }
    if shelf.is_closed(path, request.header("authorization")) {
        let status = if request.header("authorization").is_some() { "403 No" } else { "401 Who" };
        return empty(status, "x-error-code: GatedRepo\r\n");
    }
    match shelf.files.get(path) {
        Some(file) => found(request, file, trick.as_ref()),
        None => empty("404 Not Found", ""),
    }
}

fn empty(status: &str, headers: &str) -> Answer {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n{headers}\r\n");
    Answer::plain(head, Vec::new(), false)
}

fn found(request: &Request, file: &File, trick: Option<&Trick>) -> Answer {
    let all = &file.bytes;
    let tag = match trick {
        Some(Trick::Tag(tag)) => (*tag).to_owned(),
        _ => sha256(all)[..16].to_owned(),
    };
    let whole = matches!(trick, Some(Trick::WholeOnly | Trick::WholeAndCuts(_) | Trick::NoLength));
    let range = request.header("range").filter(|_| !whole && file.next.is_none());
    let (status, slice, place) = match range.and_then(|range| asked(range, all.len())) {
        Some((start, end)) => {
            let place = format!("content-range: bytes {start}-{}/{}\r\n", end - 1, all.len());
            ("206 Partial Content", all[start..end].to_vec(), place)
        }
        None if range.is_some() => {
            return empty(
                "416 Range Not Satisfiable",
                &format!("content-range: bytes */{}\r\n", all.len()),
            );
        }
        None => ("200 OK", all.to_vec(), String::new()),
    };
    let chunked = matches!(trick, Some(Trick::NoLength));
    let length = match chunked {
        true => "transfer-encoding: chunked\r\n".to_owned(),
        false => format!("content-length: {}\r\n", slice.len()),
    };
    let next = file.next.as_ref().map_or(String::new(), |next| format!("link: {next}\r\n"));
    let kind = file.kind;
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\netag: \"{tag}\"\r\n{length}{place}{next}\r\n"
    );
    let mut answer = Answer::plain(head, slice, kind != "application/json");
    answer.chunked = chunked;
    answer.suffer(trick);
    answer
}

/// Reads `bytes=0-99`; returns where it begins and ends.
fn asked(range: &str, length: usize) -> Option<(usize, usize)> {
    let (start, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let start: usize = start.parse().ok()?;
    let end = last.parse().map_or(length, |last: usize| (last + 1).min(length));
    (start < end).then_some((start, end))
}

impl Answer {
    fn plain(head: String, bytes: Vec<u8>, counts: bool) -> Self {
        Self { head, bytes, cut: None, silent: false, pace: None, chunked: false, counts }
    }

    fn suffer(&mut self, trick: Option<&Trick>) {
        match trick {
            Some(Trick::CutsAfter(bytes) | Trick::WholeAndCuts(bytes)) => self.cut = Some(*bytes),
            Some(Trick::StallsAfter(bytes)) => (self.cut, self.silent) = (Some(*bytes), true),
            Some(Trick::Slow(bytes, pause)) => self.pace = Some((*bytes, *pause)),
            Some(Trick::Damaged) => {
                if let Some(last) = self.bytes.last_mut() {
                    *last ^= 1;
                }
            }
            _ => {}
        }
    }
}

async fn send(stream: &mut TcpStream, answer: &Answer, shelf: &Arc<Mutex<Shelf>>) -> bool {
    if stream.write_all(answer.head.as_bytes()).await.is_err() {
        return false;
    }
    let end = answer.cut.unwrap_or(usize::MAX).min(answer.bytes.len());
    let (step, pause) = answer.pace.unwrap_or((64 << 10, Duration::ZERO));
    for block in answer.bytes[..end].chunks(step.max(1)) {
        if answer.chunked {
            let size = format!("{:x}\r\n", block.len());
            let framed = [size.as_bytes(), block, b"\r\n"].concat();
            if stream.write_all(&framed).await.is_err() {
                return false;
            }
        } else if stream.write_all(block).await.is_err() {
            return false;
        }
        if answer.counts {
            shelf.lock().expect("no test panics while it holds the lock").sent +=
                block.len() as u64;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
    if answer.cut.is_some_and(|cut| cut < answer.bytes.len()) {
        if answer.silent {
            wire::gone(stream).await;
        }
        return false;
    }
    !answer.chunked || stream.write_all(b"0\r\n\r\n").await.is_ok()
}

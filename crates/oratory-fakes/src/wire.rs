//! Requests off a socket and responses onto it, in plain HTTP/1.1.
//!
//! Knows nothing of what they say. Bodies come with a length, as every client here sends them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One request as it was sent.
pub(crate) struct Request {
    /// Head and body.
    pub(crate) bytes: Vec<u8>,
    head: usize,
}

impl Request {
    /// Returns the method and the path.
    pub(crate) fn target(&self) -> (&str, &str) {
        let line = self.bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let mut words = std::str::from_utf8(line).unwrap_or_default().split(' ');
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    /// Returns a header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let head = std::str::from_utf8(&self.bytes[..self.head]).ok()?;
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Returns the body.
    pub(crate) fn body(&self) -> &[u8] {
        &self.bytes[self.head..]
    }
}

/// Reads the next request; `None` once the client has gone. What was read beyond it stays in
/// `waiting`.
pub(crate) async fn read(stream: &mut TcpStream, waiting: &mut Vec<u8>) -> Option<Request> {
    loop {
        if let Some((head, all)) = extent(waiting) {
            let rest = waiting.split_off(all);
            return Some(Request { bytes: std::mem::replace(waiting, rest), head });
        }
        if stream.read_buf(waiting).await.ok()? == 0 {
            return None;
        }
    }
}

/// Returns where the head ends and where the body does, once both are there.
fn extent(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let all = head + length.unwrap_or(0);
    (bytes.len() >= all).then_some((head, all))
}

/// Sends a whole response; says whether the client took it. `headers` end their lines.
pub(crate) async fn whole(stream: &mut TcpStream, status: &str, headers: &str, body: &str) -> bool {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all((head + body).as_bytes()).await.is_ok()
}

/// Begins a response that comes event by event.
pub(crate) async fn begin_events(stream: &mut TcpStream) -> bool {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.is_ok()
}

/// Sends one event.
pub(crate) async fn event(stream: &mut TcpStream, data: &str) -> bool {
    let event = format!("data: {data}\n\n");
    let chunk = format!("{:x}\r\n{event}\r\n", event.len());
    stream.write_all(chunk.as_bytes()).await.is_ok()
}

/// Ends the events.
pub(crate) async fn end_events(stream: &mut TcpStream) -> bool {
    stream.write_all(b"0\r\n\r\n").await.is_ok()
}

/// Resolves when the client hangs up.
///
/// What it says meanwhile is thrown away: no client here speaks before it has heard its answer.
pub(crate) async fn gone(stream: &mut TcpStream) {
    let mut ignored = [0; 256];
    while matches!(stream.read(&mut ignored).await, Ok(read) if read > 0) {}
}

/// Waits until the client says something more; `false` if it hangs up instead.
pub(crate) async fn speaks(stream: &mut TcpStream) -> bool {
    stream.peek(&mut [0]).await.is_ok_and(|waiting| waiting > 0)
}

//! A table of damaged files and hostile requests: a clear error for each, soon, and the server
//! goes on as the same process.
//!
//! Run it with `--no-capture` to read the table.

mod files;
mod gguf;
mod places;
mod requests;

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use oratory_local::story::{self, Story};
use serde_json::{Value, json};

use self::requests::Told;
use crate::house::{House, Response, Server};

/// How soon each must have been answered.
const SOON: Duration = Duration::from_secs(5);

/// What came of one row.
struct Outcome {
    name: String,
    status: u16,
    said: String,
    took: Duration,
    /// What should have been otherwise.
    wrong: Option<String>,
}

impl Outcome {
    fn expect(mut self, status: &[u16], words: &str) -> Self {
        let late = self.took > SOON;
        self.wrong = if !status.contains(&self.status) {
            Some(format!("the status should be one of {status:?}"))
        } else if !self.said.contains(words) {
            Some(format!("it should say {words:?}"))
        } else if late {
            Some("it took too long".to_owned())
        } else {
            None
        };
        let said: String = self.said.replace('\n', " ").chars().take(200).collect();
        println!("{:<28} {:>6} {:>7} ms  {said}", self.name, self.status, self.took.as_millis());
        self
    }
}

/// Sends bytes; a server that answers before it has read all of them is heard all the same.
fn send(server: &Server, bytes: &[u8]) -> Option<Response> {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(SOON * 2)).unwrap();
    drop(stream.write_all(bytes));
    Response::of(stream)
}

fn outcome(name: &str, began: Instant, response: Option<Response>) -> Outcome {
    let (status, text) = match response {
        Some(response) => (response.status, response.text()),
        None => (0, "nothing was answered".to_owned()),
    };
    let took = began.elapsed();
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let words = |value: &Value| value.as_str().map(str::to_owned);
    let said = words(&body["error"]["message"])
        .or_else(|| words(&body["choices"][0]["message"]["content"]))
        .unwrap_or(text);
    Outcome { name: name.to_owned(), status, said, took, wrong: None }
}

fn ask(server: &Server, model: &str) -> Outcome {
    let began = Instant::now();
    let messages = [json!({ "role": "user", "content": "Hi" })];
    let asked = json!({ "model": model, "messages": messages, "max_tokens": 8 });
    outcome(model, began, send(server, &requests::post(asked.to_string())))
}

/// A small house with one sound model.
fn house() -> (House, Vec<u8>) {
    let house = House::new().settings("[server]\nbody_megabytes = 16\n");
    let story =
        Story { text: files::FINE.to_owned(), ends: true, width: 64, layers: 1, context: 512 };
    story::write(&house.model("sound"), &story).unwrap();
    let bytes = std::fs::read(house.model("sound")).unwrap();
    (house, bytes)
}

/// Fails the test if a row is not as it should be.
fn judge(server: &mut Server, pid: u32, table: &[Outcome]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|row| {
            Some(format!("{}: {}; {} {}", row.name, row.wrong.as_ref()?, row.status, row.said))
        })
        .collect();
    assert!(server.lives() && server.pid() == pid, "the server is another");
    let after = ask(server, "sound");
    assert_eq!((after.status, after.said.as_str()), (200, files::FINE));
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn every_damaged_file_is_a_clear_error_soon_and_the_server_lives() {
    let (house, sound) = house();
    let rows = files::rows(&sound);
    for row in &rows {
        std::fs::write(house.model(row.name), &row.bytes).unwrap();
    }
    let mut server = house.serve();
    let pid = server.pid();
    let status = |row: &files::Row| if row.words == files::FINE { &[200][..] } else { &[400, 503] };
    let told = |row: &files::Row| ask(&server, row.name).expect(status(row), row.words);
    let table: Vec<Outcome> = rows.iter().map(told).collect();
    assert!(table.iter().filter(|row| row.status != 200).count() >= 60, "too few rows");
    judge(&mut server, pid, &table);
}

#[test]
fn every_hostile_request_is_a_clear_error_soon_and_the_server_lives() {
    let (house, _) = house();
    let mut server = house.serve();
    let pid = server.pid();
    assert_eq!(ask(&server, "sound").status, 200);
    let worker = server.workers();
    let mut table = Vec::new();
    for row in requests::rows() {
        let began = Instant::now();
        let outcome = outcome(row.name, began, send(&server, &row.sent));
        table.push(match row.told {
            Told::Error(status, words) => outcome.expect(&[status], words),
            Told::Answered => outcome.expect(&[200], ""),
        });
    }
    assert!(table.len() >= 60, "{} rows", table.len());
    judge(&mut server, pid, &table);
    assert_eq!(server.workers(), worker, "and the engine's process is the same, too");
}

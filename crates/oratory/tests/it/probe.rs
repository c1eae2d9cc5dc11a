//! The egress probe: what clients can send, in every disguise and at every turn of events, and
//! a cloud that keeps every byte it gets. Nothing private may be among them.
//!
//! Prints a table of its cells; `--no-capture` shows it. Canaries are made anew in every run.

mod captured;
mod disguises;
mod fields;

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::{House, Server};
use captured::Captured;
use disguises::{Canary, DISGUISES, Disguise};
use fields::{FIELDS, Field};

/// One canary that was sent somewhere.
struct Cell {
    row: String,
    disguise: &'static str,
    canary: Canary,
    /// What was sent, and its parts where it was cut.
    sent: Vec<String>,
    status: u16,
}

fn settings(one: &Provider, other: &Provider) -> String {
    let place = |name: &str, provider: &Provider| {
        format!(
            "[places.{name}]\nurl = \"{}\"\nclearance = \"internal\"\nmasked_clearance = \"confidential\"\n\
             models = [\"echo\", \"crashes\", \"rate-limited\", \"cuts-off\", \"late\"]\nsilence_seconds = 1\n",
            provider.url()
        )
    };
    place("cloud", one) + &place("other", other)
}

fn send(server: &Server, field: &Field, text: &str, model: &str, stream: bool) -> u16 {
    let mut body = (field.body)(text);
    body["model"] = json!(model);
    if stream {
        body["stream"] = json!(true);
    }
    let headers: String =
        (field.headers)(text).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let body = body.to_string();
    let response = server.send(&format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\n{headers}content-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        field.path,
        body.len()
    ));
    let status = response.status;
    // To the end, so that what happens after the head has happened too.
    let _ = response.text();
    status
}

fn cell(server: &Server, field: &Field, disguise: &Disguise, model: &str, stream: bool) -> Cell {
    let canary = Canary::new(disguise.digits);
    let hidden = (disguise.hide)(&canary.text);
    let text = if disguise.digits { format!("card {hidden}") } else { hidden.clone() };
    let status = send(server, field, &text, model, stream);
    let mut sent = vec![hidden.clone()];
    if field.cuts {
        let (one, other) = fields::halves(&hidden);
        sent.extend([one, other].map(str::to_owned).into_iter().filter(|half| half.len() >= 6));
    }
    Cell { row: field.name.to_owned(), disguise: disguise.name, canary, sent, status }
}

/// Events that a request can meet on its way, by the model that makes them happen.
const EVENTS: [(&str, &str, bool); 7] = [
    ("in one piece", "cloud/echo", false),
    ("streamed", "cloud/echo", true),
    ("error, then the next place", "crashes", false),
    ("too many, then the next place", "rate-limited", true),
    ("cut off", "cloud/cuts-off", true),
    ("cut off, then the next place", "cuts-off", false),
    ("silence", "cloud/late", false),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_private_leaves_in_any_field_disguise_or_event() {
    let (one, other) = (Provider::start().await, Provider::start().await);
    let house = House::new().settings(&settings(&one, &other));
    let server = house.serve();
    let mut cells = Vec::new();
    for field in FIELDS {
        for disguise in DISGUISES {
            cells.push(cell(&server, field, disguise, "cloud/echo", false));
        }
    }
    for (event, model, stream) in EVENTS {
        for field in FIELDS.iter().filter(|field| field.is_usual) {
            // Silence takes a second each.
            for disguise in DISGUISES.iter().filter(|one| event != "silence" || one.name == "plain")
            {
                let mut cell = cell(&server, field, disguise, model, stream);
                cell.row = event.to_owned();
                cells.push(cell);
            }
        }
    }
    for disguise in DISGUISES {
        cells.push(from_the_cache(&server, disguise));
    }
    let mut received = one.received();
    received.extend(other.received());
    assert!(received.len() > 300, "only {} requests left; this proves nothing", received.len());
    let captured = Captured::new(&received);
    let leaks = table(&cells, &captured);
    assert_eq!(leaks, Vec::<String>::new());
    assert_eq!(
        captured::left_on_disk(
            house.path(),
            &cells.iter().map(|cell| &cell.canary).collect::<Vec<_>>()
        ),
        Vec::<String>::new()
    );
    let verified = house.run(&["privacy", "receipts", "--verify", "--json"]);
    let verified: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(verified["faults"], json!([]));
    assert!(verified["lines"].as_u64().unwrap() >= received.len() as u64, "{verified}");
}

/// Asks the same twice, so that the second answer is a kept one.
fn from_the_cache(server: &Server, disguise: &Disguise) -> Cell {
    let canary = Canary::new(disguise.digits);
    let hidden = (disguise.hide)(&canary.text);
    let body = json!({
        "model": "cloud/echo", "temperature": 0,
        "messages": [{ "role": "user", "content": format!("card {hidden}") }],
    });
    let mut status = 0;
    for _ in 0..2 {
        let response = server.chat(&body);
        status = response.status;
        let _ = response.text();
    }
    Cell {
        row: "kept answer".to_owned(),
        disguise: disguise.name,
        canary,
        sent: vec![hidden],
        status,
    }
}

/// Prints what became of the cells, and returns those that leaked.
fn table(cells: &[Cell], captured: &Captured) -> Vec<String> {
    let mut leaks = Vec::new();
    let mut rows: Vec<(&str, u32, u32, u32)> = Vec::new();
    for cell in cells {
        if rows.last().is_none_or(|(row, ..)| *row != cell.row) {
            rows.push((&cell.row, 0, 0, 0));
        }
        let row = rows.last_mut().expect("one was just put in");
        let leaked = captured.tells(&cell.canary, &cell.sent);
        match (leaked, cell.status) {
            (true, _) => row.3 += 1,
            (false, 200) => row.1 += 1,
            (false, _) => row.2 += 1,
        }
        if leaked {
            leaks.push(format!("{}, {}: {}", cell.row, cell.disguise, cell.sent[0]));
        }
    }
    println!("{:<52} answered  refused  leaked", "what was sent");
    for (row, answered, refused, leaked) in &rows {
        println!("{row:<52} {answered:>8} {refused:>8} {leaked:>7}");
    }
    println!("{} cells, {} leaked", cells.len(), leaks.len());
    leaks
}

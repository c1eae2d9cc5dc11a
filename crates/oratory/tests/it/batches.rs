//! Batches over the wire: a file goes in, answers come out, and a killed server loses none of them.
//!
//! The requests go to `mini` and to a made model that talks slowly.

use std::io::Write;
use std::net::TcpStream;

use oratory_local::story::{self, Story};
use serde_json::{Value, json};

use crate::house::{House, Response, Server, printed, until};

const CHAT: &str = "/v1/chat/completions";

fn line(name: &str, url: &str, body: &Value) -> String {
    json!({ "custom_id": name, "method": "POST", "url": url, "body": body }).to_string() + "\n"
}

fn chat(model: &str, tokens: u32) -> Value {
    let messages = json!([{ "role": "user", "content": "Hello" }]);
    json!({ "model": model, "messages": messages, "max_tokens": tokens })
}

/// Hands over a file.
fn upload(server: &Server, text: &str, headers: &str) -> Response {
    let body = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
         --edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n\r\n\
         {text}\r\n--edge--\r\n"
    );
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(
        stream,
        "POST /v1/files HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\
         content-type: multipart/form-data; boundary=edge\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    Response::of(stream).unwrap()
}

fn begin(server: &Server, file: &Value, url: &str) -> Value {
    let body = json!({
        "input_file_id": file, "endpoint": url, "completion_window": "24h",
        "metadata": { "night": "first" },
    });
    let response = server.post("/v1/batches", &body.to_string());
    assert_eq!(response.status, 200);
    response.json()
}

fn batch(server: &Server, id: &Value) -> Value {
    server.get(&format!("/v1/batches/{}", id.as_str().unwrap())).json()
}

fn ends(server: &Server, id: &Value) -> Value {
    let over = |batch: &Value| {
        ["completed", "failed", "cancelled", "expired"].contains(&batch["status"].as_str().unwrap())
    };
    until("the batch is over", || over(&batch(server, id)));
    batch(server, id)
}

/// Returns the lines of a file.
fn lines(server: &Server, file: &Value) -> Vec<Value> {
    let Some(id) = file.as_str() else { return Vec::new() };
    let text = server.get(&format!("/v1/files/{id}/content"));
    assert_eq!(text.status, 200);
    // What comes in chunks has their lengths between its lines.
    let text = text.text();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(Value::is_object)
        .collect()
}

#[test]
fn requests_of_a_file_are_answered_and_those_that_fail_are_told_apart() {
    let house = House::new();
    let server = house.serve();
    let mut stream = chat("mini", 4);
    stream["stream"] = json!(true);
    let text = line("one", CHAT, &chat("mini", 4))
        + &line("two", CHAT, &chat("mini", 2))
        + &line("none", CHAT, &chat("nobody-knows-it", 2))
        + &line("stream", CHAT, &stream);
    let file = upload(&server, &text, "").json();
    assert_eq!((&file["purpose"], &file["filename"]), (&json!("batch"), &json!("in.jsonl")));
    assert_eq!(file["bytes"], text.len());
    let begun = begin(&server, &file["id"], CHAT);
    assert_eq!((&begun["object"], &begun["status"]), (&json!("batch"), &json!("validating")));
    let ended = ends(&server, &begun["id"]);
    assert_eq!(ended["status"], "completed");
    assert_eq!(ended["request_counts"], json!({ "total": 4, "completed": 2, "failed": 2 }));
    assert_eq!(ended["metadata"]["night"], "first");
    let given = lines(&server, &ended["output_file_id"]);
    let names: Vec<&str> = given.iter().map(|line| line["custom_id"].as_str().unwrap()).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(given[1]["response"]["status_code"], 200);
    assert_eq!(given[1]["response"]["body"]["usage"]["completion_tokens"], 2);
    let failed = lines(&server, &ended["error_file_id"]);
    assert_eq!(failed[0]["response"]["status_code"], 404);
    assert_eq!(failed[1]["response"]["body"]["error"]["param"], "stream");
    // Each has its record, as any request has.
    let request = given[0]["response"]["request_id"].as_str().unwrap().to_owned();
    let named = |server: &Server| {
        let files = server.get("/v1/files?purpose=batch_output").json();
        files["data"].as_array().unwrap().len()
    };
    assert_eq!((request.len(), named(&server)), (32, 2));
    let id = file["id"].as_str().unwrap();
    let gone = server.send(&format!(
        "DELETE /v1/files/{id} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    ));
    assert_eq!(gone.json()["deleted"], true);
    assert_eq!(server.get(&format!("/v1/files/{id}")).status, 404);
    assert_eq!(server.get("/v1/batches?limit=1").json()["data"][0]["id"], begun["id"]);
}

#[test]
fn what_was_answered_before_a_server_was_killed_is_not_asked_again() {
    let house = House::new();
    let story =
        Story { text: "On and on".to_owned(), ends: false, width: 512, layers: 4, context: 8192 };
    story::write(&house.model("slow"), &story).unwrap();
    let text: String = (0..8).map(|at| line(&at.to_string(), CHAT, &chat("slow", 200))).collect();
    let mut server = house.serve();
    let file = upload(&server, &text, "").json();
    let id = begin(&server, &file["id"], CHAT)["id"].clone();
    let done =
        |server: &Server| batch(server, &id)["request_counts"]["completed"].as_u64().unwrap();
    until("some are answered", || done(&server) >= 2);
    let before = done(&server);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let server = house.serve();
    let ended = ends(&server, &id);
    assert_eq!(
        (&ended["status"], &ended["request_counts"]["completed"]),
        (&json!("completed"), &json!(8))
    );
    let given = lines(&server, &ended["output_file_id"]);
    let names: Vec<String> =
        given.iter().map(|line| line["custom_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, (0..8).map(|at| at.to_string()).collect::<Vec<_>>());
    assert!(before < 8, "it was over before it was killed");
}

#[test]
fn a_batch_is_called_off_and_what_is_wrong_with_a_file_is_told_by_line() {
    let house = House::new().with_drone();
    let server = house.serve();
    let text: String = (0..3).map(|at| line(&at.to_string(), CHAT, &chat("drone", 4000))).collect();
    let file = upload(&server, &text, "x-oratory-label: confidential\r\n").json();
    let id = begin(&server, &file["id"], CHAT)["id"].clone();
    until("it is under way", || batch(&server, &id)["status"] == "in_progress");
    let needed = server.send(&format!(
        "DELETE /v1/files/{} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        file["id"].as_str().unwrap()
    ));
    assert_eq!(needed.status, 400);
    let path = format!("/v1/batches/{}/cancel", id.as_str().unwrap());
    assert_eq!(server.post(&path, "").json()["status"], "cancelling");
    let ended = ends(&server, &id);
    assert_eq!((&ended["status"], &ended["output_file_id"]), (&json!("cancelled"), &Value::Null));
    let bad = line("a", CHAT, &chat("mini", 1)) + "no JSON\n" + &line("a", CHAT, &chat("mini", 1));
    let file = upload(&server, &bad, "").json();
    let ended = ends(&server, &begin(&server, &file["id"], CHAT)["id"]);
    assert_eq!(ended["status"], "failed");
    let faults = ended["errors"]["data"].as_array().unwrap();
    assert_eq!((&faults[0]["line"], &faults[1]["line"]), (&json!(2), &json!(3)), "{faults:?}");
    assert_eq!(upload(&server, "{}", "x-oratory-label: secret\r\n").status, 403);
    for (body, words) in [
        (json!({ "endpoint": "/v1/rerank" }), "`endpoint`"),
        (json!({ "completion_window": "1h" }), "`completion_window`"),
        (json!({ "input_file_id": "file-none" }), "no file"),
    ] {
        let mut wish =
            json!({ "input_file_id": file["id"], "endpoint": CHAT, "completion_window": "24h" });
        wish.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let told = server.post("/v1/batches", &wish.to_string()).text();
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn the_other_paths_are_answered_in_batches_too() {
    let house = House::new();
    let server = house.serve();
    for (url, body, field) in [
        (
            "/v1/completions",
            json!({ "model": "mini", "prompt": "One", "max_tokens": 2 }),
            "choices",
        ),
        (
            "/v1/responses",
            json!({ "model": "mini", "input": "One", "max_output_tokens": 2 }),
            "output",
        ),
        ("/v1/embeddings", json!({ "model": "mini", "input": "One" }), "data"),
    ] {
        let file = upload(&server, &line("x", url, &body), "").json();
        let ended = ends(&server, &begin(&server, &file["id"], url)["id"]);
        let given = lines(&server, &ended["output_file_id"]);
        assert_eq!(given.len(), 1, "{url}: {ended} {:?}", lines(&server, &ended["error_file_id"]));
        assert!(given[0]["response"]["body"][field].is_array(), "{url}: {}", given[0]);
    }
    drop(server);
    let kept = house.path().join("files/http");
    assert!(kept.read_dir().unwrap().count() > 3);
    assert!(printed(&house.run(&["config", "openapi"])).contains("/v1/batches"));
}

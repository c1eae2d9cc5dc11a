//! Servers of models on this machine: found, listed, asked, killed, and back again.
//!
//! The peer is a real one, llama-cpp-python's server with the model that comes along; where
//! `cargo xtask bench engine` has not installed it, its test says so.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::{House, Server, printed, until};

/// What the peer is called once it is found.
const FOUND: &str = "llama-cpp-python";

/// llama-cpp-python's server, as a person would start it.
struct Peer(Child);

impl Peer {
    fn start(python: &Path, model: &Path, port: u16) -> Self {
        let mut command = Command::new(python);
        command.args(["-m", "llama_cpp.server", "--host", "127.0.0.1", "--n_ctx", "1024"]);
        command.args(["--model_alias", "little", "--port", &port.to_string(), "--model"]);
        command.arg(model).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut peer = Self(command.spawn().unwrap());
        until("the peer serves", || {
            assert!(peer.0.try_wait().unwrap().is_none(), "the peer ended");
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        peer
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns the Python that has the peer, or why there is none.
fn python() -> Result<PathBuf, String> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/peer");
    let python = tools.join("bin/python");
    let whole = tools.join("complete").exists() && python.exists();
    whole.then_some(python).ok_or_else(|| "`cargo xtask bench engine` installs the peer".to_owned())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Returns a command that looks for servers at these ports.
fn looking(house: &House, arguments: &[&str], ports: &[u16]) -> Command {
    let mut command = house.command(arguments);
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    command.env("ORATORY_NEAR_FIND", "on").env("ORATORY_NEAR_PORTS", ports.join(","));
    command
}

fn serving(house: &House, ports: &[u16]) -> Server {
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--log", "info"];
    Server::start(looking(house, &arguments, ports))
}

fn run(house: &House, arguments: &[&str], ports: &[u16]) -> Output {
    looking(house, arguments, ports).output().unwrap()
}

fn ask(server: &Server, model: &str, text: &str) -> (u16, String, Value) {
    let body = json!({ "model": model, "max_tokens": 4,
        "messages": [{ "role": "user", "content": text }] });
    let response = server.chat(&body);
    let place = response.header("x-oratory-place").unwrap_or_default().to_owned();
    (response.status, place, response.json())
}

fn listed(server: &Server) -> Vec<String> {
    let list = server.get("/v1/models").json();
    let names = list["data"].as_array().unwrap().iter();
    names.map(|model| model["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_real_server_is_found_asked_lost_and_found_again() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let house = House::new();
    printed(&house.run(&["ask", "--model", "home/mini", "--max-tokens", "1", "Hello"]));
    let model = house.path().join("built-in/mini.gguf");
    let port = free_port();
    let peer = Peer::start(&python, &model, port);
    let lab = House::new().settings(&format!(
        "[places.lab]\nurl = \"http://127.0.0.1:{port}/v1\"\ntier = \"onprem\"\nclearance = \"internal\"\n"
    ));
    // Once found and once written down; what is written down is not found.
    let (finds, knows) = (serving(&house, &[port]), serving(&lab, &[port]));
    for (server, place) in [(&finds, FOUND), (&knows, "lab")] {
        let named = format!("{place}/little");
        until("its model is listed", || listed(server).contains(&named));
        assert_eq!(listed(server).iter().filter(|name| name.ends_with("/little")).count(), 1);
        let (status, from, answer) = ask(server, &named, "hello");
        assert_eq!((status, from.as_str()), (200, named.as_str()), "{answer}");
        let said = answer["choices"][0]["message"]["content"].as_str().unwrap();
        assert!(!said.is_empty(), "{answer}");
        assert_eq!(ask(server, "auto", "hello").1, named, "a real model before the stand-in");
        // What is private stays at home, and by name it is refused.
        assert_eq!(ask(server, "auto", "mail ada@example.org").1, "home/mini");
        assert_eq!(ask(server, &named, "mail ada@example.org").0, 403);
    }
    let rows: Value =
        serde_json::from_str(&printed(&run(&house, &["portfolio", "--json"], &[port]))).unwrap();
    let row = rows.as_array().unwrap().iter().find(|row| row["found"] == FOUND).unwrap();
    assert_eq!(
        (&row["place"]["tier"], &row["models"][0]["name"]),
        (&json!("onprem"), &json!("little"))
    );
    let receipts = printed(&house.run(&["privacy", "receipts"]));
    assert!(receipts.contains(FOUND), "what went there has its receipt: {receipts}");

    drop(peer);
    for (server, place) in [(&finds, FOUND), (&knows, "lab")] {
        let (status, _, answer) = ask(server, &format!("{place}/little"), "hello");
        let told = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(status >= 500 && told.contains("cannot be reached"), "{status} {answer}");
        let (status, from, _) = ask(server, "auto", "hello");
        assert_eq!((status, from.as_str()), (200, "home/mini"));
    }
    let health = finds.get("/health").json().to_string();
    assert!(health.contains(FOUND), "{health}");
    let _peer = Peer::start(&python, &model, port);
    for (server, place) in [(&finds, FOUND), (&knows, "lab")] {
        let named = format!("{place}/little");
        until("it answers again", || ask(server, &named, "hello").0 == 200);
        until("and is chosen again", || ask(server, "auto", "hello").1 == named);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_nobody_can_tell_receives_what_is_public_and_only_for_models_it_lists() {
    let provider = Provider::start().await;
    let port = provider.address().port();
    let house = House::new();
    let server = serving(&house, &[port]);
    until("it is found", || listed(&server).contains(&"server/echo".to_owned()));
    let (status, _, refused) = ask(&server, "server/echo", "nobody has labelled this");
    assert_eq!(status, 403, "{refused}");
    assert!(
        provider.received().iter().all(|sent| sent.starts_with("GET ")),
        "only lists were asked"
    );
    let body = json!({ "model": "server/echo", "messages": [{ "role": "user", "content": "hi" }] })
        .to_string();
    let labelled = |body: &str| {
        server.send(&format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-oratory-label: public\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
    };
    let answer = labelled(&body);
    assert_eq!((answer.status, answer.header("x-oratory-place")), (200, Some("server/echo")));
    let unlisted = labelled(&body.replace("server/echo", "server/gpt-elsewhere"));
    assert_eq!(unlisted.status, 404);
    let told = unlisted.text();
    assert!(
        told.contains("server lists no model") && !told.contains("[places.server]\\\" "),
        "{told}"
    );
    assert!(!provider.received().join("").contains("gpt-elsewhere"));
    drop(server);
    let shown = printed(&run(&house, &["portfolio"], &[port]));
    assert!(shown.contains("found: an OpenAI-compatible server"), "{shown}");
    // A place of that name is kept, and an address that is written down is not found again.
    let named = House::new()
        .settings("[places.server]\nurl = \"http://127.0.0.1:9/v1\"\nmodels = [\"m\"]\n");
    let shown = printed(&run(&named, &["portfolio"], &[port]));
    assert!(shown.contains("\nserver-2  cloud"), "{shown}");
    let written = House::new().settings(&format!("[places.mine]\nurl = \"{}\"\n", provider.url()));
    let shown = printed(&run(&written, &["portfolio"], &[port]));
    assert!(shown.contains("mine  cloud") && !shown.contains("found:"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_serves_no_models_is_asked_once_and_let_be() {
    let page = "<!doctype html><title>my app</title>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{page}",
        page.len()
    );
    let app = Provider::closing(answer).await;
    let house = House::new();
    let server = serving(&house, &[app.address().port()]);
    until("it is looked at", || app.connections() == 1);
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(app.connections(), 1);
    assert!(listed(&server).iter().all(|name| !name.contains('/')), "{:?}", listed(&server));
}

#[test]
fn an_oratory_is_no_neighbour_of_another_and_none_of_itself() {
    let (one, other) = (House::new(), House::new());
    let first = one.serve();
    let second = serving(&other, &[first.address.port()]);
    std::thread::sleep(Duration::from_secs(2));
    assert!(listed(&second).iter().all(|name| !name.contains('/')), "{:?}", listed(&second));
    let shown = printed(&run(&other, &["portfolio"], &[first.address.port()]));
    assert!(!shown.contains("found:"), "{shown}");
}

#[test]
fn ports_that_are_none_are_told() {
    let mut command = House::new().command(&["portfolio"]);
    let output =
        command.env("ORATORY_NEAR_FIND", "on").env("ORATORY_NEAR_PORTS", "80,http").output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("`near.ports` has \"http\", which is no port"), "{told}");
}

/// Returns how long a command took, and what it printed whether it failed or not.
fn timed(house: &House, arguments: &[&str]) -> (Duration, Option<i32>, String) {
    let began = Instant::now();
    let output = house.run(arguments);
    let said = [output.stdout, output.stderr].concat();
    (began.elapsed(), output.status.code(), String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_not_there_holds_up_nobody_who_does_not_need_it() {
    let bare = House::new();
    // One address that swallows everything, one name that nobody knows, and one that never answers.
    let mute = Provider::saying("").await;
    let dead = House::new().settings(&format!(
        "[places.far]\nurl = \"http://192.0.2.1:9/v1\"\nclearance = \"internal\"\n\
         [places.lost]\nurl = \"https://no-such-host.invalid/v1\"\n\
         [places.mute]\nurl = \"{}\"\n",
        mute.url()
    ));
    for arguments in [
        &["ask", "--model", "home/mini", "--max-tokens", "1", "Hello"][..],
        &["route", "--model", "mini", "Hello"],
        &["route", "--model", "far/some", "Hello"],
        // What may be sent to none of those who are waited for waits for none of them.
        &["route", "--label", "confidential", "Hello"],
        &["models", "list"],
        &["doctor"],
    ] {
        let without = timed(&bare, arguments).0;
        let (with, ..) = timed(&dead, arguments);
        assert!(
            with < without + Duration::from_millis(900),
            "{arguments:?}: {without:?}, {with:?}"
        );
    }
    let (took, code, said) = timed(&dead, &["ask", "--max-tokens", "1", "Hello"]);
    assert!(code == Some(0) && took < Duration::from_secs(6), "{took:?}: {said}");
    let (took, _, said) = timed(&dead, &["portfolio"]);
    assert!(took < Duration::from_secs(6), "{took:?}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_where_no_models_are_served_is_told_for_what_it_is() {
    let page = "<!doctype html><title>my app</title>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{page}",
        page.len()
    );
    let app = Provider::closing(answer).await;
    let place = |url: &str| format!("[places.lab]\nurl = \"{url}\"\nclearance = \"internal\"\n");
    let house = House::new().settings(&place(&format!("http://{}", app.address())));
    let (_, _, shown) = timed(&house, &["portfolio"]);
    assert!(shown.contains("lab answered with a web page instead of a list of models"), "{shown}");
    assert!(shown.contains("next: check `places.lab.url`: it ends before `/models`"), "{shown}");
    let (_, code, told) = timed(&house, &["ask", "--model", "lab/m", "hello"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("lab answered with a web page instead of an answer"), "{told}");
    let house = House::new().settings(&place("http://127.0.0.1:99999/v1"));
    let (_, code, told) = timed(&house, &["portfolio"]);
    assert!(code != Some(0) && told.contains("\"99999\" is no port"), "{told}");
    assert!(told.contains("line 2: `places.lab.url` cannot be used"), "{told}");
}

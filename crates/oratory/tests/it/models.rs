//! `oratory models`, typed at against fakes of both registries and made-up homes.
//!
//! The model is a made one, so that what was fetched also answers.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use oratory_fakes::{Registry, Trick};
use oratory_local::story::{self, Story};
use serde_json::{Value, json};

use crate::house::{House, Server, printed, until};

const REPO: &str = "maker/Small-GGUF";
const FILE: &str = "Small-Q8_0.gguf";

/// Returns a registry that has a small model, and its bytes.
async fn registry() -> (Registry, Vec<u8>) {
    let bytes = story::bytes(&Story::default());
    let registry = Registry::start().await;
    registry.repository(REPO, "apache-2.0", &[(FILE, &bytes)]);
    (registry, bytes)
}

fn command(house: &House, registry: &Registry, arguments: &[&str]) -> Command {
    let mut command = house.command(arguments);
    command.env("HF_ENDPOINT", registry.url()).env("ORATORY_MODELS_OLLAMA", registry.url());
    command
}

fn typed(house: &House, registry: &Registry, arguments: &[&str]) -> String {
    printed(&command(house, registry, arguments).output().unwrap())
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_pulled_listed_shown_asked_and_removed() {
    let (registry, bytes) = registry().await;
    let house = House::new();
    let output = command(&house, &registry, &["models", "pull", REPO]).output().unwrap();
    assert!(printed(&output).starts_with("Small-Q8_0 is here: "), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("licence: apache-2.0"), "{told}");
    assert!(!told.contains('\r'), "a pipe got a progress bar: {told}");
    assert_eq!(std::fs::read(house.model("Small-Q8_0")).unwrap(), bytes);
    let listed = printed(&house.run(&["models"]));
    assert!(listed.starts_with("Small-Q8_0") && listed.contains(REPO), "{listed}");
    let list = document(&printed(&house.run(&["models", "list", "--json"])));
    assert_eq!(list[0]["origin"]["licence"], "apache-2.0");
    assert_eq!(list[0]["architecture"], "llama");
    let shown = printed(&house.run(&["models", "show", "small"]));
    assert!(shown.contains("maker/Small-GGUF") && shown.contains("sha256"), "{shown}");
    let said = printed(&house.run(&["run", "SMALL:q8_0", "--temperature", "0", "Hello"]));
    assert!(said.contains("stand-in"), "{said}");
    let unasked = house.run(&["models", "rm", "small"]);
    assert_eq!(unasked.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unasked.stderr).contains("--yes"));
    assert!(printed(&house.run(&["models", "rm", "small", "--yes"])).contains("is gone"));
    assert!(!house.model("Small-Q8_0").exists());
    let ours = house.run(&["models", "rm", "mini"]);
    assert!(String::from_utf8_lossy(&ours.stderr).contains("mini is a part of the program"));
    let none = house.run(&["models", "show", "small"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stderr).contains("no model \"small\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_one_document_also_where_it_fails() {
    let (registry, _) = registry().await;
    let house = House::new();
    let pulled = document(&typed(&house, &registry, &["models", "pull", REPO, "--json"]));
    assert_eq!((&pulled["name"], &pulled["fresh"]), (&json!("Small-Q8_0"), &json!(true)));
    assert!(Path::new(pulled["path"].as_str().unwrap()).is_absolute());
    let again = document(&typed(&house, &registry, &["models", "pull", REPO, "--json"]));
    assert_eq!(again["fresh"], false);
    for (name, kind) in [("nobody/none", "unknown_model"), ("a/b/c", "invalid")] {
        let output =
            command(&house, &registry, &["models", "pull", "--json", name]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["error"]["kind"], kind, "{document}");
        assert!(document["error"]["hint"].is_string(), "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_pulls_and_deletes_where_that_is_allowed() {
    let (registry, bytes) = registry().await;
    let house = House::new();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--log", "info"];
    let pull = json!({ "model": REPO }).to_string();
    let refused = Server::start(command(&house, &registry, &arguments)).post("/api/pull", &pull);
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("models.over_http"));
    let mut serving = command(&house, &registry, &arguments);
    serving.env("ORATORY_MODELS_OVER_HTTP", "on");
    let server = Server::start(serving);
    let told = server.post("/api/pull", &pull);
    assert_eq!(told.header("content-type"), Some("application/x-ndjson"));
    let told = told.text();
    let lines = told.lines().filter(|line| line.starts_with('{')).map(document);
    let said: Vec<String> =
        lines.map(|line| line["status"].as_str().expect(&told).to_owned()).collect();
    assert_eq!(said.first().unwrap(), "pulling manifest");
    assert_eq!(said.last().unwrap(), "success");
    assert_eq!(std::fs::read(house.model("Small-Q8_0")).unwrap(), bytes);
    until("the model is listed", || server.get("/api/tags").text().contains("Small-Q8_0"));
    let wrong = server.post("/api/pull", &json!({ "model": "a/b/c", "stream": false }).to_string());
    assert_eq!(wrong.status, 400);
    let body = json!({ "model": "small" }).to_string();
    let delete = |body: &str| {
        server.send(&format!(
            "DELETE /api/delete HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    assert_eq!(delete(&body).status, 200);
    assert!(!house.model("Small-Q8_0").exists());
    assert_eq!(delete(&body).status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_comes_from_the_environment_or_from_where_others_keep_it() {
    let (registry, _) = registry().await;
    let token = ["hf", "_", "made-for-this-test"].concat();
    registry.gate(REPO, &token);
    let house = House::new();
    let refused = command(&house, &registry, &["models", "pull", REPO]).output().unwrap();
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("is gated") && told.contains("HF_TOKEN"), "{told}");
    let mut with = command(&house, &registry, &["models", "pull", REPO]);
    assert!(with.env("HF_TOKEN", &token).output().unwrap().status.success());
    printed(&house.run(&["models", "rm", "small", "--yes"]));
    let kept = house.path().join(".cache/huggingface");
    std::fs::create_dir_all(&kept).unwrap();
    std::fs::write(kept.join("token"), format!("{token}\n")).unwrap();
    typed(&house, &registry, &["models", "pull", REPO]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_comes_while_serving_is_served() {
    let (registry, bytes) = registry().await;
    registry.ollama("library/tiny", "1b", &[("model", &bytes), ("license", b"The Tiny Licence")]);
    let house = House::new();
    let server = house.serve();
    let names = || {
        let list = server.get("/v1/models").json();
        let names = list["data"].as_array().unwrap().iter();
        names.map(|model| model["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(), ["mini", "mini-m", "mini-s"]);
    typed(&house, &registry, &["models", "pull", "tiny:1b"]);
    until("the pulled model is listed", || names().contains(&"tiny-1b".to_owned()));
    let blob = house.path().join(".ollama/models/blobs").join(format!("sha256-{}", "a".repeat(64)));
    let manifest =
        house.path().join(".ollama/models/manifests/registry.ollama.ai/library/other/2b");
    for folder in [blob.parent().unwrap(), manifest.parent().unwrap()] {
        std::fs::create_dir_all(folder).unwrap();
    }
    std::fs::write(&blob, &bytes).unwrap();
    let kind = "application/vnd.ollama.image.model";
    let layers = json!([{ "mediaType": kind, "digest": format!("sha256:{}", "a".repeat(64)) }]);
    std::fs::write(&manifest, json!({ "layers": layers }).to_string()).unwrap();
    let dry = printed(&house.run(&["models", "import", "--dry-run"]));
    assert!(dry.contains("other:2b") && dry.contains("in Ollama"), "{dry}");
    let imported = printed(&house.run(&["models", "import"]));
    assert!(imported.contains("imported  other:2b"), "{imported}");
    until("the imported model is listed", || names().contains(&"other:2b".to_owned()));
    let asked = json!({ "model": "other:2b", "messages": [{ "role": "user", "content": "Hi" }] });
    assert_eq!(server.chat(&asked).status, 200);
    let removed = printed(&house.run(&["models", "rm", "other:2b", "--yes"]));
    assert!(removed.contains("stays in Ollama"), "{removed}");
    assert!(blob.exists());
    until("the forgotten model is gone", || !names().contains(&"other:2b".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn run_fetches_what_is_missing_and_leaves_slips_alone() {
    let (registry, _) = registry().await;
    let house = House::new();
    let said = typed(&house, &registry, &["run", REPO, "--temperature", "0", "Hello"]);
    assert!(said.contains("stand-in"), "{said}");
    let asked = registry.received().len();
    typed(&house, &registry, &["run", REPO, "--max-tokens", "2", "Hello"]);
    let slip = command(&house, &registry, &["run", "smoll", "Hello"]).output().unwrap();
    assert!(String::from_utf8_lossy(&slip.stderr).contains("the nearest are"), "{slip:?}");
    assert_eq!(registry.received().len(), asked, "what is here, or a slip, was asked for");
}

/// Starts a pull that takes long, and waits until some of it is here.
#[cfg(unix)]
fn half_way(house: &House, registry: &Registry) -> std::process::Child {
    registry.trick(FILE, Trick::Slow(4096, Duration::from_millis(20)), usize::MAX);
    let mut command = command(house, registry, &["models", "pull", REPO]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let state = house.path().join(format!("models/.oratory/partial/{FILE}.state"));
    until("some of it is here", || state.exists() && registry.sent() > 200_000);
    child
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_is_stopped_or_killed_goes_on_where_it_ended() {
    for signal in ["-INT", "-KILL"] {
        let (registry, bytes) = registry().await;
        let house = House::new();
        let child = half_way(&house, &registry);
        let pid = child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        if signal == "-INT" {
            assert_eq!(output.status.code(), Some(1));
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(told.contains("type the same again"), "{told}");
        }
        let listed = printed(&house.run(&["models"]));
        assert!(!listed.contains("Small-Q8_0"), "half a model is listed: {listed}");
        registry.behave();
        let again = command(&house, &registry, &["models", "pull", REPO]).output().unwrap();
        printed(&again);
        let told = String::from_utf8_lossy(&again.stderr);
        assert!(told.contains("going on after"), "{signal}: {told}");
        assert_eq!(std::fs::read(house.model("Small-Q8_0")).unwrap(), bytes);
    }
}

#[test]
fn models_named_loosely_are_loaded_at_the_start() {
    let house = House::new().settings("[home]\npreload = [\"Mini-S\", \"MINI-m\"]\n");
    let server = house.serve();
    let ready = || {
        let loaded = server.get("/loaded").json();
        let rows = loaded.as_array().unwrap().iter().filter(|row| row["state"] == "ready");
        let mut names: Vec<_> = rows.map(|row| row["model"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names == ["mini-m", "mini-s"]
    };
    until("both are in memory", ready);
}

#[test]
fn ps_tells_what_the_running_server_has_in_memory() {
    let house = House::new();
    let nobody = house.run(&["models", "ps", "--listen", "127.0.0.1:1"]);
    assert_eq!(nobody.status.code(), Some(1));
    let told = String::from_utf8_lossy(&nobody.stderr);
    assert!(
        told.contains("no Oratory answers at 127.0.0.1:1") && told.contains("oratory up"),
        "{told}"
    );
    let house = house.settings("[server]\nkey = \"open sesame\"\n");
    let server = house.serve();
    let address = server.address.to_string();
    let ps = |more: &[&str]| house.run(&[&["models", "ps", "--listen", &address], more].concat());
    let idle = ps(&[]);
    assert!(String::from_utf8_lossy(&idle.stderr).contains("No model is in memory"), "{idle:?}");
    let body = json!({ "messages": [{ "role": "user", "content": "Hi" }], "max_tokens": 3 });
    let body = body.to_string();
    let asked = server.send(&format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer open sesame\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!((asked.status, asked.json()["usage"]["completion_tokens"].as_u64()), (200, Some(3)));
    let loaded = document(&printed(&ps(&["--json"])));
    let row = &loaded[0];
    assert_eq!((&row["model"], &row["state"]), (&json!("mini"), &json!("ready")), "{loaded}");
    assert_eq!(
        (&row["running"], &row["context"], &row["tokens"]),
        (&json!(0), &json!(2048), &json!(3))
    );
    assert!(row["lanes"].as_u64() >= Some(1) && row["memory_bytes"].as_u64() > Some(1 << 20));
    let leaves = row["leaves_in_seconds"].as_u64().unwrap();
    assert!((1700..=1800).contains(&leaves), "{loaded}");
    let said = printed(&ps(&[]));
    assert!(
        said.contains("mini") && said.contains("leaves in") && said.contains("lanes"),
        "{said}"
    );
    let other = house
        .command(&["models", "ps", "--listen", &address])
        .env("ORATORY_SERVER_KEY", "x")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&other.stderr).contains("wants a key"), "{other:?}");
}

#[test]
fn a_name_that_is_nearly_a_models_finds_it_wherever_it_is_asked() {
    let house = House::new();
    for name in ["Small-8B-Q4_K_M", "Other-1B-Q8_0", "Other-1B-Q4_K_M"] {
        let story = Story { text: format!("I am {name}"), ..Default::default() };
        story::write(&house.model(name), &story).unwrap();
    }
    let server = house.serve();
    let ask = |model: &str| {
        let messages = [json!({ "role": "user", "content": "Hi" })];
        let response = server.chat(&json!({ "model": model, "messages": messages }));
        (response.status, response.json())
    };
    for name in ["small:8b", "home/small-8b", "maker/Small-8B-GGUF", "Small-8B-Q4_K_M"] {
        let (status, answer) = ask(name);
        assert_eq!(
            (status, &answer["model"]),
            (200, &json!("Small-8B-Q4_K_M")),
            "{name}: {answer}"
        );
    }
    let (status, answer) = ask("other:1b");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(
        status == 404 && message.contains("Other-1B-Q8_0") && message.contains("Q4_K_M"),
        "{answer}"
    );
    assert_eq!(ask("smaller").0, 404);
    let said = printed(&house.run(&["ask", "--model", "small:8b", "Hi"]));
    assert!(said.contains("I am Small-8B-Q4_K_M"), "{said}");
}

//! Keys of callers as they meet them: made, used, limited, spent and taken away.

use std::sync::Arc;

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::{House, Response, Server, printed};

/// Makes a key and returns it as a pipe would get it.
fn key(house: &House, name: &str, more: &[&str]) -> String {
    let output = house.run(&[&["keys", "add", name], more].concat());
    let text = printed(&output);
    let key = text.trim_end().to_owned();
    assert_eq!(text, format!("{key}\n"), "the key stands alone");
    let beside = String::from_utf8_lossy(&output.stderr);
    assert!(!beside.contains(&key), "{beside}");
    key
}

fn send(server: &Server, head: &str, path: &str, body: Option<&Value>) -> Response {
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.map(Value::to_string).unwrap_or_default();
    server.send(&format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{head}content-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    ))
}

fn bearer(key: &str) -> String {
    format!("authorization: Bearer {key}\r\n")
}

fn short() -> Value {
    json!({
        "model": "auto", "messages": [{ "role": "user", "content": "Hi" }], "max_tokens": 4,
    })
}

fn chat(server: &Server, key: &str, body: &Value) -> (u16, Value) {
    let response = send(server, &bearer(key), "/v1/chat/completions", Some(body));
    (response.status, response.json())
}

#[test]
fn a_key_opens_a_running_server_in_either_header_and_no_more_once_it_is_gone() {
    let house = House::new();
    let server = house.serve();
    let hello = short();
    let anybody = || server.chat(&hello).status;
    assert_eq!(anybody(), 200, "before the first key this machine is let in");
    let ada = key(&house, "ada", &["--group", "staff"]);
    assert!(ada.starts_with("oratory_") && ada.len() == 60, "{}", ada.len());
    assert_eq!(chat(&server, &ada, &hello).0, 200);
    let other = format!("x-api-key: {ada}\r\nanthropic-version: 2023-06-01\r\n");
    assert_eq!(send(&server, &other, "/v1/messages", Some(&hello)).status, 200);
    assert_eq!(anybody(), 401, "from the first key on, everyone needs one");
    let wrong = format!("{}{}", &ada[..59], if ada.ends_with('a') { 'b' } else { 'a' });
    let (status, told) = chat(&server, &wrong, &hello);
    assert_eq!((status, &told["error"]["code"]), (401, &json!("invalid_api_key")));
    assert!(!told.to_string().contains(&wrong[8..]), "{told}");
    let listed = printed(&house.run(&["keys", "list"]));
    assert!(listed.starts_with("ada ") && listed.contains("in staff"), "{listed}");
    assert!(listed.contains(&ada[..12]) && !listed.contains(&ada[..13]), "{listed}");
    printed(&house.run(&["keys", "rm", "ada"]));
    assert_eq!(chat(&server, &ada, &hello).0, 401, "gone with the very next request");
    assert_eq!(anybody(), 200, "and with the last key this machine is let in again");
    let junk = send(&server, &bearer("none"), "/v1/chat/completions", Some(&hello));
    assert_eq!(junk.status, 200, "clients that must send something send anything");
    assert_eq!(house.run(&["keys", "rm", "ada"]).status.code(), Some(1));
    drop(server);
    for file in std::fs::read_dir(house.path()).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let secret = &ada.as_bytes()[12..];
        assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{file:?}");
    }
}

#[test]
fn an_expired_key_says_so_and_names_that_are_taken_are_refused() {
    let house = House::new().settings("[server]\nkeyless = \"always\"\n");
    let server = house.serve();
    let key = key(&house, "ada", &["--expires", "1"]);
    assert_eq!(chat(&server, &key, &short()).0, 200);
    assert_eq!(server.chat(&short()).status, 200, "a person has let this machine in always");
    // As if it had been made long ago.
    let database = rusqlite::Connection::open(house.path().join("callers.db")).unwrap();
    let past = "UPDATE caller SET expires = 5; UPDATE change SET count = count + 1";
    database.execute_batch(past).unwrap();
    let (status, told) = chat(&server, &key, &short());
    assert_eq!(status, 401);
    assert!(told.to_string().contains("has expired on 1970-01-01"), "{told}");
    let code = |arguments: &[&str]| house.run(arguments).status.code();
    assert_eq!(code(&["keys", "add", "ada"]), Some(1), "there is one already");
    for wrong in [
        &["keys", "add", "http"][..],
        &["keys", "add", "Ada"],
        &["keys", "add", "bob", "--budget", "10 eur/day"],
        &["keys", "add", "bob", "--budget", "1 usd/day", "--budget", "2 usd/day"],
        &["keys", "add", "bob", "--expires", "2001-01-01"],
        &["keys", "add", "bob", "--clearance", "high"],
    ] {
        assert_eq!(code(wrong), Some(2), "{wrong:?}");
    }
    let listed: Value =
        serde_json::from_str(&printed(&house.run(&["keys", "list", "--json"]))).unwrap();
    assert_eq!(listed[0]["expired"], true, "{listed}");
}

#[test]
fn a_named_key_is_key_enough_for_an_address_that_others_reach() {
    let house = House::new();
    let open = ["serve", "--listen", "0.0.0.0:0", "--log", "info"];
    assert_eq!(house.run(&open).status.code(), Some(2));
    let key = key(&house, "ada", &[]);
    let mut server = Server::start(house.command(&open));
    server.address.set_ip([127, 0, 0, 1].into());
    assert_eq!(chat(&server, &key, &short()).0, 200);
    printed(&house.run(&["keys", "rm", "ada"]));
    assert_eq!(server.chat(&short()).status, 401, "without keys nobody gets in from anywhere");
}

#[test]
fn other_models_look_as_if_they_were_not_there_and_are_refused_by_name() {
    let house = House::new();
    let server = house.serve();
    let (all, few) = (key(&house, "all", &[]), key(&house, "few", &["--models", "mini-*"]));
    let names = |key: &str| {
        let listed = send(&server, &bearer(key), "/v1/models", None).json();
        let models = listed["data"].as_array().unwrap().clone();
        models.iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(names(&all).contains(&"mini".to_owned()), "{:?}", names(&all));
    let seen = names(&few);
    assert!(!seen.is_empty() && seen.iter().all(|name| name.starts_with("mini-")), "{seen:?}");
    let one = |name: &str| send(&server, &bearer(&few), &format!("/v1/models/{name}"), None).status;
    assert_eq!((one("mini"), one(&seen[0])), (404, 200));
    let tags = send(&server, &bearer(&few), "/api/tags", None).json().to_string();
    assert!(!tags.contains("\"mini\""), "{tags}");
    let ask = |model: &str| {
        let mut body = short();
        body["model"] = model.into();
        chat(&server, &few, &body)
    };
    assert_eq!(ask(&seen[0]).0, 200);
    for forbidden in ["mini", "home/mini", "no-such-model"] {
        let (status, told) = ask(forbidden);
        assert_eq!(status, 403, "{forbidden}: {told}");
        assert!(told.to_string().contains("only for mini-*"), "{told}");
    }
    let (status, told) = ask("auto");
    assert_eq!(status, 200, "{told}");
    assert!(told["model"].as_str().unwrap().contains("mini-"), "{told}");
    let pull = send(&server, &bearer(&few), "/api/pull", Some(&json!({ "model": "x" })));
    assert_eq!(pull.status, 403);
}

#[test]
fn what_is_too_private_for_a_caller_is_refused_and_a_label_is_never_lowered() {
    let house = House::new();
    let server = house.serve();
    let low = key(&house, "low", &["--clearance", "internal"]);
    let high = key(&house, "high", &["--label", "confidential"]);
    let mail = json!({ "messages": [{ "role": "user", "content": "Mail ada.lovelace@example.org" }],
        "max_tokens": 4 });
    assert_eq!(chat(&server, &low, &short()).0, 200);
    let (status, told) = chat(&server, &low, &mail);
    assert_eq!(status, 403);
    let told = told.to_string();
    assert!(
        told.contains("this is confidential+pii") && told.contains("what is internal"),
        "{told}"
    );
    let label = |more: &str| {
        let head = format!("{}{more}", bearer(&high));
        let response = send(&server, &head, "/v1/chat/completions", Some(&short()));
        response.header("x-oratory-labels").unwrap().to_owned()
    };
    assert_eq!(label(""), "confidential");
    assert_eq!(label("x-oratory-label: public\r\n"), "confidential");
    assert_eq!(label("x-oratory-label: secret\r\n"), "secret");
}

#[test]
fn of_a_hundred_requests_at_once_exactly_ten_pass_also_over_a_restart() {
    let house = House::new();
    let key = Arc::new(key(&house, "ada", &["--budget", "10 requests/day"]));
    let server = house.serve();
    // Four of them before the process is killed, with nothing said to it.
    for _ in 0..4 {
        assert_eq!(chat(&server, &key, &short()).0, 200);
    }
    drop(server);
    let server = Arc::new(house.serve());
    let ask = || {
        let (server, key) = (server.clone(), key.clone());
        std::thread::spawn(move || chat(&server, &key, &short()))
    };
    let asked: Vec<_> = (0..100).map(|_| ask()).collect();
    let answers: Vec<_> = asked.into_iter().map(|asked| asked.join().unwrap()).collect();
    let passed = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(passed, 6);
    let (_, told) = answers.iter().find(|(status, _)| *status != 200).unwrap();
    assert_eq!(told["error"]["type"], "insufficient_quota", "{told}");
    assert!(told.to_string().contains("may spend 10 requests/day"), "{told}");
    let refused = send(&server, &bearer(&key), "/v1/messages", Some(&short()));
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(wait <= 86_400, "{wait}");
    let told = refused.json();
    assert_eq!(told["error"]["type"], "rate_limit_error", "{told}");
    assert!(told.to_string().contains("10 spent") && told.to_string().contains("begins again at"));
    assert_eq!(send(&server, &bearer(&key), "/api/chat", Some(&short())).status, 429);
    let listed = printed(&house.run(&["keys", "list"]));
    assert!(listed.contains("10 of 10 requests/day"), "{listed}");
}

#[test]
fn tokens_are_counted_as_they_were_and_never_overspent() {
    let house = House::new();
    let key = Arc::new(key(&house, "ada", &["--budget", "5000 tokens/day"]));
    let server = Arc::new(house.serve());
    let ask = || {
        let (server, key) = (server.clone(), key.clone());
        std::thread::spawn(move || chat(&server, &key, &short()))
    };
    let mut used = 0;
    let mut passed = 0;
    for _ in 0..4 {
        let asked: Vec<_> = (0..25).map(|_| ask()).collect();
        for asked in asked {
            let (status, told) = asked.join().unwrap();
            passed += u64::from(status == 200);
            used += told["usage"]["total_tokens"].as_u64().unwrap_or(0);
            assert!(status == 200 || status == 429, "{status} {told}");
        }
    }
    assert!(passed > 8, "what was not used is given back: {passed}");
    assert!(used <= 5000, "{used}");
    let listed: Value =
        serde_json::from_str(&printed(&house.run(&["keys", "list", "--json"]))).unwrap();
    assert_eq!(listed[0]["budgets"][0]["spent"], used.to_string(), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_counted_where_it_is_spent_and_policies_know_groups() {
    let provider = Provider::start().await;
    let house = House::new();
    let file = house.path().join("house.cedar");
    let policy = "permit (principal in Group::\"staff\", action, resource);\n\
                  permit (principal, action, resource) when { resource.tier == \"edge\" };";
    std::fs::write(&file, policy).unwrap();
    let place = |name: &str, more: &str| {
        let url = provider.url();
        format!(
            "[places.{name}]\nurl = \"{url}\"\nmodels = [\"echo\"]\nclearance = \"internal\"\n{more}"
        )
    };
    let prices = "price = \"1000 2000.5\"\n";
    let (priced, free) = (place("cloud", prices), place("unpriced", ""));
    let house = house.settings(&format!("[policy]\nfile = {file:?}\n{priced}{free}"));
    let staff = key(&house, "staff-1", &["--group", "staff", "--budget", "10 usd/day"]);
    let guest = key(&house, "guest", &[]);
    let server = house.serve();
    let ask = |key: &str, model: &str| {
        let mut body = short();
        body["model"] = model.into();
        chat(&server, key, &body)
    };
    assert_eq!(ask(&guest, "cloud/echo").0, 403, "in no group");
    let (status, told) = ask(&staff, "cloud/echo");
    assert_eq!(status, 200, "{told}");
    let (status, told) = ask(&staff, "unpriced/echo");
    assert_eq!(status, 403);
    assert!(told.to_string().contains("places.unpriced.price"), "{told}");
    let listed = house.run(&["keys", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let spent: f64 = listed[1]["budgets"][0]["spent"].as_str().unwrap().parse().unwrap();
    assert!(spent > 0.0 && spent < 10.0, "{listed}");
    let explained = ["policy", "explain", "--place", "cloud", "--caller", "x", "--group", "staff"];
    let text = printed(&house.run(&explained));
    assert!(text.contains("as it is"), "{text}");
    let text = printed(&house.run(&explained[..6]));
    assert!(text.contains("nothing"), "{text}");
}

#[test]
fn files_and_responses_of_one_caller_are_no_other_callers() {
    let house = House::new();
    let server = house.serve();
    let (ada, bob) = (key(&house, "ada", &[]), key(&house, "bob", &[]));
    let asked = json!({ "input": "Hi", "max_output_tokens": 4 });
    let told = send(&server, &bearer(&ada), "/v1/responses", Some(&asked)).json();
    let path = format!("/v1/responses/{}", told["id"].as_str().unwrap());
    assert_eq!(send(&server, &bearer(&ada), &path, None).status, 200);
    assert_eq!(send(&server, &bearer(&bob), &path, None).status, 404);
    let form = "--x\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--x\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{}\r\n--x--\r\n";
    let head = bearer(&ada);
    let kept = server.send(&format!(
        "POST /v1/files HTTP/1.1\r\nhost: localhost\r\n{head}content-type: multipart/form-data; \
         boundary=x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{form}",
        form.len()
    ));
    assert_eq!(kept.status, 200);
    let path = format!("/v1/files/{}", kept.json()["id"].as_str().unwrap());
    assert_eq!(send(&server, &bearer(&ada), &path, None).status, 200);
    assert_eq!(send(&server, &bearer(&bob), &path, None).status, 404);
    assert_eq!(send(&server, &bearer(&bob), "/v1/files", None).json()["data"], json!([]));
}

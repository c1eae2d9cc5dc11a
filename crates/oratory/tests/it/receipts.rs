//! Receipts of what left, surrogates that stay, and a house that is shut when either cannot be kept.

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::{House, Server, printed, until};

fn settings(provider: &Provider) -> String {
    format!(
        "[places.cloud]\nurl = \"{}\"\nmodels = [\"echo\", \"rate-limited\"]\nclearance = \"internal\"\nmasked_clearance = \"confidential\"\n",
        provider.url()
    )
}

fn ask(server: &Server, model: &str, contents: &[&str]) -> (u16, Value) {
    let messages: Vec<Value> =
        contents.iter().map(|content| json!({ "role": "user", "content": content })).collect();
    let response = server.chat(&json!({ "model": model, "messages": messages }));
    (response.status, response.json())
}

fn lines(house: &House) -> Vec<Value> {
    let text = std::fs::read_to_string(house.path().join("receipts.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn bodies(provider: &Provider) -> Vec<String> {
    let received = provider.received();
    received.iter().filter_map(|sent| Some(sent.split_once("\r\n\r\n")?.1.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_departure_has_a_receipt_and_changes_are_told_by_line() {
    let provider = Provider::start().await;
    let house = House::new().settings(&settings(&provider));
    let server = house.serve();
    assert_eq!(ask(&server, "cloud/echo", &["mail ada@example.org"]).0, 200);
    assert_eq!(ask(&server, "cloud/echo", &["hello"]).0, 200);
    assert_ne!(ask(&server, "cloud/rate-limited", &["hello"]).0, 200);
    let receipts = lines(&house);
    assert_eq!(receipts.len(), 3);
    assert_eq!(receipts[0]["masked"], json!({ "email": 1 }));
    assert_eq!(receipts[0]["labels"], "confidential+pii");
    assert_eq!((&receipts[0]["place"], &receipts[0]["form"]), (&json!("cloud"), &json!("masked")));
    assert_eq!(receipts[0]["bytes"], bodies(&provider)[0].len());
    assert_eq!(receipts[1]["form"], "as it is");
    let text = std::fs::read_to_string(house.path().join("receipts.jsonl")).unwrap();
    assert!(!text.contains("ada@"), "{text}");
    let shown = printed(&house.run(&["privacy", "receipts"]));
    assert!(shown.contains("confidential+pii, masked: 1 email"), "{shown}");
    drop(server);

    let path = house.path().join("receipts.jsonl");
    let check = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        change(&mut lines);
        std::fs::write(&path, lines.concat()).unwrap();
        let output = house.run(&["privacy", "receipts", "--verify"]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(check(&|_| ()), (Some(0), String::new()));
    let (code, told) = check(&|lines| lines[1] = lines[1].replace("as it is", "masked"));
    assert_eq!((code, told.starts_with("line 2 was changed")), (Some(1), true), "{told}");
    let (code, told) = check(&|lines| drop(lines.remove(0)));
    assert_eq!((code, told.starts_with("line 1 holds receipt 2")), (Some(1), true), "{told}");
    let (code, told) = check(&|lines| lines.truncate(2));
    assert_eq!((code, told.starts_with("line 3 is missing")), (Some(1), true), "{told}");
    let (code, told) = check(&|lines| lines[2].truncate(30));
    assert_eq!((code, told.starts_with("line 3 is cut")), (Some(1), true), "{told}");
    let (code, told) = check(&|lines| lines.swap(0, 1));
    assert_eq!((code, told.starts_with("line 1 holds receipt 2")), (Some(1), true), "{told}");
}

/// Asks what must be shut, and what must not.
fn is_shut(server: &Server, provider: &Provider, why: &str, hint: &str) {
    let before = provider.received().len();
    for text in ["mail ada@example.org", "hello"] {
        let (status, said) = ask(server, "cloud/echo", &[text]);
        assert_eq!(status, 403, "{said}");
        let told = said.to_string();
        assert!(told.contains(why), "{told}");
        assert!(told.contains(hint), "{told}");
    }
    assert_eq!(provider.received().len(), before, "bytes left although the house was shut");
    assert_eq!(ask(server, "home/mini-s", &["hello"]).0, 200, "home goes on");
    let health = server.get("/health").json();
    assert_eq!(health["status"], "degraded");
    assert!(health.to_string().contains(why), "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_receipts_nothing_leaves_and_home_goes_on() {
    let provider = Provider::start().await;
    let house = House::new().settings(&settings(&provider));
    let server = house.serve();
    assert_eq!(ask(&server, "cloud/echo", &["hello"]).0, 200);
    let path = house.path().join("receipts.jsonl");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, "").unwrap();
    is_shut(&server, &provider, "receipts", "privacy receipts --verify");
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(ask(&server, "cloud/echo", &["hello"]).0, 200, "put right, it opens again");
    assert_eq!(lines(&house).len(), 2);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_shuts_the_house() {
    let provider = Provider::start().await;
    let house = House::new().settings(&settings(&provider));
    std::os::unix::fs::symlink("/dev/full", house.path().join("receipts.jsonl")).unwrap();
    let server = house.serve();
    let (status, said) = ask(&server, "cloud/echo", &["hello"]);
    assert_eq!(status, 403, "{said}");
    assert!(said.to_string().contains("free some space"), "{said}");
    assert_eq!(provider.received(), Vec::<String>::new());
    assert_eq!(ask(&server, "home/mini-s", &["hello"]).0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_key_nothing_leaves_and_home_goes_on() {
    let provider = Provider::start().await;
    let house = House::new().settings(&settings(&provider));
    let server = house.serve();
    assert_eq!(ask(&server, "cloud/echo", &["mail ada@example.org"]).0, 200);
    let key = house.path().join("vault/key");
    let whole = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    is_shut(&server, &provider, "is gone", "privacy forget --all");
    let forgotten = house.run(&["privacy", "forget", "--all"]);
    assert!(forgotten.status.success());
    assert_eq!(ask(&server, "cloud/echo", &["mail ada@example.org"]).0, 200);
    assert_ne!(std::fs::read(&key).unwrap(), whole, "a new key");
}

/// Returns what stood for an address in the last request that was sent.
fn surrogate(provider: &Provider) -> String {
    let body = bodies(provider).pop().unwrap();
    let (_, rest) = body.split_once("mail <").unwrap();
    format!("<{}>", rest.split_once('>').unwrap().0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_keeps_its_surrogates_over_a_restart_and_shares_them_with_none() {
    let provider = Provider::start().await;
    let house = House::new().settings(&settings(&provider));
    let first = |server: &Server, opening: &str, more: &[&str]| {
        let mut contents = vec![opening];
        contents.extend(more);
        assert_eq!(ask(server, "cloud/echo", &contents).0, 200);
        surrogate(&provider)
    };
    let server = house.serve();
    let one = first(&server, "Hello", &["mail ada@example.org"]);
    let later = first(&server, "Hello", &["Was it bob@example.org?", "mail ada@example.org"]);
    assert_eq!(later, one, "in a later turn");
    drop(server);
    let server = house.serve();
    assert_eq!(first(&server, "Hello", &["mail ada@example.org"]), one, "after a restart");
    let other = first(&server, "Good day", &["mail ada@example.org"]);
    assert_ne!(other, one, "in another conversation");
    let asked = house.run(&["ask", "--model", "cloud/echo", "mail ada@example.org"]);
    assert_eq!(printed(&asked), "mail ada@example.org\n");
    assert_ne!(surrogate(&provider), one, "of another caller");
    let name = lines(&house)[0]["conversation"].as_str().unwrap().to_owned();
    assert!(house.run(&["privacy", "forget", "--conversation", &name]).status.success());
    assert_ne!(first(&server, "Hello", &["mail ada@example.org"]), one, "once it is forgotten");
    assert_eq!(
        house.run(&["privacy", "forget", "--conversation", "nobody"]).status.code(),
        Some(1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_models_leave_receipts_as_well() {
    let provider = Provider::start().await;
    let settings = format!("[places.lab]\nurl = \"{}\"\ntier = \"onprem\"\n", provider.url());
    let house = House::new().settings(&settings);
    let _server = house.serve();
    until("the list of models has a receipt", || !lines(&house).is_empty());
    let receipt = &lines(&house)[0];
    assert_eq!(receipt["to"], format!("GET {}/models", provider.url()));
    assert_eq!(receipt.get("labels"), None);
}

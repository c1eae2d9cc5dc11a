//! The policy's commands, and a policy that changes while the house stands.

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::{House, Server, printed, until};

const OPEN: &str = "@id(\"all\") permit (principal, action, resource);";
const CLOSED: &str =
    "@id(\"home\") permit (principal, action, resource) when { resource.tier == \"edge\" };";

fn house(provider: &Provider, policy: &str) -> House {
    let house = House::new();
    let file = house.path().join("house.cedar");
    std::fs::write(&file, policy).unwrap();
    let settings = format!(
        "[policy]\nfile = {file:?}\n[places.cloud]\nurl = \"{}\"\nmodels = [\"echo\"]\nclearance = \"internal\"\n",
        provider.url()
    );
    house.settings(&settings)
}

fn status(server: &Server) -> u16 {
    let message = json!({ "role": "user", "content": "hello" });
    let response = server.chat(&json!({ "model": "cloud/echo", "messages": [message] }));
    let status = response.status;
    let _ = response.text();
    status
}

fn told(output: &std::process::Output) -> (Option<i32>, String) {
    let out = String::from_utf8_lossy(&output.stdout);
    (output.status.code(), format!("{out}{}", String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_policy_holds_within_moments_and_a_broken_one_closes_the_house() {
    let provider = Provider::start().await;
    let house = house(&provider, OPEN);
    let server = house.serve();
    let write = |policy: &str| std::fs::write(house.path().join("house.cedar"), policy).unwrap();
    assert_eq!(status(&server), 200);
    write(CLOSED);
    until("the new policy holds", || status(&server) == 403);
    write(OPEN);
    until("the old policy holds again", || status(&server) == 200);
    write("permit (");
    until("a broken policy closes the house", || status(&server) == 403);
    let health = server.get("/health").json().to_string();
    assert!(health.contains("house.cedar: line 1, column 9"), "{health}");
    let left = provider.received().len();
    assert_eq!(status(&server), 403);
    assert_eq!(provider.received().len(), left);
    write(OPEN);
    until("put right, it opens", || status(&server) == 200);
    std::fs::remove_file(house.path().join("house.cedar")).unwrap();
    until("a policy that is gone closes it", || status(&server) == 403);
    assert_eq!(server.get("/health").json()["status"], "degraded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_broken_from_the_start_lets_no_list_be_asked_for() {
    let provider = Provider::start().await;
    let house = House::new();
    let file = house.path().join("house.cedar");
    std::fs::write(&file, "permit (").unwrap();
    let settings =
        format!("[policy]\nfile = {file:?}\n[places.cloud]\nurl = \"{}\"\n", provider.url());
    let house = house.settings(&settings);
    let server = house.serve();
    assert_eq!(status(&server), 403);
    assert_eq!(provider.connections(), 0);
}

#[test]
fn check_tells_the_file_the_line_and_the_column() {
    let house = House::new();
    let write = |text: &str| {
        let file = house.path().join("mine.cedar");
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let file = write(OPEN);
    assert_eq!(told(&house.run(&["policy", "check", &file])), (Some(0), format!("{file} loads\n")));
    let file = write("permit (principal, action, resource)\nwhen { resource.teir == \"edge\" };");
    let (code, text) = told(&house.run(&["policy", "check", &file]));
    assert_eq!(code, Some(1));
    assert!(text.starts_with(&format!("{file}:2:8: ")), "{text}");
    assert!(text.contains("teir") && text.contains("nothing leaves this machine"), "{text}");
    let json = house.run(&["policy", "check", "--json", &file]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&json["loads"], &json["problems"][0]["line"]), (&json!(false), &json!(2)));
    let (code, text) = told(&house.run(&["policy", "check", "nowhere.cedar"]));
    assert_eq!(code, Some(2), "{text}");
    assert_eq!(told(&house.run(&["policy", "check"])).1, "the built-in policy loads\n");
}

#[test]
fn the_built_in_policy_and_the_example_keep_what_they_promise() {
    let house = House::new();
    let text = printed(&house.run(&["policy", "test"]));
    assert!(text.contains("ok   open-cloud       refused, by no rule"), "{text}");
    assert!(!text.contains("BAD"), "{text}");
    let example =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/policy.cedar");
    let (code, text) = told(&house.run(&["policy", "test", example.to_str().unwrap()]));
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_broken_promise_is_shown_and_fails() {
    let house = House::new();
    let file = house.path().join("mine.cedar");
    std::fs::write(&file, OPEN).unwrap();
    let promises = "[[places]]\nname = \"cloud\"\ntier = \"cloud\"\n\n[[tests]]\nabout = \"secrets stay\"\nfound = \"secret\"\nallowed = [\"home\"]\nrefused = [\"cloud\"]\n";
    let beside = house.path().join("mine.tests.toml");
    let file = file.display().to_string();
    let (code, text) = told(&house.run(&["policy", "test", &file]));
    assert_eq!(code, Some(2));
    assert!(text.contains("mine.tests.toml cannot be read"), "{text}");
    std::fs::write(&beside, promises).unwrap();
    let (code, text) = told(&house.run(&["policy", "test", &file]));
    assert_eq!(code, Some(1));
    assert!(text.contains("BAD  cloud            as it is, not refused, by all"), "{text}");
    assert!(text.contains("ok   home             as it is, by all"), "{text}");
    std::fs::write(
        &beside,
        format!("{promises}\n[[tests]]\nabout = \"x\"\nfound = \"sekret\"\nrefusd = []\n"),
    )
    .unwrap();
    let (code, text) = told(&house.run(&["policy", "test", &file]));
    assert_eq!(code, Some(2));
    assert!(text.contains("line 14: `refusd` means nothing here"), "{text}");
    assert!(text.contains("line 13: `found`: \"sekret\" is no label"), "{text}");
}

#[test]
fn explain_names_the_rule() {
    let house = House::new().settings(
        "[places.cloud]\nurl = \"http://127.0.0.1:9/v1\"\nclearance = \"internal\"\nmasked_clearance = \"confidential\"\nregion = \"eu\"\n",
    );
    let text = printed(&house.run(&["policy", "explain", "--found", "confidential+pii"]));
    assert!(text.contains("home             as it is   by a-place-receives-what-it-is-cleared-for, home-receives-everything"), "{text}");
    assert!(text.contains("cloud            masked     by or-more-once-it-is-masked"), "{text}");
    let text = printed(&house.run(&["policy", "explain", "--label", "secret", "--place", "cloud"]));
    assert!(text.contains("nothing"), "{text}");
    assert!(text.contains("secrets-never-leave"), "{text}");
    let (code, text) = told(&house.run(&["policy", "explain", "--place", "nowhere"]));
    assert_eq!(code, Some(2), "{text}");
    let file = house.path().join("hours.cedar");
    std::fs::write(&file, "@id(\"by-day\") permit (principal, action, resource) when { context.hour >= 8 && context.hour < 18 && context.purpose == \"work\" && resource.region == \"eu\" };").unwrap();
    let explain = |hour: &str, purpose: &str| {
        let file = file.to_str().unwrap();
        let arguments =
            ["policy", "explain", file, "--place", "cloud", "--hour", hour, "--purpose", purpose];
        printed(&house.run(&arguments))
    };
    assert!(explain("8", "work").contains("as it is   by by-day"));
    assert!(explain("18", "work").contains("nothing"));
    assert!(explain("8", "play").contains("nothing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purpose_is_asked_for_in_a_header() {
    let provider = Provider::start().await;
    let policy = "permit (principal == Caller::\"http\", action, resource) when { context.purpose == \"work\" };";
    let house = house(&provider, policy);
    let server = house.serve();
    let ask = |header: &str| {
        let message = json!({ "role": "user", "content": "hello" });
        let body = json!({ "model": "cloud/echo", "messages": [message] }).to_string();
        let length = body.len();
        let response = server.send(&format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n{header}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ));
        (response.status, response.text())
    };
    assert_eq!(ask("").0, 403);
    assert_eq!(ask("x-oratory-purpose: play\r\n").0, 403);
    assert_eq!(ask("x-oratory-purpose: work\r\n").0, 200);
    let (status, told) = ask("x-oratory-purpose: work\r\nx-oratory-purpose: play\r\n");
    assert_eq!((status, told.contains("there twice")), (400, true), "{told}");
    let asked = ["ask", "--model", "cloud/echo", "--purpose", "work", "hello"];
    assert_eq!(house.run(&asked).status.code(), Some(3), "another caller");
}

//! `oratory privacy mask` and `restore`, and what an organisation itself calls private.

use std::io::Write;
use std::process::{Output, Stdio};

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::{House, printed};

fn fed(house: &House, arguments: &[&str], input: &str) -> Output {
    let mut command = house.command(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever refuses what was typed need not read what was fed.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn conversation(output: &Output) -> String {
    let note = String::from_utf8_lossy(&output.stderr);
    note.trim().rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn a_text_is_masked_and_restored_by_another_process() {
    let house = House::new();
    let text = "Dear Sarah Miller,\nmail ada@example.org about card 4111 1111 1111 1111.\n";
    let output = fed(&house, &["privacy", "mask"], text);
    let masked = printed(&output);
    for private in ["Sarah", "ada@", "4111"] {
        assert!(!masked.contains(private), "{masked}");
    }
    let name = conversation(&output);
    let answer = masked.replace('<', "&lt;").replace('>', "&gt;");
    let restored = fed(&house, &["privacy", "restore", "--conversation", &name], &masked);
    assert_eq!(printed(&restored), text);
    let restored = fed(&house, &["privacy", "restore", "--conversation", &name], &answer);
    assert_eq!(printed(&restored), text);
    let more = fed(&house, &["privacy", "mask", "--conversation", &name], "ada@example.org");
    assert!(masked.contains(&printed(&more)), "the same surrogate goes on");
    assert!(house.run(&["privacy", "forget", "--caller", "cli"]).status.success());
    let gone = fed(&house, &["privacy", "restore", "--conversation", &name], &masked);
    assert_eq!(gone.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&gone.stderr).contains("is forgotten or has expired"));
}

#[test]
fn lines_of_json_stay_lines_of_json() {
    let house = House::new();
    let lines = "{\"id\":\"a\",\"text\":\"mail ada@example.org\"}\n{\"id\":7,\"text\":\"hello \\\"you\\\"\"}\n";
    let output = fed(&house, &["privacy", "mask", "--json"], lines);
    let masked = printed(&output);
    let read: Vec<Value> = masked.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&read[0]["id"], &read[0]["masked"]), (&json!("a"), &json!({ "email": 1 })));
    assert_eq!((&read[1]["id"], &read[1]["text"]), (&json!(7), &json!("hello \"you\"")));
    let name = read[0]["conversation"].as_str().unwrap();
    let restored = fed(&house, &["privacy", "restore", "--json", "--conversation", name], &masked);
    let restored = printed(&restored);
    let first: Value = serde_json::from_str(restored.lines().next().unwrap()).unwrap();
    assert_eq!(first["text"], "mail ada@example.org");
}

const TERMS: &str = "[privacy.terms.project]\nterms = [\"Blue Heron\"]\npatterns = [\"ACME-[0-9]{4}\"]\ncompartments = [\"acme\"]\n\n[privacy.terms.code_word]\nterms = [\"nightjar\"]\nlabel = \"secret\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_an_organisation_calls_private_is_found_masked_and_kept_home() {
    let provider = Provider::start().await;
    let cloud = format!(
        "\n[places.cloud]\nurl = \"{}\"\nmodels = [\"echo\"]\nclearance = \"internal\"\nmasked_clearance = \"confidential\"\n",
        provider.url()
    );
    let house = House::new().settings(&format!("{TERMS}{cloud}"));
    let found =
        printed(&fed(&house, &["privacy", "scan", "--json"], "Is BLUE HERON at ACME-1234?"));
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["findings"][0]["type"], "project");
    assert_eq!(found["findings"][1]["start"], 17);
    let server = house.serve();
    let ask = |text: &str| {
        let message = json!({ "role": "user", "content": text });
        server.chat(&json!({ "model": "cloud/echo", "messages": [message] }))
    };
    let response = ask("Is Blue\u{200b} Heron late? See ACME-1234.");
    assert_eq!(
        (response.status, response.header("x-oratory-labels")),
        (200, Some("confidential+acme"))
    );
    let said = response.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    assert_eq!(said, "Is Blue\u{200b} Heron late? See ACME-1234.");
    let sent = provider.received().join("");
    assert!(sent.contains("<PROJECT_"), "{sent}");
    assert!(!sent.contains("Heron") && !sent.contains("1234."), "{sent}");
    let refused = ask("nightjar flies at ten");
    assert_eq!(refused.status, 403);
    assert_eq!(provider.received().len(), 1);
}

#[test]
fn mistakes_in_terms_name_the_setting_and_the_line() {
    let told = |settings: &str| {
        let output = House::new().settings(settings).run(&["privacy", "scan"]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let pattern = told("[privacy.terms.project]\nterms = [\"ok\"]\npatterns = [\"a\", \"[b-\"]\n");
    assert!(
        pattern.contains("`privacy.terms.project.patterns` (file, line 3): pattern 2"),
        "{pattern}"
    );
    let name = told("[privacy.terms.email]\nterms = [\"x1\"]\n");
    assert!(name.contains("`privacy.terms.email` (file, line 2)"), "{name}");
    let empty = told("[privacy.terms.project]\nlabel = \"secret\"\n");
    assert!(empty.contains("[privacy.terms.project] names nothing"), "{empty}");
    let file = told("[privacy.terms.project]\nfile = \"/nowhere/at/all.txt\"\n");
    assert!(file.contains("`privacy.terms.project.file` cannot be used"), "{file}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_long_text_is_read_in_little_memory() {
    let house = House::new();
    let mut child = house
        .command(&["privacy", "scan", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let found = std::thread::spawn({
        let mut output = child.stdout.take().unwrap();
        move || {
            let mut found = String::new();
            std::io::Read::read_to_string(&mut output, &mut found).map(|_| found)
        }
    });
    let line = "It was a fine day, and nobody had much to say about it to anyone. ".repeat(1000);
    for _ in 0..500 {
        input.write_all(line.as_bytes()).unwrap();
        input.write_all(b"Write to ada@example.org.\n").unwrap();
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
    let found = found.join().unwrap().unwrap();
    assert_eq!(found.matches("\"email\"").count(), 500, "{}", &found[..200]);
    // 33 MB went through.
    assert!(peak < 48 * 1024, "{peak} KiB");
}

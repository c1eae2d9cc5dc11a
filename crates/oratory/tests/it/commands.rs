//! Each command as it is typed, with its exit code and both of its outputs.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::house::{House, printed};

#[test]
fn every_command_has_help_with_an_example() {
    let house = House::new();
    for command in [
        "up",
        "serve",
        "run",
        "ask",
        "route",
        "portfolio",
        "models",
        "fit",
        "bench",
        "doctor",
        "config",
        "completions",
    ] {
        let help = printed(&house.run(&[command, "--help"]));
        let (_, example) =
            help.split_once("Example").unwrap_or_else(|| panic!("{command}: {help}"));
        assert!(example.contains(&format!("oratory {command}")), "{command}: {example}");
    }
}

#[test]
fn ask_answers_and_explains() {
    let house = House::new();
    let output = house.run(&["ask", "--explain", "Mail ada@example.org, please"]);
    assert!(!printed(&output).trim().is_empty());
    let told = String::from_utf8(output.stderr).unwrap();
    for part in [
        "label confidential+pii",
        "permit home receives as it is",
        "choice home/mini (edge), as it is",
        "because only models that come with Oratory are here",
        "record ",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
}

#[test]
fn ask_prints_one_json_document_and_the_record_it_names_exists() {
    let house = House::new();
    let document: Value =
        serde_json::from_str(&printed(&house.run(&["ask", "--json", "Hello"]))).unwrap();
    assert_eq!(document["decision"]["place"], "home");
    assert_eq!(document["decision"]["permit"]["home"], "as it is");
    assert!(document["usage"]["output"].as_u64().unwrap() > 0);
    let id: oratory_contract::RequestId =
        serde_json::from_value(document["decision"]["id"].clone()).unwrap();
    let reader = oratory_store::Reader::open(&house.path().join("oratory.db")).unwrap();
    let record = reader.record(&id).unwrap().expect("the record is there");
    assert_eq!((record.place.as_str(), record.outcome.as_str()), ("home", "answered"));
}

#[test]
fn what_policy_refuses_exits_with_3_and_says_why() {
    let house = House::new()
        .settings("[places.cloud]\nurl = \"http://127.0.0.1:9/v1\"\nmodels = [\"m\"]\n");
    let output = house.run(&["ask", "--model", "cloud/m", "our plans"]);
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("cleared up to public, and this is internal"), "{told}");
    let output = house.run(&["ask", "--json", "--model", "cloud/m", "our plans"]);
    assert_eq!(output.status.code(), Some(3));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["error"]["kind"], "refused");
    let output = house.run(&["route", "--model", "cloud/m", "--label", "public", "our plans"]);
    assert_eq!(printed(&output), "cloud/m\n");
}

#[test]
fn run_takes_a_prompt_a_pipe_or_a_file() {
    let house = House::new();
    let plain = printed(&house.run(&["run", "mini", "--temperature", "0", "Who are you?"]));
    assert!(plain.contains("mini"), "{plain}");
    let mut command = house.command(&["run", "mini", "--temperature", "0"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Who are you?").unwrap();
    assert_eq!(printed(&child.wait_with_output().unwrap()), plain);
    let file = house.path().join("built-in/mini.gguf");
    let file = house.run(&["run", file.to_str().unwrap(), "--temperature", "0", "Who are you?"]);
    assert_eq!(printed(&file), plain);
    let missing = house.run(&["run", "./no-such.gguf", "Hello"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such.gguf"));
    let unknown = house.run(&["run", "minni", "Hello"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("the nearest are mini"));
}

#[test]
fn ask_reads_a_file_and_standard_input() {
    let house = House::new();
    let note = house.path().join("note.txt");
    std::fs::write(&note, "write to ada@example.org").unwrap();
    let output = house.run(&["route", "--json", "--file", note.to_str().unwrap(), "Sum this up"]);
    let decision: Value = serde_json::from_str(&printed(&output)).unwrap();
    assert_eq!(decision["labels"], "confidential+pii");
    let output = house.run(&["ask", "--file", "/nowhere/note.txt", "Sum this up"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--file /nowhere/note.txt"));
}

#[test]
fn json_is_printed_for_failures_of_every_sort() {
    let house = House::new();
    for (arguments, code, kind) in [
        (&["ask", "--json", "--file", "/nowhere", "x"][..], 1, "failed"),
        (&["ask", "--json", "--model", "none", "x"], 1, "unknown_model"),
        (&["ask", "--json", "--context", "big", "x"], 2, "wrong_usage"),
    ] {
        let output = house.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["error"]["kind"], kind, "{document}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let house = House::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = house.command(&["config", "reference"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be written"));
}

#[cfg(unix)]
#[test]
fn a_pipe_among_the_models_holds_nobody_up() {
    let house = House::new();
    let pipe = house.model("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let shown = printed(&house.run(&["portfolio"]));
    assert!(shown.contains("pipe") && shown.contains("it is not a file"), "{shown}");
}

#[test]
fn doctor_finds_a_sound_house_sound_and_a_broken_one_broken() {
    let house = House::new();
    let well = printed(&house.run(&["doctor"]));
    assert_eq!(well.lines().filter(|line| line.starts_with("ok ")).count(), 8, "{well}");
    let house = House::new().settings("[policy]\nfile = \"/nowhere/policy.cedar\"\n");
    std::fs::write(house.model("torn"), b"GGUF").unwrap();
    std::fs::write(house.path().join("oratory.db"), vec![7_u8; 8192]).unwrap();
    let output = house.run(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let checks: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let bad: Vec<_> = checks.iter().filter(|check| check["ok"] == false).collect();
    let names: Vec<_> = bad.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["records", "policy", "models"]);
    assert!(bad.iter().all(|check| check["hint"].is_string()), "{bad:?}");
}

#[test]
fn completions_are_printed_for_every_shell() {
    let house = House::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&house.run(&["completions", shell]));
        assert!(script.contains("portfolio"), "{shell}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let house = House::new();
    let mut child = house.command(&["config", "reference"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

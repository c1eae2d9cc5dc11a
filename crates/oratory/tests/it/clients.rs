//! Clients people already use, against a server that runs: the makers' own, and those built upon them.
//!
//! They come from PyPI and npm; where they cannot be had, a test says so and looks at nothing.

use std::process::Command;

use crate::house::House;
use crate::packages::{LIMIT, node, python, within};

#[test]
fn clients_of_all_three_dialects_are_at_home_here() {
    match python("clients", &["openai==3.54.0", "anthropic==2.12.0", "ollama==0.6.3"]) {
        Ok(python) => holds(Command::new(python).arg(script("clients.py")), "unloaded"),
        Err(why) => eprintln!("skipped: {why}"),
    }
}

#[test]
fn clients_built_upon_those_are_at_home_here() {
    match python(
        "more",
        &["litellm==1.106.2", "mcp==2.3.0", "langchain-openai==1.7.3", "instructor==1.17.0"],
    ) {
        Ok(python) => holds(Command::new(python).arg(script("more.py")), "through_instructor"),
        Err(why) => eprintln!("skipped: {why}"),
    }
}

#[test]
fn clients_from_npm_are_at_home_here() {
    match node("npm", &["openai@6.49.0", "ai@6.0.326", "@ai-sdk/openai-compatible@2.0.87"]) {
        Ok(folder) => {
            // A program finds packages beside itself.
            let program = folder.join("clients.mjs");
            std::fs::copy(script("clients.mjs"), &program).unwrap();
            holds(Command::new("node").arg(program), "ai");
        }
        Err(why) => eprintln!("skipped: {why}"),
    }
}

fn script(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Runs a script against a server; `last` is the part it ends with.
fn holds(command: &mut Command, last: &str) {
    let house = House::new().with_drone();
    let server = house.serve();
    let output = within(command.arg(server.address.to_string()), LIMIT).unwrap();
    let (said, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{error}");
    assert!(said.ends_with(&format!("{last} holds\n")), "{said}");
}

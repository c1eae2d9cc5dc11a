//! The OpenAPI description: it is what is committed, and Schemathesis finds nothing that breaks it.
//!
//! Some hundred requests; `ORATORY_SLOW=1` sends more than ten thousand. Where Schemathesis cannot be had, that
//! test says so and looks at nothing.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::house::{House, printed};
use crate::packages::{python, within};

/// What is looked at in every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance";

#[test]
fn the_committed_description_is_what_is_served() {
    let house = House::new();
    let printed = printed(&house.run(&["config", "openapi"]));
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let committed = std::fs::read_to_string(docs).unwrap_or_default();
    assert!(printed == committed, "run `oratory config openapi > docs/openapi.json`");
    let served = house.serve().get("/openapi.json");
    assert_eq!((served.status, served.text()), (200, committed));
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a person who tests has no other way to say so")]
fn no_request_drawn_from_the_description_breaks_the_server() {
    let python = match python("schemathesis", &["schemathesis==4.32.5"]) {
        Ok(python) => python,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    // Short conversations: what is said is not the matter here.
    let house = House::new().settings("[home]\ncontext = 256\n");
    let mut server = house.serve();
    let slow = std::env::var_os("ORATORY_SLOW").is_some();
    let (each, phases, limit) = match slow {
        true => ("300", "examples,coverage,fuzzing", 3000),
        false => ("20", "examples,fuzzing", 400),
    };
    let mut command = Command::new(python.with_file_name("schemathesis"));
    command.args(["run", &format!("http://{}/openapi.json", server.address)]);
    command.args(["--checks", CHECKS, "--max-examples", each, "--workers", "2"]);
    command.args(["--phases", phases, "--seed", "1", "--request-timeout", "60"]);
    command.args(["--suppress-health-check", "all", "--no-color"]);
    command.current_dir(house.path());
    let output = within(&mut command, Duration::from_secs(limit)).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    println!("{said}");
    assert!(server.lives());
}

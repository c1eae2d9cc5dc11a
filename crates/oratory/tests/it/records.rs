//! Records outlive the server, and a broken database does not stop the answering.

use serde_json::{Value, json};

use crate::house::{House, printed};

fn hello() -> Value {
    json!({ "messages": [{ "role": "user", "content": "Hello" }], "max_tokens": 2 })
}

#[test]
fn a_killed_server_has_lost_no_record_of_what_was_answered() {
    let house = House::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        let mut server = house.serve();
        for _ in 0..4 {
            let response = server.chat(&hello());
            assert_eq!(response.status, 200);
            let id = response.header("x-request-id").unwrap().to_owned();
            response.json();
            ids.push(id);
        }
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }
    // The next start takes over what was waiting for the database.
    drop(house.serve());
    let file = house.path().join("oratory.db");
    let store = oratory_store::Store::open(oratory_store::Config {
        path: Some(file),
        ..oratory_store::Config::default()
    });
    for id in ids {
        let id = serde_json::from_value(json!(id)).unwrap();
        assert!(store.record(&id).unwrap().is_some(), "{id} was answered and is not recorded");
    }
}

#[test]
fn a_corrupt_database_is_told_and_answering_goes_on() {
    let house = House::new();
    let file = house.path().join("oratory.db");
    std::fs::write(&file, vec![7_u8; 8192]).unwrap();
    let server = house.serve();
    assert_eq!(server.chat(&hello()).status, 200);
    let health = server.get("/health").json();
    assert_eq!(health["status"], "degraded", "{health}");
    assert!(health["checks"][0]["message"].as_str().unwrap().contains("oratory.db"), "{health}");
    assert_eq!(std::fs::read(&file).unwrap(), vec![7_u8; 8192], "nothing was lost");
}

#[test]
fn a_folder_that_cannot_be_written_does_not_stop_the_answering() {
    let house = House::new();
    // A file where a folder should be stops even root.
    let blocked = house.path().join("blocked");
    std::fs::write(&blocked, b"").unwrap();
    let mut command = house.command(&["ask", "Hello"]);
    let output = command.env("ORATORY_HOME", blocked.join("data")).output().unwrap();
    assert!(!printed(&output).trim().is_empty());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("blocked"), "{told}");
}

//! Clients with bad manners: silent, half finished, too much. The house stays open to others
//! and closes when it is told to.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::house::House;

#[cfg(unix)]
#[test]
fn silent_clients_do_not_hold_up_the_end() {
    let house = House::new();
    let mut server = house.serve();
    let half_body = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n\
                     content-length: 100\r\n\r\n{\"mess";
    let mut held = Vec::new();
    for silent in ["", "GET / HT", half_body] {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(silent.as_bytes()).unwrap();
        held.push(stream);
    }
    assert_eq!(server.get("/health").status, 200);
    let began = Instant::now();
    let pid = server.pid().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

#[test]
fn a_sender_of_too_much_hears_that_it_was_too_much() {
    let house = House::new().settings("[server]\nbody_megabytes = 1\n");
    let server = house.serve();
    let huge = json!({ "messages": [{ "role": "user", "content": "x".repeat(40 << 20) }] });
    let response = server.chat(&huge);
    assert_eq!(response.status, 413);
    assert!(response.json()["error"]["message"].as_str().unwrap().contains("body_megabytes"));
}

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

#[cfg(unix)]
#[test]
fn a_socket_serves_too_and_is_gone_when_the_house_is_closed() {
    use std::io::Read;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};

    let house = House::new();
    let path = house.path().join("oratory.sock");
    let house = house.settings(&format!("[server]\nsocket = {:?}\n", path.to_str().unwrap()));
    // What a house that was killed has left is no obstacle.
    drop(UnixListener::bind(&path).unwrap());
    let mut server = house.serve();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mut stream = UnixStream::connect(&path).unwrap();
    stream
        .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("\"status\":\"ok\""), "{told}");
    assert_eq!(server.get("/health").status, 200);
    // Another house does not take the socket of one that lives.
    let second = house.command(&["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("server.socket"), "{said}");
    let pid = server.pid().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
    assert!(!path.exists());
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

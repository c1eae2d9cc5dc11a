//! Offline: everything here goes on, and nothing beyond this machine is contacted.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use oratory_fakes::Provider;
use serde_json::json;

use crate::house::{House, Server, printed};

/// Returns an address of this machine that is not loopback; nothing is sent to learn it.
fn address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_beyond_this_machine_is_contacted() {
    let Some(address) = address() else {
        return eprintln!("skipped: this machine has no address but its own");
    };
    let (far, near) =
        (Provider::start_at(SocketAddr::from((address, 0))).await, Provider::start().await);
    let place = |name: &str, url: String, more: &str| {
        format!("[places.{name}]\nurl = \"{url}\"\nclearance = \"internal\"\n{more}")
    };
    let house = House::new().settings(&format!(
        "{}{}{}",
        place("far", far.url(), "models = [\"echo\"]\n"),
        place("asked", far.url(), ""),
        place("near", near.url(), "tier = \"onprem\"\n"),
    ));
    let mut serve = house.command(&["serve", "--listen", "127.0.0.1:0", "--log", "info"]);
    serve.env("ORATORY_OFFLINE", "1");
    let server = Server::start(serve);
    for model in ["far/echo", "asked/echo", "far/unlisted"] {
        // Four times, as a place that fails again and again would be told of in other words.
        for _ in 0..4 {
            let began = Instant::now();
            let body = json!({ "model": model, "messages": [{ "role": "user", "content": "hi" }] });
            let response = server.chat(&body);
            assert!(response.status >= 500, "{}", response.status);
            let told = response.text();
            assert!(told.contains("is beyond this machine, and Oratory is offline"), "{told}");
            assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        }
    }
    let ask = |model: &str| {
        let body = json!({ "model": model, "max_tokens": 1,
            "messages": [{ "role": "user", "content": "hi" }] });
        let response = server.chat(&body);
        (response.status, response.header("x-oratory-place").map(str::to_owned))
    };
    assert_eq!(ask("near/echo"), (200, Some("near/echo".to_owned())));
    assert_eq!(ask("home/mini"), (200, Some("home/mini".to_owned())));
    let health = server.get("/health").text();
    assert!(health.contains("nothing beyond this machine is contacted"), "{health}");
    let shown = printed(&house.run(&["portfolio", "--offline"]));
    assert!(shown.contains("unavailable: offline: it is beyond this machine"), "{shown}");
    for pull in [
        &["models", "pull", "Qwen/Qwen3-8B-GGUF", "--offline"][..],
        &["--offline", "run", "qwen3:8b", "hi"],
    ] {
        let began = Instant::now();
        let output = house.run(pull);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("nothing is fetched while Oratory is offline"), "{told}");
        assert!(told.contains("next: leave out `offline`"), "{told}");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    assert_eq!(far.connections(), 0, "{:?}", far.received());
    assert!(near.connections() > 0);
}

#[test]
fn the_switch_is_read_in_every_way_people_write_it() {
    let house = House::new().settings("offline = true\n");
    let told = |arguments: &[&str], variable: Option<&str>| {
        let mut command = house.command(arguments);
        if let Some(value) = variable {
            command.env("ORATORY_OFFLINE", value);
        }
        printed(&command.output().unwrap())
    };
    let line =
        |text: String| text.lines().find(|line| line.contains("offline")).unwrap().to_owned();
    assert!(line(told(&["config"], None)).contains("\"on\""));
    assert!(line(told(&["config"], Some("0"))).contains("\"off\""));
    assert!(line(told(&["config"], Some("true"))).contains("\"on\""));
    assert!(line(told(&["--offline=off", "config"], Some("1"))).contains("\"off\""));
    let wrong = house.command(&["config"]).env("ORATORY_OFFLINE", "maybe").output().unwrap();
    let wrong = String::from_utf8(wrong.stderr).unwrap();
    assert!(
        wrong.contains("ORATORY_OFFLINE is \"maybe\"; it must be \"on\" or \"off\""),
        "{wrong}"
    );
}

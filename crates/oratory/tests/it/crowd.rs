//! More clients than one slow model can serve: each gets an answer or a time to come back.

use serde_json::json;

use crate::house::House;

#[test]
fn sixty_four_at_once_are_answered_or_told_when_to_come_back() {
    let house = House::new().with_drone();
    let server = house.serve();
    let asked = json!({
        "model": "drone", "max_tokens": 12,
        "messages": [{ "role": "user", "content": "Go on" }],
    });
    let before = resident(server.pid());
    let outcomes: Vec<(u16, bool)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..64)
            .map(|_| {
                scope.spawn(|| {
                    let response = server.chat(&asked);
                    (response.status, response.header("retry-after").is_some())
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let answered = outcomes.iter().filter(|(status, _)| *status == 200).count();
    assert!(answered >= 8, "only {answered} were answered");
    for (status, when) in outcomes {
        assert!(status == 200 || (matches!(status, 429 | 503) && when), "{status}, {when}");
    }
    let grown = resident(server.pid()).saturating_sub(before);
    assert!(grown < 64 * 1024, "the server grew by {grown} KiB");
    assert_eq!(server.chat(&asked).status, 200, "and it goes on");
}

fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

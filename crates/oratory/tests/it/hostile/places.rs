//! Model files that are no files, are not whole, or change while they are looked at.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::time::Duration;

use super::{Outcome, ask, house, judge};
use crate::house::{House, Server, until};

/// Makes what is in the folder before the server starts; returns the rows and their words.
fn odd_files(house: &House, sound: &[u8]) -> Vec<(&'static str, &'static str)> {
    let path = |name: &str| house.model(name);
    std::fs::create_dir(path("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    symlink(path("loop-b"), path("loop-a")).unwrap();
    symlink(path("loop-a"), path("loop-b")).unwrap();
    symlink(path("nowhere"), path("broken-link")).unwrap();
    symlink("/dev/zero", path("endless")).unwrap();
    std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    std::fs::write(path("split-00001-of-00003"), sound).unwrap();
    std::fs::write(path("split-00003-of-00003"), sound).unwrap();
    // The same file twice is no model in two parts.
    std::fs::write(path("twins-00001-of-00002"), sound).unwrap();
    std::fs::write(path("twins-00002-of-00002"), sound).unwrap();
    std::fs::write(path("half-00001-of-00002"), sound).unwrap();
    std::fs::write(path("half-00002-of-00002"), &sound[..sound.len() / 2]).unwrap();
    vec![
        ("folder", "not a file"),
        ("pipe", "not a file"),
        ("loop-a", "symbolic links"),
        ("broken-link", "No such file"),
        ("endless", "not a file"),
        ("socket", "not a file"),
        ("split", "split-00002-of-00003.gguf is missing"),
        ("twins", "was in an earlier part"),
        ("half", "cut short"),
    ]
}

#[test]
fn what_is_no_whole_file_is_a_clear_error_soon() {
    let (house, sound) = house();
    let rows = odd_files(&house, &sound);
    let secret = house.model("unreadable");
    std::fs::write(&secret, &sound).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    let mut server = house.serve();
    let pid = server.pid();
    let expect = |(name, words)| ask(&server, name).expect(&[503], words);
    let mut table: Vec<Outcome> = rows.into_iter().map(expect).collect();
    // The system lets its administrator read everything.
    if std::fs::read(&secret).is_err() {
        table.push(ask(&server, "unreadable").expect(&[503], "ermission denied"));
    }
    judge(&mut server, pid, &table);
}

#[test]
fn a_file_that_changes_while_it_is_looked_at_is_a_clear_error_soon() {
    let (house, sound) = house();
    let names = ["vanishing", "shrinking", "turning", "swapped", "shrinking-under-way"];
    for name in names {
        std::fs::write(house.model(name), &sound).unwrap();
    }
    let mut server = house.serve();
    let pid = server.pid();
    assert!(server.get("/v1/models").text().contains("vanishing"), "they are listed");
    std::fs::remove_file(house.model("vanishing")).unwrap();
    shrink(&house, "shrinking", sound.len() as u64 / 2);
    std::fs::remove_file(house.model("turning")).unwrap();
    assert!(Command::new("mkfifo").arg(house.model("turning")).status().unwrap().success());
    std::fs::write(house.model("swapped"), vec![b'x'; sound.len()]).unwrap();
    let mut table = vec![
        ask(&server, "vanishing").expect(&[404, 503], ""),
        ask(&server, "shrinking").expect(&[503], "cut short"),
        ask(&server, "turning").expect(&[503], "not a file"),
        ask(&server, "swapped").expect(&[503], "begins with"),
    ];
    table.extend(shrink_under_way(&house, &server, sound.len() as u64));
    judge(&mut server, pid, &table);
}

fn shrink(house: &House, name: &str, length: u64) {
    let file = std::fs::File::options().write(true).open(house.model(name)).unwrap();
    file.set_len(length).unwrap();
}

/// Cuts a file short while a worker has it mapped: what is gone can no longer be read, which
/// the system tells a process with a signal.
fn shrink_under_way(house: &House, server: &Server, length: u64) -> Vec<Outcome> {
    let name = "shrinking-under-way";
    assert_eq!(ask(server, name).status, 200);
    let worker = server.workers();
    shrink(house, name, length / 4);
    let first = ask(server, name).expect(&[503], "");
    until("the worker is gone or rests", || {
        std::thread::sleep(Duration::from_millis(50));
        server.workers() != worker || ask(server, name).status != 200
    });
    vec![first, ask(server, name).expect(&[503], "cut short")]
}

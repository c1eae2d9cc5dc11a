//! A house for one test: its own folder, its own port, and a client that keeps every byte.
//!
//! Ends only the processes it started.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use oratory_local::story::{self, Story};
use serde_json::Value;

/// How long anything in a test may take before it counts as hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder for one test's data.
pub(crate) struct House {
    folder: tempfile::TempDir,
}

impl House {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the settings file.
    pub(crate) fn settings(self, text: &str) -> Self {
        std::fs::write(self.path().join("config.toml"), text).unwrap();
        self
    }

    /// Puts a model into the models folder that talks without end, slowly.
    pub(crate) fn with_drone(self) -> Self {
        let text = "Here is one word after another and it goes on".to_owned();
        let story = Story { text, ends: false, width: 1024, layers: 6, context: 8192 };
        story::write(&self.model("drone"), &story).unwrap();
        self
    }

    /// Returns where a model of this name lies.
    pub(crate) fn model(&self, name: &str) -> PathBuf {
        let folder = self.path().join("models");
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(format!("{name}.gguf"))
    }

    /// Returns the command with these arguments, in this house and no other.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oratory"));
        command.args(arguments).env_clear().env("ORATORY_HOME", self.path());
        // What else runs on the machine of whoever tests is no part of a test.
        command.env("ORATORY_NEAR_FIND", "off");
        command.env("HOME", self.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts serving.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command(&["serve", "--listen", "127.0.0.1:0", "--log", "info"]))
    }
}

/// Returns what a command printed, failing the test if it failed.
pub(crate) fn printed(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", output.status);
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A server under test.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server ended while it started");
            if let Some((_, address)) = line.split_once("serving address=") {
                break address.trim().parse().unwrap();
            }
            eprint!("{line}");
        };
        // Keep reading, or the server would wait for room in the pipe.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, address }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether the server process lives.
    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Returns the engine processes of this server.
    #[cfg(target_os = "linux")]
    pub(crate) fn workers(&self) -> Vec<i32> {
        let mut pids = Vec::new();
        // Any thread of the server may have started the process.
        let tasks = format!("/proc/{}/task", self.pid());
        for task in std::fs::read_dir(tasks).into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(task.path().join("children"));
            let children = children.unwrap_or_default();
            pids.extend(children.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok()));
        }
        pids
    }

    /// Sends a chat and returns its response once the headers are here.
    pub(crate) fn chat(&self, body: &Value) -> Response {
        self.post("/v1/chat/completions", &body.to_string())
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Response {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"))
    }

    pub(crate) fn send(&self, request: &str) -> Response {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        Response::read(stream)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A response whose body is still coming.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    reader: BufReader<TcpStream>,
}

impl Response {
    fn read(stream: TcpStream) -> Self {
        Self::of(stream).expect("no whole head came")
    }

    /// Returns the response on this connection; `None` if it was cut before the head was whole.
    pub(crate) fn of(stream: TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, head: head.to_lowercase(), reader })
    }

    /// Returns a header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Returns the next event's payload; `None` at the end of the stream.
    pub(crate) fn event(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(payload) = line.strip_prefix("data: ") {
                return Some(payload.trim_end().to_owned());
            }
        }
    }

    /// Returns the rest of the events.
    pub(crate) fn events(mut self) -> Vec<String> {
        std::iter::from_fn(|| self.event()).collect()
    }

    pub(crate) fn text(mut self) -> String {
        let mut text = String::new();
        self.reader.read_to_string(&mut text).unwrap();
        text
    }

    pub(crate) fn json(self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// Waits until something holds, or fails the test.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

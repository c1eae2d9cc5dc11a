//! A server of the product in a folder of its own, which ends with the value that holds it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

/// How long starting may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub(super) struct Server {
    address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts a server and waits until it listens.
    pub(super) fn start(program: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        // An address that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(program);
        command.args(["serve", "--listen", &address.to_string()]).env_clear();
        command.env("ORATORY_HOME", folder.path()).env("HOME", folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process =
            command.spawn().with_context(|| format!("cannot run {}", program.display()))?;
        let mut server = Self { address, process, _folder: folder };
        let late = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.process.try_wait()? {
                bail!("{} ended at once ({status})", program.display());
            }
            if Instant::now() > late {
                bail!("{} did not begin to listen", program.display());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Sends a chat and returns the whole answer.
    pub(super) fn chat(&self, body: &Value) -> Result<Value> {
        let body = body.to_string();
        let mut stream = TcpStream::connect(self.address)?;
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all((head + &body).as_bytes())?;
        let mut heard = String::new();
        stream.read_to_string(&mut heard)?;
        let (_, answer) = heard.split_once("\r\n\r\n").context("the server sent no answer")?;
        let answer: Value = serde_json::from_str(answer).context("the answer is no JSON")?;
        if let Some(message) = answer["error"]["message"].as_str() {
            bail!("{message}");
        }
        Ok(answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that it ends its engine with itself.
        #[cfg(unix)]
        {
            let pid = self.process.id().to_string();
            let _ = Command::new("kill").args(["-TERM", &pid]).stderr(Stdio::null()).status();
            let late = Instant::now() + Duration::from_secs(15);
            while Instant::now() < late {
                if matches!(self.process.try_wait(), Ok(Some(_))) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

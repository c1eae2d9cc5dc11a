//! The two servers: Oratory, and llama-cpp-python's as its peer.
//!
//! Each runs as its own process with a folder of its own, and ends with the value that holds it.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Things, Trouble};

/// Tokens each server holds for a request.
const CONTEXT: &str = "8192";
/// How long starting may take; the peer loads its model first.
const PATIENCE: Duration = Duration::from_secs(300);

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Oratory,
    Peer,
    /// Oratory that does not guess ahead.
    Plain,
}

/// A running server.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    /// The name requests call the model by.
    pub(crate) model: String,
    process: Child,
    folder: TempDir,
}

impl Server {
    /// Starts a server with one model and waits until it listens.
    pub(crate) async fn start(
        kind: Kind,
        things: &Things,
        model: &Path,
        threads: usize,
    ) -> Result<Self, Trouble> {
        Self::start_in(tempfile::tempdir()?, kind, things, model, threads).await
    }

    /// Ends the server and starts it again with what it has kept in its folder.
    pub(crate) async fn restarted(
        mut self,
        things: &Things,
        model: &Path,
        threads: usize,
    ) -> Result<Self, Trouble> {
        self.end();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir()?);
        Self::start_in(folder, self.kind, things, model, threads).await
    }

    async fn start_in(
        folder: TempDir,
        kind: Kind,
        things: &Things,
        model: &Path,
        threads: usize,
    ) -> Result<Self, Trouble> {
        // An address that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let model = model.canonicalize()?;
        let mut command = match kind {
            Kind::Oratory | Kind::Plain => oratory(things, &model, address, threads, folder.path()),
            Kind::Peer => peer(things, &model, address, threads)?,
        };
        command.env_clear().env("HOME", folder.path()).env("PATH", "/usr/bin:/bin");
        // Measured are engines: what was answered once is worked out again.
        command.env("ORATORY_HOME", folder.path()).env("ORATORY_CACHE_MEGABYTES", "0");
        // It would use the quiet while the other server's turn is, and be what is measured there.
        command.env("ORATORY_HOME_TUNE", "never");
        match (kind, &things.draft) {
            (Kind::Plain, _) => {
                command.env("ORATORY_HOME_GUESS", "never");
            }
            (Kind::Oratory, Some(draft)) => {
                command.arg("--file").arg(draft.canonicalize()?);
                command.env("ORATORY_HOME_DRAFT", draft.file_stem().unwrap_or_default());
            }
            _ => {}
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().map_err(|why| format!("cannot start {kind:?}: {why}"))?;
        let name = model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut server = Self { kind, address, model: name, process, folder };
        server.listens().await?;
        Ok(server)
    }

    async fn listens(&mut self) -> Result<(), Trouble> {
        let late = Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(self.address).await.is_err() {
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("{:?} ended at once ({status})", self.kind).into());
            }
            if Instant::now() > late {
                return Err(format!("{:?} did not begin to listen", self.kind).into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

fn oratory(
    things: &Things,
    model: &Path,
    address: SocketAddr,
    threads: usize,
    folder: &Path,
) -> Command {
    let mut command = Command::new(&things.oratory);
    command.args(["serve", "--context", CONTEXT, "--threads", &threads.to_string()]);
    command.args(["--listen", &address.to_string(), "--file"]).arg(model);
    command.arg("--models").arg::<PathBuf>(folder.join("models"));
    command
}

fn peer(
    things: &Things,
    model: &Path,
    address: SocketAddr,
    threads: usize,
) -> Result<Command, Trouble> {
    let program =
        things.peer.as_ref().ok_or("PEER_PYTHON is not set; use `cargo xtask bench engine`")?;
    let threads = threads.to_string();
    let mut command = Command::new(program);
    command.args(["-m", "llama_cpp.server", "--host", "127.0.0.1", "--n_ctx", CONTEXT]);
    command.args(["--port", &address.port().to_string(), "--n_threads", &threads]);
    command.args(["--n_threads_batch", &threads, "--verbose", "False"]);
    // Otherwise a second request ends the first.
    command.args(["--interrupt_requests", "False", "--model"]).arg(model);
    Ok(command)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

impl Server {
    fn end(&mut self) {
        // Asked first, so that Oratory ends its engine with itself.
        #[cfg(unix)]
        {
            let pid = self.process.id().to_string();
            let _ = Command::new("kill").args(["-TERM", &pid]).stderr(Stdio::null()).status();
            let late = Instant::now() + Duration::from_secs(20);
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

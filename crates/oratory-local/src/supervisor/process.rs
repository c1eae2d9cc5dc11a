//! One worker process: its pipes, its last words, and its end.
//!
//! It kills only the process it started, through the handle it got when starting it.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio_util::task::TaskTracker;

use super::words::Words;
use crate::machine;
use crate::protocol::{self, Order, Report};

/// How long a process may take to end once its input is closed.
const PATIENCE: Duration = Duration::from_secs(2);

/// The command that starts a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The program: usually Oratory itself.
    pub path: PathBuf,
    /// What makes it a worker.
    pub args: Vec<OsString>,
}

/// A running worker process.
pub(super) struct Worker {
    child: Child,
    orders: Option<ChildStdin>,
    reports: ChildStdout,
    arrived: Vec<u8>,
    words: Arc<Mutex<Words>>,
    /// Processes the system had ended for want of memory when this one began.
    out_of_memory: Option<u64>,
}

/// How a worker ended.
#[derive(Debug)]
pub(super) struct Ended {
    how: String,
    by_itself: bool,
}

impl Ended {
    /// Says whether it ended by its own fault, rather than by somebody's order.
    pub(super) fn by_itself(&self) -> bool {
        self.by_itself
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.how)
    }
}

impl Worker {
    pub(super) fn start(program: &Program, tasks: &TaskTracker) -> io::Result<Box<Self>> {
        let out_of_memory = machine::out_of_memory_kills();
        let mut child = Command::new(&program.path)
            .args(&program.args)
            // Without it, an abort in the engine starts a debugger and takes seconds.
            .env("GGML_NO_BACKTRACE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C in a terminal goes to the whole group; the server decides when to stop.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let orders = child.stdin.take();
        let reports = child.stdout.take().expect("standard output was piped");
        let errors = child.stderr.take().expect("standard error was piped");
        let words = Arc::new(Mutex::new(Words::default()));
        tasks.spawn(listen(errors, Arc::clone(&words)));
        Ok(Box::new(Self { child, orders, reports, arrived: Vec::new(), words, out_of_memory }))
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Sends an order. Not to be dropped half-way: the pipe would hold half a frame.
    pub(super) async fn send(&mut self, order: &Order) -> io::Result<()> {
        let frame = protocol::frame(order)?;
        match &mut self.orders {
            Some(orders) => orders.write_all(&frame).await,
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Waits for the next report; `None` when there will be no more. Dropping it loses nothing.
    pub(super) async fn next(&mut self) -> io::Result<Option<Report>> {
        loop {
            if let Some(report) = protocol::take(&mut self.arrived)? {
                return Ok(Some(report));
            }
            if self.reports.read_buf(&mut self.arrived).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Closes the worker's input, which ends it, and waits; kills it if it does not listen.
    ///
    /// Returns how it ended.
    pub(super) async fn end(&mut self) -> Ended {
        self.orders = None;
        let status = match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(status) => status,
            Err(_) => return self.kill().await,
        };
        self.describe(status)
    }

    /// Kills the worker and waits for it. Returns how it ended.
    pub(super) async fn kill(&mut self) -> Ended {
        // It may have ended by itself meanwhile, and then there is nothing to kill.
        drop(self.child.start_kill());
        let status = self.child.wait().await;
        self.describe(status)
    }

    fn describe(&self, status: io::Result<ExitStatus>) -> Ended {
        let signal = status.as_ref().ok().and_then(ExitStatusExt::signal);
        let starved = self.out_of_memory != machine::out_of_memory_kills();
        let ordered = signal.is_some_and(machine::is_an_order) && !starved;
        let mut how = describe(status, self.last_words());
        if starved && signal == Some(libc::SIGKILL) {
            how.push_str("; the machine had run out of memory");
        }
        Ended { how, by_itself: !ordered }
    }

    fn last_words(&self) -> Option<String> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).reason()
    }
}

/// Reads what the worker says on standard error: to the log, and the last lines to keep.
async fn listen(errors: ChildStderr, words: Arc<Mutex<Words>>) {
    let mut lines = BufReader::new(errors);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without an end must not grow without one either.
        let read = (&mut lines).take(4096).read_until(b'\n', &mut line).await;
        if !matches!(read, Ok(1..)) {
            return;
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if text.is_empty() {
            continue;
        }
        tracing::debug!(target: "oratory_local::worker", "{text}");
        words.lock().unwrap_or_else(PoisonError::into_inner).add(text);
    }
}

fn describe(status: io::Result<ExitStatus>, words: Option<String>) -> String {
    let how = match status {
        Err(error) => format!("cannot be waited for: {error}"),
        Ok(status) => match (status.signal(), status.code()) {
            (Some(signal), _) => format!("was ended by {}", machine::signal_name(signal)),
            (None, Some(0)) => "ended".to_owned(),
            (None, code) => format!("ended with exit code {}", code.unwrap_or(-1)),
        },
    };
    match words {
        Some(words) => format!("{how}; its last words: {words}"),
        None => how,
    }
}

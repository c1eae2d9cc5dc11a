//! Hugging Face, the Ollama registry and a plain file server in one, on a loopback socket.
//!
//! Answers as they do: pages of listings, ranges, tags, redirects, digests. Plays tricks on single
//! files when told to, and counts what it sent.

mod reply;
mod shelf;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::wire;
use shelf::Shelf;

/// A registry that serves until it is dropped.
pub struct Registry {
    address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
    _serving: JoinSet<()>,
}

/// What goes wrong with a file.
#[derive(Clone, Debug)]
pub enum Trick {
    /// Ranges are ignored, and the whole file is sent.
    WholeOnly,
    /// Ranges are ignored, and the connection ends after this many bytes.
    WholeAndCuts(usize),
    /// Whole files are sent, and their size is not told.
    NoLength,
    /// The connection ends after this many bytes of an answer.
    CutsAfter(usize),
    /// The connection stays open after this many bytes, and nothing more comes.
    StallsAfter(usize),
    /// This status, with this many seconds to wait, if any.
    Says(u16, Option<u64>),
    /// Bytes come slowly: this many, then this pause.
    Slow(usize, Duration),
    /// One byte of the file is another.
    Damaged,
    /// The file has another tag.
    Tag(&'static str),
    /// The file is somewhere else.
    MovedTo(String),
}

impl Registry {
    /// Returns an empty registry on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port can be had");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shelf = Arc::new(Mutex::new(Shelf::new(format!("http://{address}"))));
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&shelf)));
        Self { address, shelf, _serving: serving }
    }

    /// Returns its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a Hugging Face repository with these files, under this licence.
    pub fn repository(&self, name: &str, licence: &str, files: &[(&str, &[u8])]) {
        self.shelf().repository(name, licence, files);
    }

    /// Shows a repository's files to those only who show this token.
    pub fn gate(&self, repository: &str, token: &str) {
        self.shelf().gates.insert(repository.to_owned(), token.to_owned());
    }

    /// Adds a model to the Ollama registry: `library/name`, its tag, and its layers by kind.
    pub fn ollama(&self, name: &str, tag: &str, layers: &[(&str, &[u8])]) {
        self.shelf().ollama(name, tag, layers);
    }

    /// Adds a file at this path.
    pub fn file(&self, path: &str, bytes: &[u8]) {
        self.shelf().file(path, bytes);
    }

    /// Plays a trick on the next `times` answers about paths that end so.
    pub fn trick(&self, path: &str, trick: Trick, times: usize) {
        self.shelf().tricks.push((path.to_owned(), trick, times));
    }

    /// Ends all tricks.
    pub fn behave(&self) {
        self.shelf().tricks.clear();
    }

    /// Returns every request so far: its first line and its headers.
    pub fn received(&self) -> Vec<String> {
        self.shelf().received.clone()
    }

    /// Returns how many bytes of files have been sent.
    pub fn sent(&self) -> u64 {
        self.shelf().sent
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().expect("no test panics while it holds the lock")
    }
}

/// Accepts until dropped, which ends every connection too.
async fn serve(listener: TcpListener, shelf: Arc<Mutex<Shelf>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(converse(stream, Arc::clone(&shelf)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(mut stream: TcpStream, shelf: Arc<Mutex<Shelf>>) {
    let _ = stream.set_nodelay(true);
    let mut waiting = Vec::new();
    while let Some(request) = wire::read(&mut stream, &mut waiting).await {
        if !reply::give(&mut stream, &request, &shelf).await {
            return;
        }
    }
}

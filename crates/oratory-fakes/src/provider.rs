//! An OpenAI-compatible provider on a loopback socket whose models follow scripts.
//!
//! Speaks just enough HTTP to be talked to by real clients; keeps every byte it was sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::wire;

mod reply;

/// A provider that serves until it is dropped.
///
/// A request's model names the script that answers it; see [`Script`](crate::Script).
pub struct Provider {
    address: SocketAddr,
    seen: Arc<Seen>,
    _serving: JoinSet<()>,
}

/// What a provider has seen of its clients.
#[derive(Default)]
struct Seen {
    received: Mutex<Vec<String>>,
    connections: AtomicUsize,
    questions: AtomicUsize,
    listeners: AtomicUsize,
    hung_up: AtomicUsize,
}

/// How a provider answers.
#[derive(Clone)]
enum Manner {
    /// As the script does that the request's model names.
    Scripts,
    /// With these very bytes, whatever was asked.
    Always(Arc<[u8]>, Then),
    /// With these very bytes to the first so many of every so many questions, and else as scripts do.
    Falters(Arc<[u8]>, usize, usize),
}

/// What a provider does once it has said its bytes.
#[derive(Clone)]
enum Then {
    /// It says nothing more and keeps the connection open.
    Silence,
    /// It closes the connection.
    Close,
    /// It says these bytes again and again.
    Again(Arc<[u8]>),
}

impl Provider {
    /// Returns a provider that serves every script, on a free port.
    pub async fn start() -> Self {
        Self::open(SocketAddr::from(([127, 0, 0, 1], 0)), Manner::Scripts).await
    }

    /// Returns such a provider at the address of one that went away.
    pub async fn start_at(address: SocketAddr) -> Self {
        Self::open(address, Manner::Scripts).await
    }

    /// Returns a provider that answers every request with these very bytes and then keeps the
    /// connection open in silence. No bytes at all is a provider that never answers.
    pub async fn saying(bytes: impl AsRef<[u8]>) -> Self {
        Self::always(bytes.as_ref(), Then::Silence).await
    }

    /// Returns a provider that answers every request with these very bytes and then closes the
    /// connection, whatever it has promised.
    pub async fn closing(bytes: impl AsRef<[u8]>) -> Self {
        Self::always(bytes.as_ref(), Then::Close).await
    }

    /// Returns a provider that says these very bytes to the first `bad` of every `of` questions, and
    /// answers the others as scripts do.
    pub async fn faltering(bytes: impl AsRef<[u8]>, bad: usize, of: usize) -> Self {
        let manner = Manner::Falters(bytes.as_ref().into(), bad, of);
        Self::open(SocketAddr::from(([127, 0, 0, 1], 0)), manner).await
    }

    /// Returns a provider that answers with these very bytes and then with more of others, for ever.
    pub async fn endless(bytes: impl AsRef<[u8]>, more: impl AsRef<[u8]>) -> Self {
        Self::always(bytes.as_ref(), Then::Again(more.as_ref().into())).await
    }

    async fn always(bytes: &[u8], then: Then) -> Self {
        Self::open(SocketAddr::from(([127, 0, 0, 1], 0)), Manner::Always(bytes.into(), then)).await
    }

    async fn open(address: SocketAddr, manner: Manner) -> Self {
        let listener = TcpListener::bind(address).await.expect("a loopback port can be had");
        let address = listener.local_addr().expect("a bound socket has an address");
        let seen = Arc::<Seen>::default();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, manner, seen.clone()));
        Self { address, seen, _serving: serving }
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address that clients are given, up to `/chat/completions`.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Returns every request that arrived whole, head and body as they were sent.
    pub fn received(&self) -> Vec<String> {
        self.seen.received.lock().expect("no test panics while it holds the lock").clone()
    }

    /// Returns how many connections clients have opened.
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Returns how many answers are being given now: streams under way and silences.
    pub fn listeners(&self) -> usize {
        self.seen.listeners.load(Ordering::SeqCst)
    }

    /// Returns how many clients left before their answer's end.
    pub fn hung_up(&self) -> usize {
        self.seen.hung_up.load(Ordering::SeqCst)
    }
}

/// Accepts until dropped, which ends every connection too.
async fn serve(listener: TcpListener, manner: Manner, seen: Arc<Seen>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    seen.connections.fetch_add(1, Ordering::SeqCst);
                    connections.spawn(converse(stream, manner.clone(), seen.clone()));
                }
            }
            // Forgets the connections that have ended.
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers request after request on one connection until either side ends it.
async fn converse(mut stream: TcpStream, manner: Manner, seen: Arc<Seen>) {
    // Without it, a small write waits for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut waiting = Vec::new();
    while let Some(request) = wire::read(&mut stream, &mut waiting).await {
        let text = String::from_utf8_lossy(&request.bytes).into_owned();
        seen.received.lock().expect("no test panics while it holds the lock").push(text);
        if !reply::give(&mut stream, &request, &manner, &seen).await {
            return;
        }
    }
}

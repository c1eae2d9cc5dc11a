//! The listener: accepts connections, bounds them, and lets answers finish at shutdown.
//!
//! Knows nothing of paths or dialects.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::arriving::Arriving;
use crate::lingering::Lingering;
use crate::manners::{Noted, Served};
use crate::traffic::{Leaving, Traffic};

/// How often an HTTP/2 client is asked whether it is still there, and how long it may think.
const PING: Duration = Duration::from_secs(20);
/// What is kept of one connection's input: a head must fit.
const BUFFER: usize = 64 << 10;
/// How long the last bytes of answers may take to leave once the house is closing.
const LAST_BYTES: Duration = Duration::from_secs(1);

/// How much the listener takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections open at once; more wait in the system's backlog.
    pub connections: usize,
    /// How long a connection may be open without a whole request head; at most twice as long
    /// between requests.
    pub headers: Duration,
    /// How long a client may pause in the middle of a body.
    pub body_pause: Duration,
    /// Bytes a second that a body must bring on average, once it has taken longer than a pause.
    pub body_rate: u64,
    /// How long a client may take nothing of an answer that is there for it.
    pub unread: Duration,
}

/// Where clients come from.
pub trait Listen: Send + Sync {
    /// A client's connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Returns the next client.
    fn accept(&self) -> impl Future<Output = std::io::Result<Self::Stream>> + Send;
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> std::io::Result<TcpStream> {
        let (stream, _) = Self::accept(self).await?;
        // Without it, small writes wait for the client's delayed acknowledgement.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl<L: Listen> Listen for &'_ L {
    type Stream = L::Stream;

    async fn accept(&self) -> std::io::Result<L::Stream> {
        L::accept(self).await
    }
}

#[cfg(unix)]
impl Listen for UnixListener {
    type Stream = UnixStream;

    async fn accept(&self) -> std::io::Result<UnixStream> {
        Ok(Self::accept(self).await?.0)
    }
}

impl Default for Limits {
    fn default() -> Self {
        let (headers, body_pause) = (Duration::from_secs(30), Duration::from_secs(30));
        let unread = Duration::from_secs(60);
        Self { connections: 4096, headers, body_pause, body_rate: 16 << 10, unread }
    }
}

/// Serves until `stop`, then lets what is under way finish.
pub async fn serve(
    listener: impl Listen,
    served: Served,
    limits: Limits,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut grumble = Grumble::default();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room, &mut grumble) => accepted,
            () = stop.cancelled() => return,
        };
        let Some((stream, room)) = accepted else { continue };
        let connection = connection(stream, served.clone(), limits, stop.clone());
        tasks.spawn(async move {
            connection.await;
            drop(room);
        });
    }
}

async fn accept<L: Listen>(
    listener: &L,
    room: &Arc<Semaphore>,
    grumble: &mut Grumble,
) -> Option<(L::Stream, OwnedSemaphorePermit)> {
    let room = room.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok(stream) => Some((stream, room)),
        Err(error) => {
            if let Some(unsaid) = grumble.at(Instant::now()) {
                tracing::warn!(%error, unsaid, "connections cannot be accepted");
            }
            // Out of file handles, most likely: give some time to come back.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// Says a thing that happens many times a second once a minute.
#[derive(Default)]
struct Grumble {
    last: Option<Instant>,
    unsaid: u64,
}

impl Grumble {
    /// Returns how often it was not said, if it is time to say it again.
    fn at(&mut self, now: Instant) -> Option<u64> {
        let soon = |last| now.duration_since(last) < Duration::from_secs(60);
        if self.last.is_some_and(soon) {
            self.unsaid += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

async fn connection<S>(stream: S, served: Served, limits: Limits, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let traffic = Traffic::new(limits, stop.clone());
    let builder = builder();
    let io = TokioIo::new(Lingering::new(stream, traffic.clone()));
    let service = service_fn(|request: Request<Incoming>| {
        let (mut router, traffic) = (served.router.clone(), traffic.clone());
        let mut noted = Noted::of(&request, &served.origins);
        async move {
            let under_way = traffic.clone().begin();
            let response = match noted.preflight() {
                Some(response) => response,
                None => router.call(request.map(|body| Arriving::new(body, traffic))).await?,
            };
            let response = noted.finish(response).await;
            Ok::<_, Infallible>(response.map(|body| Leaving::new(body, under_way)))
        }
    });
    let mut connection = std::pin::pin!(builder.serve_connection(io, service));
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            finish(connection, &traffic).await
        }
        () = traffic.abandoned() => {
            // A client that begins a request right now still gets its answer.
            connection.as_mut().graceful_shutdown();
            finish(connection, &traffic).await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // `Traffic::abandoned` sees to heads that do not come; hyper's own timer would be set anew
    // for every request, and not at all before the version is known.
    builder.http1().header_read_timeout(None).max_buf_size(BUFFER);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PING);
    builder
}

/// Waits for what is under way; a connection with nothing under way is not waited for.
async fn finish<C: Future<Output = Result<(), E>>, E>(
    mut connection: Pin<&mut C>,
    traffic: &Traffic,
) -> Result<(), E> {
    loop {
        let before = traffic.quiet();
        // Nothing was ever asked, so nothing can be on its way out.
        let wait = if before == Some(0) { LAST_BYTES / 20 } else { LAST_BYTES };
        tokio::select! {
            outcome = connection.as_mut() => return outcome,
            () = tokio::time::sleep(wait) => {}
        }
        if before.is_some() && before == traffic.quiet() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Grumble;

    #[test]
    fn a_failure_twenty_times_a_second_is_logged_once_a_minute() {
        let (mut grumble, start) = (Grumble::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        let said: Vec<u64> =
            (0..2 * 60 * 20).filter_map(|beat| grumble.at(at(beat * 50))).collect();
        assert_eq!(said, [0, 1199]);
    }
}

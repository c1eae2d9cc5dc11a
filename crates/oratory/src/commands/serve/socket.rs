//! The Unix socket beside the address, where a person has named one.
//!
//! Only programs of the same person reach it; its file goes when the service does.

use std::path::Path;

use oratory_http::{Limits, Served};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The socket, or none.
pub(super) struct Socket {
    #[cfg(unix)]
    open: Option<(tokio::net::UnixListener, std::path::PathBuf)>,
}

#[cfg(unix)]
impl Socket {
    /// Opens the socket, if one is named. One that nobody listens on any more makes room.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        use std::os::unix::fs::PermissionsExt;

        use anyhow::Context;

        let Some(path) = path else { return Ok(Self { open: None }) };
        let shown = path.display();
        if is_left_over(path) {
            let removed = std::fs::remove_file(path);
            removed.with_context(|| format!("the old socket {shown} cannot be removed"))?;
        }
        let listener = tokio::net::UnixListener::bind(path).with_context(|| {
            format!(
                "`server.socket`: {shown} cannot be listened on; name a path in a folder of your \
                 own that nothing else uses"
            )
        })?;
        let own = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
        own.with_context(|| format!("{shown} cannot be kept from others"))?;
        tracing::info!(socket = %shown, "serving");
        Ok(Self { open: Some((listener, path.to_owned())) })
    }

    /// Serves on the socket until the end; without one, waits for ever.
    pub(super) async fn serve(
        &self,
        served: Served,
        limits: Limits,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        match &self.open {
            Some((listener, _)) => oratory_http::serve(listener, served, limits, tasks, stop).await,
            None => std::future::pending().await,
        }
    }
}

/// Whether a socket lies there that nobody listens on.
#[cfg(unix)]
fn is_left_over(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;

    let socket = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    socket && std::os::unix::net::UnixStream::connect(path).is_err()
}

#[cfg(unix)]
impl Drop for Socket {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.open {
            // Gone already is as good.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(not(unix))]
impl Socket {
    /// Refuses a name: this system has no such sockets.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        match path {
            None => Ok(Self {}),
            Some(_) => anyhow::bail!("`server.socket` is set, and this system has no Unix sockets"),
        }
    }

    /// Waits for ever.
    pub(super) async fn serve(&self, _: Served, _: Limits, _: TaskTracker, _: CancellationToken) {
        std::future::pending().await
    }
}

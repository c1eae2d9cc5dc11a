//! Work on long text, kept off the threads that serve everybody.
//!
//! Short text is worked on where it is: handing it over would take longer than the work.

use oratory_contract::{At, Failure, FailureKind};

/// Bytes of text from which on work is handed over; less than a millisecond's scanning.
const LONG: usize = 4 << 10;

/// Does the work here, or elsewhere if there are so many bytes of text in it.
pub(crate) async fn work<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    if bytes <= LONG {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        let message = "the text could not be looked through";
        Failure::new(FailureKind::Ours, At::Oratory, message).because(error)
    })
}

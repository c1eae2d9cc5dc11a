//! One piece of a file: asked for by its range, asked again from where it broke off.
//!
//! Every answer is compared with the first: another size or another tag means another file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{self, HeaderMap};
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::sheet::Sheet;
use super::{Desk, Stop};
use crate::ModelsError;
use crate::plan::Part;
use crate::web::{Question, Reply, Trouble};

/// Bytes that are written at once.
const BLOCK: usize = 1 << 20;
/// How long bytes wait for more before they are written.
const SOON: Duration = Duration::from_millis(200);

/// The head of an answer that is a file, or a piece of one.
pub(super) struct Beginning {
    pub(super) body: Body,
    /// Whether it begins where we asked, rather than at the file's beginning.
    pub(super) partial: bool,
    /// The size of the whole file.
    pub(super) total: Option<u64>,
    pub(super) validator: Option<String>,
}

/// Reads the head of an answer to a question for what follows byte `at`.
pub(super) fn begin(reply: Reply, at: u64) -> Result<Beginning, String> {
    let headers = reply.response.headers();
    if text(headers, header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err("it compresses a file that we asked for as it is".to_owned());
    }
    let partial = reply.response.status() == StatusCode::PARTIAL_CONTENT;
    let total = if partial {
        let range = text(headers, header::CONTENT_RANGE).unwrap_or_default();
        let (start, total) =
            content_range(range).ok_or_else(|| format!("its range is {range:?}"))?;
        if start != at {
            return Err(format!("it sends bytes from {start} on, and {at} was asked for"));
        }
        total
    } else {
        text(headers, header::CONTENT_LENGTH).and_then(|length| length.parse().ok())
    };
    let validator = reply.validator;
    Ok(Beginning { body: Body::new(reply.response), partial, total, validator })
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Reads `bytes 0-99/1000`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.parse().ok()?, total.parse().ok()))
}

/// The bytes of an answer, a block at a time.
pub(super) struct Body {
    incoming: Incoming,
    end: Option<Result<(), Trouble>>,
}

impl Body {
    fn new(response: Response<Incoming>) -> Self {
        Self { incoming: response.into_body(), end: None }
    }

    /// Returns the next bytes; none at the end. What came before a break is returned first.
    pub(super) async fn block(&mut self, stall: Duration) -> Result<Vec<u8>, Trouble> {
        let began = Instant::now();
        let mut block = Vec::new();
        while block.len() < BLOCK && self.end.is_none() {
            if !block.is_empty() && began.elapsed() > SOON {
                return Ok(block);
            }
            match timeout(stall, self.incoming.frame()).await {
                Ok(Some(Ok(frame))) => {
                    if let Some(data) = frame.data_ref() {
                        block.extend_from_slice(data);
                    }
                }
                Ok(Some(Err(error))) => {
                    let why = format!("it broke off: {}", crate::web::innermost(&error));
                    self.end = Some(Err(Trouble::again(why)));
                }
                Ok(None) => self.end = Some(Ok(())),
                Err(_) => {
                    let why = format!("nothing came for {} s", stall.as_secs_f32());
                    self.end = Some(Err(Trouble::again(why)));
                }
            }
        }
        match self.end.take() {
            Some(Err(trouble)) if block.is_empty() => Err(trouble),
            end => {
                self.end = end;
                Ok(block)
            }
        }
    }
}

/// Why a body did not bring its piece to an end.
pub(super) enum Halt {
    Trouble(Trouble),
    Stop(Stop),
}

impl From<Trouble> for Halt {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<ModelsError> for Halt {
    fn from(error: ModelsError) -> Self {
        Self::Stop(Stop::Failed(error))
    }
}

impl Desk<'_> {
    /// Fetches what is missing of a piece, from as many answers as it takes.
    pub(super) async fn piece(
        &self,
        part: &Part,
        sheet: Arc<Sheet>,
        number: usize,
        first: Option<Beginning>,
    ) -> Result<(), Stop> {
        let mut tries = self.tries(part);
        let mut first = first;
        loop {
            let (before, end) = sheet.rest(number);
            if before >= end {
                return Ok(());
            }
            let poured = self.pour(part, &sheet, number, first.take()).await;
            tries.gained(sheet.rest(number).0 - before);
            match poured {
                Ok(()) => {}
                Err(Halt::Stop(stop)) => return Err(stop),
                Err(Halt::Trouble(trouble)) => tries.failed(trouble).await?,
            }
        }
    }

    async fn pour(
        &self,
        part: &Part,
        sheet: &Arc<Sheet>,
        number: usize,
        first: Option<Beginning>,
    ) -> Result<(), Halt> {
        let (mut at, end) = sheet.rest(number);
        let mut beginning = match first {
            Some(beginning) => beginning,
            None => self.reach(part, sheet, at, end).await?,
        };
        while at < end {
            let mut block = beginning.body.block(self.patience.stall).await?;
            if block.is_empty() {
                let why = format!("it ended {} bytes early", end - at);
                return Err(Trouble::again(why).into());
            }
            // A server may send more than was asked for; the next piece has its own answer.
            block.truncate(usize::try_from(end - at).unwrap_or(usize::MAX));
            at += block.len() as u64;
            self.write(sheet, number, block).await?;
        }
        Ok(())
    }

    /// Asks for a piece and makes sure that it is of the same file.
    async fn reach(
        &self,
        part: &Part,
        sheet: &Sheet,
        at: u64,
        end: u64,
    ) -> Result<Beginning, Halt> {
        let range = Some((at, Some(end)));
        let question = Question { range, ..Question::new(&part.url, self.token) };
        let reply = self.web.ask(&question).await.map_err(shorter)?;
        let beginning = begin(reply, at).map_err(|why| self.nonsense(part, why))?;
        let size = sheet.size();
        if let Some(total) = beginning.total.filter(|total| *total != size) {
            let why = format!("it had {size} bytes, and has {total} now");
            return Err(Halt::Stop(Stop::Changed(why)));
        }
        if !sheet.same(beginning.validator.as_deref()) {
            let why = "its tag is another than before".to_owned();
            return Err(Halt::Stop(Stop::Changed(why)));
        }
        if !beginning.partial {
            return Err(Halt::Stop(Stop::WholeOnly));
        }
        Ok(beginning)
    }

    async fn write(&self, sheet: &Arc<Sheet>, number: usize, block: Vec<u8>) -> Result<(), Halt> {
        let (sheet, came) = (Arc::clone(sheet), block.len() as u64);
        let put = tokio::task::spawn_blocking(move || sheet.put(number, &block)).await;
        put.map_err(|error| Trouble::again(format!("writing was interrupted: {error}")))??;
        self.meter.came(came);
        Ok(())
    }
}

/// A range that is not there any more means a shorter file.
fn shorter(trouble: Trouble) -> Halt {
    match trouble {
        Trouble::Final(ModelsError::Status { status: 416, .. }) => {
            Halt::Stop(Stop::Changed("it is shorter than before".to_owned()))
        }
        Trouble::Final(error) => Halt::Stop(Stop::Failed(error)),
        again => Halt::Trouble(again),
    }
}

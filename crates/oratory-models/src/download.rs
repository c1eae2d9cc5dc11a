//! One file, from its address to a checked file beside its place.
//!
//! In pieces over several connections where the server can, in one stream where it cannot; goes
//! on where an earlier try ended; never trusts a size or a digest it was not told twice.

mod check;
mod meter;
mod piece;
mod sheet;
mod single;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::hold::Hold;
use crate::models::{FreeSpace, Patience};
use crate::plan::Part;
use crate::telling::{Event, Tell};
use crate::web::{Question, Tries, Web};
use crate::{ModelsError, Token};
pub(crate) use check::{Checked, check};
pub(crate) use meter::Meter;
use piece::{Beginning, begin};
use sheet::Sheet;

/// How often a file may begin anew because it changed at its source.
const RESTARTS: u32 = 2;

/// What every file of a pull shares.
pub(crate) struct Desk<'a> {
    pub(crate) web: &'a Web,
    pub(crate) token: Option<&'a Token>,
    pub(crate) patience: Patience,
    pub(crate) connections: usize,
    pub(crate) piece: u64,
    pub(crate) margin: u64,
    pub(crate) free_space: &'a FreeSpace,
    pub(crate) meter: &'a Meter<'a>,
    pub(crate) tell: Tell<'a>,
}

/// Why a file cannot go on as it began.
#[derive(Debug)]
enum Stop {
    /// The server sends other bytes than before.
    Changed(String),
    /// The server sends whole files only. These bytes of it, from the first on, are here.
    WholeOnly,
    /// It cannot be had.
    Failed(ModelsError),
}

impl From<ModelsError> for Stop {
    fn from(error: ModelsError) -> Self {
        Self::Failed(error)
    }
}

/// Where a file lies while it is not whole.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) part: PathBuf,
    pub(crate) state: PathBuf,
    /// Goes along with every write: one that is still under way when its pull is stopped must end
    /// before anybody else touches the file.
    hold: Option<Arc<Hold>>,
}

impl Draft {
    /// Returns the draft of a file in a folder of drafts.
    pub(crate) fn of(dir: &Path, file: &str) -> Self {
        let (part, state) = (format!("{file}.part"), format!("{file}.state"));
        Self { part: dir.join(part), state: dir.join(state), hold: None }
    }

    /// Returns the draft, to be written by whoever has this hold.
    pub(crate) fn held(self, hold: &Arc<Hold>) -> Self {
        Self { hold: Some(Arc::clone(hold)), ..self }
    }

    /// Returns how many bytes of the file are here.
    pub(crate) fn have(&self, part: &Part) -> u64 {
        Sheet::resume(self, part).ok().flatten().map_or(0, |sheet| sheet.have())
    }

    pub(crate) fn discard(&self) {
        let _ = std::fs::remove_file(&self.part);
        let _ = std::fs::remove_file(&self.state);
    }
}

impl Desk<'_> {
    /// Fetches a file into its draft and checks it.
    pub(crate) async fn fetch(&self, part: &Part, draft: &Draft) -> Result<Checked, ModelsError> {
        let before = self.meter.done();
        let mut restarts = 0;
        loop {
            self.meter.set(before);
            let resumed = draft.have(part);
            let got = match self.once(part, draft, before).await {
                Ok(()) => check(&draft.part, part, self.tell).await,
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::WholeOnly) => unreachable!("one stream takes whole files"),
                Err(Stop::Changed(why)) => {
                    Err(ModelsError::Changed { file: part.file.clone(), why })
                }
            };
            let why = match got {
                Ok(checked) => return Ok(checked),
                Err(ModelsError::Changed { why, .. }) if restarts < RESTARTS => why,
                // What an earlier run left may be what is wrong.
                Err(error @ ModelsError::Digest { .. }) if resumed > 0 && restarts == 0 => {
                    error.to_string()
                }
                Err(error) => {
                    if !matches!(error, ModelsError::Disk { .. }) {
                        draft.discard();
                    }
                    return Err(error);
                }
            };
            restarts += 1;
            draft.discard();
            (self.tell)(Event::Restarted { file: part.file.clone(), why });
        }
    }

    async fn once(&self, part: &Part, draft: &Draft, before: u64) -> Result<(), Stop> {
        let (sheet, first) = match Sheet::resume(draft, part)? {
            Some(sheet) => {
                let bytes = sheet.have();
                (self.tell)(Event::Resumed { file: part.file.clone(), bytes });
                self.meter.add(bytes);
                (sheet, None)
            }
            None => match self.begin(part, draft).await? {
                Start::Pieces(sheet, body) => (sheet, Some(body)),
                Start::Stream(size, beginning) => {
                    return self.stream(part, draft, size, Some(beginning)).await;
                }
            },
        };
        match self.pieces(part, Arc::new(sheet), first).await {
            Err(Stop::WholeOnly) => {
                self.meter.set(before);
                self.stream(part, draft, part.size, None).await
            }
            outcome => outcome,
        }
    }

    /// Asks for the first piece, which also tells what the server can do.
    async fn begin(&self, part: &Part, draft: &Draft) -> Result<Start, Stop> {
        let mut tries = self.tries(part);
        let question =
            Question { range: Some((0, Some(self.piece))), ..Question::new(&part.url, self.token) };
        let reply = self.web.insist(&question, &mut tries).await?;
        let beginning = begin(reply, 0).map_err(|why| self.nonsense(part, why))?;
        if let (Some(announced), Some(found)) = (part.size, beginning.total)
            && announced != found
        {
            let why = format!("{announced} bytes were announced, and {found} are there");
            return Err(Stop::Changed(why));
        }
        let total = beginning.total.or(part.size);
        self.room_for(draft, total)?;
        match total {
            Some(total) if beginning.partial => {
                let validator = beginning.validator.clone();
                let sheet = Sheet::create(draft, part, total, self.piece, validator)?;
                Ok(Start::Pieces(sheet, beginning))
            }
            total => Ok(Start::Stream(total, beginning)),
        }
    }

    /// Fetches what is missing, several pieces at once.
    async fn pieces(
        &self,
        part: &Part,
        sheet: Arc<Sheet>,
        first: Option<Beginning>,
    ) -> Result<(), Stop> {
        let mut first = first;
        let missing: Vec<_> =
            sheet.missing().into_iter().map(|number| (number, first.take())).collect();
        let work = missing
            .into_iter()
            .map(|(number, beginning)| self.piece(part, Arc::clone(&sheet), number, beginning));
        let done = stream::iter(work).buffer_unordered(self.connections.max(1));
        let outcome = done.try_collect::<Vec<()>>().await.map(drop);
        // Also where it failed: what came is kept for the next try.
        sheet.save();
        outcome
    }

    fn tries<'b>(&'b self, part: &Part) -> Tries<'b> {
        Tries::new(&part.file, &part.url, self.patience, self.tell)
    }

    fn nonsense(&self, part: &Part, why: String) -> ModelsError {
        ModelsError::Answer { host: crate::web::host(&part.url), why }
    }

    /// Makes sure that the disk can take a file whose size nobody had announced.
    fn room_for(&self, draft: &Draft, total: Option<u64>) -> Result<(), ModelsError> {
        let dir = draft.part.parent().unwrap_or(Path::new("."));
        room(self.free_space, dir, total.unwrap_or(0), self.margin)
    }
}

/// How a file begins.
enum Start {
    Pieces(Sheet, Beginning),
    Stream(Option<u64>, Beginning),
}

/// Makes sure that a folder has room, and some more.
pub(crate) fn room(
    free_space: &FreeSpace,
    dir: &Path,
    bytes: u64,
    margin: u64,
) -> Result<(), ModelsError> {
    let needed = bytes.saturating_add(margin);
    match free_space.at(dir) {
        Some(free) if free < needed => {
            Err(ModelsError::Space { dir: dir.to_owned(), free, needed })
        }
        _ => Ok(()),
    }
}

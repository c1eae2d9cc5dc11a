//! A file from a server that sends whole files only, or does not say how large they are.
//!
//! One stream. Where it breaks off, what is here already is read again and thrown away, because
//! there is no other way to get to the rest.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::piece::{Beginning, Halt, begin};
use super::sheet::write_at;
use super::{Desk, Draft, Stop, room};
use crate::ModelsError;
use crate::plan::Part;
use crate::web::{Question, Trouble};

/// How often the disk is looked at while a file of unknown size comes.
const LOOK: u64 = 64 << 20;

/// What is here of the file.
struct Stream {
    file: Arc<File>,
    have: u64,
    size: Option<u64>,
    validator: Option<String>,
    looked: u64,
}

impl Desk<'_> {
    /// Fetches a file from its beginning to its end.
    pub(super) async fn stream(
        &self,
        part: &Part,
        draft: &Draft,
        size: Option<u64>,
        first: Option<Beginning>,
    ) -> Result<(), Stop> {
        draft.discard();
        let disk = ModelsError::disk(&draft.part, "written");
        let file = Arc::new(File::create(&draft.part).map_err(disk)?);
        let mut stream = Stream { file, have: 0, size, validator: None, looked: 0 };
        let mut tries = self.tries(part);
        let mut first = first;
        loop {
            let before = stream.have;
            let poured = self.follow(part, draft, &mut stream, first.take()).await;
            tries.gained(stream.have - before);
            match poured {
                Ok(()) => return Ok(()),
                Err(Halt::Stop(stop)) => return Err(stop),
                Err(Halt::Trouble(trouble)) => tries.failed(trouble).await?,
            }
        }
    }

    /// Follows one answer to its end, or to where it breaks off.
    async fn follow(
        &self,
        part: &Part,
        draft: &Draft,
        stream: &mut Stream,
        first: Option<Beginning>,
    ) -> Result<(), Halt> {
        let mut beginning = match first {
            Some(beginning) => beginning,
            None => self.again(part, stream.have).await?,
        };
        stream.recognise(&beginning).map_err(|why| Halt::Stop(Stop::Changed(why)))?;
        let mut skip = if beginning.partial { 0 } else { stream.have };
        loop {
            let mut block = beginning.body.block(self.patience.stall).await?;
            if block.is_empty() {
                return match stream.size {
                    Some(size) if stream.have < size => {
                        let why = format!("it ended {} bytes early", size - stream.have);
                        Err(Trouble::again(why).into())
                    }
                    _ => Ok(()),
                };
            }
            let known = usize::try_from(skip).unwrap_or(usize::MAX).min(block.len());
            skip -= known as u64;
            block.drain(..known);
            if stream.size.is_some_and(|size| stream.have + block.len() as u64 > size) {
                return Err(self.nonsense(part, "it sends more than it said".to_owned()).into());
            }
            self.append(draft, stream, block).await?;
        }
    }

    async fn again(&self, part: &Part, at: u64) -> Result<Beginning, Halt> {
        let range = (at > 0).then_some((at, None));
        let question = Question { range, ..Question::new(&part.url, self.token) };
        let reply = self.web.ask(&question).await.map_err(|trouble| match trouble {
            Trouble::Final(error) => Halt::Stop(Stop::Failed(error)),
            again => Halt::Trouble(again),
        })?;
        Ok(begin(reply, at).map_err(|why| self.nonsense(part, why))?)
    }

    async fn append(&self, draft: &Draft, stream: &mut Stream, block: Vec<u8>) -> Result<(), Halt> {
        if stream.size.is_none() && stream.have >= stream.looked + LOOK {
            stream.looked = stream.have;
            let dir = draft.part.parent().unwrap_or(Path::new("."));
            room(self.free_space, dir, LOOK, self.margin)?;
        }
        let (file, at, came) = (Arc::clone(&stream.file), stream.have, block.len() as u64);
        let hold = draft.hold.clone();
        let written = tokio::task::spawn_blocking(move || {
            let written = write_at(&file, &block, at);
            drop(hold);
            written
        })
        .await;
        written
            .map_err(|error| Trouble::again(format!("writing was interrupted: {error}")))?
            .map_err(ModelsError::disk(&draft.part, "written"))?;
        stream.have += came;
        self.meter.came(came);
        Ok(())
    }
}

impl Stream {
    /// Makes sure that an answer is of the same file as the one before.
    fn recognise(&mut self, beginning: &Beginning) -> Result<(), String> {
        if let (Some(size), Some(total)) = (self.size, beginning.total)
            && size != total
        {
            return Err(format!("it had {size} bytes, and has {total} now"));
        }
        self.size = self.size.or(beginning.total);
        let new = beginning.validator.as_ref();
        match (&self.validator, new) {
            (Some(known), Some(new)) if known != new => {
                return Err("its tag is another than before".to_owned());
            }
            // Without a tag, half of one file could meet half of another.
            (None, None) if self.have > 0 && self.size.is_none() => self.have = 0,
            _ => {}
        }
        self.validator = self.validator.take().or_else(|| new.cloned());
        Ok(())
    }
}

//! Looks at the pictures and listens to the sounds of a request, away from the thread that computes.
//!
//! Each file is decoded here, measured, and encoded once it is plain that the request fits. What was
//! looked at is remembered for a while, for the same caller alone: how soon an answer begins must
//! not tell one caller what another has shown.

use std::collections::VecDeque;
use std::sync::Arc;

use oratory_contract::{Medium, Sense};
use sha2::{Digest, Sha256};

use crate::llama::{Chunk, Percept, PerceptError, Projector, Seen, Shape, Sight, Token};
use crate::prompt::{Added, Blank, Source};
use crate::protocol::{Partition, Trouble, TroubleKind};
use crate::{picture, sound};

/// Memory for what was looked at and may be looked at again.
pub(crate) const REMEMBERED: usize = 64 << 20;

/// Stands for one file of one caller.
type Likeness = [u8; 32];

/// What sees and hears for a model.
pub(super) struct Eyes<'a> {
    projector: Projector<'a>,
    /// The most rows that are read in one go.
    batch: usize,
    /// What was looked at, the latest last.
    known: VecDeque<Known>,
    /// The last name that was given.
    last: Token,
}

/// What was made of one file.
struct Known {
    likeness: Likeness,
    parts: Vec<Part>,
}

enum Part {
    Tokens(Vec<Token>),
    Unseen(Token, Chunk),
    Seen(Token, Arc<Sight>),
}

/// A place in a prompt where something stands that is no token.
#[derive(Debug)]
pub(super) struct Spot {
    /// Where in the prompt it begins.
    pub(super) at: usize,
    pub(super) sight: Arc<Sight>,
}

impl Spot {
    /// Returns how many places of the context it takes beside one for each position.
    pub(super) fn beside(&self) -> usize {
        let shape = self.sight.shape();
        shape.rows - shape.positions
    }

    /// Says whether a place in the prompt is within it: after its beginning and before its end.
    pub(super) fn holds(&self, place: usize) -> bool {
        place > self.at && place < self.at + self.sight.shape().positions
    }
}

impl<'a> Eyes<'a> {
    pub(super) fn new(projector: Projector<'a>, batch: usize) -> Self {
        Self { projector, batch, known: VecDeque::new(), last: 0 }
    }

    /// Says what a file of a request will be read as.
    pub(super) fn look(
        &mut self,
        medium: &Medium,
        partition: &Partition,
    ) -> Result<Vec<Added>, Trouble> {
        let likeness = likeness(medium, partition);
        match self.known.iter().position(|known| known.likeness == likeness) {
            Some(at) => self.known.swap(at, self.known.len() - 1),
            None => {
                let parts = self.parts(medium)?;
                self.known.push_back(Known { likeness, parts });
            }
        }
        let known = self.known.back().expect("one was just put there");
        let added = known.parts.iter().enumerate().map(|(part, found)| match found {
            Part::Tokens(tokens) => Added::Tokens(tokens.clone()),
            Part::Unseen(name, chunk) => blank(*name, chunk.shape(), likeness, part),
            Part::Seen(name, sight) => blank(*name, sight.shape(), likeness, part),
        });
        Ok(added.collect())
    }

    fn parts(&mut self, medium: &Medium) -> Result<Vec<Part>, Trouble> {
        let bytes = medium.file.bytes();
        let seen = match medium.sense {
            Sense::Sight if !self.projector.sees() => return Err(cannot(medium.sense)),
            Sense::Sight => {
                let picture = picture::read(bytes).map_err(|error| {
                    invalid(format!("a picture of the request {error}"), error.hint())
                })?;
                let percept = Percept::Picture(picture.width, picture.height, &picture.points);
                self.projector.look(percept)
            }
            Sense::Hearing => {
                let rate = self.projector.rate().ok_or_else(|| cannot(medium.sense))?;
                let samples = sound::read(bytes, rate).map_err(|error| {
                    invalid(format!("a sound of the request {error}"), error.hint())
                })?;
                self.projector.look(Percept::Sound(&samples))
            }
        };
        let parts = seen.map_err(|error| refused(medium.sense, &error))?;
        parts.into_iter().map(|part| self.part(part)).collect()
    }

    fn part(&mut self, seen: Seen) -> Result<Part, Trouble> {
        let chunk = match seen {
            Seen::Tokens(tokens) => return Ok(Part::Tokens(tokens)),
            Seen::Chunk(chunk) => chunk,
        };
        let Shape { rows, positions, .. } = *chunk.shape();
        if rows == 0 || positions == 0 || positions > rows {
            return Err(broken(format!("it was made into {rows} rows at {positions} positions")));
        }
        if chunk.at_once() && rows > self.batch {
            let most = self.batch;
            return Err(broken(format!("it takes {rows} rows in one go; {most} can be read so")));
        }
        self.last -= 1;
        Ok(Part::Unseen(self.last, chunk))
    }

    /// Encodes what a request shows, unless that is known already.
    pub(super) fn encode(
        &mut self,
        blanks: Vec<Blank>,
        number: u64,
    ) -> Result<VecDeque<Spot>, PerceptError> {
        let mut spots = VecDeque::new();
        for Blank { at, source: Source { likeness, part }, .. } in blanks {
            let known = self.known.iter_mut().find(|known| known.likeness == likeness);
            let part = &mut known.expect("nothing is forgotten before it is encoded").parts[part];
            if let Part::Unseen(name, chunk) = part {
                *part = Part::Seen(*name, Arc::new(self.projector.encode(chunk, number)?));
            }
            if let Part::Seen(_, sight) = part {
                spots.push_back(Spot { at, sight: Arc::clone(sight) });
            }
        }
        Ok(spots)
    }

    /// Forgets what was not encoded, and the oldest of the rest until it takes no more memory than
    /// it may.
    pub(super) fn tidy(&mut self) {
        self.known.retain(|known| known.parts.iter().all(|part| !matches!(part, Part::Unseen(..))));
        let mut bytes: usize = self.known.iter().map(Known::bytes).sum();
        while bytes > REMEMBERED
            && let Some(oldest) = self.known.pop_front()
        {
            bytes -= oldest.bytes();
        }
    }
}

impl Known {
    fn bytes(&self) -> usize {
        let each = |part: &Part| match part {
            Part::Seen(_, sight) => sight.bytes(),
            Part::Tokens(_) | Part::Unseen(..) => 0,
        };
        self.parts.iter().map(each).sum::<usize>() + size_of::<Self>()
    }
}

fn blank(name: Token, shape: &Shape, likeness: Likeness, part: usize) -> Added {
    Added::Blank(name, shape.clone(), Source { likeness, part })
}

fn likeness(medium: &Medium, partition: &Partition) -> Likeness {
    let mut digest = Sha256::new();
    digest.update(partition);
    digest.update([medium.sense as u8]);
    digest.update(medium.file.bytes());
    digest.finalize().into()
}

/// Says that this model has no such sense.
pub(super) fn cannot(sense: Sense) -> Trouble {
    let cannot = match sense {
        Sense::Sight => "read pictures",
        Sense::Hearing => "hear sounds",
    };
    invalid(
        format!("this model cannot {cannot}: no projector file (mmproj) for that is beside it"),
        "choose a model that can; `oratory models` lists what each does",
    )
}

fn refused(sense: Sense, error: &PerceptError) -> Trouble {
    let what = match sense {
        Sense::Sight => "a picture",
        Sense::Hearing => "a sound",
    };
    broken(format!("llama.cpp cannot make {what} into tokens: {error}"))
}

/// Says that something went wrong in a projector.
pub(super) fn broken(message: String) -> Trouble {
    let hint = "try another picture or sound; if none works, get the projector file again";
    Trouble::new(TroubleKind::Broken, message, hint)
}

fn invalid(message: String, hint: &str) -> Trouble {
    Trouble::new(TroubleKind::Invalid, message, hint)
}

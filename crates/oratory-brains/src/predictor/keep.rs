//! A predictor as bytes, so that what was learnt outlives the process that learnt it.
//!
//! What is read is checked whole before it is used: sizes fit each other and every place exists.

use serde::{Deserialize, Serialize};

use super::landmarks::Landmarks;
use super::request::{COUNT, Reader};
use super::scale::Scale;
use super::terms::PLACES;
use super::{MOST_LANDMARKS, Predictor, PredictorError};
use crate::artefact::{Artefact, ArtefactError, write};

const KIND: &str = "predictor";
/// Changes whenever a request is read otherwise, because then nothing learnt fits any more.
const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
struct About {
    models: Vec<String>,
    lessons: usize,
    landmarks: usize,
    /// The digest of the sentence vectors it was learnt with.
    vectors: String,
}

impl Predictor {
    /// Returns the predictor as bytes that [`Predictor::open`] reads.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PredictorError> {
        let about = About {
            models: self.models.clone(),
            lessons: self.lessons,
            landmarks: self.landmarks.count,
            vectors: self.reader.digest().to_owned(),
        };
        let floats = |numbers: &[f32]| -> Vec<u8> {
            numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
        };
        let Landmarks { rows, starts, sharers, amounts, .. } = &self.landmarks;
        let starts: Vec<u8> = starts.iter().flat_map(|start| start.to_le_bytes()).collect();
        let sharers: Vec<u8> = sharers.iter().flat_map(|sharer| sharer.to_le_bytes()).collect();
        let sections = [
            ("means", floats(&self.scale.means)),
            ("factors", floats(&self.scale.factors)),
            ("terms", floats(&self.scale.weights)),
            ("rows", floats(rows)),
            ("starts", starts),
            ("sharers", sharers),
            ("amounts", floats(amounts)),
            ("usual", floats(&self.usual)),
            ("weights", floats(&self.weights)),
        ];
        let sections = sections.each_ref().map(|(name, bytes)| (*name, bytes.as_slice()));
        Ok(write(KIND, VERSION, &about, &sections)?)
    }

    /// Returns the predictor in these bytes, after checking all of it.
    pub fn open(bytes: &[u8], reader: &Reader) -> Result<Self, PredictorError> {
        let artefact = Artefact::open(bytes, KIND, VERSION)?;
        let about: About = artefact.about()?;
        if about.vectors != reader.digest() {
            return Err(PredictorError::OtherVectors);
        }
        let (count, models) = (about.landmarks, about.models.len());
        if count == 0 || count > MOST_LANDMARKS.min(about.lessons) {
            let what = format!("{count} landmarks of {} lessons cannot be", about.lessons);
            return Err(ArtefactError::Header(what).into());
        }
        let floats = |name, count| floats(&artefact, name, count);
        let scale = Scale {
            means: floats("means", COUNT)?,
            factors: floats("factors", COUNT)?,
            weights: floats("terms", PLACES)?,
        };
        let rows = floats("rows", count * (COUNT + reader.dimensions()))?;
        let starts = starts(artefact.section_of("starts", 4 * (PLACES + 1))?)?;
        let shared = starts[PLACES] as usize;
        let sharers = sharers(artefact.section("sharers")?, shared, count)?;
        let amounts = floats("amounts", shared)?;
        let landmarks = Landmarks { count, rows, starts, sharers, amounts };
        let (usual, weights) = (floats("usual", models)?, floats("weights", models * count)?);
        let (reader, models, lessons) = (reader.clone(), about.models, about.lessons);
        Ok(Self { reader, models, lessons, scale, landmarks, usual, weights })
    }
}

fn floats(artefact: &Artefact<'_>, name: &str, count: usize) -> Result<Vec<f32>, ArtefactError> {
    let numbers = artefact.floats(name)?;
    if numbers.len() != count {
        return Err(wrong(name, &format!("holds {} numbers, not {count}", numbers.len())));
    }
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err(wrong(name, "holds what is no number"));
    }
    Ok(numbers)
}

fn starts(bytes: &[u8]) -> Result<Vec<u32>, ArtefactError> {
    let starts = bytes.as_chunks::<4>().0.iter().map(|start| u32::from_le_bytes(*start));
    let starts: Vec<u32> = starts.collect();
    if starts.is_sorted() { Ok(starts) } else { Err(wrong("starts", "is not in order")) }
}

fn sharers(bytes: &[u8], count: usize, landmarks: usize) -> Result<Vec<u16>, ArtefactError> {
    let sharers = bytes.as_chunks::<2>().0.iter().map(|sharer| u16::from_le_bytes(*sharer));
    let sharers: Vec<u16> = sharers.collect();
    let exist = sharers.iter().all(|sharer| usize::from(*sharer) < landmarks);
    if sharers.len() == count && exist {
        return Ok(sharers);
    }
    Err(wrong("sharers", "does not fit the terms and landmarks"))
}

fn wrong(name: &str, what: &str) -> ArtefactError {
    ArtefactError::Section { name: name.to_owned(), what: what.to_owned() }
}

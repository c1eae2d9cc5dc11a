//! Times ways to run a model beside each other, for whoever chooses between them.
//!
//! The ways take turns, so that whatever else the machine does hits all alike. Nothing is said
//! about which is best.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::line::Line;
use super::loading;
use crate::llama::{Batch, Context, Model, Rate, Token, Watch};
use crate::protocol::{Measure, Order, Report, Sample, Trouble, TroubleKind, Tuning};

/// Turns every way gets at least, if the time allows.
const TURNS: u32 = 4;
/// Turns after which more would tell nothing new.
const ENOUGH_TURNS: usize = 5;
/// Tokens of a prompt, and steps of an answer, from which a speed can be told.
const LEAST: (u32, u32) = (32, 3);
/// Steps of an answer that are enough.
const ENOUGH: u32 = 48;
/// Room in a context for what is written.
const WRITTEN: u32 = 512;

/// Measures what is ordered until there are no more orders.
pub(super) fn run(
    first: Measure,
    orders: &Receiver<Order>,
    line: &Line,
    watch: &Watch,
) -> Result<(), Trouble> {
    let mut models = HashMap::new();
    let mut next = Some(first);
    while let Some(measure) = next {
        for way in &measure.ways {
            // Loaded once for all ways that differ in other things only.
            if let Entry::Vacant(place) = models.entry(way.repack) {
                place.insert(loading::open(&measure.path, way, false, line, watch)?);
            }
        }
        compare(&measure, &models, line, watch)?;
        line.send(&Report::Timed { samples: Vec::new() });
        next = match orders.recv() {
            Ok(Order::Measure(measure)) => Some(*measure),
            _ => None,
        };
    }
    Ok(())
}

fn compare(
    measure: &Measure,
    models: &HashMap<bool, Model>,
    line: &Line,
    watch: &Watch,
) -> Result<(), Trouble> {
    let mut tracks = Vec::new();
    for way in &measure.ways {
        tracks.push(Track::new(&models[&way.repack], way, measure, watch).ok_or_else(no_room)?);
    }
    let began = Instant::now();
    let limit = Duration::from_millis(u64::from(measure.milliseconds));
    let stint = match measure.exactly {
        Some((read, write)) => Stint { read, write },
        None => stint(&mut tracks, measure, limit)?,
    };
    let mut turn = 0;
    let mut longest = Duration::ZERO;
    let turns = if measure.exactly.is_some() { 1 } else { ENOUGH_TURNS };
    while turn == 0 || turn < turns && began.elapsed() + longest < limit {
        let at = Instant::now();
        let mut samples = Vec::new();
        for place in 0..tracks.len() {
            // Nobody always runs first.
            let way = (place + turn) % tracks.len();
            samples.push(tracks[way].sample(way, stint)?);
        }
        longest = longest.max(at.elapsed());
        line.send(&Report::Timed { samples });
        turn += 1;
    }
    Ok(())
}

/// How much is read and written in one turn.
#[derive(Clone, Copy)]
struct Stint {
    read: u32,
    write: u32,
}

/// Tries every way once, which also brings the weights into memory, and returns how much of a
/// conversation the time allows. Where it does not allow even a little of each, the last are
/// left out.
fn stint(
    tracks: &mut Vec<Track<'_>>,
    measure: &Measure,
    limit: Duration,
) -> Result<Stint, Trouble> {
    let (read, write) = LEAST;
    let least = Stint { read, write };
    let mut slowest = Sample { way: 0, read: 0.0, write: 0.0 };
    tracks[0].sample(0, least)?;
    let began = Instant::now();
    tracks[0].sample(0, least)?;
    // Twice to warm up, and two turns.
    let affordable = limit.as_secs_f32() / (began.elapsed().as_secs_f32().max(1e-6) * 4.0);
    tracks.truncate((affordable as usize).max(1));
    for track in tracks.iter_mut() {
        track.sample(0, least)?;
        let sample = track.sample(0, least)?;
        slowest.read = slowest.read.max(sample.read);
        slowest.write = slowest.write.max(sample.write);
    }
    let turns = tracks.len() as f32 * (TURNS + 1) as f32;
    let micros = limit.as_micros() as f32 / turns;
    let together = measure.together.max(1);
    let writes = (micros / 3.0 / slowest.write.max(1.0)) as u32 / together;
    let reads = (micros * 2.0 / 3.0 / slowest.read.max(1.0)) as u32;
    Ok(Stint {
        read: reads.clamp(read, measure.depth.max(read)),
        write: writes.clamp(write, ENOUGH),
    })
}

/// One way, ready to run.
struct Track<'a> {
    context: Context<'a>,
    batch: Batch,
    vocabulary: usize,
    size: u32,
    together: u32,
}

impl<'a> Track<'a> {
    fn new(model: &'a Model, way: &Tuning, measure: &Measure, watch: &'a Watch) -> Option<Self> {
        let together = measure.together.clamp(1, 8);
        let layout = loading::laid_out(way, measure.depth.max(LEAST.0) + WRITTEN, 1, together);
        let context = Context::new(model, &layout, watch)?;
        let vocabulary = model.tokens();
        Some(Self { context, batch: Batch::default(), vocabulary, size: layout.batch, together })
    }

    fn sample(&mut self, way: usize, stint: Stint) -> Result<Sample, Trouble> {
        self.context.clear(0);
        let (read, at) = (stint.read, Instant::now());
        for from in (0..read).step_by(self.size as usize) {
            let until = read.min(from + self.size);
            self.compute(from..until, until == read)?;
        }
        let reading = at.elapsed();
        let at = Instant::now();
        for step in 0..stint.write {
            let from = read + step * self.together;
            self.compute(from..from + self.together, true)?;
        }
        let writing = at.elapsed();
        let each = |time: Duration, count: u32| time.as_micros() as f32 / count.max(1) as f32;
        Ok(Sample {
            way: u32::try_from(way).unwrap_or(u32::MAX),
            read: each(reading, read),
            write: each(writing, stint.write * self.together),
        })
    }

    fn compute(&mut self, positions: std::ops::Range<u32>, rated: bool) -> Result<(), Trouble> {
        self.batch.clear();
        let last = positions.end - 1;
        let writes = positions.end - positions.start <= self.together;
        for position in positions {
            let rate = if rated && (writes || position == last) { Rate::Yes } else { Rate::No };
            self.batch.add(0, position as usize, self.token(position), rate);
        }
        self.context.decode(&mut self.batch).map_err(|error| broken(error.to_string()))
    }

    /// Returns a token that is another one at each position; which, makes no difference to time.
    fn token(&self, position: u32) -> Token {
        let any = (position as usize).wrapping_mul(7919) % self.vocabulary.max(1);
        Token::try_from(any).unwrap_or(0)
    }
}

fn no_room() -> Trouble {
    broken("there is not enough memory to time ways to run the model".into())
}

fn broken(message: String) -> Trouble {
    Trouble::new(TroubleKind::Broken, message, "close other programs and try again")
}

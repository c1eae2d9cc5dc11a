//! Loads a model and lays out its memory.
//!
//! What goes wrong here is told as trouble that names the file and what to do.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use super::attic::Attic;
use super::costs;
use super::draft::{self, Drafter, Heads, Helper};
use super::encoder::Encoder;
use super::eyes::Eyes;
use super::fingerprint;
use super::floor::{Floor, Pace};
use super::foresight::Foresight;
use super::forming::Former;
use super::gear::Gear;
use super::lanes::Lanes;
use super::line::Line;
use super::reading::Reader;
use super::shelf::Shelf;
use super::storing::Storing;
use super::texts::Clerk;
use super::wardrobe::Wardrobe;
use crate::gguf::Pooling;
use crate::llama::{
    After, Ahead, Attention, Backend, Batch, Cells, Context, Layout, Loading, Lock, Model,
    Projecting, Projector, Repack, States, Watch,
};
use crate::prompt::{Prompter, Rater};
use crate::protocol::{Guessing, Load, Loaded, Report, Trouble, TroubleKind, Tuning};
use crate::purpose::Reading;
use crate::{fit, machine};

/// Requests whose texts a model reads together; each holds little.
const REQUESTS: u32 = 8;

/// Loads the model, telling how far it is.
pub(super) fn model(load: &Load, line: &Line, watch: &Watch) -> Result<Model, Trouble> {
    // Drivers of graphics cards take as they like.
    if crate::llama::cards().is_empty() {
        machine::limit_memory(load.most);
    }
    let model = open(&load.path, &load.tuning, load.ahead, line, watch)?;
    if !model.decodes() {
        let message = format!("{} does not write text", load.path.display());
        return Err(broken(message, "choose a chat model; this one only embeds or encodes"));
    }
    Ok(model)
}

/// Loads the smaller model that makes proposals up, if there is to be one and it has the same
/// vocabulary.
pub(super) fn helper(
    load: &Load,
    model: &Model,
    line: &Line,
    watch: &Watch,
) -> Result<Option<Model>, Trouble> {
    let Some(path) = load.helper.as_ref().filter(|_| load.guess != Guessing::Off) else {
        return Ok(None);
    };
    let helper = open(path, &load.tuning, false, line, watch)?;
    Ok(Some(helper).filter(|helper| helper.decodes() && model.speaks_as(helper)))
}

/// Loads what lets the model see or hear. Where it cannot be loaded the model answers all the same,
/// and requests that show something are told why.
pub(super) fn eyes<'a>(
    load: &Load,
    model: &'a Model,
    watch: &'a Watch,
) -> (Option<Eyes<'a>>, Option<Trouble>) {
    let Some(projecting) = &load.projector else { return (None, None) };
    let how = Projecting {
        threads: load.tuning.threads,
        most: projecting.most,
        on_card: load.tuning.gpu_layers != 0,
    };
    match Projector::load(model, &projecting.path, how, watch) {
        Ok(projector) => (Some(Eyes::new(projector, load.tuning.batch as usize)), None),
        Err(error) => {
            let path = projecting.path.display();
            let message = format!("llama.cpp cannot load the projector {path}: {error}");
            (None, Some(broken(message, "get the projector that was made for this very model")))
        }
    }
}

/// Loads a file, with its layers that look further ahead or without.
pub(super) fn open(
    path: &Path,
    tuning: &Tuning,
    ahead: bool,
    line: &Line,
    watch: &Watch,
) -> Result<Model, Trouble> {
    let mut told = 0;
    let progress = |done: f32| {
        watch.tick();
        let percent = (done.clamp(0.0, 1.0) * 100.0) as u8;
        if percent > told {
            told = percent;
            line.send(&Report::Loading { percent });
        }
    };
    let loading = Loading {
        repack: if tuning.repack { Repack::Yes } else { Repack::No },
        lock: if tuning.lock { Lock::InMemory } else { Lock::No },
        gpu_layers: tuning.gpu_layers,
        ahead,
    };
    Model::load(Backend::start(), path, loading, progress).map_err(|error| {
        broken(
            format!("llama.cpp cannot load {}: {error}", path.display()),
            "try another file or quantisation of the model; a newer family needs a newer Oratory",
        )
    })
}

/// Returns what makes proposals up; `None` if there is nothing, or no memory for it.
fn drafter<'a>(
    load: &Load,
    (model, context): (&'a Model, &mut Context<'a>),
    helper: Option<&'a Model>,
    watch: &'a Watch,
) -> Option<Drafter<'a>> {
    let size = context.size();
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    if load.ahead && load.guess != Guessing::Off {
        let size = size.min(draft::SPAN);
        let batch = draft::HEADS_READ;
        let layout = Layout { size, sequences: 1, batch, rated: 1, ..layout(load, model) };
        return Ahead::new(model, &layout, watch).map(|ahead| {
            context.keep_hidden(After::Rated);
            Drafter::Heads(Heads::new(ahead))
        });
    }
    let (usual, batch) = (layout(load, helper?), draft::PIECE);
    let layout = Layout { size: size.min(usual.size), sequences: 1, batch, rated: 1, ..usual };
    Context::new(helper?, &layout, watch).map(|context| Drafter::Helper(Helper::new(context)))
}

/// Lays out the model's memory.
pub(super) fn floor<'a>(
    load: &Load,
    model: &'a Model,
    helper: Option<&'a Model>,
    line: &'a Line,
    watch: &'a Watch,
) -> Result<Floor<'a>, Trouble> {
    let layout = layout(load, model);
    let mut context = context(model, &layout, watch)?;
    let size = context.size();
    let drafter = drafter(load, (model, &mut context), helper, watch);
    let shelf = Shelf::new(load.shelf_bytes);
    let lanes = Lanes::new(model, context, layout.sequences as usize, shelf);
    let attic = load.attic.as_ref().and_then(|attic| {
        let fingerprint = fingerprint::of(load, size).ok()?;
        Attic::open(attic, fingerprint, lanes.can_be_cut())
    });
    Ok(Floor {
        model,
        lanes,
        line,
        watch,
        foresight: Foresight::new(load.guess, drafter),
        batch_size: layout.batch as usize,
        storing: attic.map(Storing::new),
        waiting: VecDeque::new(),
        runs: Vec::new(),
        pace: Pace::default(),
        gear: Gear::new(load.tuning.threads),
        batch: Batch::default(),
        wardrobe: Wardrobe::new(load.adapter_bytes),
        began: Instant::now(),
        told_kept: 0,
    })
}

fn context<'a>(
    model: &'a Model,
    layout: &Layout,
    watch: &'a Watch,
) -> Result<Context<'a>, Trouble> {
    Context::new(model, layout, watch).ok_or_else(|| {
        let (size, sequences) = (layout.size, layout.sequences);
        let message = match layout.states {
            States::Rated => {
                format!("there is not enough memory for {sequences} conversations of {size} tokens")
            }
            _ => format!("there is not enough memory for texts of {size} tokens"),
        };
        broken(message, "close other programs, or set a smaller context")
    })
}

/// Lays out the memory of a model that only reads.
pub(super) fn encoder<'a>(
    load: &Load,
    reading: Reading,
    model: &'a Model,
    line: &'a Line,
    watch: &'a Watch,
) -> Result<Encoder<'a>, Trouble> {
    let usual = layout(load, model);
    let pooled = reading.at_once || reading.pooling == Pooling::Rank;
    let layout = Layout {
        sequences: fit::TEXTS,
        batch: if reading.at_once { usual.size } else { fit::TOGETHER.min(usual.size) },
        rated: if reading.at_once { usual.size } else { fit::TEXTS },
        states: if pooled { States::Pooled(reading.pooling) } else { States::Single },
        ..usual
    };
    Ok(Encoder {
        context: context(model, &layout, watch)?,
        line,
        watch,
        reading,
        sequences: layout.sequences as usize,
        gear: Gear::new(load.tuning.threads),
        batch: Batch::default(),
        desks: Vec::new(),
    })
}

/// Returns what turns texts into tokens for this encoder.
pub(super) fn clerk<'a>(model: &'a Model, reading: Reading, encoder: &Encoder<'a>) -> Clerk<'a> {
    let (line, watch, size) = (encoder.line, encoder.watch, encoder.context.size());
    Clerk { model, line, watch, reading, rater: Rater::new(model), size }
}

/// Returns what the loaded model turned out to be, if it only reads.
pub(super) fn reads(model: &Model, encoder: &Encoder<'_>, took: Duration) -> Loaded {
    Loaded {
        context: u32::try_from(encoder.context.size()).unwrap_or(u32::MAX),
        lanes: REQUESTS,
        parameters: model.parameters(),
        milliseconds: took.as_millis().try_into().unwrap_or(u32::MAX),
    }
}

fn layout(load: &Load, model: &Model) -> Layout {
    let size = match model.trained_context() {
        0 => load.context,
        trained => load.context.min(trained),
    };
    let lanes = load.lanes.max(1);
    laid_out(&load.tuning, size, lanes, lanes + costs::MOST)
}

/// Returns how a context of this size is laid out.
pub(super) fn laid_out(tuning: &Tuning, size: u32, sequences: u32, rated: u32) -> Layout {
    Layout {
        size,
        sequences,
        batch: tuning.batch.max(1),
        threads: tuning.threads,
        spin: tuning.spin,
        rated: rated.min(tuning.batch.max(1)),
        attention: match tuning.flash {
            None => Attention::Auto,
            Some(true) => Attention::Flash,
            Some(false) => Attention::Plain,
        },
        cells: if tuning.small_cells { Cells::Q8 } else { Cells::F16 },
        states: States::Rated,
    }
}

/// Returns what turns requests into tokens for this floor.
pub(super) fn reader<'a>(floor: &Floor<'a>) -> Reader<'a> {
    let (model, line, watch) = (floor.model, floor.line, floor.watch);
    let (prompter, size) = (Prompter::new(model), floor.lanes.size());
    Reader { model, prompter, line, watch, size, eyes: None, seer: None, blind: None }
}

/// Returns what prepares the forms of answers on this floor.
pub(super) fn former<'a>(floor: &Floor<'a>) -> Former<'a> {
    Former::new(floor.model, floor.line, floor.watch)
}

/// Returns what the loaded model turned out to be.
pub(super) fn loaded(floor: &Floor<'_>, took: Duration) -> Loaded {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Loaded {
        context: count(floor.lanes.size()),
        lanes: count(floor.lanes.count()),
        parameters: floor.model.parameters(),
        milliseconds: took.as_millis().try_into().unwrap_or(u32::MAX),
    }
}

fn broken(message: String, hint: &str) -> Trouble {
    Trouble::new(TroubleKind::Broken, message, hint)
}

//! Turns pictures and sounds into what a model reads, with the encoder of a projector.
//!
//! It decodes no files: it is given points and samples. What it makes is fed by `Context::show`.

use std::cell::Cell;
use std::ffi::{CString, c_void};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::Arc;

use llama_cpp_sys_2 as sys;

use super::model::{LoadError, why};
use super::{Model, Token, Watch, log};

/// Steps of the network after which somebody may have left.
const EVERY: u32 = 24;

/// What a model is shown, or made to hear.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Percept<'p> {
    /// Width, height, and red, green and blue of each point.
    Picture(u32, u32, &'p [u8]),
    /// Samples, as many a second as `rate` says.
    Sound(&'p [f32]),
}

/// A percept could not be made into something that a model reads.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PerceptError {
    #[error("{0}")]
    Refused(String),
    #[error("the work was cancelled")]
    Cancelled,
    #[error("the projector computed numbers that are not numbers (NaN)")]
    NotANumber,
}

/// A part of what a percept is read as.
#[derive(Debug)]
pub(crate) enum Seen {
    /// Tokens that stand before, between or after.
    Tokens(Vec<Token>),
    /// Something that must be encoded first.
    Chunk(Chunk),
}

/// How a projector is loaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Projecting {
    pub(crate) threads: usize,
    /// The most tokens that a picture of free size becomes.
    pub(crate) most: u32,
    pub(crate) on_card: bool,
}

/// A loaded projector.
#[derive(Debug)]
pub(crate) struct Projector<'a> {
    raw: NonNull<sys::mtmd_context>,
    model: &'a Model,
    // Boxed because C keeps a pointer to it; freed after the projector.
    pulse: Box<Pulse<'a>>,
}

// SAFETY: the projector is used by one thread at a time, and by any.
unsafe impl Send for Projector<'_> {}

/// What is known of the encoding under way.
#[derive(Debug)]
struct Pulse<'a> {
    watch: &'a Watch,
    number: Cell<u64>,
    steps: Cell<u32>,
    stopped: Cell<bool>,
}

impl Drop for Projector<'_> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `mtmd_init_from_file` and is freed once.
        unsafe { sys::mtmd_free(self.raw.as_ptr()) };
    }
}

impl<'a> Projector<'a> {
    /// Loads the projector of a model.
    pub(crate) fn load(
        model: &'a Model,
        path: &Path,
        projecting: Projecting,
        watch: &'a Watch,
    ) -> Result<Self, LoadError> {
        let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| LoadError::Path)?;
        let (number, steps, stopped) = (Cell::new(0), Cell::new(0), Cell::new(false));
        let pulse = Box::new(Pulse { watch, number, steps, stopped });
        log::take();
        // SAFETY: plain data with no preconditions.
        let mut params = unsafe { sys::mtmd_context_params_default() };
        params.use_gpu = projecting.on_card;
        params.print_timings = false;
        params.n_threads = i32::try_from(projecting.threads.max(1)).unwrap_or(1);
        params.image_max_tokens = i32::try_from(projecting.most).unwrap_or(i32::MAX);
        params.cb_eval = Some(on_step);
        params.cb_eval_user_data = std::ptr::from_ref(&*pulse).cast_mut().cast();
        // SAFETY: the path ends in zero; the model is borrowed for 'a; the box outlives the
        // projector, whose pointer into it stays good when the box moves.
        let raw = unsafe { sys::mtmd_init_from_file(path.as_ptr(), model.raw(), params) };
        let raw = NonNull::new(raw).ok_or_else(|| LoadError::Refused(why()))?;
        Ok(Self { raw, model, pulse })
    }

    /// Says whether pictures can be encoded.
    pub(crate) fn sees(&self) -> bool {
        // SAFETY: reads a live projector.
        unsafe { sys::mtmd_support_vision(self.raw.as_ptr()) }
    }

    /// Returns how many samples a second it hears; `None` if it is deaf.
    pub(crate) fn rate(&self) -> Option<u32> {
        // SAFETY: reads a live projector; -1 where there is no ear.
        u32::try_from(unsafe { sys::mtmd_get_audio_sample_rate(self.raw.as_ptr()) }).ok()
    }

    /// Says what a percept will be read as, without encoding it.
    pub(crate) fn look(&self, percept: Percept<'_>) -> Result<Vec<Seen>, PerceptError> {
        log::take();
        let bitmap = Bitmap::of(percept);
        let part = sys::mtmd_input_part { text: std::ptr::null(), bitmap: bitmap.0.as_ptr() };
        let parts = [&raw const part];
        // SAFETY: returns an empty list, which `Chunks` frees.
        let chunks = NonNull::new(unsafe { sys::mtmd_input_chunks_init() }).map(Chunks);
        let chunks = chunks.ok_or_else(|| PerceptError::Refused("out of memory".to_owned()))?;
        // SAFETY: the part and its bitmap live through the call, which copies what it keeps.
        let code = unsafe {
            let (projector, to) = (self.raw.as_ptr(), chunks.0.as_ptr());
            sys::mtmd_tokenize_from_parts(projector, to, parts.as_ptr(), parts.len(), false)
        };
        if code != 0 {
            return Err(PerceptError::Refused(why()));
        }
        // SAFETY: the list is live, and so is what is below its length.
        let count = unsafe { sys::mtmd_input_chunks_size(chunks.0.as_ptr()) };
        (0..count).map(|at| self.seen(&chunks, at)).collect()
    }

    fn seen(&self, chunks: &Chunks, at: usize) -> Result<Seen, PerceptError> {
        // SAFETY: `at` is below the length of a live list; the tokens are as many as said, and
        // copied while the list is there.
        unsafe {
            let chunk = sys::mtmd_input_chunks_get(chunks.0.as_ptr(), at);
            if sys::mtmd_input_chunk_get_type(chunk) == sys::MTMD_INPUT_CHUNK_TYPE_TEXT {
                let mut count = 0;
                let tokens = sys::mtmd_input_chunk_get_tokens_text(chunk, &raw mut count);
                let tokens =
                    if tokens.is_null() { &[] } else { std::slice::from_raw_parts(tokens, count) };
                return Ok(Seen::Tokens(tokens.to_vec()));
            }
            let copy = NonNull::new(sys::mtmd_input_chunk_copy(chunk));
            let raw = copy.ok_or_else(|| PerceptError::Refused("out of memory".to_owned()))?;
            let at_once = sys::mtmd_decode_use_non_causal(self.raw.as_ptr(), raw.as_ptr());
            let laid_out = sys::mtmd_decode_use_mrope(self.raw.as_ptr());
            Ok(Seen::Chunk(Chunk { raw, at_once, shape: shape(raw.as_ptr(), laid_out) }))
        }
    }

    /// Encodes a chunk for the request with this number, unless it is cancelled meanwhile.
    pub(crate) fn encode(&mut self, chunk: &Chunk, number: u64) -> Result<Sight, PerceptError> {
        log::take();
        self.pulse.number.set(number);
        self.pulse.stopped.set(false);
        // SAFETY: both are live, and nothing else uses the projector meanwhile.
        let code = unsafe { sys::mtmd_encode_chunk(self.raw.as_ptr(), chunk.raw.as_ptr()) };
        if self.pulse.stopped.get() {
            return Err(PerceptError::Cancelled);
        }
        if code != 0 {
            return Err(PerceptError::Refused(why()));
        }
        let width = self.model.width_of_input();
        // SAFETY: after it has encoded a chunk there are as many rows as the chunk has tokens,
        // each as wide as what the model takes, which was compared when it was loaded.
        let numbers = unsafe {
            let numbers = sys::mtmd_get_output_embd(self.raw.as_ptr());
            if numbers.is_null() {
                return Err(PerceptError::Refused("nothing was encoded".to_owned()));
            }
            std::slice::from_raw_parts(numbers, chunk.shape.rows * width)
        };
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(PerceptError::NotANumber);
        }
        let shape = chunk.shape.clone();
        Ok(Sight { numbers: numbers.into(), at_once: chunk.at_once, width, shape })
    }
}

/// Something that a model can read once it is encoded.
#[derive(Debug)]
pub(crate) struct Chunk {
    raw: NonNull<sys::mtmd_input_chunk>,
    at_once: bool,
    shape: Shape,
}

// SAFETY: a chunk is data that nobody else knows.
unsafe impl Send for Chunk {}

impl Drop for Chunk {
    fn drop(&mut self) {
        // SAFETY: the chunk was copied for us and is freed once.
        unsafe { sys::mtmd_input_chunk_free(self.raw.as_ptr()) };
    }
}

/// How much room something encoded takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Places in the context's memory.
    pub(crate) rows: usize,
    /// By how much the text after it is further on.
    pub(crate) positions: usize,
    /// Where each row stands, where that is more than one after the other.
    places: Option<Arc<[Place]>>,
}

/// Where a row stands: in time, down, across, and as the kind likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place([Axis; 4]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    /// So far from where the first row stands.
    From(i32),
    /// There, wherever that is.
    At(i32),
}

impl Shape {
    /// Returns where a row stands if the first one is at `start`: one number, or four.
    pub(super) fn place(&self, row: usize, start: i32) -> Vec<i32> {
        let Some(places) = &self.places else {
            return vec![start + i32::try_from(row).expect("as many rows as fit into a context")];
        };
        let axis = |axis: Axis| match axis {
            Axis::From(distance) => start + distance,
            Axis::At(place) => place,
        };
        places[row].0.map(axis).to_vec()
    }
}

/// Returns how much room a chunk takes; `laid_out` says that its rows have places of their own.
///
/// # Safety
///
/// The chunk must be live.
unsafe fn shape(chunk: *const sys::mtmd_input_chunk, laid_out: bool) -> Shape {
    // SAFETY: the chunk is live; that which is an image has as many places as rows.
    unsafe {
        let rows = sys::mtmd_input_chunk_get_n_tokens(chunk);
        let positions = sys::mtmd_input_chunk_get_n_pos(chunk);
        let image = sys::mtmd_input_chunk_get_tokens_image(chunk);
        let place = |row: usize| {
            if image.is_null() {
                // A sound goes on in all directions alike.
                return Place([Axis::From(i32::try_from(row).unwrap_or(i32::MAX)); 4]);
            }
            let at = |start| {
                let place = sys::mtmd_image_tokens_get_decoder_pos(image, start, row);
                [place.t, place.y, place.x, place.z].map(|axis| axis as i32)
            };
            // What moves with the start is told from what stays by trying two.
            let (here, further) = (at(0), at(1));
            Place(std::array::from_fn(|axis| match here[axis] == further[axis] {
                true => Axis::At(here[axis]),
                false => Axis::From(here[axis]),
            }))
        };
        Shape {
            rows,
            positions: usize::try_from(positions).unwrap_or(0),
            places: laid_out.then(|| (0..rows).map(place).collect()),
        }
    }
}

impl Chunk {
    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Says whether every part of it sees all others, so that it must be read in one go.
    pub(crate) fn at_once(&self) -> bool {
        self.at_once
    }
}

/// Something encoded.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    numbers: Arc<[f32]>,
    at_once: bool,
    width: usize,
    shape: Shape,
}

impl Sight {
    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(crate) fn at_once(&self) -> bool {
        self.at_once
    }

    /// Returns how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.numbers)
    }

    pub(super) fn rows(&self, rows: Range<usize>) -> &[f32] {
        &self.numbers[rows.start * self.width..rows.end * self.width]
    }
}

/// A list of chunks.
struct Chunks(NonNull<sys::mtmd_input_chunks>);

impl Drop for Chunks {
    fn drop(&mut self) {
        // SAFETY: the list was made for us and is freed once.
        unsafe { sys::mtmd_input_chunks_free(self.0.as_ptr()) };
    }
}

/// Points or samples, copied to where C can see them.
struct Bitmap(NonNull<sys::mtmd_bitmap>);

impl Drop for Bitmap {
    fn drop(&mut self) {
        // SAFETY: it was made for us and is freed once.
        unsafe { sys::mtmd_bitmap_free(self.0.as_ptr()) };
    }
}

impl Bitmap {
    fn of(percept: Percept<'_>) -> Self {
        let raw = match percept {
            Percept::Picture(width, height, points) => {
                let bytes = width as usize * height as usize * 3;
                assert_eq!(points.len(), bytes, "three bytes for each point");
                // SAFETY: there are as many bytes as are read, and they are copied.
                unsafe { sys::mtmd_bitmap_init(width, height, points.as_ptr()) }
            }
            // SAFETY: as above.
            Percept::Sound(samples) => unsafe {
                sys::mtmd_bitmap_init_from_audio(samples.len(), samples.as_ptr())
            },
        };
        Self(NonNull::new(raw).expect("C++ throws where there is no memory"))
    }
}

/// Called before and after some steps of the network; returns whether to look, or to go on.
unsafe extern "C" fn on_step(_: *mut sys::ggml_tensor, asks: bool, data: *mut c_void) -> bool {
    // SAFETY: `Projector::load` passes a `Pulse` that outlives the projector, and only the thread
    // that encodes gets here.
    let pulse = unsafe { &*data.cast::<Pulse<'_>>() };
    if asks {
        pulse.watch.tick();
        pulse.steps.set(pulse.steps.get().wrapping_add(1));
        return pulse.steps.get().is_multiple_of(EVERY);
    }
    let stopped = pulse.watch.is_cancelled(pulse.number.get());
    pulse.stopped.set(pulse.stopped.get() || stopped);
    !stopped
}

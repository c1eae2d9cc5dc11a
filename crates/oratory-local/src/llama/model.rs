//! A loaded model and its vocabulary: loading, tokens, and what the model says of itself.
//!
//! It does not run the network; `context` does.

use std::ffi::{CStr, CString, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

use super::special::Special;
use super::{Backend, log};

/// The number of a token in a model's vocabulary.
pub(crate) type Token = sys::llama_token;

/// A model could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("the path holds a zero byte")]
    Path,
    #[error("{0}")]
    Refused(String),
}

/// How a model is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loading {
    pub(crate) repack: Repack,
    pub(crate) lock: Lock,
    /// Layers kept on a GPU; below 0 means all.
    pub(crate) gpu_layers: i32,
    /// Whether layers that predict further ahead are loaded too.
    pub(crate) ahead: bool,
}

/// Whether weights are copied into an order that suits this processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repack {
    Yes,
    No,
}

/// Whether weights are kept from being paged out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    No,
    InMemory,
}

/// Whether the tokens that a model wants around a text are added.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Yes,
    No,
}

/// A loaded model.
#[derive(Debug)]
pub(crate) struct Model {
    raw: NonNull<sys::llama_model>,
    vocabulary: NonNull<sys::llama_vocab>,
    /// What llama.cpp looks for in text that may hold control tokens, and in text that may not.
    special: [Special; 2],
    /// The most bytes a token stands for.
    longest: usize,
}

// SAFETY: llama.cpp never changes a loaded model, and any thread may read and free it.
unsafe impl Send for Model {}
// SAFETY: as above; all methods here only read.
unsafe impl Sync for Model {}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a load, is freed once, and contexts borrow the model.
        unsafe { sys::llama_model_free(self.raw.as_ptr()) };
    }
}

impl Model {
    /// Loads a model, telling `progress` how far it is, from 0 to 1.
    pub(crate) fn load(
        _: Backend,
        path: &Path,
        loading: Loading,
        mut progress: impl FnMut(f32),
    ) -> Result<Self, LoadError> {
        let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| LoadError::Path)?;
        log::take();
        // A thin pointer to a fat one: C can carry only the former.
        let mut report: &mut dyn FnMut(f32) = &mut progress;
        // SAFETY: plain data with no preconditions.
        let mut params = unsafe { sys::llama_model_default_params() };
        params.load_mode = match loading.lock {
            Lock::No => sys::LLAMA_LOAD_MODE_MMAP,
            Lock::InMemory => sys::LLAMA_LOAD_MODE_MMAP_MLOCK,
        };
        params.use_extra_bufts = loading.repack == Repack::Yes;
        params.n_gpu_layers = loading.gpu_layers;
        params.load_mtp = loading.ahead;
        params.progress_callback = Some(on_progress);
        params.progress_callback_user_data = (&raw mut report).cast();
        // SAFETY: the path ends in zero, and `report` outlives the call that uses it.
        let raw = unsafe { sys::llama_model_load_from_file(path.as_ptr(), params) };
        let raw = NonNull::new(raw).ok_or_else(|| LoadError::Refused(why()))?;
        // SAFETY: the model was just loaded; its vocabulary lives as long as it.
        let vocabulary = unsafe { sys::llama_model_get_vocab(raw.as_ptr()) };
        match NonNull::new(vocabulary.cast_mut()) {
            Some(vocabulary) => {
                let mut model = Self { raw, vocabulary, special: Default::default(), longest: 1 };
                model.look_for_special();
                Ok(model)
            }
            None => {
                // SAFETY: the model was just loaded and nothing else knows it.
                unsafe { sys::llama_model_free(raw.as_ptr()) };
                Err(LoadError::Refused("it has no vocabulary".into()))
            }
        }
    }

    fn look_for_special(&mut self) {
        let control = sys::LLAMA_TOKEN_ATTR_CONTROL | sys::LLAMA_TOKEN_ATTR_UNKNOWN;
        let strip = sys::LLAMA_TOKEN_ATTR_LSTRIP | sys::LLAMA_TOKEN_ATTR_RSTRIP;
        let own = sys::LLAMA_TOKEN_ATTR_USER_DEFINED;
        let (mut all, mut strips) = (Vec::new(), false);
        for token in 0..self.tokens() as Token {
            let spelling = self.spelling(token);
            // No token stands for more bytes than it is spelled with.
            self.longest = self.longest.max(spelling.len());
            // SAFETY: the token is in the vocabulary.
            let attributes = unsafe { sys::llama_vocab_get_attr(self.vocabulary(), token) };
            if attributes & (control | own) != 0 {
                strips |= attributes & strip != 0;
                all.push((spelling, attributes & own != 0));
            }
        }
        let plain = all.iter().filter(|(_, own)| *own).map(|(spelling, _)| spelling.clone());
        let plain = Special::new(plain, strips);
        self.special = [plain, Special::new(all.into_iter().map(|(spelling, _)| spelling), strips)];
    }

    /// Returns how many tokens a text takes at the least, found out in passing; an end to the
    /// counting at `most`.
    pub(crate) fn least_tokens(&self, text: &str, control: bool, most: usize) -> usize {
        let by_length = text.len().div_ceil(self.longest);
        if by_length >= most || !control {
            return by_length;
        }
        by_length.max(self.special[1].count(text, most))
    }

    pub(super) fn raw(&self) -> *mut sys::llama_model {
        self.raw.as_ptr()
    }

    pub(super) fn vocabulary(&self) -> *const sys::llama_vocab {
        self.vocabulary.as_ptr()
    }

    /// Returns the width of what the model knows after a token.
    pub(crate) fn width(&self) -> usize {
        // SAFETY: reads a field of a live model.
        unsafe { sys::llama_model_n_embd_out(self.raw()) }.try_into().unwrap_or(0)
    }

    /// Returns the width of what the model takes in place of a token.
    pub(crate) fn width_of_input(&self) -> usize {
        // SAFETY: reads a field of a live model.
        unsafe { sys::llama_model_n_embd_inp(self.raw()) }.try_into().unwrap_or(0)
    }

    /// Returns how many tokens the model was trained to hold.
    pub(crate) fn trained_context(&self) -> u32 {
        // SAFETY: reads a field of a live model.
        unsafe { sys::llama_model_n_ctx_train(self.raw()) }.try_into().unwrap_or(0)
    }

    /// Returns the number of weights.
    pub(crate) fn parameters(&self) -> u64 {
        // SAFETY: reads a live model.
        unsafe { sys::llama_model_n_params(self.raw()) }
    }

    /// Returns how far back layers with a sliding window look; 0 if there are none.
    pub(crate) fn window(&self) -> usize {
        // SAFETY: reads a live model.
        unsafe { sys::llama_model_n_swa(self.raw()) }.try_into().unwrap_or(0)
    }

    /// Says whether the state after a token replaces the one before, so that it cannot be cut.
    pub(crate) fn is_recurrent(&self) -> bool {
        // SAFETY: reads a live model.
        unsafe {
            sys::llama_model_is_recurrent(self.raw()) || sys::llama_model_is_hybrid(self.raw())
        }
    }

    /// Says whether the model answers token by token; encoders do not.
    pub(crate) fn decodes(&self) -> bool {
        // SAFETY: reads a live model.
        unsafe {
            sys::llama_model_has_decoder(self.raw()) && !sys::llama_model_is_diffusion(self.raw())
        }
    }

    /// Returns the model's chat template, if it has one.
    pub(crate) fn chat_template(&self) -> Option<String> {
        self.template(std::ptr::null())
    }

    /// Returns how the model is asked to rate a document, if it says.
    pub(crate) fn rating_template(&self) -> Option<String> {
        self.template(c"rerank".as_ptr())
    }

    fn template(&self, name: *const c_char) -> Option<String> {
        // SAFETY: the name is null, which asks for the default, or ends in zero; the answer is
        // null or lives with the model.
        let text = unsafe { sys::llama_model_chat_template(self.raw(), name) };
        // SAFETY: as above, and llama.cpp ends its strings in zero.
        (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
    }

    /// Returns how many tokens the vocabulary has.
    pub(crate) fn tokens(&self) -> usize {
        // SAFETY: reads a live vocabulary.
        unsafe { sys::llama_vocab_n_tokens(self.vocabulary()) }.try_into().unwrap_or(0)
    }

    /// Returns the token that begins a text, and whether the model wants it there.
    pub(crate) fn bos(&self) -> Option<(Token, bool)> {
        // SAFETY: reads a live vocabulary.
        let (token, add) = unsafe {
            let vocabulary = self.vocabulary();
            (sys::llama_vocab_bos(vocabulary), sys::llama_vocab_get_add_bos(vocabulary))
        };
        (token >= 0).then_some((token, add))
    }

    /// Returns the token that ends a text.
    pub(crate) fn eos(&self) -> Option<Token> {
        // SAFETY: reads a live vocabulary.
        let token = unsafe { sys::llama_vocab_eos(self.vocabulary()) };
        (token >= 0).then_some(token)
    }

    /// Says whether the token ends an answer.
    pub(crate) fn ends(&self, token: Token) -> bool {
        // SAFETY: any number is fine; it is looked up in a set.
        unsafe { sys::llama_vocab_is_eog(self.vocabulary(), token) }
    }

    /// Says whether a token steers the model instead of standing for text.
    pub(crate) fn is_control(&self, token: Token) -> bool {
        if !(0..self.tokens() as Token).contains(&token) {
            return false;
        }
        // SAFETY: the token is in the vocabulary.
        let attributes = unsafe { sys::llama_vocab_get_attr(self.vocabulary(), token) };
        attributes & (sys::LLAMA_TOKEN_ATTR_CONTROL | sys::LLAMA_TOKEN_ATTR_UNKNOWN) != 0
    }

    /// Returns the spelling of every control token, such as `<|im_end|>`.
    pub(crate) fn control_texts(&self) -> Vec<String> {
        let control = sys::LLAMA_TOKEN_ATTR_CONTROL | sys::LLAMA_TOKEN_ATTR_UNKNOWN;
        let mut texts = Vec::new();
        for token in 0..self.tokens() as Token {
            // SAFETY: the token is in the vocabulary.
            let attributes = unsafe { sys::llama_vocab_get_attr(self.vocabulary(), token) };
            if attributes & control != 0 {
                texts.push(self.spelling(token));
            }
        }
        texts.retain(|text| !text.is_empty());
        texts
    }

    /// Returns how the vocabulary spells a token.
    pub(crate) fn spelling(&self, token: Token) -> String {
        if !(0..self.tokens() as Token).contains(&token) {
            return String::new();
        }
        // SAFETY: the token is in the vocabulary, whose strings live as long as the model.
        let text = unsafe { sys::llama_vocab_get_text(self.vocabulary(), token) };
        if text.is_null() {
            return String::new();
        }
        // SAFETY: as above, and llama.cpp ends its strings in zero.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }

    /// Returns how many numbers the state after a token has.
    pub(crate) fn state_width(&self) -> usize {
        // SAFETY: reads a live model.
        unsafe { sys::llama_model_n_embd_out(self.raw()) }.try_into().unwrap_or(0)
    }

    /// Returns how many classes the model tells apart, if it rates texts.
    pub(crate) fn classes(&self) -> usize {
        // SAFETY: reads a live model.
        unsafe { sys::llama_model_n_cls_out(self.raw()) }.try_into().unwrap_or(0)
    }

    /// Returns the tokens that stand between two texts, and those after the second.
    pub(crate) fn between_and_after(&self) -> (Vec<Token>, Vec<Token>) {
        // SAFETY: reads a live vocabulary.
        let (eos, sep, add_eos, add_sep) = unsafe {
            let vocabulary = self.vocabulary();
            (
                sys::llama_vocab_eos(vocabulary),
                sys::llama_vocab_sep(vocabulary),
                sys::llama_vocab_get_add_eos(vocabulary),
                sys::llama_vocab_get_add_sep(vocabulary),
            )
        };
        let eos = if eos < 0 { sep } else { eos };
        let [ends, separates] = [(eos, add_eos), (sep, add_sep)]
            .map(|(token, add)| (add && token >= 0).then_some(token));
        let between = ends.into_iter().chain(separates).collect();
        (between, ends.or(separates).into_iter().collect())
    }

    /// Turns a whole text into tokens, with those that the model wants around it.
    pub(crate) fn tokenise_whole(&self, text: &str) -> Vec<Token> {
        self.tokens_of(text, Around::Yes, false)
    }

    /// Turns text into tokens. Control tokens in it are recognised only if `control` says so.
    pub(crate) fn tokenise(&self, text: &str, control: bool) -> Vec<Token> {
        match &self.special[usize::from(control)].pieces(text)[..] {
            [whole] => self.tokens_of(whole, Around::No, control),
            pieces => {
                let each = pieces.iter().flat_map(|text| self.tokens_of(text, Around::No, control));
                each.collect()
            }
        }
    }

    fn tokens_of(&self, text: &str, around: Around, control: bool) -> Vec<Token> {
        let length = i32::try_from(text.len()).expect("a frame is smaller than 2 GiB");
        let mut tokens = vec![0; text.len() + 2];
        // No token stands for less than a byte, so this is room enough; if llama.cpp disagrees,
        // it says how much it wants as a negative number.
        let mut count = self.tokenise_into(text, length, &mut tokens, around, control);
        if count < 0 {
            tokens.resize(count.unsigned_abs() as usize, 0);
            count = self.tokenise_into(text, length, &mut tokens, around, control);
        }
        tokens.truncate(count.max(0) as usize);
        tokens
    }

    fn tokenise_into(
        &self,
        text: &str,
        length: i32,
        out: &mut [Token],
        around: Around,
        control: bool,
    ) -> i32 {
        let room = i32::try_from(out.len()).unwrap_or(i32::MAX);
        // SAFETY: both buffers are as long as stated.
        unsafe {
            sys::llama_tokenize(
                self.vocabulary(),
                text.as_ptr().cast::<c_char>(),
                length,
                out.as_mut_ptr(),
                room,
                around == Around::Yes,
                control,
            )
        }
    }

    /// Says whether another model's tokens stand for the same, number by number.
    pub(crate) fn speaks_as(&self, other: &Self) -> bool {
        let tokens = 0..self.tokens() as Token;
        self.tokens() == other.tokens()
            && self.bos() == other.bos()
            && tokens.into_iter().all(|token| {
                self.ends(token) == other.ends(token)
                    && self.is_control(token) == other.is_control(token)
                    && self.text(token) == other.text(token)
            })
    }

    fn text(&self, token: Token) -> Option<&CStr> {
        // SAFETY: callers pass tokens of the vocabulary, whose strings live as long as the model.
        let text = unsafe { sys::llama_vocab_get_text(self.vocabulary(), token) };
        // SAFETY: as above, and llama.cpp ends its strings in zero.
        (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
    }

    /// Returns the bytes a token stands for; control tokens stand for none.
    pub(crate) fn bytes(&self, token: Token) -> Vec<u8> {
        let mut out = vec![0_u8; 64];
        let mut count = self.bytes_into(token, &mut out);
        if count < 0 {
            out.resize(count.unsigned_abs() as usize, 0);
            count = self.bytes_into(token, &mut out);
        }
        out.truncate(count.max(0) as usize);
        out
    }

    fn bytes_into(&self, token: Token, out: &mut [u8]) -> i32 {
        let room = i32::try_from(out.len()).unwrap_or(i32::MAX);
        let at = out.as_mut_ptr().cast::<c_char>();
        // SAFETY: the buffer is as long as stated; unknown tokens are refused in there.
        unsafe { sys::llama_token_to_piece(self.vocabulary(), token, at, room, 0, false) }
    }
}

unsafe extern "C" fn on_progress(done: f32, data: *mut c_void) -> bool {
    // SAFETY: `load` passes a pointer to its own closure, which outlives the loading.
    let report = unsafe { &mut *data.cast::<&mut dyn FnMut(f32)>() };
    report(done);
    true
}

/// Returns why the last load failed, as well as llama.cpp said it.
pub(super) fn why() -> String {
    let lines = log::take();
    let plain = lines.iter().map(|line| match line.split_once(": ") {
        // Drop the name of the C function it happened in.
        Some((function, rest)) if !function.contains(' ') => rest.trim(),
        _ => line.trim(),
    });
    let mut reasons: Vec<&str> = plain.filter(|line| !line.is_empty()).take(3).collect();
    reasons.dedup();
    if reasons.is_empty() { "llama.cpp gave no reason".into() } else { reasons.join("; ") }
}

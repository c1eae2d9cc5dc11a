//! Asks llama.cpp what it would allocate for a model, without allocating it.
//!
//! It says so only in its log, which is read here line by line.

use std::ffi::{CStr, CString, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Mutex;

use llama_cpp_sys_2 as sys;

use super::{Repack, Setup};
use crate::gguf::Kind;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What llama.cpp said, in bytes, to a hundredth of a MiB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub(super) cache: f64,
    pub(super) recurrent: f64,
    pub(super) compute: f64,
    pub(super) output: f64,
    pub(super) repacked: f64,
}

unsafe extern "C" fn note(_: sys::ggml_log_level, text: *const c_char, _: *mut c_void) {
    // SAFETY: llama.cpp passes a string that ends in zero and lives through the call.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    LINES.lock().unwrap().push(text);
}

fn kind(kind: Kind) -> sys::ggml_type {
    kind as u32 as sys::ggml_type
}

/// Loads only the header and makes a context for each setup. `really` allocates, which repacking
/// needs; whether to repack is as the first setup says.
pub(super) fn ask(path: &Path, setups: &[Setup], really: bool) -> Vec<Said> {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap();
    let path = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: plain calls with live arguments; what is made is freed before this returns.
    unsafe {
        sys::llama_log_set(Some(note), std::ptr::null_mut());
        sys::llama_backend_init();
        LINES.lock().unwrap().clear();
        let mut params = sys::llama_model_default_params();
        params.no_alloc = !really;
        params.load_mode = match really {
            true => sys::LLAMA_LOAD_MODE_MMAP,
            false => sys::LLAMA_LOAD_MODE_NONE,
        };
        params.use_extra_bufts = setups[0].repack != Repack::Off;
        let model = sys::llama_model_load_from_file(path.as_ptr(), params);
        assert!(!model.is_null(), "{:?}", LINES.lock().unwrap());
        let repacked = read(&LINES.lock().unwrap()).repacked;
        let said = setups.iter().map(|setup| {
            LINES.lock().unwrap().clear();
            let context = sys::llama_init_from_model(model, context_params(setup));
            assert!(!context.is_null(), "{:?}", LINES.lock().unwrap());
            sys::llama_free(context);
            Said { repacked, ..read(&LINES.lock().unwrap()) }
        });
        let said = said.collect();
        sys::llama_model_free(model);
        said
    }
}

fn context_params(setup: &Setup) -> sys::llama_context_params {
    // SAFETY: plain data with no preconditions.
    let mut params = unsafe { sys::llama_context_default_params() };
    params.n_ctx = setup.context;
    params.n_seq_max = setup.sequences;
    params.kv_unified = setup.unified;
    params.n_batch = setup.batch;
    params.n_ubatch = setup.batch;
    params.n_outputs_max = setup.outputs;
    params.embeddings = setup.told > setup.sequences;
    params.type_k = kind(setup.keys);
    params.type_v = kind(setup.values);
    params.swa_full = setup.full_windows;
    params.flash_attn_type = if setup.flash {
        sys::LLAMA_FLASH_ATTN_TYPE_ENABLED
    } else {
        sys::LLAMA_FLASH_ATTN_TYPE_DISABLED
    };
    params
}

fn read(lines: &[String]) -> Said {
    let mut said = Said::default();
    for line in lines {
        let size = |before: &str| {
            let rest = line.split_once(before)?.1.trim_start();
            rest.split_whitespace().next()?.parse::<f64>().ok().map(|mib| mib * f64::from(1 << 20))
        };
        let slot = if line.contains("llama_kv_cache") && line.contains("MiB (") {
            said.cache += size("size =").unwrap_or(0.0);
            continue;
        } else if line.contains("RS buffer size") {
            &mut said.recurrent
        } else if line.contains("compute buffer size") {
            &mut said.compute
        } else if line.contains("output buffer size") {
            &mut said.output
        } else if line.contains("CPU_REPACK model buffer size") {
            &mut said.repacked
        } else {
            continue;
        };
        *slot += size("size =").unwrap_or(0.0);
    }
    said
}

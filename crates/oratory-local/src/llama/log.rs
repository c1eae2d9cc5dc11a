//! Keeps llama.cpp's last complaints, because a failed load says why only in its log.
//!
//! Warnings and errors also go to standard error, where the supervisor reads them.

use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_void};
use std::io::Write;
use std::sync::Mutex;

use llama_cpp_sys_2 as sys;

/// Complaints kept; llama.cpp repeats the reason on its way up, the first is the best.
const KEPT: usize = 16;

// llama.cpp has one log for the process, so there is one place it goes to.
static ERRORS: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// Sends llama.cpp's log here.
pub(super) fn capture() {
    // SAFETY: the callback is a plain function and uses no user data.
    unsafe {
        sys::llama_log_set(Some(note), std::ptr::null_mut());
        sys::mtmd_log_set(Some(note), std::ptr::null_mut());
    }
}

/// Takes the errors logged since the last call, oldest first.
pub(super) fn take() -> Vec<String> {
    ERRORS.lock().unwrap_or_else(std::sync::PoisonError::into_inner).drain(..).collect()
}

unsafe extern "C" fn note(level: sys::ggml_log_level, text: *const c_char, _: *mut c_void) {
    if text.is_null() || !matches!(level, sys::GGML_LOG_LEVEL_WARN | sys::GGML_LOG_LEVEL_ERROR) {
        return;
    }
    // SAFETY: llama.cpp passes a string that ends in zero and lives through the call.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    let line = text.trim_end();
    // Nobody is there to hear that standard error is gone.
    let _ = writeln!(std::io::stderr(), "{line}");
    if level == sys::GGML_LOG_LEVEL_ERROR {
        let mut errors = ERRORS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if errors.len() < KEPT {
            errors.push_back(line.to_owned());
        }
    }
}

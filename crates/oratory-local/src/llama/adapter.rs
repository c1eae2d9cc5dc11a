//! A LoRA adapter: small weights that change how a loaded model answers.
//!
//! It belongs to one model and is put to use by `context`.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

use super::model::{LoadError, why};
use super::{Model, log};

/// A loaded adapter.
pub(crate) struct Adapter(NonNull<sys::llama_adapter_lora>);

impl Adapter {
    /// Loads an adapter for `model`, which must outlive it; it is freed with the model.
    pub(crate) fn load(model: &Model, path: &Path) -> Result<Self, LoadError> {
        let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| LoadError::Path)?;
        log::take();
        // SAFETY: a live model, and a path that ends in zero.
        let raw = unsafe { sys::llama_adapter_lora_init(model.raw(), path.as_ptr()) };
        NonNull::new(raw).map(Self).ok_or_else(|| LoadError::Refused(why()))
    }

    pub(super) fn raw(&self) -> *mut sys::llama_adapter_lora {
        self.0.as_ptr()
    }
}

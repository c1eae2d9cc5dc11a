//! A loaded adapter: what it adds to the weights of its model.
//!
//! Whether a file fits is checked before it comes here; llama.cpp ends the process over some that
//! do not.

use std::ffi::CString;
use std::marker::PhantomData;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

use super::model::{LoadError, why};
use super::{Model, log};

/// A loaded adapter.
#[derive(Debug)]
pub(crate) struct Adapter<'a> {
    raw: NonNull<sys::llama_adapter_lora>,
    _model: PhantomData<&'a Model>,
}

impl Drop for Adapter<'_> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a load, is freed once, and the model is still there. A
        // context that computes with it keeps it from being dropped.
        unsafe { sys::llama_adapter_lora_free(self.raw.as_ptr()) };
    }
}

impl<'a> Adapter<'a> {
    /// Loads an adapter. Only `Context` calls this, in the thread that computes.
    pub(super) fn load(model: &'a Model, path: &Path) -> Result<Self, LoadError> {
        let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| LoadError::Path)?;
        log::take();
        // SAFETY: a live model, and a path that ends in zero.
        let raw = unsafe { sys::llama_adapter_lora_init(model.raw(), path.as_ptr()) };
        let raw = NonNull::new(raw).ok_or_else(|| LoadError::Refused(why()))?;
        Ok(Self { raw, _model: PhantomData })
    }

    pub(super) fn raw(&self) -> *mut sys::llama_adapter_lora {
        self.raw.as_ptr()
    }
}

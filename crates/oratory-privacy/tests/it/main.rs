//! What this crate promises to the others.

mod does_not_compile;
mod masking;

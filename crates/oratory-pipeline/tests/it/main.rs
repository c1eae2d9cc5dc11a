//! The pipeline as its callers see it: most cases are files.

#![allow(clippy::unwrap_used, reason = "in a test, stopping at the wrong thing is the point")]

mod cases;
mod hang_up;
mod resting;
mod routing;
mod unsure;

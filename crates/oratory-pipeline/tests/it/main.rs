//! The pipeline as its callers see it: most cases are files.

#![allow(clippy::unwrap_used, reason = "in a test, stopping at the wrong thing is the point")]

mod again;
mod cases;
mod hang_up;
mod moody;
mod replicas;
mod resting;
mod routing;
mod unsure;

//! The pipeline as its callers see it: most cases are files.

mod cases;
mod hang_up;

//! `oratory eval`: measures routing on what models have answered before.
//!
//! Reads files only; no model is run and nothing is asked of any place.

mod replay;

use std::process::ExitCode;

use crate::cli::{Eval, EvalWhat};

pub(super) fn run(args: &Eval) -> anyhow::Result<ExitCode> {
    match &args.what {
        EvalWhat::Replay(args) => replay::run(args),
    }
}

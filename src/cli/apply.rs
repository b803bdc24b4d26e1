//! `kikitori apply`: a fitted model on new records; `run --model` by another name.

use std::process::ExitCode;

use super::args::{ApplyArgs, RunArgs};
use super::output::Output;
use super::run::run;
use crate::error::Result;

/// Publishes the records under the themes of a model.
pub(super) fn apply(args: ApplyArgs, out: &Output) -> Result<ExitCode> {
    let ApplyArgs { input, model, out: dir, key_file } = args;
    run(&RunArgs { input, out: dir, model: Some(model), themes: None, guide: None, embedding: None, seed: None, key_file }, out)
}

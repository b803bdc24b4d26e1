//! `kikitori config --show`: the configuration in force.

use std::process::ExitCode;

use super::args::{ConfigArgs, InputArgs};
use super::output::Output;
use super::plan::Plan;
use crate::error::Result;

/// Prints the effective configuration as TOML (or JSON).
pub(super) fn show(args: &ConfigArgs, out: &Output) -> Result<ExitCode> {
    let input = InputArgs { config: args.config.clone(), ..InputArgs::default() };
    let config = Plan::config(&input, out)?;
    if out.is_json() {
        out.json(&config)?;
    } else {
        out.data(&config.to_toml())?;
    }
    Ok(ExitCode::SUCCESS)
}

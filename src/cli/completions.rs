//! `kikitori completions`: scripts for shells.

use std::process::ExitCode;

use clap::CommandFactory;

use super::args::Cli;
use super::output::Output;
use crate::error::Result;

/// Writes the completion script of `shell` to stdout.
pub(super) fn write(shell: clap_complete::Shell, out: &Output) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kikitori", &mut script);
    out.data(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

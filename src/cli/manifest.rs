//! `kikitori manifest`: what a run was made from, or the paragraph for a paper's methods section.

use std::process::ExitCode;

use super::args::ManifestArgs;
use super::output::Output;
use crate::error::Result;
use crate::io::manifest::open_manifest;
use crate::io::methods::methods;

/// Prints the manifest of a run as JSON, or its methods paragraph.
pub(super) fn manifest(args: &ManifestArgs, out: &Output) -> Result<ExitCode> {
    let manifest = open_manifest(&args.run)?;
    if args.methods {
        out.data(&format!("{}\n", methods(&manifest, out.lang()).trim_end()))?;
    } else {
        out.json(&manifest)?;
    }
    Ok(ExitCode::SUCCESS)
}

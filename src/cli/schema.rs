//! `kikitori schema`: the contract of the published tables.

use std::process::ExitCode;

use super::args::SchemaArgs;
use super::output::Output;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::io::resources::Resources;
use crate::table::{all_specs, schema_json, schema_markdown};

/// Prints tables and columns as Markdown, or as JSON.
pub(super) fn schema(args: &SchemaArgs, out: &Output) -> Result<ExitCode> {
    let resources = Resources::load(None)?;
    let specs = all_specs(&resources.profile);
    let chosen: Vec<_> = specs.iter().filter(|s| args.table.as_ref().is_none_or(|t| s.name == t)).cloned().collect();
    if chosen.is_empty() {
        let table = args.table.as_deref().unwrap_or_default();
        let names = specs.iter().map(|s| s.name).collect::<Vec<_>>().join(", ");
        return Err(Error::new(
            ErrorKind::Config,
            Text::new(format!("表「{table}」はありません。あるのは: {names}"), format!("no table \"{table}\"; there are: {names}")),
        ));
    }
    if out.is_json() {
        out.json(&schema_json(&chosen))?;
    } else {
        out.data(&schema_markdown(&chosen, out.lang()))?;
    }
    Ok(ExitCode::SUCCESS)
}

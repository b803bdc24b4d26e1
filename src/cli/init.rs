//! `kikitori init FILE`: looks at an export and writes the mapping of its columns.

use std::path::Path;
use std::process::ExitCode;

use super::args::InitArgs;
use super::output::Output;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::io::fs::{self, Access};
use crate::io::init;
use crate::io::read::ReadOptions;
use crate::io::resources::Resources;

/// Writes `kikitori.toml` for an export.
pub(super) fn init(args: &InitArgs, out: &Output) -> Result<ExitCode> {
    let resources = Resources::load(None)?;
    let to_stdout = args.output == Path::new("-");
    if !to_stdout && !args.force && fs::exists(&args.output) {
        return Err(Error::new(
            ErrorKind::Config,
            Text::new(
                "設定ファイルがすでにあります。書き換えるなら --force を付けてください",
                "the configuration exists; overwrite it with --force",
            ),
        )
        .at(&args.output, 0));
    }
    let report = init::init(&args.file, &resources.profile, &ReadOptions::default())?;
    if to_stdout {
        out.data(&report.toml)?;
        return Ok(ExitCode::SUCCESS);
    }
    fs::write_atomic(&args.output, report.toml.as_bytes(), Access::Shared)?;
    out.note(&Text::new(report.summary(crate::Lang::Ja), report.summary(crate::Lang::En)));
    let written = args.output.display();
    out.note(&Text::new(
        format!(
            "{written} を書きました。対応を確かめてから、次を実行してください:\n  kikitori check {}\n  kikitori run --input {0}",
            args.file.display()
        ),
        format!("wrote {written}; look it over, then run:\n  kikitori check {}\n  kikitori run --input {0}", args.file.display()),
    ));
    Ok(ExitCode::SUCCESS)
}

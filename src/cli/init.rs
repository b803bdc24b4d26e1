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
    if to_stdout && out.is_json() {
        return Err(Error::new(
            ErrorKind::Config,
            Text::new(
                "--json と --output - は同時に使えません。標準出力に出すのは設定ファイル（TOML）です",
                "--json and --output - exclude each other: what goes to standard output is the configuration, which is TOML",
            ),
        ));
    }
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
    let report = init::init(&args.file, &resources.profile, &ReadOptions::default(), out.lang())?;
    if to_stdout {
        out.data(&report.toml)?;
        return Ok(ExitCode::SUCCESS);
    }
    fs::write_atomic(&args.output, report.toml.as_bytes(), Access::Shared)?;
    out.note(&Text::new(report.summary(crate::Lang::Ja), report.summary(crate::Lang::En)));
    let written = args.output.display();
    let found = |field: &str| report.mapping.get(field).is_some();
    let missing = [("id", found("id")), ("text", found("text") || found("turns"))];
    let missing: Vec<&str> = missing.iter().filter(|(_, found)| !found).map(|(field, _)| *field).collect();
    if !missing.is_empty() {
        let names = missing.join(", ");
        out.warn(&Text::new(
            format!("{names} に当たる列が分かりませんでした。{written} の [columns] に書いてください"),
            format!("no column was recognised for {names}; write it under [columns] in {written}"),
        ));
    }
    out.note(&Text::new(
        format!(
            "{written} を書きました。対応を確かめてから、次を実行してください:\n  kikitori check --config {written} {0}\n  kikitori run --config {written} --input {0}",
            args.file.display()
        ),
        format!(
            "wrote {written}; look it over, then run:\n  kikitori check --config {written} {0}\n  kikitori run --config {written} --input {0}",
            args.file.display()
        ),
    ));
    Ok(ExitCode::SUCCESS)
}

//! `kikitori coding`: sheets for human coders, their agreement, and negative controls.

mod controls;
mod learn;
mod learn_identifiers;
mod score;

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::args::{CodingCommand, CodingSheetArgs};
use super::output::Output;
use super::plan::Plan;
use super::run::{nothing_accepted, own_key, pipeline, pseudonyms};
use super::session::{Session, interrupted, stop_on_interrupt};
use crate::coding::{Sample, SampleParams, Sampler, SheetRow};
use crate::consultation::RecordType;
use crate::error::{Error, ErrorKind, Lang, Result, Text};
use crate::io::key::Key;
use crate::io::sheet::{
    Decisions, NewSheet, SheetFormat, check_target, decisions_path, guide_bytes, guide_path, sheet_bytes, write_private,
};

/// Runs the subcommand.
pub(super) fn coding(command: &CodingCommand, out: &Output) -> Result<ExitCode> {
    match command {
        CodingCommand::Sheet(args) => sheet(args, out)?,
        CodingCommand::Score(args) => score::score(args, out)?,
        CodingCommand::Controls(args) => controls::controls(args, out)?,
        CodingCommand::Learn(args) => learn::learn(args, out)?,
        CodingCommand::LearnIdentifiers(args) => learn_identifiers::learn(args, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Draws utterances and writes the sheet; kikitori's decisions go beside it.
fn sheet(args: &CodingSheetArgs, out: &Output) -> Result<()> {
    stop_on_interrupt();
    let plan = Plan::resolve(&args.input, out)?;
    plan.config.validate()?;
    let format = SheetFormat::of(&args.out)?;
    let params = SampleParams { utterances: args.utterances, seed: args.seed }.check()?;
    let (decisions, guide) = (decisions_path(&args.out), guide_path(&args.out));
    // Before the long work: what stands there may have been filled in.
    let targets = [Some(args.out.as_path()), Some(&decisions), Some(guide.as_path()).filter(|_| format == SheetFormat::Csv)];
    targets.into_iter().flatten().try_for_each(check_target)?;
    let key_file = args.key_file.as_deref().or(plan.config.pseudonym.key_file.as_deref());
    let given_key = Key::from_file_or_environment(key_file)?;
    let resources = plan.resources()?;
    resources.warnings.iter().for_each(|warning| out.warn(warning));
    plan.require_inputs()?;
    let session = Session::new(&plan, &resources, out);
    let (mut survey, analysers) = session.survey_and_analysers()?;
    if survey.accepted == 0 {
        return Err(nothing_accepted(&plan, &survey));
    }
    let key = given_key.unwrap_or_else(|| {
        let (key, warning) = own_key(&mut survey);
        out.warn(&warning);
        key
    });
    let pipeline = pipeline(&plan, &resources, analysers, &survey)?;
    let mut sampler = Sampler::new(params);
    let kept = survey.consultations.take();
    session.analyse(&survey, kept, &pipeline, &pseudonyms(&key, &survey.profile), |batch| {
        batch.calls.iter().for_each(|c| sampler.add(c.call.id, c.call.record_type, &c.utterances, &c.mentions));
        Ok(())
    })?;
    interrupted()?;
    let sample = sampler.finish();
    if sample.rows.is_empty() {
        let text = Text::new("相談者の発話も要約記録もありません", "there is no caller's turn and no line of notes");
        return Err(Error::new(ErrorKind::TooLittle, text));
    }
    let fingerprint = sample.fingerprint();
    let rows: Vec<&SheetRow> = sample.rows.iter().map(|drawn| &drawn.row).collect();
    let bytes = sheet_bytes(&NewSheet { sample: &fingerprint, coder: args.coder.as_deref().unwrap_or_default(), rows: &rows }, format)?;
    let decided = Decisions::new(&sample, params.seed, &resources.fingerprint(), (&args.out, &bytes)).bytes()?;
    write_private(&decisions, &decided)?;
    if format == SheetFormat::Csv {
        write_private(&guide, &guide_bytes())?;
    }
    write_private(&args.out, &bytes)?;
    report(&sample, params, &args.out, &decisions, out)
}

/// What `--json` prints of a sheet.
#[derive(Serialize)]
struct Report<'a> {
    sheet: &'a Path,
    kikitori: &'a Path,
    sample: String,
    rows: usize,
    verbatim: usize,
    notes: usize,
}

/// Nothing of what kikitori found: whoever reads this may be a coder.
fn report(sample: &Sample, params: SampleParams, sheet: &Path, decisions: &Path, out: &Output) -> Result<()> {
    let rows = sample.rows.len();
    let notes = sample.rows.iter().filter(|drawn| drawn.row.record == RecordType::Notes).count();
    let verbatim = rows - notes;
    if out.is_json() {
        return out.json(&Report { sheet, kikitori: decisions, sample: sample.fingerprint(), rows, verbatim, notes });
    }
    if rows < params.utterances {
        out.note(&Text::new(
            format!("発話は全部で{rows}件しかありません。すべてを表に入れました"),
            format!("there are only {rows} utterances; all are in the sheet"),
        ));
    }
    let (sheet, decisions) = (sheet.display(), decisions.display());
    let text = Text::new(
        format!(
            "発話{rows}件の表を書きました（逐語 {verbatim}、要約記録 {notes}）\n  {sheet}  判定者に渡す表\n  {decisions}  kikitori の判定（判定が済むまで、判定者に見せないでください）\n\n二人に写しを渡し、別々に判定してもらったら:\n  kikitori coding score 一人目の表 二人目の表 --kikitori {decisions}\n"
        ),
        format!(
            "Wrote a sheet of {rows} utterances ({verbatim} of transcripts, {notes} of notes)\n  {sheet}  for the coders\n  {decisions}  kikitori's decisions (not for the coders until they are done)\n\nGive a copy to each of two coders; when both are back:\n  kikitori coding score FIRST SECOND --kikitori {decisions}\n"
        ),
    );
    out.summary(text.get(out.lang()))
}

/// Rows with their columns aligned: the first to the left, the others to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &Vec<String>, column: usize| row.get(column).map_or(0, |c| c.width());
    let widths: Vec<usize> = (0..columns).map(|c| rows.iter().map(|row| cell(row, c)).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.width());
            line.push_str(&if column == 0 { format!("{cell}{pad}") } else { format!("  {pad}{cell}") });
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// `said` or a dash.
fn or_dash<T>(value: Option<T>, said: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), said)
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

/// `ja` or `en`.
fn word(lang: Lang, ja: &str, en: &str) -> String {
    match lang {
        Lang::Ja => ja.to_owned(),
        Lang::En => en.to_owned(),
    }
}

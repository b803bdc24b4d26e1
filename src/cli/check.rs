//! `kikitori check FILE`: reads without analysing, and says what would be accepted.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde::Serialize;

use super::EXIT_REJECTS;
use super::args::CheckArgs;
use super::output::Output;
use super::plan::Plan;
use super::session::{Session, stop_on_interrupt};
use crate::error::{Lang, Problem, Result, Text};
use crate::io::stages::stages;

#[derive(Serialize)]
struct Report {
    read: u64,
    accepted: u64,
    rejected: u64,
    rejects: BTreeMap<&'static str, u64>,
    /// Values of closed attributes that no code list knows, by attribute.
    unknown_values: BTreeMap<String, u64>,
}

/// Surveys the records; exit code 1 when more rows are rejected than the configuration allows.
pub(super) fn check(mut args: CheckArgs, out: &Output) -> Result<ExitCode> {
    args.input.input.append(&mut args.file);
    stop_on_interrupt();
    let plan = Plan::resolve(&args.input, out)?;
    let resources = plan.resources()?;
    let survey = Session::new(&plan, &resources, out).survey()?;
    // The dictionaries a run would read are checked too.
    let lexicon = resources.lexicon(plan.config.dictionaries.lindera.as_deref())?;
    stages(&resources, lexicon, &survey.profile, plan.config.needs.tau)?;
    let mut rejects: BTreeMap<&'static str, u64> = BTreeMap::new();
    for problem in &survey.rejects {
        *rejects.entry(problem.reason.code()).or_default() += 1;
    }
    let report = Report {
        read: survey.read,
        accepted: survey.accepted,
        rejected: survey.rejects.len() as u64,
        rejects,
        unknown_values: survey.unknown.iter().map(|u| (u.name.clone(), u.count)).collect(),
    };
    if out.is_json() {
        out.json(&report)?;
    } else {
        out.data(&describe(&report, &survey.rejects, args.show, out.lang()))?;
        survey.unknown.iter().for_each(|unknown| out.warn(&unknown.text()));
    }
    let share = report.rejected as f64 / report.read.max(1) as f64;
    Ok(if share > plan.config.input.max_reject_share { ExitCode::from(EXIT_REJECTS) } else { ExitCode::SUCCESS })
}

fn describe(report: &Report, rejects: &[Problem], show: usize, lang: Lang) -> String {
    let Report { read, accepted, rejected, .. } = report;
    let head = Text::new(
        format!("{read}件を読み、{accepted}件を受け付けます（除外 {rejected}件）\n"),
        format!("{read} read, {accepted} would be accepted, {rejected} rejected\n"),
    );
    let mut text = head.get(lang).to_owned();
    for problem in rejects.iter().take(show) {
        text.push_str(&format!("  {}: {}\n", problem.place.describe(lang), problem.reason.text().get(lang)));
    }
    if rejects.len() > show {
        let more = rejects.len() - show;
        text.push_str(Text::new(format!("  ほか{more}件\n"), format!("  and {more} more\n")).get(lang));
    }
    text
}

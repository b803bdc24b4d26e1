//! `kikitori check FILE`: reads without analysing, and says what would be accepted.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::process::ExitCode;

use serde::Serialize;

use super::EXIT_REJECTS;
use super::args::CheckArgs;
use super::output::Output;
use super::plan::Plan;
use super::run::nothing_accepted;
use super::session::{Session, stop_on_interrupt};
use crate::consultation::intake::UnknownValues;
use crate::error::{Lang, Problem, Result, Text};
use crate::io::stages::{analysers, stages};

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
    let survey = Session::new(&plan, &resources, out).remembering_values().survey()?;
    // The dictionaries a run would read are checked too.
    let analysers = analysers(&resources, plan.config.dictionaries.lindera.as_deref(), plan.config.policy())?;
    stages(&resources, analysers, &survey.profile, plan.config.needs.tau)?;
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
        // Values are for the eyes of whoever writes the mapping: not for files and logs.
        if args.show > 0 && std::io::stdout().is_terminal() {
            out.data(&values(&survey.unknown, out.lang()))?;
        }
    }
    if survey.read == 0 {
        return Err(nothing_accepted(&plan, &survey));
    }
    for input in survey.inputs.iter().filter(|input| input.rows == 0) {
        let file = &input.file;
        out.warn(&Text::new(format!("{file} は見出しだけで、相談の行がありません"), format!("{file} has a header but no rows")));
    }
    let share = report.rejected as f64 / report.read.max(1) as f64;
    Ok(if share > plan.config.input.max_reject_share { ExitCode::from(EXIT_REJECTS) } else { ExitCode::SUCCESS })
}

/// The unknown values kept, by attribute.
fn values(unknown: &[UnknownValues], lang: Lang) -> String {
    let line = |u: &UnknownValues| match lang {
        Lang::Ja => format!("  [values.{}] にない値：{}\n", u.name, u.values.join("、")),
        Lang::En => format!("  values missing in [values.{}]: {}\n", u.name, u.values.join(", ")),
    };
    unknown.iter().filter(|u| !u.values.is_empty()).map(line).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::AttributeId;

    #[test]
    fn unknown_values_stand_under_the_section_they_belong_to() {
        let unknown = |values: &[&str]| UnknownValues {
            attribute: AttributeId(0),
            name: "sex".into(),
            label_ja: "性別".into(),
            count: 3,
            values: values.iter().map(|v| (*v).to_owned()).collect(),
        };
        assert_eq!(values(&[unknown(&["おとこ", "ア"]), unknown(&[])], Lang::Ja), "  [values.sex] にない値：おとこ、ア\n");
    }
}

//! `kikitori audit DIR`: attacks what is published, and says what it found.

use std::fmt::Write;
use std::process::ExitCode;

use super::EXIT_REJECTS;
use super::args::AuditArgs;
use super::output::Output;
use crate::audit::{Knowledge, Report, anonymity, audit as attack, differences};
use crate::disclose::Threshold;
use crate::error::{Error, ErrorKind, Lang, Result, Text};
use crate::io::published::Publication;

/// Findings told of one kind; `--json` tells all.
const TOLD: usize = 20;

/// Audits a publication; exit code 1 when it is not safe.
pub(super) fn audit(args: &AuditArgs, out: &Output) -> Result<ExitCode> {
    let publication = Publication::find(&args.dir)?;
    let threshold = publication.threshold.unwrap_or(Threshold::DEFAULT);
    let tables = publication.tables()?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads.unwrap_or(0))
        .build()
        .map_err(|e| Error::new(ErrorKind::Internal, Text::new("スレッドを用意できません", "cannot start threads")).because(e))?;
    let mut report = pool.install(|| attack(&tables, threshold, &Knowledge::default()));
    report.findings.extend(publication.footers()?);
    report.anonymity = publication.consultations()?.map(|table| anonymity(&table, threshold));
    if let Some(old) = &args.against {
        report.findings.extend(differences(&tables, &Publication::find(old)?.tables()?, threshold));
    }
    if out.is_json() {
        // One line, so that the last line of the output says it all.
        let line = serde_json::to_string(&report)
            .map_err(|e| Error::new(ErrorKind::Internal, Text::new("JSONにできません", "cannot serialise")).because(e))?;
        out.data(&format!("{line}\n"))?;
    } else {
        out.data(&describe(&report, threshold, out.lang()))?;
    }
    Ok(if report.is_safe() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_REJECTS) })
}

fn describe(report: &Report, threshold: u32, lang: Lang) -> String {
    let mut text = String::new();
    let mut line = |line: Text| _ = writeln!(text, "{}", line.get(lang));
    let mut told = 0;
    for (i, finding) in report.findings.iter().enumerate() {
        told = if i > 0 && report.findings[i - 1].kind == finding.kind { told + 1 } else { 1 };
        if told <= TOLD {
            line(finding.text());
        }
        if told == TOLD + 1 {
            let more = report.findings[i..].iter().take_while(|f| f.kind == finding.kind).count();
            line(Text::new(format!("  ほか{more}件（--json ですべて）"), format!("  and {more} more (--json for all)")));
        }
    }
    let (shown, suppressed) = (report.shown, report.suppressed);
    line(Text::new(format!("公表した件数 {shown}、秘匿した件数 {suppressed}"), format!("{shown} counts shown, {suppressed} suppressed")));
    if let Some(a) = report.anonymity {
        let (calls, classes, k, few) = (a.calls, a.classes, a.k, a.below_threshold);
        line(Text::new(
            format!(
                "analyst/ の{calls}件は、疾患×都道府県×年代×性別×月で{classes}通り（k = {k}）。同じ組合せが{threshold}件に満たない相談は{few}件。権限のある人だけが見るもので、匿名加工ではありません"
            ),
            format!(
                "the {calls} calls of analyst/ have {classes} combinations of disease, prefecture, age band, sex and month (k = {k}); {few} calls share theirs with fewer than {threshold}: for people with access, not anonymous"
            ),
        ));
    }
    let (attacked, fell, found) = (report.attacked, report.fell, report.findings.len());
    let (verdict_ja, verdict_en) = if report.is_safe() { ("安全です", "safe") } else { ("安全ではありません", "not safe") };
    line(Text::new(
        format!("{verdict_ja}：攻撃したセル {attacked}、破れたセル {fell}、指摘 {found}"),
        format!("{verdict_en}: {attacked} cells attacked, {fell} fell, {found} findings"),
    ));
    text
}

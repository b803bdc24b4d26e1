//! The last question before a run is published: do its tables give away what they hide?
//!
//! Tables are written and read back by an attacker who has nothing else ([`crate::audit`]). Counts that fall are given more
//! protection and the tables are written again; a run that does not become safe that way is not published. Data flows one
//! way: analysis → tables → staged files → audit → decision; back goes nothing but the names of the cells that fell.

use super::tables::write_dashboard;
use crate::analysis::Analysis;
use crate::audit::{Finding, FindingKind, Knowledge, Report, Table, audit, differences};
use crate::disclose::Threshold;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::io::config::SinceLast;
use crate::io::manifest::POINTER_FILE;
use crate::io::publish::Staging;
use crate::io::published::Publication;
use crate::table::{Headline, Overview, RunFacts};

/// How often tables are written again. On random corpora once is enough nearly always; what does not settle in a few rounds has
/// another cause.
const ROUNDS: usize = 4;

/// Dashboard tables that an audit found safe.
pub(super) struct Audited {
    /// The sizes they publish.
    pub(super) headline: Headline,
    /// What the audit found.
    pub(super) report: Report,
    /// The tables as a stranger reads them.
    pub(super) tables: Vec<Table>,
}

/// Writes the dashboard tables until an audit finds nothing.
///
/// # Errors
/// [`ErrorKind::Privacy`] when it still finds something after some rounds.
pub(super) fn write_audited(staging: &Staging, analysis: &Analysis, threshold: Threshold, facts: RunFacts) -> Result<Audited> {
    let (mut exposed, mut last) = (Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        let overview = Overview::protecting(analysis, threshold, facts, &exposed);
        write_dashboard(staging, &overview)?;
        let publication = Publication::staged(staging, threshold.get());
        let tables = publication.tables()?;
        let knowledge = Knowledge { multiple: overview.several().map(str::to_owned).collect() };
        let mut report = audit(&tables, threshold.get(), &knowledge);
        report.findings.extend(publication.footers()?);
        if report.is_safe() {
            return Ok(Audited { headline: overview.headline(), report, tables });
        }
        if report.fallen.is_empty() {
            return Err(refused(&report.findings));
        }
        exposed.extend(report.fallen.drain(..).map(|cell| (cell.subject, cell.slice)));
        last = report.findings;
    }
    Err(refused(&last))
}

/// The one sentence on a run that is not published: the place and what to do, never a number of the tables.
fn refused(findings: &[Finding]) -> Error {
    let Some(first) = findings.first() else {
        return Error::new(ErrorKind::Internal, Text::new("検査の結果がありません", "an audit without a result"));
    };
    let mut place = first.table.clone();
    if !first.column.is_empty() {
        place.push_str(&format!(".{}", first.column));
    }
    // Words of callers stand in no message.
    if !first.cell.is_empty() && !first.cell.contains("term=") && !first.cell.contains("pair=") {
        place.push_str(&format!(" [{}]", first.cell));
    }
    let (more_ja, more_en) = match findings.len() - 1 {
        0 => Default::default(),
        more => (format!("（ほか{more}か所）"), format!(" (and {more} more)")),
    };
    let (ja, en) = match first.kind {
        FindingKind::Recoverable | FindingKind::SmallRest => (
            "秘匿した件数がほかの公表値から絞り込めます。disclosure.threshold を大きくするか、その行の属性を profile.toml から外して、もう一度実行してください",
            "a hidden count can be narrowed down from what else is published; raise disclosure.threshold, or take the attribute of that row out of profile.toml, and run again",
        ),
        FindingKind::FreeText | FindingKind::Identifier => (
            "公表用の表に、文章か、個人を指す値のようなものがあります。その名前の元（コード表・辞書・モデル）を直して、もう一度実行してください",
            "a dashboard table holds what looks like free text or a personal identifier; correct the code list, dictionary or model it comes from, and run again",
        ),
        _ => (
            "公表用の表が検査に通りません。プログラムの誤りです。この一行を開発者に知らせてください",
            "a dashboard table fails the audit; this is a bug: please report this line",
        ),
    };
    Error::new(
        ErrorKind::Privacy,
        Text::new(format!("公開していません。{place}{more_ja}: {ja}"), format!("not published: {place}{more_en}: {en}")),
    )
}

/// What the difference to the run that is published now tells: a warning, or an error where the configuration demands it.
///
/// # Errors
/// [`ErrorKind::Privacy`] under [`SinceLast::Refuse`].
pub(super) fn since_last(staging: &Staging, tables: &[Table], threshold: Threshold, rule: SinceLast) -> Result<Option<Text>> {
    if rule == SinceLast::Off || !staging.out().join(POINTER_FILE).is_file() {
        return Ok(None);
    }
    let old = match Publication::find(staging.out()).and_then(|publication| publication.tables()) {
        Ok(old) => old,
        Err(error) if rule == SinceLast::Refuse => return Err(error),
        // A damaged old run is no reason to keep a sound new one back.
        Err(_) => return Ok(None),
    };
    let changed = differences(tables, &old, threshold.get()).len();
    let least = threshold.get() - 1;
    match (changed, rule) {
        (0, _) => Ok(None),
        (_, SinceLast::Refuse) => Err(Error::new(
            ErrorKind::Privacy,
            Text::new(
                format!(
                    "公開していません。前の公表との差が1から{least}件になる件数が{changed}あり、その間の相談が何件かが分かります。新しい相談がたまってから実行してください（disclosure.since_last = \"refuse\"）"
                ),
                format!(
                    "not published: {changed} counts differ from the last publication by 1 to {least}, which tells the calls in between; run again when more have come in (disclosure.since_last = \"refuse\")"
                ),
            ),
        )),
        _ => Ok(Some(Text::new(
            format!(
                "前の公表との差が1から{least}件になる件数が{changed}あります。二つの公表を見比べる人には、その間の相談が何件かが分かります（そのような公表を止めるには disclosure.since_last = \"refuse\"）"
            ),
            format!(
                "{changed} counts differ from the last publication by 1 to {least}: who compares the two knows the calls in between (disclosure.since_last = \"refuse\" keeps such a run back)"
            ),
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    fn finding(kind: FindingKind, cell: &str) -> Finding {
        let mut finding = Finding::new(kind, "theme_by_attribute", "count");
        finding.cell = cell.into();
        finding.interval = Some((7, 8));
        finding
    }

    #[test]
    fn a_refusal_names_the_place_and_no_count() {
        let error = refused(&[finding(FindingKind::Recoverable, "theme=005 × sex=2"), finding(FindingKind::SmallRest, "")]);
        assert_eq!(error.kind(), ErrorKind::Privacy);
        let [ja, en] = [Lang::Ja, Lang::En].map(|lang| error.message(lang));
        assert!(ja.contains("theme_by_attribute.count [theme=005 × sex=2]（ほか1か所）"), "{ja}");
        assert!(!ja.contains(['7', '8']) && !en.contains(['7', '8']));
        let words = refused(&[finding(FindingKind::SmallRest, "term=標本 × theme=011")]);
        assert!(!words.message(Lang::Ja).contains("標本"));
    }
}

//! `emerging_terms`: what the calls speak of that the model does not explain.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use crate::analysis::Analysis;
use crate::disclose::{Shown, Threshold};
use crate::error::Result;
use crate::stat::keyness::g2;
use crate::term::TermId;

/// Terms told at most.
const TERMS: usize = 50;

/// Below this keyness (the 5 % point of χ² with one degree of freedom) a term may be there by chance.
const LEAST_G2: f64 = 3.84;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::new("rank", ColumnType::Int, Role::Measure, "特徴度の強い順の順位（1から）", "rank by keyness, 1 for the strongest"),
    ColumnSpec::new("term", ColumnType::Text, Role::Term, "語", "term"),
    ColumnSpec::count(
        "count",
        "モデルで説明しきれない相談のうち、その語が現れた件数",
        "calls that the model does not explain and that use the term",
    ),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "モデルで説明しきれない相談の件数", "calls that the model does not explain"),
    ColumnSpec::status("n_status"),
    ColumnSpec::measure("share", "count ÷ n", "count / n"),
    ColumnSpec::measure(
        "g2",
        "特徴度：対数尤度比G²（Dunning 1993、ほかの相談に対して）",
        "keyness: log-likelihood ratio G² (Dunning 1993) against all other calls",
    ),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "emerging_terms",
    zone: Zone::Dashboard,
    doc_ja: "新しい話題の兆し：どのテーマからも遠い相談（モデルを作ったときの100件に1件より遠い）に多い語",
    doc_en: "signs of something new: terms of calls farther from their theme than one in a hundred was when the model was fitted",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["rank"],
};

/// The calls that the model does not explain, where both they and the others may be told.
pub(super) fn emerging_calls(analysis: &Analysis, threshold: Threshold) -> Shown {
    let all = u32::try_from(analysis.fit.assignments.len()).unwrap_or(u32::MAX);
    let emerging = analysis.fit.assignments.iter().filter(|a| a.emerging).count();
    let emerging = u32::try_from(emerging).unwrap_or(u32::MAX);
    threshold.primary(emerging).hidden_with(threshold.primary(all.saturating_sub(emerging)))
}

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let (analysis, threshold) = (overview.analysis, overview.threshold);
    let n = emerging_calls(analysis, threshold);
    for (rank, (term, count, g2)) in (1..).zip(strongest(analysis, threshold, n)) {
        let rank: i32 = rank;
        rows.int(rank).text(analysis.vocabulary.term(term)).count(count).count(n).float(count.share_of(n)).float(Some(g2));
    }
    rows.finish()
}

/// Terms with their calls and keyness; those that few of these calls use, or few of the others, are left out.
fn strongest(analysis: &Analysis, threshold: Threshold, n: Shown) -> Vec<(TermId, Shown, f64)> {
    let Some(n) = n.value().filter(|n| *n > 0) else { return Vec::new() };
    let all = u32::try_from(analysis.fit.assignments.len()).unwrap_or(u32::MAX);
    let mut calls = vec![0u32; analysis.vocabulary.len()];
    for (row, _) in analysis.fit.assignments.iter().enumerate().filter(|(_, a)| a.emerging) {
        analysis.matrix.row(row).0.iter().for_each(|term| calls[*term as usize] += 1);
    }
    let mut terms: Vec<(TermId, Shown, f64)> = analysis
        .vocabulary
        .ids()
        .zip(calls)
        .filter_map(|(id, inside)| {
            let elsewhere = analysis.vocabulary.document_frequency(id).checked_sub(inside)?;
            let told = inside > 0 && !threshold.hides(inside) && !threshold.hides(elsewhere);
            // Nor may the calls without the term be few.
            let told = told && !threshold.hides(n - inside);
            let g2 = g2(inside, n, elsewhere, all.checked_sub(n)?)?;
            (told && g2 >= LEAST_G2).then(|| (id, threshold.primary(inside), crate::stat::round6(g2)))
        })
        .collect();
    terms.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
    terms.truncate(TERMS);
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{RunFacts, testing};

    #[test]
    fn terms_of_few_calls_are_not_told() {
        let mut analysis = testing::analysis(5, 600, 6);
        let threshold = Threshold::default();
        assert_eq!(emerging_calls(&analysis, threshold), Shown::Zero);
        // The calls of one theme: its own words are what is new in them.
        for assignment in analysis.fit.assignments.iter_mut().filter(|a| a.theme == Some(crate::theme::ThemeId(1))) {
            assignment.emerging = true;
        }
        let terms = strongest(&analysis, threshold, emerging_calls(&analysis, threshold));
        assert!(terms.iter().take(5).all(|(id, ..)| analysis.vocabulary.term(*id).starts_with("主題1")), "{}", terms.len());
        assert!(!terms.is_empty() && terms.iter().all(|(_, count, _)| count.value().is_some_and(|c| c >= 10)));
        let overview = Overview::new(&analysis, threshold, RunFacts::default());
        assert_eq!(rows(&overview).unwrap().num_rows(), terms.len());
        // Fewer than ten: nothing of them is told.
        let mut few = 0;
        for assignment in &mut analysis.fit.assignments {
            few += usize::from(assignment.emerging);
            assignment.emerging &= few < 9;
        }
        assert!(strongest(&analysis, threshold, emerging_calls(&analysis, threshold)).is_empty());
    }
}

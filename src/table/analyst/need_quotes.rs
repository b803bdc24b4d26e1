//! `need_quotes`: the sentences that show a discovered need, in callers' own words, redacted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow::array::RecordBatch;

use super::super::column;
use super::super::discovered_needs::domain;
use super::super::label::need_code;
use super::super::rows::Rows;
use super::super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use super::theme_quotes::{Passage, quote};
use crate::analysis::Analysis;
use crate::error::Result;

/// Quotes per discovered need, each of another call and in other words.
const QUOTES: usize = 3;

const COLUMNS: &[ColumnSpec] = &[
    column::NEED_OR_EMERGING,
    column::DISCOVERED_ID,
    column::DISCOVERED_LABEL,
    ColumnSpec::new("rank", ColumnType::Int, Role::Measure, "中心に近い順の順位（1から）", "rank by nearness to the centre, from 1"),
    column::CONSULTATION_ID,
    column::UTTERANCE_INDEX,
    column::QUOTE,
];

/// The table.
pub static SPEC: TableSpec = TableSpec {
    name: "need_quotes",
    zone: Zone::Analyst,
    doc_ja: "見つかったニーズの代表的な発話：中心に近い文から、別々の相談のものを3件まで",
    doc_en: "a representative quote of a discovered need: sentences nearest to its centre, each of another call",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["need", "discovered_id", "rank"],
};

/// What may be quoted, nearest to the centre first: place of the discovered need among all, pseudonym and utterance.
fn candidates(analysis: &Analysis) -> Vec<(usize, String, u32)> {
    let discovered = &analysis.discovered;
    let mut out = Vec::new();
    for (at, (discovery, need)) in discovered.needs().enumerate() {
        let rows = discovery.fit.representatives.get(need).into_iter().flatten();
        let mut calls = Vec::new();
        for statement in rows.filter_map(|row| discovery.rows.get(*row as usize)).map(|row| discovered.statements[*row as usize]) {
            if !calls.contains(&statement.call) {
                calls.push(statement.call);
                out.push((at, analysis.calls[statement.call as usize].id.to_string(), statement.utterance));
            }
        }
    }
    out
}

/// The pseudonyms of the calls that may be quoted.
pub fn quoted_calls(analysis: &Analysis) -> impl Iterator<Item = String> {
    candidates(analysis).into_iter().map(|(_, id, _)| id)
}

/// The rows. `passages` are all utterances of the [`quoted_calls`]; `terms` gives the terms of a text.
///
/// # Errors
/// Those of `terms`.
pub fn rows(
    analysis: &Analysis,
    passages: &[Passage],
    mut terms: impl FnMut(&str, &mut dyn FnMut(&str)) -> Result<()>,
) -> Result<RecordBatch> {
    let by_place: BTreeMap<(&str, i32), &Passage> = passages.iter().map(|p| ((p.id.as_str(), p.index), p)).collect();
    let needs: Vec<_> = analysis.discovered.needs().collect();
    let mut rows = Rows::new(&SPEC);
    let mut quoted: Vec<(usize, String)> = Vec::new();
    for (at, id, utterance) in candidates(analysis) {
        let rank = 1 + quoted.iter().filter(|(need, _)| *need == at).count();
        if rank > QUOTES {
            continue;
        }
        let (discovery, need) = needs[at];
        let theme = &discovery.model.themes[need];
        let keywords = theme.keywords.iter().map(|(id, weight)| (discovery.model.vocabulary.term(*id), *weight)).collect();
        let Some(passage) = by_place.get(&(id.as_str(), i32::try_from(utterance).unwrap_or(i32::MAX))) else { continue };
        let quote = quote(passage, &keywords, &mut terms)?;
        if quoted.contains(&(at, quote.text.clone())) {
            continue;
        }
        rows.text(domain(discovery.domain).0).text(&need_code(theme.number)).text(&theme.label).int(rank);
        rows.text(&id).int(passage.index).text(&quote.text);
        quoted.push((at, quote.text));
    }
    rows.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::Speaker;
    use crate::table::testing;
    use arrow::array::AsArray;

    #[test]
    fn three_calls_at_most_are_quoted_for_a_need() {
        let mut analysis = testing::analysis(5, 80, 2);
        for discovery in &mut analysis.discovered.domains {
            let count = u32::try_from(discovery.rows.len()).unwrap();
            discovery.fit.representatives = vec![(0..count).collect(), vec![]];
        }
        let passages: Vec<Passage> = quoted_calls(&analysis)
            .enumerate()
            .map(|(i, id)| {
                // Every other call says the same.
                let text = if i % 2 == 0 { "通うのが遠くて。".to_owned() } else { format!("船が{i}時間です。") };
                Passage { id, index: 0, speaker: Speaker::Caller.code().to_owned(), text }
            })
            .collect();
        let batch = rows(&analysis, &passages, |_, _| Ok(())).unwrap();
        assert_eq!(batch.num_rows(), 6);
        let needs = batch.column_by_name("need").unwrap().as_string::<i32>();
        assert_eq!(needs.iter().flatten().collect::<Vec<_>>(), [["access"; 3], ["emotion"; 3]].concat());
        let texts: Vec<&str> = batch.column_by_name("text").unwrap().as_string::<i32>().iter().flatten().take(3).collect();
        assert!(texts.iter().all(|text| texts.iter().filter(|t| *t == text).count() == 1), "{texts:?}");
    }
}

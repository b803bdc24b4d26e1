//! `utterances`: a redacted turn: who speaks, what was said, which needs it mentions where.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::super::column;
use super::super::rows::Rows;
use super::super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use super::CallWords;
use crate::error::Result;

const MENTION: &[(&str, ColumnType)] = &[
    ("need", ColumnType::Text),
    ("cue_type", ColumnType::Text),
    ("explicit", ColumnType::Bool),
    ("latent", ColumnType::Bool),
    ("cue_start", ColumnType::Int),
    ("cue_end", ColumnType::Int),
];

const COLUMNS: &[ColumnSpec] = &[
    column::CONSULTATION_ID,
    column::UTTERANCE_INDEX,
    ColumnSpec::key("speaker", "話し手。caller：相談者、counsellor：相談員、unknown：不明", "caller, counsellor or unknown"),
    ColumnSpec::new(
        "text",
        ColumnType::Text,
        Role::Text,
        "個人情報を〔氏名〕などに置き換えた発話",
        "what was said, with identifiers replaced by placeholders such as 〔氏名〕",
    ),
    ColumnSpec::new(
        "mentions",
        ColumnType::Records(MENTION),
        Role::Text,
        "ニーズの手がかりと位置（文字数、終わりは含まない）。need が空なら、どの領域にも当たらない手がかり",
        "need cues with positions in Unicode scalars, end exclusive; an empty need: a cue of no domain",
    ),
];

/// The table.
pub static SPEC: TableSpec = TableSpec {
    name: "utterances",
    zone: Zone::Analyst,
    doc_ja: "発話：一行が一つの発話（個人情報は置き換えてある）",
    doc_en: "an utterance, redacted",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["consultation_id", "utterance_index"],
};

/// The rows of a chunk of calls, in their order.
///
/// # Errors
/// A bug only.
pub fn rows(calls: &[CallWords<'_>]) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    for call in calls {
        let id = call.id.to_string();
        for (index, utterance) in (0u32..).zip(call.utterances) {
            rows.text(&id).int(index).text(utterance.speaker.code()).text(&utterance.text);
            rows.list(|l| {
                for cue in call.mentions_of(index) {
                    l.text(cue.domain()).text(cue.mention.cue.code());
                    l.bool(cue.mention.cue.is_explicit()).bool(cue.latent).int(cue.start).int(cue.end);
                }
            });
        }
    }
    rows.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Pseudonym;
    use crate::consultation::Speaker;
    use crate::need::{CallNeeds, CueType, NeedDomain, NeedMention};
    use crate::redact::RedactedUtterance;
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::Int32Type;

    #[test]
    fn cue_spans_count_characters_not_bytes() {
        let text = "〔氏名〕です。治験がわからない。";
        let utterance = RedactedUtterance { speaker: Speaker::Caller, text: text.into(), tokens: vec![], removed: vec![] };
        // わからない: characters 10 to 15, and three bytes each.
        let mention = NeedMention {
            utterance: 0,
            domain: Some(NeedDomain::Trial),
            cue: CueType::Difficulty,
            rule: crate::need::CueId(0),
            weight: 0.6,
            start: 30,
            end: 45,
        };
        assert_eq!(&text[30..45], "わからない");
        let mut needs = CallNeeds::default();
        needs.latent.insert(NeedDomain::Trial);
        let call = CallWords { id: Pseudonym([1; 16]), utterances: &[utterance], mentions: &[mention], needs: &needs };
        let batch = rows(&[call]).unwrap();
        let mentions = batch.column_by_name("mentions").unwrap().as_list::<i32>().value(0);
        let cue = mentions.as_struct();
        let int = |name: &str| cue.column_by_name(name).unwrap().as_primitive::<Int32Type>().value(0);
        assert_eq!((int("cue_start"), int("cue_end")), (10, 15));
        assert!(cue.column_by_name("latent").unwrap().as_boolean().value(0));
        assert_eq!(mentions.len(), 1);
    }
}

//! `need_mentions`: a need in an utterance: domain, cue, explicit or implicit, latent or not.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::super::column;
use super::super::rows::Rows;
use super::super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use super::CallWords;
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    column::CONSULTATION_ID,
    ColumnSpec::new(
        "utterance_index",
        ColumnType::Int,
        Role::Measure,
        "相談の中の発話の順番（0から）",
        "position of the utterance in the call, from 0",
    ),
    ColumnSpec::key("need", "ニーズ領域の符号。どの領域にも当たらない手がかりはNULL", "code of the need domain; NULL: a cue of no domain")
        .or_null(),
    column::NEED_LABEL.or_null(),
    ColumnSpec::key(
        "cue_type",
        "手がかりの種類（request, question, lack, difficulty, …）",
        "kind of cue: request, question, lack, difficulty …",
    ),
    ColumnSpec::new("explicit", ColumnType::Bool, Role::Key, "明示（依頼・質問）か", "whether it is asked for"),
    ColumnSpec::new("latent", ColumnType::Bool, Role::Key, "この相談で潜在しているニーズか", "whether the need is latent in this call"),
    ColumnSpec::new("weight", ColumnType::Float, Role::Measure, "手がかりの強さ（0から1）", "strength of the cue, 0 to 1"),
    ColumnSpec::new(
        "cue_start",
        ColumnType::Int,
        Role::Measure,
        "手がかりの始まり（文字数、0から）",
        "first character of the cue, in Unicode scalars from 0",
    ),
    ColumnSpec::new("cue_end", ColumnType::Int, Role::Measure, "手がかりの終わり（文字数、含まない）", "one past its last character"),
    ColumnSpec::new("cue_text", ColumnType::Text, Role::Text, "手がかりの語句", "the words of the cue"),
];

/// The table.
pub static SPEC: TableSpec = TableSpec {
    name: "need_mentions",
    zone: Zone::Analyst,
    doc_ja: "ニーズの表出：一行が一つの手がかり",
    doc_en: "a need mentioned in an utterance",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["consultation_id", "utterance_index", "cue_start", "cue_end", "need", "cue_type"],
};

/// The rows of a chunk of calls, in their order.
///
/// # Errors
/// A bug only.
pub fn rows(calls: &[CallWords<'_>]) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    for call in calls.iter().filter(|c| !c.mentions.is_empty()) {
        let id = call.id.to_string();
        for index in (0u32..).take(call.utterances.len()) {
            for cue in call.mentions_of(index) {
                let domain = cue.mention.domain;
                rows.text(&id).int(index).text_or_null(domain.map(|d| d.code())).text_or_null(domain.map(|d| d.label_ja()));
                rows.text(cue.mention.cue.code()).bool(cue.mention.cue.is_explicit()).bool(cue.latent);
                rows.float(Some(f64::from(cue.mention.weight))).int(cue.start).int(cue.end).text(cue.text);
            }
        }
    }
    rows.finish()
}

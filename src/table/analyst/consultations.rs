//! `consultations`: a call: attributes, diseases found, themes, needs.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::super::column;
use super::super::facet::fiscal_year;
use super::super::label::ThemeLabels;
use super::super::rows::Rows;
use super::super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use super::by_pseudonym;
use crate::analysis::{Analysis, Call};
use crate::consultation::{CodeId, Profile, RecordType};
use crate::disclose::Threshold;
use crate::error::Result;
use crate::need::DomainSet;
use crate::theme::Assignment;

/// Calls per batch.
const CHUNK: usize = 16_384;

const DISEASE: &[(&str, ColumnType)] = &[
    ("disease", ColumnType::Text),
    ("label_en", ColumnType::Text),
    ("disease_group", ColumnType::Text),
    ("icdo3", ColumnType::Text),
    ("rarecare_tier1", ColumnType::Text),
    ("rarecare_tier2", ColumnType::Text),
    ("ncrc_organ", ColumnType::Text),
    ("ncrc_histology", ColumnType::Text),
];

const OTHER_THEME: &[(&str, ColumnType)] =
    &[("theme_id", ColumnType::Text), ("theme_label_ja", ColumnType::Text), ("probability", ColumnType::Float)];

const BEFORE: &[ColumnSpec] = &[
    column::CONSULTATION_ID,
    ColumnSpec::new("received_at", ColumnType::Timestamp, Role::Measure, "受付日時（UTC）", "when the call came in, UTC").or_null(),
    ColumnSpec::new("received_date", ColumnType::Date, Role::Measure, "受付日（日本時間）", "the day, in Japan").or_null(),
    ColumnSpec::key("fiscal_year", "年度（4月から3月）", "fiscal year, April to March").or_null(),
    ColumnSpec::key("record_type", "記録種別。verbatim：逐語、notes：要約記録", "verbatim transcript or counsellor's notes"),
    ColumnSpec::label("record_type_label_ja", "記録種別の名前", "name of the record type"),
];

const AFTER: &[ColumnSpec] = &[
    ColumnSpec::new(
        "diseases",
        ColumnType::Records(DISEASE),
        Role::Term,
        "見つかった疾患と符号。確かめられない符号は空",
        "diseases found, with codes; a code that could not be verified is empty",
    ),
    ColumnSpec::key("theme_id", "主な相談テーマの番号（3桁）。分類なしはNULL", "number of the main theme, three digits; NULL: none")
        .or_null(),
    ColumnSpec::label("theme_label_ja", "主な相談テーマの名前", "name of the main theme").or_null(),
    ColumnSpec::key(
        "sub_theme_id",
        "主な相談テーマの中の小テーマ（007.1 のような番号）。分けていないテーマはNULL",
        "sub-theme of the main theme, such as 007.1; NULL where the theme has none",
    )
    .or_null(),
    ColumnSpec::measure("theme_probability", "主な相談テーマの確率", "probability of the main theme"),
    ColumnSpec::measure(
        "theme_distance",
        "主な相談テーマの重心からのコサイン距離（0から2）",
        "cosine distance to the main theme's centroid, 0 to 2",
    ),
    ColumnSpec::new(
        "emerging",
        ColumnType::Bool,
        Role::Measure,
        "どのテーマからも遠く、モデルで説明しきれない相談か",
        "whether it stands so far from its theme that the model does not explain it",
    ),
    ColumnSpec::new(
        "other_themes",
        ColumnType::Records(OTHER_THEME),
        Role::Term,
        "ほかの相談テーマ（確率の高い順）",
        "further themes, most probable first",
    ),
    ColumnSpec::new(
        "needs_recorded",
        ColumnType::List(&ColumnType::Text),
        Role::Term,
        "記録された相談内容が指すニーズ領域",
        "need domains that the recorded reason names",
    ),
    ColumnSpec::new("needs_explicit", ColumnType::List(&ColumnType::Text), Role::Term, "明示されたニーズ領域", "need domains asked for"),
    ColumnSpec::new("needs_implicit", ColumnType::List(&ColumnType::Text), Role::Term, "暗示されたニーズ領域", "need domains told of"),
    ColumnSpec::new("needs_latent", ColumnType::List(&ColumnType::Text), Role::Term, "潜在しているニーズ領域", "latent need domains"),
    ColumnSpec::new(
        "codes",
        ColumnType::List(&ColumnType::Text),
        Role::Term,
        "コーディングルールで付いたコードの名前（ファイル内の順）",
        "names of the codes that the coding rules give the call, in file order",
    ),
    ColumnSpec::new("utterance_count", ColumnType::Int, Role::Count, "発話数", "number of utterances"),
];

/// The table: its attribute columns are the profile's.
pub fn spec(profile: &Profile) -> TableSpec {
    let mut columns = BEFORE.to_vec();
    for attribute in &profile.attributes {
        let kind = if attribute.multiple { ColumnType::List(&ColumnType::Text) } else { ColumnType::Text };
        for (name, role, ja, en) in [
            (attribute.name.clone(), Role::Key, "の符号", ", code"),
            (format!("{}_label_ja", attribute.name), Role::Label, "の名前", ", Japanese label"),
        ] {
            // A list's path in the file is another one, and its bounds say nothing useful.
            let role = if attribute.multiple { Role::Term } else { role };
            columns.push(ColumnSpec {
                name: name.into(),
                kind,
                nullable: !attribute.multiple,
                role,
                doc_ja: format!("{}{ja}", attribute.label_ja).into(),
                doc_en: format!("{}{en}", attribute.label_en).into(),
            });
        }
    }
    columns.extend_from_slice(AFTER);
    TableSpec {
        name: "consultations",
        zone: Zone::Analyst,
        doc_ja: "相談：一行が一件",
        doc_en: "a call",
        columns: Cow::Owned(columns),
        sort: &["consultation_id"],
    }
}

/// The rows, in batches, in the order of the pseudonyms. `threshold` is for the theme labels, which dashboards show too.
pub fn batches(analysis: &Analysis, threshold: Threshold) -> impl Iterator<Item = Result<RecordBatch>> + '_ {
    let spec = spec(&analysis.profile);
    let labels = ThemeLabels::new(analysis, threshold);
    let order = by_pseudonym(analysis);
    let chunks = order.len().div_ceil(CHUNK);
    (0..chunks).map(move |chunk| {
        let mut rows = Rows::new(&spec);
        for &row in &order[chunk * CHUNK..order.len().min((chunk + 1) * CHUNK)] {
            let row = row as usize;
            write(&mut rows, analysis, &labels, &analysis.calls[row], analysis.fit.assignments.get(row));
        }
        rows.finish()
    })
}

fn write(rows: &mut Rows<'_>, analysis: &Analysis, labels: &ThemeLabels, call: &Call, assignment: Option<&Assignment>) {
    rows.text(&call.id.to_string()).time(call.received_at).date(call.received_at.map(|t| t.date()));
    rows.text_or_null(call.received_at.map(|t| format!("{:04}", fiscal_year(t))).as_deref());
    rows.text(call.record_type.code()).text(if call.record_type == RecordType::Notes { "要約記録" } else { "逐語" });
    for (id, attribute) in analysis.profile.iter() {
        let codes: Vec<CodeId> = call.attributes.codes(id).collect();
        let code = |id: &CodeId| attribute.codes.get(*id);
        if attribute.multiple {
            rows.list(|l| codes.iter().for_each(|c| _ = l.text(&code(c).code)));
            rows.list(|l| codes.iter().for_each(|c| _ = l.text(&code(c).label_ja)));
        } else {
            let first = codes.first().map(code);
            rows.text_or_null(first.map(|c| c.code.as_str())).text_or_null(first.map(|c| c.label_ja.as_str()));
        }
    }
    rows.list(|l| {
        for id in &call.diseases {
            let concept = analysis.concepts.get(*id);
            let codes = concept.codes.clone().unwrap_or_default();
            l.text(&concept.canonical).text(&codes.label_en).text(&codes.group).text(&codes.icdo3);
            l.text(&codes.rarecare_tier1).text(&codes.rarecare_tier2).text(&codes.ncrc_organ).text(&codes.ncrc_histology);
        }
    });
    let main = assignment.and_then(|a| Some((a, a.theme?)));
    rows.text_or_null(main.map(|(_, theme)| labels.code(theme))).text_or_null(main.map(|(_, theme)| labels.get(theme)));
    rows.text_or_null(main.and_then(|(a, _)| analysis.model.sub_of(a)).map(|sub| labels.sub_code(sub)));
    rows.float(main.map(|(a, _)| f64::from(a.probability))).float(main.map(|(a, _)| f64::from(a.distance)));
    rows.bool(assignment.is_some_and(|a| a.emerging));
    rows.list(|l| {
        for (theme, probability) in assignment.map_or(&[][..], |a| &a.others) {
            l.text(labels.code(*theme)).text(labels.get(*theme)).float(f64::from(*probability));
        }
    });
    for set in [call.needs.recorded, call.needs.explicit, call.needs.implicit, call.needs.latent] {
        write_domains(rows, set);
    }
    rows.list(|l| call.codes.iter().for_each(|id| _ = l.text(analysis.codes.name(*id))));
    rows.int(call.utterances);
}

fn write_domains(rows: &mut Rows<'_>, set: DomainSet) {
    rows.list(|l| set.iter().for_each(|d| _ = l.text(d.code())));
}

//! Columns that several tables have: said once, so that they mean the same everywhere.

use super::schema::{ColumnSpec, ColumnType, Role};

/// Which attribute.
pub(super) const ATTRIBUTE: ColumnSpec = ColumnSpec::key("attribute", "属性の名前", "name of the attribute");

/// Its name.
pub(super) const ATTRIBUTE_LABEL: ColumnSpec = ColumnSpec::label("attribute_label_ja", "属性の日本語名", "Japanese name of the attribute");

/// Which of its values.
pub(super) const VALUE: ColumnSpec =
    ColumnSpec::key("code", "属性値の符号。missing は記載なし", "code of the value; missing: not recorded");

/// Its name.
pub(super) const VALUE_LABEL: ColumnSpec = ColumnSpec::label("label_ja", "属性値の名前", "name of the value");

/// Which theme.
pub(super) const THEME_ID: ColumnSpec = ColumnSpec::key("theme_id", "相談テーマの番号（3桁）", "number of the theme, three digits");

/// Its name.
pub(super) const THEME_LABEL: ColumnSpec = ColumnSpec::label("theme_label_ja", "相談テーマの名前", "name of the theme");

/// Which need domain.
pub(super) const NEED: ColumnSpec = ColumnSpec::key("need", "ニーズ領域の符号", "code of the need domain");

/// Its name.
pub(super) const NEED_LABEL: ColumnSpec = ColumnSpec::label("need_label_ja", "ニーズ領域の名前", "name of the need domain");

/// Which need domain, or none of them.
pub(super) const NEED_OR_EMERGING: ColumnSpec = ColumnSpec::key(
    "need",
    "ニーズ領域の符号。emerging：どの領域でもないもの",
    "code of the need domain; emerging: what no domain explains",
);

/// Which discovered need.
pub(super) const DISCOVERED_ID: ColumnSpec = ColumnSpec::key(
    "discovered_id",
    "領域の中の番号（2桁）。続くニーズは番号も続く",
    "number within the domain, two digits; a need that goes on keeps it",
);

/// Its name.
pub(super) const DISCOVERED_LABEL: ColumnSpec = ColumnSpec::label(
    "discovered_label_ja",
    "見つかったニーズの名前（語られた言い回しから）",
    "name of the discovered need, from its own phrases",
);

/// How a need is expressed.
pub(super) const EXPRESSION: ColumnSpec = ColumnSpec::key(
    "expression",
    "表出のしかた。any：明示または暗示、latent：潜在（暗示され、明示も記録もされていない）",
    "how it is expressed. any: asked for or told; latent: told, but neither asked for nor recorded",
);

/// Which call.
pub(super) const CONSULTATION_ID: ColumnSpec =
    ColumnSpec::new("consultation_id", ColumnType::Text, Role::Id, "相談の仮名ID（鍵つき）", "keyed pseudonym of the call");

/// Which of its utterances.
pub(super) const UTTERANCE_INDEX: ColumnSpec =
    ColumnSpec::new("utterance_index", ColumnType::Int, Role::Measure, "相談の中の発話の順番（0から）", "position in the call, from 0");

/// A quote.
pub(super) const QUOTE: ColumnSpec = ColumnSpec::new(
    "text",
    ColumnType::Text,
    Role::Text,
    "個人情報を置き換えた発話の一部",
    "part of what was said, with identifiers replaced by placeholders",
);

/// Which of the analyst's codes.
pub(super) const CODE_ID: ColumnSpec =
    ColumnSpec::key("code_id", "コードの番号（ルールファイル内の順、3桁）", "number of the code: its place in the rule file, three digits");

/// Its name.
pub(super) const CODE_NAME: ColumnSpec = ColumnSpec::label("code_name", "コードの名前（＊を除く）", "name of the code, without ＊");

/// The share of a count in its base.
pub(super) const SHARE: ColumnSpec = ColumnSpec::measure("share", "count ÷ n", "count / n");

/// Its interval.
pub(super) const SHARE_LOW: ColumnSpec =
    ColumnSpec::measure("share_low", "shareの95%信頼区間の下限（Wilson 1927）", "lower end of the 95 % interval of share (Wilson 1927)");

/// Its interval's upper end.
pub(super) const SHARE_HIGH: ColumnSpec = ColumnSpec::measure("share_high", "同 上限", "upper end of it");

/// How far a cell deviates.
pub(super) const RESIDUAL: ColumnSpec = ColumnSpec::measure(
    "adjusted_residual",
    "調整済み残差（Haberman 1973）。±1.96を超えると5%水準で偏りがある",
    "adjusted residual (Haberman 1973); beyond ±1.96 it deviates at the 5 % level",
);

/// Of the residual.
pub(super) const P_VALUE: ColumnSpec = ColumnSpec::measure("p_value", "両側p値（正規近似）", "two-sided p-value (normal approximation)");

/// The residual's p-value, corrected within the cells of one attribute.
pub(super) const Q_VALUE: ColumnSpec = ColumnSpec::measure(
    "q_value",
    "Benjamini–Hochbergのq値（同じ属性の公表セル全体を一つの検定の族とする）",
    "Benjamini–Hochberg q-value; the family is the shown cells of the same attribute",
);

/// What became of a theme or a discovered need.
pub(super) const RELATION: ColumnSpec = ColumnSpec::key(
    "relation",
    "continued：同じ番号で続く、split：前のものから分かれた、merged：前のものが合流した、appeared：新しく現れた、vanished：なくなった",
    "continued: goes on under its number, split: came from the old one, merged: the old one went into it, appeared, vanished",
);

//! The proposed configuration as text, with comments for the person who checks it.

use std::fmt::Write;
use std::path::Path;

use super::{ColumnReport, Evidence, InitReport};
use crate::consultation::Profile;
use crate::consultation::intake::Field;
use crate::error::Lang;
use crate::io::read::{Format, ReadOptions};

/// The configuration as text.
pub(super) fn toml(path: &Path, report: &InitReport, profile: &Profile, options: &ReadOptions, lang: Lang) -> String {
    let say = |ja: String, en: String| if lang == Lang::Ja { ja } else { en };
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let share = |filled: u64| {
        let rows = (report.rows - report.rejects).max(1);
        let percent = (filled * 100 + rows / 2) / rows;
        say(format!("記入率 {percent} %"), format!("{percent} % filled"))
    };
    let mut out = String::new();
    // Writing to a string cannot fail.
    let mut line = |text: String| _ = writeln!(out, "{text}");
    // A file name may hold anything but must stay in its comment.
    let name: String = path.display().to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line(say(
        format!("# {name} を見て kikitori init が書いた設定です。「#」で始まる行は説明です。"),
        format!("# Written by kikitori init after a look at {name}. Lines that begin with # are comments."),
    ));
    let mut formats: Vec<&str> = report.files.iter().map(|f| f.format.name()).collect();
    formats.dedup();
    let (files, rows, rejects) = (report.files.len(), report.rows, report.rejects);
    line(say(
        format!("# 形式：{}（{files}ファイル、先頭の{rows}行を見ました）", formats.join("、")),
        format!("# format: {} (files: {files}; the first {rows} rows were looked at)", formats.join(", ")),
    ));
    if rejects > 0 {
        line(say(
            format!("# 注意：このうち{rejects}行は読めませんでした。kikitori check で場所と理由を確かめてください。"),
            format!("# caution: {rejects} of them could not be read; kikitori check says where and why"),
        ));
    }
    line(String::new());
    line("[input]".into());
    match report.encoding {
        Some(encoding) => line(format!("encoding = \"{}\"", encoding.name())),
        None => line(say(
            "# encoding = \"cp932\"   # 書かなければファイルごとに見分けます".into(),
            "# encoding = \"cp932\"   # detected for each file where it is left out".into(),
        )),
    }
    match &options.sheet {
        Some(sheet) => line(format!("sheet = {}", quoted(sheet))),
        None if report.files.iter().any(|f| f.format == Format::Workbook) => line(say(
            "# sheet = \"シートの名前\"   # 書かなければ最初のシートを読みます".into(),
            "# sheet = \"name\"   # the first sheet where it is left out".into(),
        )),
        None => {}
    }
    let max = options.max_chars;
    line(say(
        format!("max_chars = {max}   # 一件の本文の上限（文字）"),
        format!("max_chars = {max}   # longest text of one call, in characters"),
    ));
    line(String::new());
    line("[columns]".into());
    line(say(
        "# kikitori の項目 = 書き出しファイルの列の名前".into(),
        "# what kikitori calls it = name of the column in the export".into(),
    ));
    let label = |name: &str| label(name, profile, lang);
    let names = Field::ALL.iter().map(|f| f.name()).chain(profile.attributes.iter().map(|a| a.name.as_str()));
    let mut missing = Vec::new();
    for name in names {
        let Some(column) = report.mapping.get(name) else {
            if !report.varying.contains(name) {
                missing.push(name);
            }
            continue;
        };
        let found = report.columns.iter().find(|c| c.name == column);
        let filled = found.map_or(0, |c| c.filled);
        let guess = if found.is_some_and(|c| matches!(c.target, Some((_, Evidence::Cells)))) {
            say("。値から推定：確かめてください".into(), "; guessed from its values: please check".into())
        } else {
            String::new()
        };
        let comma = if lang == Lang::Ja { "、" } else { ", " };
        line(format!("{name} = {}   # {}{comma}{}{guess}", quoted(column), label(name), share(filled)));
    }
    if report.files.iter().all(|f| f.format.is_transcript()) {
        line(say(
            "# 1ファイルが1件の相談です。ファイル名（拡張子なし）が相談IDになります。".into(),
            "# Each file is one call. Its name without extension is the id.".into(),
        ));
        return out;
    }
    if !report.varying.is_empty() {
        line(String::new());
        line(say(
            "# ファイルによって列の名前が違う項目（書かなければ、ファイルごとに見出しから見分けます）".into(),
            "# columns with other names in other files (recognised in each file by its header where left out)".into(),
        ));
        report.varying.iter().for_each(|name| line(format!("#   {name}   # {}", label(name))));
    }
    if !missing.is_empty() {
        line(String::new());
        line(say(
            "# 列が見つからなかった項目（あれば「#」を消して列の名前を書いてください）".into(),
            "# no column was found for these (where there is one, remove the # and write its name)".into(),
        ));
        missing.iter().for_each(|name| line(format!("# {name} = \"\"   # {}", label(name))));
    }
    let unused: Vec<&ColumnReport> = report.columns.iter().filter(|c| c.target.is_none()).collect();
    // Where no name is known the first row may be a call, and a call's words must not come into a configuration.
    let is_header = report.columns.iter().any(|c| matches!(c.target, Some((_, Evidence::Name))));
    if !is_header && !unused.is_empty() {
        let number = unused.len();
        line(String::new());
        line(say(
            format!("# ほかに{number}列ありますが、知っている列の名前がないので、名前は書きません（1行目が見出しか確かめてください）"),
            format!("# there are {number} other columns; as none of the names is known, they are not shown (is the first row a header?)"),
        ));
    } else if !unused.is_empty() {
        line(String::new());
        line(say("# どの項目にも当たらなかった列（使われません）".into(), "# columns that are nothing known (not used)".into()));
        for column in unused {
            let (name, share) = (quoted(&column.name), share(column.filled));
            line(say(format!("#   {name}（{share}）"), format!("#   {name} ({share})")));
        }
    }
    line(String::new());
    line(say(
        "# コード表にない値は、項目ごとに書き換えられます（どの値かは、端末で kikitori check を実行すると分かります）：".into(),
        "# values that are in no code list can be given a code (kikitori check shows them on a terminal):".into(),
    ));
    line("# [values.outcome]".into());
    line(say("# \"書き出しファイルの値\" = \"コード\"".into(), "# \"value in the export\" = \"code\"".into()));
    out
}

/// What a field or attribute is.
fn label(name: &str, profile: &Profile, lang: Lang) -> String {
    let (ja, en) = match name {
        "id" => ("相談ID", "id of the call"),
        "received_at" => ("受付日時", "date and time"),
        "record_type" => ("記録種別（逐語・要約記録）", "kind of record (transcript or notes)"),
        "text" => ("本文", "the record"),
        "turns" => ("発話の並び", "list of turns"),
        "disease" => ("疾患", "disease"),
        name => {
            return profile
                .find(name)
                .map_or_else(String::new, |(_, a)| if lang == Lang::Ja { a.label_ja.clone() } else { a.label_en.clone() });
        }
    };
    if lang == Lang::Ja { ja } else { en }.to_owned()
}

//! Sheets written, filled in as coders do, and read back.

use std::path::PathBuf;

use super::*;
use crate::coding::Mark;
use crate::consultation::{RecordType, Speaker};
use crate::error::Lang;

fn rows() -> Vec<SheetRow> {
    let row = |turn: u32, record, speaker, text: &str| SheetRow {
        id: format!("c00#{turn}"),
        record,
        before: (turn > 1).then(|| (Speaker::Counsellor, "どうされましたか。".to_owned())),
        speaker,
        text: text.to_owned(),
    };
    vec![
        row(1, RecordType::Verbatim, Speaker::Caller, "=HYPERLINK(\"x\") と、\"言われて\","),
        row(3, RecordType::Verbatim, Speaker::Caller, "治験はありますか。"),
        row(5, RecordType::Notes, Speaker::Unknown, "SO希望とのこと。"),
    ]
}

fn bytes(format: SheetFormat) -> Vec<u8> {
    let rows = rows();
    let rows: Vec<&SheetRow> = rows.iter().collect();
    sheet_bytes(&NewSheet { sample: "0123456789abcdef", coder: "佐藤", rows: &rows }, format).unwrap()
}

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (dir, path)
}

/// The CSV as text, its lines changed.
fn edited(edit: impl Fn(Vec<String>) -> Vec<String>) -> String {
    let text = String::from_utf8(bytes(SheetFormat::Csv)).unwrap();
    edit(text.lines().map(str::to_owned).collect()).join("\r\n") + "\r\n"
}

/// Fills the empty cells at the end of a line: 14 domains, 済, コメント.
fn filled(line: &str, marks: &[(usize, &str)], done: &str) -> String {
    let empty = ",\"\"".repeat(16);
    let mut cells = vec![""; 16];
    marks.iter().for_each(|(i, mark)| cells[*i] = mark);
    cells[14] = done;
    let cells: String = cells.iter().map(|c| format!(",\"{c}\"")).collect();
    format!("{}{cells}", line.strip_suffix(&empty).unwrap())
}

#[test]
fn both_forms_come_back_as_they_were_and_uncoded() {
    for (format, name) in [(SheetFormat::Csv, "a.csv"), (SheetFormat::Workbook, "a.xlsx")] {
        let (_dir, path) = file(name, &bytes(format));
        let sheet = read_sheet(&path).unwrap();
        assert_eq!((sheet.sample.as_str(), sheet.coder.as_str(), sheet.coded()), ("0123456789abcdef", "佐藤", 0));
        assert_eq!(sheet.rows.iter().map(|r| r.row.clone()).collect::<Vec<_>>(), rows(), "{name}");
        assert_eq!(bytes(format), bytes(format), "{name}");
    }
}

#[test]
fn csv_is_what_excel_in_japan_opens() {
    let text = String::from_utf8(bytes(SheetFormat::Csv)).unwrap();
    assert!(text.starts_with("\u{feff}\"版\",\"番号\",\"発話ID\"") && text.ends_with("\r\n"));
    assert!(text.contains("\"'=HYPERLINK(\"\"x\"\") と、\"\"言われて\"\",\""), "{text}");
    assert_eq!(natural(&neutral("-5度")), "-5度");
    assert_eq!(natural("'引用'"), "'引用'");
}

#[test]
fn signs_encodings_and_orders_of_coders_are_read() {
    let text = edited(|lines| {
        let third = filled(&lines[3], &[(2, "暗"), (13, "Ｍ")], "");
        // Row 2 was read and has no need; row 1 was not read; the rows are sorted another way.
        vec![lines[0].clone(), third, filled(&lines[2], &[], "済"), lines[1].clone()]
    });
    for bytes in [text.as_bytes().to_vec(), encoding_rs::SHIFT_JIS.encode(text.trim_start_matches('\u{feff}')).0.into_owned()] {
        let (_dir, path) = file("a.csv", &bytes);
        let sheet = read_sheet(&path).unwrap();
        assert_eq!(sheet.coded(), 2);
        let coding = sheet.rows[0].coding.unwrap();
        assert_eq!((coding.mark(NeedDomain::SecondOpinion), coding.mark(NeedDomain::Other)), (Some(Mark::Told), Some(Mark::Asked)));
        assert_eq!((sheet.rows[0].row.record, sheet.rows[0].row.speaker), (RecordType::Notes, Speaker::Unknown));
        assert!(sheet.rows[1].coding.is_some_and(|c| !c.has_need()) && sheet.rows[2].coding.is_none());
    }
}

#[test]
fn a_sign_nobody_knows_is_told_by_file_row_and_column() {
    let text = edited(|lines| vec![lines[0].clone(), lines[1].clone(), filled(&lines[2], &[(4, "ひみつ"), (5, "？")], "")]);
    let (_dir, path) = file("b.csv", text.as_bytes());
    let error = read_sheet(&path).unwrap_err();
    let (ja, en) = (error.message(Lang::Ja), error.message(Lang::En));
    assert!(ja.contains("b.csv 3行目 「trial 治験・新薬・遺伝子パネル検査」") && ja.contains("ほかに1か所"), "{ja}");
    assert!(en.contains("line 3 \"trial ") && !ja.contains("ひみつ") && !en.contains("ひみつ"), "{en}");
}

#[test]
fn sheets_that_lost_something_say_what() {
    let twice = edited(|lines| vec![lines[0].clone(), lines[1].clone(), lines[1].clone()]);
    let nameless = edited(|lines| vec![lines[0].clone(), filled(&lines[1].replace("c00#1", ""), &[(0, "明")], "")]);
    let no_done = edited(|lines| lines.iter().map(|l| l.replace("\"済\"", "\"備考\"")).collect());
    let newer = edited(|lines| lines.iter().map(|l| l.replace("v1-", "v9-")).collect());
    let header = edited(|lines| vec![lines[0].clone()]);
    for (text, words) in [
        (twice, "同じ発話IDが2行目にもあります"),
        (nameless, "発話IDがありません"),
        (no_done, "この列がありません"),
        (newer, "新しい版の kikitori"),
        (header, "行がありません"),
    ] {
        let (_dir, path) = file("c.csv", text.as_bytes());
        let message = read_sheet(&path).unwrap_err().message(Lang::Ja);
        assert!(message.contains(words) && message.contains("c.csv"), "{message}");
    }
}

#[test]
fn a_sheet_that_exists_is_never_overwritten() {
    let (dir, path) = file("a.csv", b"filled in");
    assert!(write_private(&path, b"new").unwrap_err().message(Lang::Ja).contains("同じ名前のファイルがあります"));
    assert_eq!(std::fs::read(&path).unwrap(), b"filled in");
    let new = dir.path().join("b.csv");
    write_private(&new, b"new").unwrap();
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&new).unwrap().permissions()) & 0o777, 0o600);
    assert!(SheetFormat::of(Path::new("a.ods")).is_err());
}

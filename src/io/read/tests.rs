use std::io::Write as _;

use super::*;
use crate::consultation::intake::Mapping;
use crate::consultation::{CodeList, Consultation, Profile, Speaker};
use crate::error::{Lang, RejectReason};

/// The shipped profile.
pub(crate) fn profile() -> Profile {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionaries");
    let open = |name: &str| Ok(fs::read_to_string(folder.join(name)).unwrap());
    Profile::parse("profile.toml", &open("profile.toml").unwrap(), &open).unwrap()
}

/// A folder with one file.
struct Export {
    folder: tempfile::TempDir,
    path: PathBuf,
}

fn export(name: &str, content: impl AsRef<[u8]>) -> Export {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    Export { folder, path }
}

fn rows_with(path: &Path, options: &ReadOptions) -> Vec<Row> {
    Source::open(path, options).unwrap().map(|r| r.unwrap()).collect()
}

fn rows(export: &Export) -> Vec<Row> {
    rows_with(&export.path, &ReadOptions::default())
}

/// Each row as `row: column=cell|…`, or `row: !reason`.
fn shown(rows: &[Row]) -> Vec<String> {
    rows.iter()
        .map(|row| match row {
            Ok(raw) => {
                let cells: Vec<_> = raw.fields.iter().map(|(name, cell)| format!("{name}={}", cell.text())).collect();
                format!("{}: {}", raw.place.row, cells.join("|"))
            }
            Err(problem) => format!("{}: !{}", problem.place.row, problem.reason.code()),
        })
        .collect()
}

fn csv(content: &str) -> Vec<String> {
    shown(&rows(&export("calls.csv", content)))
}

fn error(name: &str, content: impl AsRef<[u8]>) -> String {
    let export = export(name, content);
    let error = Source::open(&export.path, &ReadOptions::default()).unwrap_err();
    assert!(error.message(Lang::Ja).contains(name), "the message names the file: {error}");
    error.to_string()
}

fn consultations(path: &Path, profile: &mut Profile) -> Vec<Consultation> {
    let survey = Intake::new(&Mapping::default(), profile, Limits::default()).unwrap();
    let source = Source::open(path, &ReadOptions::default()).unwrap();
    source.check(&survey).unwrap();
    let raws: Vec<RawRecord> = source.map(|r| r.unwrap().unwrap()).collect();
    let (site, _) = profile.find("site").unwrap();
    let values: Vec<_> = raws.iter().flat_map(|r| survey.open_values(r)).map(|(_, v)| v).collect();
    profile.attributes[usize::from(site.0)].codes = CodeList::from_values(values);
    let intake = Intake::new(&Mapping::default(), profile, Limits::default()).unwrap();
    let out = raws.into_iter().map(|r| intake.consultation(r).unwrap()).collect();
    assert_eq!(intake.unknown_values(), []);
    out
}

#[test]
fn the_sample_calls_are_the_same_from_csv_xlsx_and_jsonl() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus-samples/hotline");
    let mut profile = profile();
    let csv = consultations(&folder.join("calls.csv"), &mut profile);
    assert!(csv.len() >= 150, "{}", csv.len());
    assert_eq!(csv, consultations(&folder.join("calls.xlsx"), &mut profile));
    assert_eq!(csv, consultations(&folder.join("calls.jsonl"), &mut profile));
    // Both kinds of record are there, dated, with speakers in one and without in the other.
    let verbatim = |c: &&Consultation| c.record_type == crate::consultation::RecordType::Verbatim;
    let (spoken, notes): (Vec<_>, Vec<_>) = csv.iter().partition(verbatim);
    assert!(spoken.iter().all(|c| c.received_at.is_some() && c.utterances.iter().all(|u| u.speaker != Speaker::Unknown)));
    assert!(!notes.is_empty() && notes.iter().all(|c| c.utterances.iter().all(|u| u.speaker == Speaker::Unknown)));
}

#[test]
fn csv_cells_hold_quotes_delimiters_and_lines() {
    let found = csv("id,text\r\n1,\"一行目\r\n二行目\"\r\n2,\"a,\"\"b\"\"\"\r\n\r\n3,c\"d\r\n,\r\n4,");
    assert_eq!(found, ["2: id=1|text=一行目\n二行目", "4: id=2|text=a,\"b\"", "6: id=3|text=c\"d", "8: id=4|text="]);
}

#[test]
fn tsv_and_semicolons_are_recognised() {
    let expected = ["2: id=1|text=a,b"];
    assert_eq!(shown(&rows(&export("a.tsv", "id\ttext\n1\ta,b\n"))), expected);
    assert_eq!(shown(&rows(&export("a.csv", "id\ttext\n1\ta,b\n"))), expected);
    assert_eq!(shown(&rows(&export("a.csv", "id;text\n1;a,b\n"))), expected);
    // Excel's Unicode text.
    let mut utf16 = b"\xff\xfe".to_vec();
    utf16.extend("id\ttext\tx\r\n1\ta,b\t\r\n".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(shown(&rows(&export("a.csv", utf16))), ["2: id=1|text=a,b|x="]);
}

#[test]
fn rows_of_another_width_are_rejects() {
    let found = csv("id,text\n1\n2,a\n3,a,b\n4,a,,\n");
    assert_eq!(found, ["2: !wrong_width", "3: id=2|text=a", "4: !wrong_width", "5: id=4|text=a"]);
}

#[test]
fn an_unclosed_quote_costs_its_row_and_no_other() {
    // Row 3 opens a quote; the quote of row 4 would close it in the middle of a cell.
    let found = csv("id,text\n1,a\n2,\"b\n3,\"c\"\n4,\"d\ne\"\n");
    assert_eq!(found, ["2: id=1|text=a", "3: !unclosed_quote", "4: id=3|text=c", "5: id=4|text=d\ne"]);
    // No further quote in the file.
    let found = csv("id,text\n1,\"a\n2,b\n3,c\n");
    assert_eq!(found, ["2: !unclosed_quote", "3: id=2|text=b", "4: id=3|text=c"]);
    // The last line.
    assert_eq!(csv("id,text\n1,a\n2,\"b"), ["2: id=1|text=a", "3: !unclosed_quote"]);
    // The quote opens in the second cell of a record that began a line earlier.
    assert_eq!(csv("id,a,text\n1,\"x\ny\",\"z\n2,b,c\n"), ["3: !unclosed_quote", "4: id=2|a=b|text=c"]);
    // The column is named.
    let problem = rows(&export("a.csv", "id,text\n1,\"a\n2,b\n")).remove(0).unwrap_err();
    assert_eq!(problem.place.column.as_deref(), Some("text"));
}

#[test]
fn an_unclosed_quote_in_a_large_file_is_given_up_within_bounded_memory() {
    let line = format!("2,{}\n", "あ".repeat(30_000));
    let content = format!("id,text\n1,\"a\n{}", line.repeat(500)); // 45 MB, over the 32 MiB that are held
    let found = rows(&export("a.csv", content));
    assert_eq!(found.len(), 501);
    assert_eq!(found.iter().filter(|r| r.is_err()).count(), 1);
}

#[test]
fn quotes_that_should_have_been_doubled_are_kept_within_a_line() {
    assert_eq!(csv("id,text,x\n1,\"彼は\"はい\"と言った\",y\n"), ["2: id=1|text=彼は\"はい\"と言った|x=y"]);
}

#[test]
fn bad_bytes_cost_their_row_and_no_other() {
    let found = shown(&rows(&export("a.csv", b"id,text\n1,\xe3\x81\x82\n2,\xe3\x81\n3,\"\xe3\x81\x82\n\xff\n\"\n4,\xe3\x81\x84\n")));
    assert_eq!(found, ["2: id=1|text=あ", "3: !bad_encoding", "4: !bad_encoding", "7: id=4|text=い"]);
    let mut cp932 = encoding_rs::SHIFT_JIS.encode("相談ID,相談記録\n1,肉腫の相談です\n").0.into_owned();
    cp932.extend_from_slice(b"2,\x82\n3,\x83\x89\n");
    let export = export("a.csv", cp932);
    assert_eq!(shown(&rows(&export)), ["2: 相談ID=1|相談記録=肉腫の相談です", "3: !bad_encoding", "4: 相談ID=3|相談記録=ラ"]);
    assert_eq!(Source::open(&export.path, &ReadOptions::default()).unwrap().files()[0].encoding, Some(Encoding::Cp932));
}

#[test]
fn nul_bytes_are_kept_as_text() {
    assert_eq!(csv("id,text\n1,a\0b\n"), ["2: id=1|text=a\0b"]);
}

#[test]
fn a_call_of_five_megabytes_is_read() {
    let text = "肉腫の相談。\n".repeat(270_000);
    let content = format!("id,text\n1,\"{text}\"\n2,b\n");
    let export = export("a.csv", content);
    let found = rows(&export);
    assert_eq!(found.len(), 2);
    let judge = |max_chars| {
        let intake = Intake::new(&Mapping::default(), &profile(), Limits { max_chars }).unwrap();
        rows(&export)
            .into_iter()
            .map(|r| intake.consultation(r.unwrap()).map(|c| c.utterances.len()).map_err(|p| p.reason))
            .collect::<Vec<_>>()
    };
    assert_eq!(judge(Limits::DEFAULT_MAX_CHARS), [Ok(270_000), Ok(1)]);
    assert_eq!(judge(1_000_000), [Err(RejectReason::TextTooLong), Ok(1)]);
}

#[test]
fn jsonl_values_become_cells() {
    let content = concat!(
        r#"{"id": 1.0, "n": 2, "f": 1.5, "b": true, "z": null, "text": "a\nb", "reason": ["x", "y"], "meta": {"k": 1}}"#,
        "\n\n",
        r#"{"id": "2", "turns": [{"speaker": "caller", "text": "もしもし", "start": 0.5}, {"text": "?"}], "empty": []}"#,
        "\n",
        r#"{"id": "3", "turns": [{"speaker": "caller"}]}"#,
    );
    let found = rows(&export("a.jsonl", content));
    assert_eq!(
        shown(&found),
        ["1: id=1|n=2|f=1.5|b=true|z=|text=a\nb|reason=x、y|meta=", "3: id=2|turns=もしもし\n?|empty=", "4: id=3|turns="]
    );
    let cells = &found[1].as_ref().unwrap().fields;
    let Cell::Turns(turns) = &cells[1].1 else { panic!("{cells:?}") };
    assert_eq!(turns.iter().map(|t| t.speaker).collect::<Vec<_>>(), [Speaker::Caller, Speaker::Unknown]);
    assert_eq!(found[2].as_ref().unwrap().fields[1].1, Cell::Unusable);
    let intake = Intake::new(&Mapping::default(), &profile(), Limits::default()).unwrap();
    assert_eq!(intake.consultation(found[2].clone().unwrap()).unwrap_err().reason, RejectReason::BadTurns);
}

#[test]
fn bad_json_lines_are_rejects() {
    let found = rows(&export(
        "a.jsonl",
        "{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":\n[1]\nx\n{\"id\":\"2\",\"text\":\"b\"} {}\n{\"id\":\"3\",\"text\":\"c\"}\n",
    ));
    assert_eq!(shown(&found), ["1: id=1|text=a", "2: !bad_json", "3: !bad_json", "4: !bad_json", "5: !bad_json", "6: id=3|text=c"]);
}

#[test]
fn keys_of_the_first_objects_are_the_columns() {
    let export = export("a.jsonl", "{\"id\":\"1\"}\nbroken {\"秘密\":1}\n{\"id\":\"2\",\"text\":\"b\"}\n");
    let source = Source::open(&export.path, &ReadOptions::default()).unwrap();
    assert_eq!(source.files()[0].columns.iter().map(|c| &**c).collect::<Vec<_>>(), ["id", "text"]);
}

/// A workbook of one sheet, with the given rows of XML cells.
fn xlsx(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut add = |name: &str, content: &str| {
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file(name, options).unwrap();
        zip.write_all(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{content}").as_bytes()).unwrap();
    };
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let (mut list, mut links) = (String::new(), String::new());
    for (i, (name, rows)) in sheets.iter().enumerate() {
        let n = i + 1;
        list += &format!("<sheet name=\"{name}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>");
        links += &format!("<Relationship Id=\"rId{n}\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>");
        add(&format!("xl/worksheets/sheet{n}.xml"), &format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"));
    }
    links += &format!("<Relationship Id=\"rId99\" Type=\"{office}/styles\" Target=\"styles.xml\"/>");
    add(
        "_rels/.rels",
        &format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    add("xl/workbook.xml", &format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>{list}</sheets></workbook>"));
    add("xl/_rels/workbook.xml.rels", &format!("<Relationships xmlns=\"{package}\">{links}</Relationships>"));
    // Style 1 is a date with time.
    add(
        "xl/styles.xml",
        &format!("<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"),
    );
    zip.finish().unwrap().into_inner()
}

const SHEET: &str = concat!(
    r#"<row r="2"><c r="A2" t="inlineStr"><is><t>相談ID</t></is></c><c r="B2" t="inlineStr"><is><t>受付日時</t></is></c><c r="C2" t="inlineStr"><is><t>本文</t></is></c></row>"#,
    r#"<row r="3"><c r="A3"><v>1.0</v></c><c r="B3" s="1"><v>45058.438888888886</v></c><c r="C3" t="inlineStr"><is><t>もしもし</t></is></c></row>"#,
    r#"<row r="4"><c r="A4"><v>2.5</v></c><c r="C4" t="b"><v>1</v></c></row>"#,
    r#"<row r="9"><c r="C9" t="e"><v>#N/A</v></c></row>"#,
);

#[test]
fn xlsx_numbers_and_dates_are_mended() {
    let export = export("a.xlsx", xlsx(&[("表", SHEET), ("別", &SHEET.replace("もしもし", "別です"))]));
    let expected = ["3: 相談ID=1|受付日時=2023-05-12T10:32:00|本文=もしもし", "4: 相談ID=2.5|受付日時=|本文=true"];
    assert_eq!(shown(&rows(&export)), expected);
    let named = |sheet: &str| ReadOptions { sheet: Some(sheet.into()), ..ReadOptions::default() };
    assert!(shown(&rows_with(&export.path, &named("別")))[0].ends_with("別です"));
    let error = Source::open(&export.path, &named("無い")).unwrap_err();
    assert_eq!((error.kind(), error.place().unwrap().column.as_deref()), (ErrorKind::Config, Some("input.sheet")));
    assert!(error.to_string().contains("表, 別"), "{error}");
}

#[test]
fn a_truncated_workbook_is_one_clear_error() {
    let whole = xlsx(&[("表", SHEET)]);
    assert!(error("a.xlsx", &whole[..whole.len() * 2 / 3]).contains("cut short"));
    assert!(error("a.xlsx", b"not a workbook").contains("not readable as XLSX"));
    assert!(error("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").contains("save it as .xlsx"));
    assert!(error("a.xlsx", xlsx(&[("空", "")])).contains("header"));
}

mod with_parquet {
    use super::*;
    use ::parquet::arrow::ArrowWriter;
    use ::parquet::basic::Compression;
    use ::parquet::file::properties::WriterProperties;
    use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
    use arrow::array::{ListBuilder, StringBuilder, StructBuilder};
    use arrow::datatypes::{DataType, Field, Fields};

    fn file(compression: Compression) -> Vec<u8> {
        let fields = Fields::from(vec![Field::new("speaker", DataType::Utf8, true), Field::new("text", DataType::Utf8, true)]);
        let builders: Vec<Box<dyn arrow::array::ArrayBuilder>> = vec![Box::new(StringBuilder::new()), Box::new(StringBuilder::new())];
        let mut turns = ListBuilder::new(StructBuilder::new(fields, builders));
        for (speaker, text) in [("相談者", "もしもし"), ("相談員", "はい")] {
            let turn = turns.values();
            turn.field_builder::<StringBuilder>(0).unwrap().append_value(speaker);
            turn.field_builder::<StringBuilder>(1).unwrap().append_value(text);
            turn.append(true);
        }
        turns.append(true);
        turns.append(false);
        let mut reasons = ListBuilder::new(StringBuilder::new());
        reasons.values().append_value("受診希望");
        reasons.values().append_value("SO");
        reasons.append(true);
        reasons.append(false);
        let utc = 1_683_855_120_000; // 2023-05-12T01:32:00Z
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(Float64Array::from(vec![1.0, 2.0]))),
            ("received_at", Arc::new(TimestampMillisecondArray::from(vec![Some(utc), None]).with_timezone("UTC"))),
            ("local", Arc::new(TimestampMillisecondArray::from(vec![Some(utc), None]))),
            ("n", Arc::new(Int64Array::from(vec![Some(7), None]))),
            ("reason", Arc::new(reasons.finish())),
            ("turns", Arc::new(turns.finish())),
            ("text", Arc::new(StringArray::from(vec![None, Some("本文")]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let properties = WriterProperties::builder().set_compression(compression).build();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn parquet_columns_become_cells() {
        for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(Default::default())] {
            let found = rows(&export("a.parquet", file(compression)));
            let expected = [
                "1: id=1|received_at=2023-05-12T10:32:00|local=2023-05-12T01:32:00|n=7|reason=受診希望、SO|turns=もしもし\nはい|text=",
                "2: id=2|received_at=|local=|n=|reason=|turns=|text=本文",
            ];
            assert_eq!(shown(&found), expected);
            let Cell::Turns(turns) = &found[0].as_ref().unwrap().fields[5].1 else { panic!("no turns") };
            assert_eq!(turns.iter().map(|t| t.speaker).collect::<Vec<_>>(), [Speaker::Caller, Speaker::Counsellor]);
        }
    }

    #[test]
    fn a_truncated_parquet_file_is_one_clear_error() {
        let whole = file(Compression::UNCOMPRESSED);
        assert!(error("a.parquet", &whole[..whole.len() / 2]).contains("not readable as Parquet"));
        assert!(error("a.parquet", b"nothing of the kind").contains("not readable as Parquet"));
    }
}

fn turns(row: &Row) -> Vec<(Speaker, &str)> {
    match &row.as_ref().unwrap().fields[1].1 {
        Cell::Turns(turns) => turns.iter().map(|t| (t.speaker, t.text.as_str())).collect(),
        other => panic!("no turns: {other:?}"),
    }
}

#[test]
fn webvtt_cues_of_one_speaker_are_one_turn() {
    let vtt = "WEBVTT\n\nNOTE made by a recogniser\n\n1\n00:00:01.000 --> 00:00:02.000\n<v 相談者>治療を受け</v>\n\n00:00:02.000 --> 00:00:03.000\n<v 相談者>たいんですが<c.loud>&amp;</c></v>\n\n00:00:03.500 --> 00:00:04.000\n<v.calm 相談員>はい<00:00:03.700>、どうぞ。\n";
    let found = rows(&export("call-7.vtt", vtt));
    assert_eq!(found[0].as_ref().unwrap().fields[0].1.text(), "call-7");
    assert_eq!(turns(&found[0]), [(Speaker::Caller, "治療を受けたいんですが&"), (Speaker::Counsellor, "はい、どうぞ。")]);
}

#[test]
fn srt_prefixes_name_speakers_and_times_are_dropped() {
    let srt = "1\r\n00:00:01,000 --> 00:00:02,000\r\n相談者：もしもし\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\n聞こえますか\r\n\r\n3\r\n00:00:03,000 --> 00:00:04,000\r\n相談員:はい\r\n";
    let found = rows(&export("a.srt", srt));
    assert_eq!(turns(&found[0]), [(Speaker::Caller, "もしもし聞こえますか"), (Speaker::Counsellor, "はい")]);
    // Without any speaker it is text, which the intake cuts into sentences.
    let found = rows(&export("a.srt", "1\n00:00:01,000 --> 00:00:02,000\n肉腫と言\n\n2\n00:00:02,000 --> 00:00:03,000\nわれました。\n"));
    assert_eq!(shown(&found), ["0: @file=a|@text=肉腫と言われました。"]);
}

#[test]
fn cues_without_times_say_what_is_missing() {
    for name in ["a.vtt", "a.srt"] {
        let found = rows(&export(name, "WEBVTT\n\nもしもし、肉腫のことで相談です。\n"));
        let problem = found[0].as_ref().unwrap_err();
        assert_eq!((problem.reason, problem.place.row, &problem.place.column), (RejectReason::NoCues, 0, &None), "{name}");
    }
    // Timed, but nobody speaks: the text is empty, and the reader's own names for columns are not shown.
    let found = rows(&export("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n"));
    let intake = Intake::new(&Mapping::default(), &profile(), Limits::default()).unwrap();
    let problem = intake.consultation(found[0].clone().unwrap()).unwrap_err();
    assert_eq!((problem.reason, problem.place.column), (RejectReason::EmptyText, None));
}

#[test]
fn a_table_with_the_line_ends_of_an_old_mac_is_read() {
    assert_eq!(csv("id,text\r1,a\r2,\"b\rc\"\r"), ["2: id=1|text=a", "3: id=2|text=b\nc"]);
}

#[test]
fn an_archive_that_is_no_workbook_is_named_as_such() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"<x/>").unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    assert!(error("a.docx", &bytes).contains("ZIP, Word"));
    assert!(error("a.zip", &bytes).contains("ZIP, Word"));
    assert!(error("a.xlsx", &bytes).contains("not readable as XLSX"));
    assert!(error("a.csv", vec![0u8; 9000]).contains("NUL"));
}

#[test]
fn a_workbook_without_the_text_lists_its_sheets() {
    let export = export("a.xlsx", xlsx(&[("表紙", &SHEET.replace("本文", "備考欄")), ("相談", SHEET)]));
    let source = Source::open(&export.path, &ReadOptions::default()).unwrap();
    let intake = Intake::new(&Mapping::default(), &profile(), Limits::default()).unwrap();
    let error = source.check(&intake).unwrap_err();
    let message = error.message(Lang::Ja);
    assert!(message.contains("表紙、相談") && message.contains("[input]"), "{message}");
}

#[test]
fn files_that_are_not_read_are_told_but_for_those_nobody_misses() {
    let Export { folder, .. } = export("a.csv", "id,text\n1,a\n");
    for name in ["b.pdf", ".hidden", "~$a.xlsx", "kikitori.toml"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    let source = Source::open(folder.path(), &ReadOptions::default()).unwrap();
    let names: Vec<_> = source.overlooked().map(|p| p.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["b.pdf"]);
}

#[test]
fn a_folder_of_transcripts_is_read_by_name_one_call_a_file() {
    let Export { folder, .. } = export("b.txt", "相談者：お願いします、肉腫のことで。\n相談員：はい、どうぞお話しください。\n");
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    write("a.txt", &encoding_rs::SHIFT_JIS.encode("胃GISTと診断。SO希望とのこと。").0);
    write("c.txt", b"");
    write("d.txt", b" \n\n  \n");
    write("e.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nはい。\n".as_bytes());
    write("f.txt", b"\xe3\x81\x82\n\xff\n");
    write("~$x.txt", b"x");
    write("README.md", b"x");
    let source = Source::open(folder.path(), &ReadOptions::default()).unwrap();
    assert_eq!(source.skipped().len(), 2);
    let mapping = Mapping::default();
    let intake = Intake::new(&mapping, &profile(), Limits::default()).unwrap();
    source.check(&intake).unwrap();
    let found: Vec<_> = source.map(|r| r.unwrap().and_then(|raw| intake.consultation(raw))).collect();
    let told: Vec<String> = found
        .iter()
        .map(|c| match c {
            Ok(c) => format!("{} {} {}", c.id, c.record_type.code(), c.utterances.len()),
            Err(p) => format!("{} {}", p.place.file.file_name().unwrap().to_str().unwrap(), p.reason.code()),
        })
        .collect();
    assert_eq!(told, ["a notes 2", "b verbatim 2", "c.txt empty_text", "d.txt empty_text", "e notes 1", "f.txt bad_encoding"]);
}

#[test]
fn a_mapping_does_not_keep_transcripts_from_being_read() {
    let mut mapping = Mapping::default();
    mapping.set("id", "番号");
    mapping.set("text", "記録");
    let intake = Intake::new(&mapping, &profile(), Limits::default()).unwrap();
    let export = export("call.txt", "肉腫の相談。");
    let source = Source::open(&export.path, &ReadOptions::default()).unwrap();
    source.check(&intake).unwrap();
    assert_eq!(source.map(|r| intake.consultation(r.unwrap().unwrap()).unwrap().id).collect::<Vec<_>>(), ["call"]);
}

#[test]
fn a_folder_of_tables_is_read_in_order_without_remarks() {
    let Export { folder, .. } = export("2024.csv", "id,text\n2,b\n");
    fs::write(folder.path().join("2023.csv"), "id,text\n1,a\n").unwrap();
    fs::write(folder.path().join("2025.xlsx"), xlsx(&[("表", SHEET)])).unwrap();
    fs::write(folder.path().join("README.txt"), "説明").unwrap();
    let mut source = Source::open(folder.path(), &ReadOptions::default()).unwrap();
    assert_eq!(source.skipped().len(), 1);
    let found: Vec<Row> = source.by_ref().map(|r| r.unwrap()).collect();
    assert_eq!(shown(&found)[..2], ["2: id=1|text=a", "2: id=2|text=b"]);
    assert_eq!(found.len(), 4);
}

#[test]
fn what_cannot_be_read_says_so() {
    let missing = Source::open("/no/such/export.csv", &ReadOptions::default()).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
    assert!(missing.to_string().contains("/no/such/export.csv: there is no such file"), "{missing}");
    let Export { folder, .. } = export("notes.md", "x");
    let none = Source::open(folder.path(), &ReadOptions::default()).unwrap_err();
    assert!(none.to_string().contains("no file to read"), "{none}");
    for name in ["a.csv", "a.jsonl", "a.xlsx", "a.parquet", "a.tsv"] {
        assert!(error(name, "").contains("empty"), "{name}");
    }
    assert!(error("a.csv", "\n \n \n").contains("header"));
    assert!(error("a.jsonl", "\n  \n \n").contains("empty"));
    assert!(error("a.csv", ",,\n1,2,3\n").contains("header"));
    assert!(error("a.json", "[{\"id\":1}]").contains("JSONL"));
    assert!(error("a.docx.bin", b"\x00\x01\x02").contains("not a supported format"));
    let utf16: Vec<u8> = "相談ID,相談記録\r\n1,肉腫の相談です\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(error("a.csv", &utf16).contains("UTF-16"));
    let stated = export("a.csv", &utf16);
    let options = ReadOptions { encoding: Some(Encoding::Utf16Le), ..ReadOptions::default() };
    assert_eq!(shown(&rows_with(&stated.path, &options)), ["2: 相談ID=1|相談記録=肉腫の相談です"]);
}

proptest::proptest! {
    /// What the csv crate writes is read back, whatever the cells hold.
    #[test]
    fn any_table_survives_csv(cells in proptest::collection::vec(proptest::collection::vec("[a\"、,\n あ]{0,6}", 2), 1..8)) {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "text"]).unwrap();
        cells.iter().for_each(|row| writer.write_record(row).unwrap());
        let export = export("a.csv", writer.into_inner().unwrap());
        let found: Vec<Vec<String>> =
            rows(&export).into_iter().map(|r| r.unwrap().fields.into_iter().map(|(_, c)| c.text().into_owned()).collect()).collect();
        let expected: Vec<Vec<String>> = cells.into_iter().filter(|row| row.iter().any(|c| !c.trim().is_empty())).collect();
        proptest::prop_assert_eq!(found, expected);
    }

    /// Every byte sequence is read to its end.
    #[test]
    fn no_file_makes_a_reader_panic(content in "(id,text\n)?[a\",\n\\{\\}:あ\0]{0,80}", name in "a\\.(csv|jsonl|vtt|txt|srt)") {
        let export = export(&name, content);
        if let Ok(source) = Source::open(&export.path, &ReadOptions::default()) {
            source.for_each(drop);
        }
    }
}

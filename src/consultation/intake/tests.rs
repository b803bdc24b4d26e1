use super::*;
use crate::consultation::Speaker;
use crate::error::Place;

/// The shipped profile: its code lists are what most of these tests are about.
fn profile() -> Profile {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionaries");
    let open = |name: &str| Ok(std::fs::read_to_string(folder.join(name)).unwrap());
    Profile::parse("profile.toml", &open("profile.toml").unwrap(), &open).unwrap()
}

fn intake() -> Intake {
    Intake::new(&Mapping::default(), &profile(), Limits::default()).unwrap()
}

fn raw(cells: &[(&str, &str)]) -> RawRecord {
    let fields = cells.iter().map(|(name, cell)| ((*name).into(), Cell::Text((*cell).to_owned()))).collect();
    RawRecord { place: Place { file: "calls.csv".into(), row: 7, column: None }, fields }
}

/// A row that is accepted, with one more cell.
fn with(column: &str, cell: &str) -> Consultation {
    intake().consultation(raw(&[("相談ID", "A1"), ("相談記録", "肉腫です。"), (column, cell)])).unwrap()
}

/// The labels of the codes a cell gives.
fn labels(attribute: &str, column: &str, cell: &str) -> Vec<String> {
    let profile = profile();
    let (id, attribute) = profile.find(attribute).unwrap();
    with(column, cell).attributes.codes(id).map(|code| attribute.codes.get(code).label_ja.clone()).collect()
}

fn reject(cells: &[(&str, &str)]) -> (RejectReason, Option<String>) {
    let problem = intake().consultation(raw(cells)).unwrap_err();
    assert_eq!((problem.place.row, problem.place.file.to_str()), (7, Some("calls.csv")));
    (problem.reason, problem.place.column)
}

fn spoken(text: &str, record_type: &str) -> Vec<(Speaker, String)> {
    let cells = [("id", "1"), ("text", text), ("record_type", record_type)];
    intake().consultation(raw(&cells)).unwrap().utterances.into_iter().map(|u| (u.speaker, u.text)).collect()
}

fn sentences(text: &str) -> Vec<String> {
    spoken(text, "要約記録").into_iter().map(|(_, text)| text).collect()
}

use Speaker::{Caller, Counsellor, Unknown};

#[test]
fn ages_become_bands_and_ninety_and_above_are_one() {
    for (cell, band) in [
        ("64", "60代"),
        ("64歳", "60代"),
        ("６４才", "60代"),
        ("64.0", "60代"),
        ("60代", "60代"),
        ("満70歳", "70代"),
        ("9", "10歳未満"),
        ("8か月", "10歳未満"),
        ("89", "80代"),
        ("90", "90歳以上"),
        ("99歳", "90歳以上"),
        ("104", "90歳以上"),
        ("九十歳", "90歳以上"),
        ("百二歳", "90歳以上"),
        ("満六十四歳", "60代"),
        ("九歳", "10歳未満"),
        ("八十代", "80代"),
        // A bare 99 is the code of 不明.
        ("99", "不明"),
        ("999", "不明"),
        ("高めの方", "不明"),
    ] {
        assert_eq!(labels("age_band", "年齢", cell), [band], "{cell}");
    }
    assert!(labels("age_band", "年齢", " ").is_empty());
}

#[test]
fn prefectures_are_known_by_alias_and_before_an_address() {
    for (cell, expected) in [
        ("大阪", "大阪府"),
        ("おおさか", "大阪府"),
        ("大阪府堺市", "大阪府"),
        ("〒590-0000　大阪府堺市", "大阪府"),
        ("27", "大阪府"),
        ("1", "北海道"),
        ("京都府", "京都府"),
        ("東京都（23区）", "東京都"),
        ("どこか", "不明"),
    ] {
        assert_eq!(labels("prefecture", "居住地", cell), [expected], "{cell}");
    }
}

#[test]
fn decorated_values_are_understood() {
    for (cell, expected) in [("1. 本人", "患者本人"), ("①本人", "患者本人"), ("家族（娘）", "家族"), ("03:友人", "友人・知人")]
    {
        let found = labels("caller_kind", "相談者区分", cell);
        assert_eq!(found.len(), 1, "{cell}");
        let profile = profile();
        let list = &profile.find("caller_kind").unwrap().1.codes;
        assert_eq!(list.find(&found[0]), list.find(expected).or_else(|| list.find("本人")), "{cell}");
    }
}

#[test]
fn several_reasons_in_one_cell() {
    let two = ["受診希望", "セカンドオピニオン"];
    for cell in [
        "受診希望、セカンドオピニオン",
        "受診希望;SO",
        "受診希望／SO",
        "受診希望/ＳＯ",
        "受診希望\nSO",
        "受診希望・SO",
        "受診希望，SO",
        "受診希望　SO",
    ] {
        assert_eq!(labels("reason", "相談内容", cell), two, "{cell}");
    }
    // Labels contain ・ themselves: the longest known run wins.
    assert_eq!(labels("reason", "相談内容", "費用・制度・仕事"), ["費用・制度・仕事"]);
    assert_eq!(labels("reason", "相談内容", "診断・病理・セカンドオピニオン"), ["セカンドオピニオン", "診断・病理"]);
    assert_eq!(
        labels("reason", "相談内容", "セカンドオピニオン・診断・病理、費用・制度・仕事"),
        ["セカンドオピニオン", "診断・病理", "費用・制度・仕事"]
    );
}

#[test]
fn lists_and_cells_give_the_same_codes() {
    let mut record = raw(&[("id", "1"), ("text", "あ")]);
    record.fields.push(("reason".into(), Cell::List(vec!["受診希望".into(), "SO".into()])));
    let list = intake().consultation(record).unwrap();
    let cell = intake().consultation(raw(&[("id", "1"), ("text", "あ"), ("reason", "受診希望、SO")])).unwrap();
    assert_eq!(list, cell);
    assert_eq!(list.attributes.pairs().len(), 2);
}

#[test]
fn unknown_values_are_counted_but_never_shown() {
    let intake = intake();
    for (sex, reason) in [("秘密の値", "受診希望、謎の理由"), ("女性", "謎"), ("?", "")] {
        intake.consultation(raw(&[("id", "1"), ("text", "あ"), ("性別", sex), ("相談内容", reason)])).unwrap();
    }
    let counts: Vec<_> = intake.unknown_values().into_iter().map(|u| (u.name.clone(), u.count, format!("{:?}", u.text()))).collect();
    assert_eq!(counts.iter().map(|(n, c, _)| (n.as_str(), *c)).collect::<Vec<_>>(), [("sex", 2), ("reason", 2)]);
    assert!(counts.iter().all(|(.., text)| !text.contains("秘密") && !text.contains('謎')));
    // 相談内容 has no code for unknown, 性別 has.
    assert_eq!(labels("sex", "性別", "秘密の値"), ["不明"]);
    assert!(labels("reason", "相談内容", "謎の理由").is_empty());
}

#[test]
fn unknown_values_are_kept_for_the_mapping_where_they_are_wanted() {
    let intake = intake().remembering_unknown();
    for sex in ["ア", "ｱ", "その他の長い記述がここに入ってしまったもの", "女性"] {
        intake.consultation(raw(&[("id", "1"), ("text", "あ"), ("性別", sex)])).unwrap();
    }
    let unknown = intake.unknown_values();
    assert_eq!((unknown[0].count, unknown[0].values.as_slice()), (3, ["ア".to_owned()].as_slice()));
    assert!(unknown[0].text().ja.contains("[values.sex]"));
}

#[test]
fn open_lists_are_surveyed_then_frozen() {
    let rows = [raw(&[("id", "1"), ("text", "あ"), ("拠点", " 九州 ")]), raw(&[("id", "2"), ("text", "あ"), ("拠点", "ﾄｳｷｮｳ")])];
    let mut profile = profile();
    let survey = Intake::new(&Mapping::default(), &profile, Limits::default()).unwrap();
    let values: Vec<_> = rows.iter().flat_map(|r| survey.open_values(r)).collect();
    let (site, _) = profile.find("site").unwrap();
    assert_eq!(values, [(site, "九州".to_owned()), (site, "トウキョウ".to_owned())]);
    profile.attributes[usize::from(site.0)].codes = CodeList::from_values(values.into_iter().map(|(_, v)| v));
    let intake = Intake::new(&Mapping::default(), &profile, Limits::default()).unwrap();
    let codes: Vec<_> = rows.into_iter().map(|r| intake.consultation(r).unwrap().attributes.codes(site).next().unwrap()).collect();
    let labels: Vec<_> = codes.iter().map(|c| profile.get(site).codes.get(*c).label_ja.as_str()).collect();
    assert_eq!(labels, ["九州", "トウキョウ"]);
    assert!(intake.unknown_values().is_empty());
}

#[test]
fn every_reject_names_its_row_and_column() {
    assert_eq!(reject(&[("相談ID", " "), ("相談記録", "あ")]), (RejectReason::MissingId, Some("相談ID".into())));
    assert_eq!(reject(&[("相談記録", "あ")]), (RejectReason::MissingId, None));
    assert_eq!(reject(&[("相談ID", "1"), ("相談記録", " 　\n\0")]), (RejectReason::EmptyText, Some("相談記録".into())));
    assert_eq!(reject(&[("相談ID", "1")]), (RejectReason::EmptyText, None));
    // A speaker who says nothing.
    for text in ["相談者：", "相談者：\n相談員：　\n"] {
        assert_eq!(reject(&[("相談ID", "1"), ("相談記録", text)]).0, RejectReason::EmptyText, "{text}");
        assert_eq!(reject(&[("相談ID", "1"), ("相談記録", text), ("記録種別", "逐語")]).0, RejectReason::EmptyText, "{text}");
    }
    assert_eq!(reject(&[("相談ID", "1"), ("受付日", "きのう"), ("相談記録", "あ")]), (RejectReason::BadDate, Some("受付日".into())));
    assert_eq!(reject(&[("相談ID", "1"), ("turns", "[{\"speaker\":1}]")]), (RejectReason::BadTurns, Some("turns".into())));
    let tight = Intake::new(&Mapping::default(), &profile(), Limits { max_chars: 3 }).unwrap();
    let row = |text: &str| raw(&[("id", "1"), ("text", text)]);
    assert_eq!(tight.consultation(row("あいう")).unwrap().utterances[0].text, "あいう");
    assert_eq!(tight.consultation(row("あいうえ")).unwrap_err().reason, RejectReason::TextTooLong);
}

#[test]
fn a_second_row_with_an_id_is_refused() {
    let mut seen = SeenIds::default();
    let place = Place { file: "a.csv".into(), row: 3, column: None };
    assert_eq!(seen.admit("A1", &place), Ok(()));
    assert_eq!(seen.admit("A2", &place), Ok(()));
    assert_eq!(seen.admit("A1", &place), Err(Problem { place, reason: RejectReason::DuplicateId }));
}

#[test]
fn ids_of_another_width_are_the_same_record() {
    let id = |cell: &str| intake().consultation(raw(&[("id", cell), ("text", "あ")])).unwrap().id;
    assert_eq!([id("A1"), id(" Ａ１　"), id("ｶ-1")], ["A1", "A1", "カ-1"]);
}

#[test]
fn a_date_that_is_said_to_be_unknown_is_no_date() {
    assert_eq!(with("受付日時", "不明").received_at, None);
    assert_eq!(with("受付日時", "").received_at, None);
    let moment = with("受付日時", "令和5年5月12日 10:32").received_at.unwrap();
    assert_eq!(moment.to_string(), "2023-05-12 10:32:00");
}

#[test]
fn speakers_by_prefix_in_every_spelling() {
    let expected = [(Caller, "もしもし".to_owned()), (Counsellor, "はい、どうぞ".to_owned())];
    for text in [
        "相談者：もしもし\n相談員：はい、どうぞ",
        "相談者:もしもし\r\n相談員: はい、どうぞ",
        "（相談者）もしもし\n（相談員）はい、どうぞ",
        "【相談者】もしもし\n【看護師】はい、どうぞ",
        "相）もしもし\n員）はい、どうぞ",
        "Ｃ：もしもし\nＯ：はい、どうぞ",
        "患者さん：もしもし\n看護師：はい、どうぞ",
        "相談者（娘）：もしもし\n相談員1：はい、どうぞ",
        "caller: もしもし\ncounsellor: はい、どうぞ",
        "相談者「もしもし」\n相談員「はい、どうぞ」",
        "家族＞もしもし\n相談員＞はい、どうぞ",
    ] {
        assert_eq!(spoken(text, "逐語"), expected, "{text}");
    }
}

#[test]
fn a_line_without_speaker_goes_on_with_the_turn() {
    let text = "（録音開始）\n相談者：主人が肉腫で。\nええと、手術は\n相談員：はい。\n話者3：すみません。";
    let expected = [
        (Unknown, "（録音開始）".to_owned()),
        (Caller, "主人が肉腫で。\nええと、手術は".to_owned()),
        (Counsellor, "はい。".to_owned()),
        (Unknown, "すみません。".to_owned()),
    ];
    assert_eq!(spoken(text, "逐語"), expected);
}

#[test]
fn the_record_type_is_detected_where_no_column_says_it() {
    let kind = |text: &str| intake().consultation(raw(&[("id", "1"), ("text", text)])).unwrap().record_type;
    assert_eq!(kind("相談者：夫が脂肪肉腫と言われました。\n相談員：それはご心配ですね。"), RecordType::Verbatim);
    assert_eq!(kind("胃GISTと診断。セカンドオピニオン希望とのこと。"), RecordType::Notes);
    // Entries of a form and SOAP notes are not speech.
    assert_eq!(kind("相談者：長女\n患者：父\n担当：三浦\n肉腫の治療について。"), RecordType::Notes);
    assert_eq!(
        kind("S：痛みが強く眠れないとのこと\nO：声は落ち着いている様子であった\nA：疼痛の評価が必要と考える\nP：主治医へ相談を勧める"),
        RecordType::Notes
    );
    assert_eq!(with("記録種別", "逐語").record_type, RecordType::Verbatim);
    // 要約記録: prefixes are left as they are.
    assert_eq!(spoken("相談者：長女。\n患者：父。", "要約"), [(Unknown, "相談者：長女。".to_owned()), (Unknown, "患者：父。".to_owned())]);
}

#[test]
fn sentences_keep_their_closing_brackets() {
    assert_eq!(sentences("胃GISTと診断。手術が必要！？不安とのこと"), ["胃GISTと診断。", "手術が必要！？", "不安とのこと"]);
    assert_eq!(sentences("「もう治らない。」と言われた。つらい。"), ["「もう治らない。」と言われた。", "つらい。"]);
    assert_eq!(sentences("「もう治りません。」母は泣いた。"), ["「もう治りません。」", "母は泣いた。"]);
    assert_eq!(sentences("転移（肺。肝。）あり。次へ"), ["転移（肺。肝。）あり。", "次へ"]);
    assert_eq!(sentences("閉じない「括弧。でも切る。"), ["閉じない「括弧。", "でも切る。"]);
    assert_eq!(sentences("径３．５cm．切除可能．"), ["径３．５cm．", "切除可能．"]);
    assert_eq!(sentences("一行目\n\n  二行目  "), ["一行目", "二行目"]);
    // The tail of an address is part of it: alone it would not be known for one, and not be redacted.
    assert_eq!(sentences("連絡はhttp://a.jp/b?name=c&d=e まで。GIST?不安"), ["連絡はhttp://a.jp/b?name=c&d=e まで。", "GIST?", "不安"]);
    assert_eq!(sentences("ｈｔｔｐ：／／ａ．ｊｐ／？ｎ＝ｃ。次"), ["ｈｔｔｐ：／／ａ．ｊｐ／？ｎ＝ｃ。", "次"]);
}

#[test]
fn nested_turns_are_trimmed_and_empty_ones_dropped() {
    let turn = |speaker, text: &str| Utterance { speaker, text: text.into() };
    let mut record = raw(&[("id", "1"), ("text", "")]);
    record.fields.push(("turns".into(), Cell::Turns(vec![turn(Caller, " もしもし "), turn(Counsellor, " "), turn(Unknown, "a")])));
    let consultation = intake().consultation(record).unwrap();
    assert_eq!(consultation.utterances, [turn(Caller, "もしもし"), turn(Unknown, "a")]);
    assert_eq!(consultation.record_type, RecordType::Verbatim);
    // Turns in a table's cell, as JSON.
    let cell = r#"[{"speaker":"相談者","text":"もしもし"},{"speaker":"相談員","text":"はい"}]"#;
    let consultation = intake().consultation(raw(&[("id", "1"), ("turns", cell)])).unwrap();
    assert_eq!(consultation.utterances, [turn(Caller, "もしもし"), turn(Counsellor, "はい")]);
}

#[test]
fn headers_are_compared_without_width_case_and_space() {
    let row = raw(&[(" 相談ＩＤ", "A1"), ("TEXT", "あ"), ("Received_At", "2023/5/12"), ("疾 患", "脂肪肉腫")]);
    let consultation = intake().consultation(row).unwrap();
    assert_eq!((consultation.id.as_str(), consultation.disease_text.as_str()), ("A1", "脂肪肉腫"));
    assert!(consultation.received_at.is_some());
    // Of two columns for one field the one the profile names first counts, wherever it stands.
    let row = raw(&[("id", "1"), ("内容", "second"), ("相談記録", "first")]);
    assert_eq!(intake().consultation(row).unwrap().utterances[0].text, "first");
}

#[test]
fn a_mapping_names_columns_and_takes_them_from_others() {
    let mut mapping = Mapping::default();
    mapping.set("text", "備考");
    mapping.set("stage", "相談内容");
    let intake = Intake::new(&mapping, &profile(), Limits::default()).unwrap();
    let row = raw(&[("id", "1"), ("相談記録", "ちがう"), ("備考", "本文"), ("相談内容", "治療中")]);
    let consultation = intake.consultation(row).unwrap();
    assert_eq!(consultation.utterances[0].text, "本文");
    let profile = profile();
    let codes: Vec<_> = consultation
        .attributes
        .pairs()
        .iter()
        .map(|(a, c)| (profile.get(*a).name.as_str(), profile.get(*a).codes.get(*c).label_ja.as_str()))
        .collect();
    assert_eq!(codes, [("stage", "治療中")]);
}

#[test]
fn a_wrong_mapping_says_what_is_wrong() {
    let refused = |pairs: &[(&str, &str)]| {
        let mut mapping = Mapping::default();
        pairs.iter().for_each(|(name, column)| mapping.set(*name, *column));
        Intake::new(&mapping, &profile(), Limits::default()).unwrap_err()
    };
    let error = refused(&[("txt", "本文")]);
    assert_eq!((error.kind(), error.place().unwrap().column.as_deref()), (ErrorKind::Config, Some("columns.txt")));
    assert!(error.to_string().contains("did you mean \"text\"?"), "{error}");
    let error = refused(&[("何か別の名前", "本文")]);
    assert!(error.to_string().contains("received_at"), "{error}");
    let error = refused(&[("text", "本文"), ("disease", "本 文")]);
    assert!(error.to_string().contains("columns.disease"), "{error}");
}

#[test]
fn columns_are_checked_before_rows_are_read() {
    let columns = |names: &[&str]| names.iter().map(|n| Arc::from(*n)).collect::<Vec<Arc<str>>>();
    let check =
        |intake: &Intake, names: &[&str]| intake.check_columns(Path::new("x.csv"), &columns(names), true).map_err(|e| e.to_string());
    let intake = intake();
    assert_eq!(check(&intake, &["相談ID", "相談記録", "ほか"]), Ok(()));
    let error = check(&intake, &["相談ID", "メモ欄"]).unwrap_err();
    assert!(error.contains("the text") && error.contains("of 2 columns these are known: 相談ID") && error.contains("[columns]"), "{error}");
    assert!(!error.contains("メモ欄"), "{error}");
    let error = check(&intake, &["番号札", "相談記録"]).unwrap_err();
    assert!(error.contains("the id") && error.contains("known: 相談記録") && !error.contains("番号札"), "{error}");
    // A first row of data must not be quoted back, however short its cells are.
    for row in [["1", "2023/5/12", "田中と申します。"], ["佐藤", "女性", "田中です"]] {
        let error = check(&intake, &row).unwrap_err();
        assert!(error.contains("3 columns, but none with a known name"), "{error}");
        assert!(row.iter().all(|cell| cell.chars().count() < 2 || !error.contains(cell)), "{error}");
    }
    // One name for two columns cannot be meant.
    let error = check(&intake, &["相談ID", "相談記録", "相談 ＩＤ"]).unwrap_err();
    assert!(error.contains("\"相談 ＩＤ\" occurs twice"), "{error}");
    assert_eq!(check(&intake, &["相談ID", "相談記録", "備考X", "備考X"]), Ok(()));
    let mut mapping = Mapping::default();
    mapping.set("text", "ない列");
    let mapped = Intake::new(&mapping, &profile(), Limits::default()).unwrap();
    let error = check(&mapped, &["相談ID", "相談記録"]).unwrap_err();
    assert!(error.contains("ない列") && error.contains("columns.text"), "{error}");
}

#[test]
fn detection_and_toml_agree() {
    let mapping = Mapping::detect(["相談ID", "内容", "本文", "年齢", "無関係"], &profile());
    assert_eq!(mapping.iter().collect::<Vec<_>>(), [("age_band", "年齢"), ("id", "相談ID"), ("text", "本文")]);
    let text = toml::to_string(&mapping).unwrap();
    assert_eq!(toml::from_str::<Mapping>(&text).unwrap(), mapping);
}

proptest::proptest! {
    /// Nothing of a text is lost or reordered by cutting it into sentences, but white space at the cuts.
    #[test]
    fn sentences_concatenate_to_the_text(text in "[あ漢。！？「」（）\n a．1]{0,60}") {
        let squeeze = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let joined: String = super::turns::sentences(&text).into_iter().map(|u| u.text).collect();
        proptest::prop_assert_eq!(squeeze(&joined), squeeze(&text));
    }

    #[test]
    fn no_row_makes_the_intake_panic(id in ".{0,3}", date in "[0-9年月日/:令和RH.T+ 午後]{0,20}", text in ".{0,40}", other in "\\PC{0,20}") {
        let _ = intake().consultation(raw(&[("id", &id), ("受付日時", &date), ("text", &text), ("相談内容", &other), ("年齢", &other), ("都道府県", &other)]));
    }
}

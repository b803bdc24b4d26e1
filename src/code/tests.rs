//! Small rule files, small calls, and the codes they must get.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::*;
use crate::consultation::{Attributes, CodeList, Normalised, Profile, Speaker};
use crate::error::{Lang, Result};
use crate::morphology::{Concepts, Lexicon};
use crate::redact::RedactedUtterance;

static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| {
    let concepts = Concepts::parse(
        ("terms.csv", include_str!("../../dictionaries/rare-cancer/terms.csv")),
        ("disease_codes.csv", include_str!("../../dictionaries/rare-cancer/disease_codes.csv")),
    );
    Arc::new(Lexicon::embedded(concepts.unwrap()).unwrap())
});

static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    let toml = "[field.id]\ncolumns = []\n\
                [[attribute]]\nname = \"caller_kind\"\nlabel_ja = \"相談者区分\"\nlabel_en = \"Caller category\"\n\
                columns = [\"相談者\"]\ncodes = \"caller_kind.csv\"\n\
                [[attribute]]\nname = \"site\"\nlabel_ja = \"拠点\"\nlabel_en = \"Site\"\ncolumns = []\nopen = true\n";
    let codes = "code,label_ja,label_en,aliases\n01,本人,Patient,患者\n02,家族,Family,夫;妻\n05,医療者,Clinician,医師\n";
    let mut profile = Profile::parse("profile.toml", toml, &|_| Ok(codes.to_owned())).unwrap();
    profile.attributes[1].codes = CodeList::from_values(["福岡".into()]);
    profile
});

fn program(rules: &str) -> Result<Arc<CodeProgram>> {
    CodeProgram::new(&CodeRules::parse("codes.txt", rules)?, &LEXICON, &PROFILE).map(Arc::new)
}

/// A call of these turns, as it stands after redaction.
fn call(turns: &[&str]) -> Vec<RedactedUtterance> {
    let mut segmenter = LEXICON.segmenter();
    let utterance = |(i, turn): (usize, &&str)| {
        let text = Normalised::new(turn).text;
        let mut tokens = Vec::new();
        segmenter.segment(&text, &mut tokens).unwrap();
        let speaker = if i % 2 == 0 { Speaker::Caller } else { Speaker::Counsellor };
        RedactedUtterance { speaker, text, tokens, removed: Vec::new() }
    };
    turns.iter().enumerate().map(utterance).collect()
}

fn attributes(pairs: &[(&str, &str)]) -> Attributes {
    let pair = |(name, value): &(&str, &str)| {
        let (id, attribute) = PROFILE.find(name).unwrap();
        (id, attribute.codes.find(value).unwrap())
    };
    Attributes::new(pairs.iter().map(pair).collect())
}

/// The names of the codes a call gets, joined.
fn coded(rules: &str, turns: &[&str], pairs: &[(&str, &str)]) -> String {
    let program = program(rules).unwrap();
    let codes = Coder::new(Arc::clone(&program)).codes(&call(turns), &attributes(pairs));
    codes.iter().map(|id| program.book().name(*id)).collect::<Vec<_>>().join(" ")
}

/// Whether one condition holds for a call of one turn.
fn holds(condition: &str, text: &str) -> bool {
    coded(&format!("＊x\n{condition}"), &[text], &[]) == "x"
}

#[test]
fn words_are_met_by_their_base_form() {
    for (condition, text, expected) in [
        ("探す", "病院を探しています", true),
        ("探す", "病院を調べています", false),
        // A form that is no word of its own means the word; a word of its own means itself.
        ("探し", "病院を探しています", true),
        ("話", "先生に話しました", false),
        ("痛い", "腰が痛くて眠れない", true),
        // A word the dictionary cuts: 治療 + 費.
        ("治療費", "治療費が払えません", true),
        ("治療費", "治療の話と費用の話", false),
        // A concept under any of its names, and the other way round.
        ("イマチニブ", "グリベックを飲んでいます", true),
        ("グリベック", "イマチニブを飲んでいます", true),
        ("脂肪肉腫", "後腹膜の脂肪肉腫です", true),
        // An ambiguous surface has both meanings.
        ("腺様嚢胞癌", "ACCと言われました", true),
        // Width and case of letters are those of normalised texts.
        ("ＧＩＳＴ", "ジストの治療", true),
        // Words no dictionary knows.
        ("ぽぽむちゃ", "ぽぽむちゃを飲みました", true),
    ] {
        assert_eq!(holds(condition, text), expected, "{condition} in {text}");
    }
}

#[test]
fn operators_bind_as_in_kh_coder() {
    let text = "専門の病院で手術を受けました";
    for (condition, expected) in [
        ("病院 and 手術", true),
        ("病院 & 費用", false),
        ("費用 | 手術", true),
        ("費用|手術", true),
        ("not 費用", true),
        ("!病院", false),
        ("病院 and not 費用", true),
        ("病院 &! 手術", false),
        ("費用 |! 検査", true),
        // not before and before or: 費用 and 検査 is false, 手術 is true.
        ("費用 and 検査 or 手術", true),
        ("手術 or 費用 and 検査", true),
        ("( 手術 or 費用 ) and 検査", false),
        ("(手術 or 費用) and 病院", true),
        ("not ( 費用 or 検査 )", true),
        ("not not 病院", true),
        ("（病院　or　費用） and 手術", true),
        ("病院\nor\n# 注釈\n費用", true),
    ] {
        assert_eq!(holds(condition, text), expected, "{condition}");
    }
}

#[test]
fn phrases_strings_near_and_seq() {
    // 専門 の 先生 を 探し て い ます 。 費用 も 心配 です 。 as positions 0 … 13.
    let text = "専門の先生を探しています。費用も心配です。";
    for (condition, expected) in [
        ("専門+の+先生", true),
        ("専門+先生", false),
        ("\"専門の先生\"", true),
        ("\"先生 専門\"", false),
        ("'の先生を探し'", true),
        ("'先生を探す'", false),
        ("near(先生-専門)", true),
        ("near(先生-専門)[2]", true),
        ("near(先生-専門)[1]", false),
        ("seq(専門-先生)", true),
        ("seq(先生-専門)", false),
        ("near(専門-先生-探す)", true),
        // 探す at 4, 心配 at 11: 7 apart.
        ("near(探す-心配)[7]", true),
        ("near(探す-心配)[6]", false),
        ("near(探す-心配)[b]", false),
        ("near(探す-心配)[d]", true),
        ("near(専門-探す)[b4]", true),
        ("near(専門-探す)[b3]", false),
        // 専門 at 0, 心配 at 11: beyond the default of 10.
        ("near(専門-心配)", false),
        ("near(専門-心配)[0]", true),
        ("near(\"専門の先生\" - 探す)[2]", true),
        ("near(専門+の+先生-探す)[2]", true),
    ] {
        assert_eq!(holds(condition, text), expected, "{condition}");
    }
    assert_eq!(coded("＊x\nnear(専門-心配)[0]", &["専門の先生", "ご心配ですね"], &[]), "", "near stays within an utterance");
    assert_eq!(coded("＊x\n専門 and 心配", &["専門の先生", "ご心配ですね"], &[]), "x", "the unit is the call");
}

#[test]
fn codes_refer_to_codes_and_to_attributes() {
    let rules = "# 見本\n＊病院\n病院\n*痛み\n痛い | 痛む\n\n＊両方\n<＊病院> and <*痛み>\n＊後で\n| <＊家族>\n";
    assert!(program(rules).is_err(), "a condition begins with a word, not with an operator");
    let rules =
        rules.replace("| <＊家族>", "<＊家族> and ＊病院\n＊家族\n<>相談者区分-->02\n＊福岡\n<>site-->福岡 or <>拠点-->\"大阪 支所\"");
    let none: &[(&str, &str)] = &[];
    for (turns, pairs, expected) in [
        (&["病院が遠い"][..], none, "病院"),
        (&["足が痛い", "病院へは"][..], none, "病院 痛み 両方"),
        (&["病院が遠い"][..], &[("caller_kind", "妻")][..], "病院 後で 家族"),
        (&["はい"][..], &[("caller_kind", "医師"), ("site", "福岡")][..], "福岡"),
        (&["はい"][..], none, ""),
    ] {
        assert_eq!(coded(&rules, turns, pairs), expected, "{turns:?} {pairs:?}");
    }
    // By published name, label, column header; by code, label, alias.
    for variable in ["<>caller_kind-->02", "<>相談者区分-->家族", "<>相談者-->夫", "<>caller_kind-->Family"] {
        assert_eq!(coded(&format!("＊x\n{variable}"), &["はい"], &[("caller_kind", "02")]), "x", "{variable}");
    }
}

#[test]
fn refusals_name_file_line_and_what_was_expected() {
    for (rules, line, words) in [
        ("語", 1, "expected a line \"＊code name\""),
        ("＊", 1, "expected the name of a code"),
        ("＊a\n\n＊b\n語", 1, "\"＊a\" has no condition"),
        ("＊a\n語\n＊a\n語", 3, "stands in line 1, too"),
        ("＊a\n語 語", 2, "expected 'and' or 'or' before \"語\""),
        ("＊a\n語\n語", 3, "expected 'and' or 'or' before \"語\""),
        ("＊a\n語 and", 2, "expected a word or a condition, found the end of the rule"),
        ("＊a\nor 語", 2, "found or"),
        ("＊a\n( 語", 2, "unclosed '('"),
        ("＊a\n語 )", 2, "')' without its '('"),
        ("＊a\n( 語 語 )", 2, "expected 'and', 'or' or ')' before \"語\""),
        ("＊a\n'語", 2, "unclosed '"),
        ("＊a\n\"\"", 2, "found nothing"),
        ("＊a\nnear(語)", 2, "expected 2 to 6 words in near(…), found 1"),
        ("＊a\nnear(語-語", 2, "expected near(word-word)"),
        ("＊a\nseq(語-語)[x]", 2, "expected seq(word-word)"),
        ("＊a\nseq(語-語)[5", 2, "expected seq(word-word)"),
        ("＊a\nnear(-語)", 2, "expected a word"),
        ("＊a\n語+", 2, "expected a word"),
        ("＊a\n語 > 2", 2, "counting and comparing"),
        ("＊a\nlength(段落) > 3", 2, "counting and comparing"),
        ("＊a\n痛み-->名詞", 2, "part of speech is not supported"),
        ("＊a\n<x>", 2, "<x>: counting and comparing"),
        ("＊a\n<＊b>", 2, "this file has no code \"＊b\""),
        ("＊a\n語\n＊b\n語 or\n<＊c", 5, "expected <＊code name>"),
        ("＊a\n語\n＊b\n<＊c>\n＊c\n語 or <＊b>", 3, "depends on itself: ＊b → ＊c → ＊b"),
        ("＊a\n<＊a>", 1, "depends on itself: ＊a → ＊a"),
        ("＊a\n語 or\n<>性別-->男", 3, "no attribute \"性別\"; there are: caller_kind, site"),
        ("＊a\n語 or\n<>相談者区分-->親戚筋", 3, "no value \"親戚筋\"; there are: 01 本人"),
        ("＊a\n<>相談者区分", 2, "expected <>attribute-->value"),
    ] {
        let error = program(rules).err().unwrap_or_else(|| panic!("accepted: {rules}"));
        let message = error.message(Lang::En);
        assert!(message.starts_with(&format!("codes.txt line {line}: ")) && message.contains(words), "{rules:?} gave {message}");
        assert!(error.message(Lang::Ja).starts_with(&format!("codes.txt {line}行目: ")), "{rules:?}");
    }
}

#[test]
fn parentheses_nest_only_so_deep() {
    let deep = |n: usize| format!("＊a\n{}語{}", "(".repeat(n), ")".repeat(n));
    assert!(program(&deep(64)).is_ok());
    assert!(program(&deep(65)).unwrap_err().message(Lang::En).contains("deeper than 64"));
    assert!(program(&deep(100_000)).is_err());
    assert!(holds(&format!("{}病院", "not ".repeat(10_000)), "病院"));
}

#[test]
fn the_rules_say_which_codes_contain_and_exclude_each_other() {
    let rules = "＊a\n語\n＊b\n<＊a> and 句\n＊c\n<＊a> or 節\n＊d\nnot ( <＊a> or 文 )\n＊e\n<＊b> | <＊b> & 文\n";
    let book = CodeRules::parse("codes.txt", rules).unwrap().book();
    let name = |pairs: &[(CodingId, CodingId)]| {
        pairs.iter().map(|(x, y)| format!("{}{}", book.name(*x), book.name(*y))).collect::<Vec<_>>().join(" ")
    };
    // e is b by its rule; through b it is inside a, and so inside c.
    assert_eq!(name(book.inside()), "ac ba be ea eb");
    assert_eq!(name(book.apart()), "ad");
}

#[test]
fn codes_nobody_has_are_named_in_one_sentence() {
    let book = CodeRules::parse("codes.txt", "＊a\n語\n＊b\n句\n\n＊c\n節").unwrap().book();
    let calls: [&[CodingId]; 2] = [&[CodingId(1)], &[]];
    let text = book.unused(calls.into_iter()).unwrap();
    assert!(text.en.contains("of codes.txt: ＊a (line 1), ＊c (line 6); check"), "{}", text.en);
    assert!(text.ja.starts_with("codes.txt の「＊a」（1行目）「＊c」（6行目）のコードは、"), "{}", text.ja);
    let all: [&[CodingId]; 1] = [&[CodingId(0), CodingId(1), CodingId(2)]];
    assert_eq!(book.unused(all.into_iter()), None);
    let many: String = (0..9).map(|n| format!("＊c{n}\n語\n")).collect();
    let text = CodeRules::parse("codes.txt", &many).unwrap().book().unused([].into_iter()).unwrap();
    assert!(text.ja.contains("「＊c4」（9行目）など9個のコードは、") && text.en.contains("＊c4 (line 9) and 4 more; check"), "{text:?}");
}

#[test]
fn a_file_without_codes_codes_nothing() {
    for empty in ["", "\u{feff}# まだない\n\n"] {
        let program = program(empty).unwrap();
        assert!(program.book().is_empty());
        assert!(Coder::new(program).codes(&call(&["病院"]), &Attributes::default()).is_empty());
    }
}

#[test]
fn a_coder_forgets_the_call_before() {
    let program = program("＊a\n病院\n＊b\nnear(痛い-病院)\n＊c\n'足'").unwrap();
    let mut coder = Coder::new(program);
    let calls = [call(&["足が痛いので病院へ"]), call(&["はい"]), call(&["病院"])];
    let codes: Vec<_> = calls.iter().map(|c| coder.codes(c, &Attributes::default()).iter().map(|id| id.0).collect::<Vec<_>>()).collect();
    assert_eq!(codes, [vec![0, 1, 2], vec![], vec![0]]);
}

#[test]
fn the_shipped_rules_are_sound() {
    let rules = CodeRules::parse("rare-cancer.txt", include_str!("../../dictionaries/codes/rare-cancer.txt")).unwrap();
    let program = Arc::new(CodeProgram::new(&rules, &LEXICON, &crate::table::testing::profile()).unwrap());
    let mut coder = Coder::new(Arc::clone(&program));
    for (text, expected) in [
        ("肉腫の専門の先生を探しているのですが", "専門医を探している"),
        ("SOを受けたい", "セカンドオピニオン"),
        ("治験に参加できますか", "治験"),
        ("遺伝子パネル検査の結果", "遺伝子パネル"),
        ("治療費が高くて", "費用"),
        ("会社を休職しています", "仕事"),
        ("卵子凍結について", "妊孕性"),
        ("腰がずっと痛くて", "痛み"),
        ("手足がしびれて", "副作用"),
        ("ホスピスを考えています", "緩和ケア"),
        ("主治医の先生が話を聞いてくれなくて", "主治医への不満"),
        ("患者会はありますか", "患者会"),
        ("病院が遠くて、飛行機で", "遠方通院"),
        ("子どもにどう伝えたら", "告知・家族への伝え方"),
        ("ありがとうございました", ""),
    ] {
        let codes = coder.codes(&call(&[text]), &Attributes::default());
        assert_eq!(codes.iter().map(|id| program.book().name(*id)).collect::<Vec<_>>().join(" "), expected, "{text}");
    }
}

/// Pieces a rule file is made of.
const PIECES: [&str; 32] = [
    "＊a",
    "\n＊a\n",
    "\n*b\n",
    "\n",
    " ",
    "語",
    "and",
    " or ",
    "not ",
    "&",
    "|!",
    "(",
    ")",
    "near(",
    "seq(語-句)",
    "[b5]",
    "-",
    "'",
    "\"",
    "<＊a>",
    "<>site-->",
    "<>",
    "-->",
    "#",
    "+",
    "5",
    "[",
    "]",
    "<",
    ">",
    "　",
    "（",
];

/// One of them, or anything.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![4 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => "\\PC{0,4}"]
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_with_a_line(pieces in proptest::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        match CodeRules::parse("codes.txt", &text) {
            Ok(rules) => {
                prop_assert_eq!(&rules, &CodeRules::parse("codes.txt", &text).unwrap());
                prop_assert_eq!(rules.book(), rules.book());
            }
            Err(error) => {
                let place = error.place().unwrap();
                let lines = text.lines().count() as u64;
                prop_assert!((1..=lines).contains(&place.row), "line {} of {lines}", place.row);
            }
        }
    }

    #[test]
    fn any_text_at_all(text in "\\PC{0,200}") {
        let _ = CodeRules::parse("codes.txt", &text);
    }
}

//! The rules as they are shipped, tried on sentences.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::evaluate::utterance;
use super::*;

use crate::consultation::{RecordType, Speaker};
use crate::morphology::{Concepts, Lexicon, Segmenter};
use crate::redact::RedactedUtterance;

const DOMAINS: &str = include_str!("../../dictionaries/needs/domains.toml");
const CUES: &str = include_str!("../../dictionaries/needs/cues.toml");
const NGRAMS: (&str, &str) = ("ngrams.tsv", include_str!("../../dictionaries/needs/ngrams.tsv"));

static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Arc::new(Lexicon::embedded(Concepts::default()).unwrap()));
static DETECTOR: LazyLock<NeedDetector> = LazyLock::new(|| {
    NeedDetector::new(&LEXICON, &NeedRules::parse(("domains.toml", DOMAINS), ("cues.toml", CUES), NGRAMS).unwrap()).unwrap()
});

fn find(record: RecordType, turns: &[(Speaker, &str)]) -> Vec<NeedMention> {
    let mut segmenter: Segmenter = LEXICON.segmenter();
    let utterances: Vec<RedactedUtterance> = turns.iter().map(|(s, t)| utterance(&mut segmenter, *s, t)).collect();
    let mut out = Vec::new();
    DETECTOR.clone().detect(&utterances, record, &mut out);
    out
}

fn said(text: &str) -> Vec<NeedMention> {
    find(RecordType::Verbatim, &[(Speaker::Caller, text)])
}

fn noted(text: &str) -> Vec<NeedMention> {
    find(RecordType::Notes, &[(Speaker::Unknown, text)])
}

fn types(mentions: &[NeedMention]) -> Vec<&'static str> {
    let mut codes: Vec<_> = mentions.iter().map(|m| m.cue.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn domains(mentions: &[NeedMention]) -> DomainSet {
    mentions.iter().filter_map(|m| m.domain).collect()
}

/// What the cues miss or wrongly find in their examples.
fn wrong_examples(detector: &NeedDetector) -> Vec<String> {
    let mut segmenter: Segmenter = LEXICON.segmenter();
    let mut wrong = Vec::new();
    for (i, cue) in (0u16..).zip(&detector.rules().cues) {
        let mut run = |text: &str| {
            let (record, speaker) = match cue.register {
                Register::Notes => (RecordType::Notes, Speaker::Unknown),
                _ => (RecordType::Verbatim, Speaker::Caller),
            };
            let mut out = Vec::new();
            detector.clone().detect(&[utterance(&mut segmenter, speaker, text)], record, &mut out);
            out
        };
        // A stronger cue of the same type may stand in the same place.
        wrong.extend(cue.yes.iter().filter(|s| !run(s).iter().any(|m| m.cue == cue.cue)).map(|s| format!("{}: missed in {s}", cue.id)));
        wrong.extend(cue.no.iter().filter(|s| run(s).iter().any(|m| m.rule == CueId(i))).map(|s| format!("{}: found in {s}", cue.id)));
    }
    wrong
}

#[test]
fn every_cue_is_found_in_its_examples_and_not_in_its_counterexamples() {
    // What a cue is as such: the utterance as a whole says nothing here, so that cues it is made of are missed.
    let rules = NeedRules::parse(("domains.toml", DOMAINS), ("cues.toml", CUES), ("ngrams.tsv", "")).unwrap();
    let mut wrong = wrong_examples(&NeedDetector::new(&LEXICON, &rules).unwrap());
    wrong.retain(|fault| !["told.whole", "asked.whole"].iter().any(|id| fault.starts_with(id)));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn learned_ngrams_overrule_few_of_the_examples() {
    let wrong = wrong_examples(&DETECTOR);
    let examples: usize = DETECTOR.rules().cues.iter().map(|cue| cue.yes.len() + cue.no.len()).sum();
    assert!(wrong.len() * 40 < examples, "{} of {examples}: {wrong:#?}", wrong.len());
    assert!(!wrong.iter().any(|fault| ["told.whole", "asked.whole"].iter().any(|id| fault.starts_with(id))), "{wrong:#?}");
}

#[test]
fn politeness_and_channel_keeping_are_no_needs() {
    let polite = [
        "はい、よろしくお願いします。",
        "ありがとうございました、失礼します。",
        "もしもし、聞こえますか。",
        "お世話になっております。",
        "そうなんですか。",
        "今お電話よろしいでしょうか。",
        "ちょっとお聞きしたいことがあるんですが。",
        "そうですよね。",
    ];
    for text in polite {
        assert_eq!(types(&said(text)), [""; 0], "{text}");
    }
}

#[test]
fn scopes_take_the_force_from_a_cue() {
    let pairs = [
        ("再発が不安です。", "特に不安はありません。"),
        ("どうにも困っています。", "困ったら電話します。"),
        ("私は夜がつらいです。", "今はつらくないです。"),
        ("母が困っています。", "友人が困っています。"),
        ("治療について教えてほしいです。", "先生に治療を受けてほしいと言われました。"),
    ];
    for (with, without) in pairs {
        assert!(!said(with).is_empty(), "{with}");
        assert!(said(without).is_empty(), "{without}: {:?}", types(&said(without)));
    }
}

#[test]
fn dialects_ask_too() {
    let asked = [
        "どこに聞けばよかと？",
        "この薬はいつまで飲むんやろか。",
        "診てもらえるがですか。",
        "なんぼくらいかかるんですやろか。",
        "どうしたらええの？",
    ];
    for text in asked {
        assert!(said(text).iter().any(|m| m.cue.is_explicit()), "{text}: {:?}", types(&said(text)));
    }
}

#[test]
fn a_counsellor_never_has_a_need() {
    let turns = [(Speaker::Counsellor, "何かご不安なことはありますか。専門の先生を探していらっしゃるんですか。")];
    assert_eq!(find(RecordType::Verbatim, &turns), []);
}

#[test]
fn an_echo_of_the_counsellor_is_no_question() {
    let told = (Speaker::Counsellor, "訪問の先生がご自宅に来てくれますよ。");
    let echo = find(RecordType::Verbatim, &[told, (Speaker::Caller, "先生が来てくれるんですか。")]);
    assert_eq!(types(&echo), [""; 0]);
    let asked = find(RecordType::Verbatim, &[told, (Speaker::Caller, "費用はかかるんですか。")]);
    assert_eq!(types(&asked), ["question"]);
}

#[test]
fn notes_have_their_own_cues() {
    assert_eq!(types(&noted("緩和ケア病棟を希望とのこと。")), ["request"]);
    assert_eq!(types(&noted("治療の副作用について質問あり。")), ["question"]);
    assert_eq!(types(&noted("再発への不安あり。")), ["fear"]);
    assert_eq!(types(&noted("専門医が見つからず。")), ["lack"]);
    assert_eq!(types(&noted("患者会について案内した。")), [""; 0]);
}

#[test]
fn domains_come_from_the_clause_then_the_turns_before() {
    let money = domains(&said("治療費がどのくらいかかるか知りたいんです。"));
    assert!(money.contains(NeedDomain::MoneyWork));
    let before = (Speaker::Counsellor, "セカンドオピニオンという方法もあります。");
    let after = find(RecordType::Verbatim, &[before, (Speaker::Caller, "それはどうすればできますか。")]);
    assert!(domains(&after).contains(NeedDomain::SecondOpinion));
    // Nothing says what it is about: the mention is kept without a domain.
    let silent = said("どうしたらいいでしょうか。");
    assert_eq!(silent.iter().map(|m| m.domain).collect::<Vec<_>>(), [None]);
}

#[test]
fn a_seed_is_found_at_the_end_of_its_sentence() {
    // 渋谷 is in no pattern, so that only its class tells it, and nothing stands behind it.
    let seeds = DOMAINS.replacen(r#""判定","#, r#""判定", "<固有名詞>","#, 1);
    let rules = NeedRules::parse(("domains.toml", &seeds), ("cues.toml", CUES), ("ngrams.tsv", "")).unwrap();
    let mut segmenter = LEXICON.segmenter();
    let turns = [(Speaker::Counsellor, "渋谷。"), (Speaker::Caller, "それはどうすればできますか。")];
    let utterances: Vec<RedactedUtterance> = turns.iter().map(|(s, t)| utterance(&mut segmenter, *s, t)).collect();
    let mut out = Vec::new();
    NeedDetector::new(&LEXICON, &rules).unwrap().detect(&utterances, RecordType::Verbatim, &mut out);
    assert_eq!(out.iter().map(|m| m.domain).collect::<Vec<_>>(), [Some(NeedDomain::Diagnosis)]);
}

#[test]
fn a_need_is_mentioned_once_per_clause_cue_and_domain() {
    let mentions = said("不安で、不安で、不安なんです。");
    let mut keys: Vec<_> = mentions.iter().map(|m| (m.start, m.rule, m.domain)).collect();
    keys.dedup();
    assert_eq!(keys.len(), mentions.len());
    assert!(mentions.iter().all(|m| m.cue == CueType::Fear && m.domain == Some(NeedDomain::Emotion)));
}

#[test]
fn faults_name_file_line_and_key() {
    let domains = ("domains.toml", DOMAINS);
    let cue = |body: &str| format!("[[cue]]\nid = \"a\"\ntype = \"fear\"\nweight = 0.5\n{body}\n");
    let good = cue("patterns = [\"不安\"]\nyes = [\"不安です。\"]");
    assert!(NeedRules::parse(domains, ("cues.toml", &good), NGRAMS).is_ok());
    let bad = [
        (cue("patterns = [\"(不安\"]\nyes = [\"不安です。\"]"), 5, Some("a")),
        (cue("patterns = [\"不安\"]\nyes = []"), 2, Some("a")),
        (good.replace("fear", "joy"), 3, Some("type")),
        (good.replace("0.5", "1.5"), 4, Some("weight")),
        (format!("{good}{good}"), 8, Some("id")),
        (good.replace("yes", "ja"), 7, None),
    ];
    for (text, line, key) in bad {
        let error = NeedRules::parse(domains, ("cues.toml", &text), NGRAMS).unwrap_err();
        let place = error.place().unwrap();
        assert_eq!(place.file.to_str(), Some("cues.toml"));
        assert_eq!(place.column.as_deref(), key, "{error}");
        assert!(key.is_none() || place.row == line, "{error}");
    }
    let anywhere = NeedRules::parse(domains, ("cues.toml", &good.replace("\"不安\"", "\". 不安\"")), NGRAMS).unwrap();
    assert_eq!(NeedDetector::new(&LEXICON, &anywhere).err().unwrap().place().unwrap().row, 5);
    let renamed = DOMAINS.replace("code = \"trial\"", "code = \"trail\"");
    assert_eq!(
        NeedRules::parse(("domains.toml", &renamed), ("cues.toml", &good), NGRAMS).unwrap_err().place().unwrap().column.as_deref(),
        Some("domain")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn spans_stand_in_the_text(words in prop::collection::vec(prop::sample::select(vec![
        "不安", "で", "、", "。", "「", "」", "教えて", "ください", "か", "？", "どう", "したら", "ない", "病院", "が", "見つから", "ん", "です", "…", "x",
    ]), 0..30)) {
        let mut segmenter = LEXICON.segmenter();
        let text = words.concat();
        for (speaker, record) in [(Speaker::Caller, RecordType::Verbatim), (Speaker::Unknown, RecordType::Notes)] {
            let u = utterance(&mut segmenter, speaker, &text);
            let mut out = Vec::new();
            DETECTOR.clone().detect(std::slice::from_ref(&u), record, &mut out);
            for m in &out {
                prop_assert!(m.start < m.end);
                prop_assert!(u.text.get(m.start as usize..m.end as usize).is_some());
                prop_assert!(m.weight > 0.0 && m.weight <= 1.0);
            }
        }
    }
}

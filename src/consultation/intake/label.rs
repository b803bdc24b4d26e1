//! Who speaks, from what a record calls the speaker.

use crate::consultation::Speaker;
use crate::consultation::attribute::lookup_key;

/// What callers are called: after NFKC, in lower case, without white space and numbers.
const CALLERS: &[&str] = &[
    "相談者",
    "相",
    "患者",
    "本人",
    "ご本人",
    "家族",
    "ご家族",
    "患者家族",
    "家族等",
    "母",
    "父",
    "夫",
    "妻",
    "娘",
    "息子",
    "長男",
    "長女",
    "次男",
    "次女",
    "兄",
    "弟",
    "姉",
    "妹",
    "母親",
    "父親",
    "遺族",
    "ご遺族",
    "利用者",
    "来談者",
    "クライエント",
    "クライアント",
    "発信者",
    "入電者",
    "架電者",
    "お客",
    "客",
    "caller",
    "client",
    "patient",
    "family",
    "user",
    "customer",
    "c",
    "cl",
    "pt",
    "q",
];

/// What counsellors are called.
const COUNSELLORS: &[&str] = &[
    "相談員",
    "員",
    "相談支援員",
    "専門相談員",
    "がん相談員",
    "がん専門相談員",
    "相談担当",
    "看護師",
    "担当看護師",
    "ns",
    "担当",
    "担当者",
    "相談担当者",
    "対応者",
    "応対者",
    "回答者",
    "受付",
    "受付者",
    "オペレーター",
    "オペレータ",
    "カウンセラー",
    "ソーシャルワーカー",
    "msw",
    "sw",
    "支援員",
    "スタッフ",
    "事務局",
    "当方",
    "センター",
    "counsellor",
    "counselor",
    "nurse",
    "operator",
    "agent",
    "assistant",
    "staff",
    "co",
    "op",
    "a",
    "o",
];

/// Speakers who could be on either side.
const OTHERS: &[&str] =
    &["話者", "発話者", "speaker", "spk", "不明", "unknown", "第三者", "医師", "主治医", "医療者", "同席者", "その他", "男性", "女性"];

/// The longest label in characters that is looked up at all.
const LABEL_CHARS: usize = 16;

/// The speaker a label means; `None` when it is no speaker's label.
///
/// 相談者, 患者, 家族, caller, C → caller; 相談員, 看護師, counsellor, A, O → counsellor; 話者1, Speaker A → unknown. Numbers,
/// forms of address (様, さん, 氏) and remarks in brackets do not matter.
pub fn speaker(label: &str) -> Option<Speaker> {
    match label {
        "caller" | "相談者" => return Some(Speaker::Caller),
        "counsellor" | "相談員" => return Some(Speaker::Counsellor),
        _ => {}
    }
    if label.chars().nth(LABEL_CHARS).is_some() {
        return None;
    }
    let key = lookup_key(label);
    let key = key.split('(').next().unwrap_or_default();
    let find = |key: &str| {
        let is = |list: &[&str]| list.contains(&key);
        let lists = [(CALLERS, Speaker::Caller), (COUNSELLORS, Speaker::Counsellor), (OTHERS, Speaker::Unknown)];
        lists.into_iter().find(|(list, _)| is(list)).map(|(_, speaker)| speaker)
    };
    let numbered = |key: &str| find(key.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '#' | '_' | '-' | '.')));
    let titled = |key: &str| ["様", "さん", "さま", "氏"].iter().find_map(|t| find(key.strip_suffix(t)?));
    // 患者A, 話者B: a letter after a Japanese word.
    let lettered = |key: &str| key.strip_suffix(|c: char| c.is_ascii_lowercase()).filter(|k| !k.is_ascii()).and_then(find);
    // Speaker A.
    let spoken = |key: &str| key.strip_prefix("speaker").filter(|rest| rest.chars().count() == 1).map(|_| Speaker::Unknown);
    find(key).or_else(|| numbered(key)).or_else(|| titled(key)).or_else(|| lettered(key)).or_else(|| spoken(key))
}

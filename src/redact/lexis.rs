//! What each token may have to do with an identifier, as bits: one table by word class, one by base form, so that a text
//! without any of them is passed over at the cost of two look-ups a token.

use rustc_hash::{FxHashMap, FxHashSet};

use super::lists::{Certainty, IdentifierLists, WordList};
use super::words::Words;
use crate::morphology::{LemmaId, Lexicon, Pos, Token};

/// A set of bits of [`flag`].
pub(super) type Flags = u64;

/// The bits.
pub(super) mod flag {
    use super::Flags;

    /// 固有名詞,人名.
    pub(in crate::redact) const PERSON: Flags = 1;
    /// 人名,姓.
    pub(in crate::redact) const SURNAME: Flags = 1 << 1;
    /// 人名,名.
    pub(in crate::redact) const GIVEN: Flags = 1 << 2;
    /// 固有名詞,地域.
    pub(in crate::redact) const REGION: Flags = 1 << 3;
    /// 固有名詞.
    pub(in crate::redact) const PROPER: Flags = 1 << 4;
    /// 名詞,数.
    pub(in crate::redact) const NUMBER: Flags = 1 << 5;
    /// In no dictionary.
    pub(in crate::redact) const UNKNOWN: Flags = 1 << 6;
    /// 名詞 or 接頭詞.
    pub(in crate::redact) const NOUN: Flags = 1 << 7;
    /// 名詞,接尾.
    pub(in crate::redact) const SUFFIX: Flags = 1 << 8;
    /// 名詞,代名詞.
    pub(in crate::redact) const PRONOUN: Flags = 1 << 9;
    /// Of the rare-cancer dictionary: never a name.
    pub(in crate::redact) const CONCEPT: Flags = 1 << 10;
    /// さん, 先生.
    pub(in crate::redact) const HONORIFIC: Flags = 1 << 11;
    /// お母さん, 看護師.
    pub(in crate::redact) const FAMILY: Flags = 1 << 12;
    /// A listed surname that is nothing else.
    pub(in crate::redact) const LISTED_SURNAME: Flags = 1 << 13;
    /// A listed surname that is also a word or a place.
    pub(in crate::redact) const AMBIGUOUS_SURNAME: Flags = 1 << 14;
    /// A listed given name that is nothing else.
    pub(in crate::redact) const LISTED_GIVEN: Flags = 1 << 15;
    /// A listed given name that is also a word.
    pub(in crate::redact) const AMBIGUOUS_GIVEN: Flags = 1 << 16;
    /// 札幌市, or 札幌.
    pub(in crate::redact) const MUNICIPALITY: Flags = 1 << 17;
    /// 市, 区, 町, 村, 郡.
    pub(in crate::redact) const MUNICIPALITY_SUFFIX: Flags = 1 << 18;
    /// 丁目, 番地, 号室.
    pub(in crate::redact) const ADDRESS_WORD: Flags = 1 << 19;
    /// 病院, 小学校.
    pub(in crate::redact) const FACILITY_SUFFIX: Flags = 1 << 20;
    /// 総合, 市民.
    pub(in crate::redact) const FACILITY_GENERIC: Flags = 1 << 21;
    /// 申す.
    pub(in crate::redact) const INTRODUCTION: Flags = 1 << 22;
    /// 名前, 氏名.
    pub(in crate::redact) const NAME_CUE: Flags = 1 << 23;
    /// 電話, 携帯.
    pub(in crate::redact) const PHONE_CUE: Flags = 1 << 24;
    /// 生年月日, 生まれ.
    pub(in crate::redact) const BIRTH_CUE: Flags = 1 << 25;
    /// 住所.
    pub(in crate::redact) const ADDRESS_CUE: Flags = 1 << 26;
    /// 診察券, カルテ, 番号.
    pub(in crate::redact) const RECORD_CUE: Flags = 1 << 27;
    /// `@`.
    pub(in crate::redact) const AT_SIGN: Flags = 1 << 28;
    /// `.` or `:` among Latin letters.
    pub(in crate::redact) const LATIN_DOT: Flags = 1 << 29;
    /// A word in katakana that no dictionary knows.
    pub(in crate::redact) const UNKNOWN_KATAKANA: Flags = 1 << 30;
    /// ぜろ: digits read aloud and written in hiragana.
    pub(in crate::redact) const SPOKEN_DIGIT: Flags = 1 << 31;

    /// 動詞.
    pub(in crate::redact) const VERB: Flags = 1 << 32;
    /// Can be 人名,姓 in the dictionary, whatever the token is here.
    pub(in crate::redact) const DICTIONARY_SURNAME: Flags = 1 << 33;
    /// Can be 人名,名 in the dictionary.
    pub(in crate::redact) const DICTIONARY_GIVEN: Flags = 1 << 34;
    /// 固有名詞,地域,国.
    pub(in crate::redact) const COUNTRY: Flags = 1 << 35;

    /// Can be 固有名詞,地域 in the dictionary.
    pub(in crate::redact) const DICTIONARY_REGION: Flags = 1 << 37;
    /// A word that may belong to a facility's name and is worth a look.
    pub(in crate::redact) const FACILITY_CUE: Flags = 1 << 38;
    /// 名詞,副詞可能: 昨日, 先月.
    pub(in crate::redact) const ADVERBIAL: Flags = 1 << 39;
    /// 名詞,一般, 固有名詞 and 形容動詞語幹: what a place may be called by; not an action or a time.
    pub(in crate::redact) const THING: Flags = 1 << 36;

    /// A surname of the long list.
    pub(in crate::redact) const KNOWN_SURNAME: Flags = 1 << 40;
    /// A given name of the long list.
    pub(in crate::redact) const KNOWN_GIVEN: Flags = 1 << 41;

    /// Any listed surname.
    pub(in crate::redact) const ANY_SURNAME: Flags = LISTED_SURNAME | AMBIGUOUS_SURNAME;
    /// Any listed given name.
    pub(in crate::redact) const ANY_GIVEN: Flags = LISTED_GIVEN | AMBIGUOUS_GIVEN;
    /// What a caller is asked for, so that the answer may be an identifier without saying so.
    pub(in crate::redact) const CUES: Flags = NAME_CUE | PHONE_CUE | BIRTH_CUE | ADDRESS_CUE | RECORD_CUE;
}

/// Base forms that ask for, or announce, an identifier.
const CUE_WORDS: &[(Flags, &[&str])] = &[
    (flag::INTRODUCTION, &["申す", "っていう", "って", "という", "ホットライン", "センター", "もしもし", "相談"]),
    (
        flag::NAME_CUE,
        &[
            "名前",
            "氏名",
            "名字",
            "苗字",
            "お名前",
            "フルネーム",
            "患者名",
            "フリガナ",
            "ふりがな",
            "漢字",
            "カタカナ",
            "片仮名",
            "宛名",
            "姓",
        ],
    ),
    (
        flag::PHONE_CUE,
        &[
            "電話",
            "内線",
            "局番",
            "PHS",
            "ピッチ",
            "末尾",
            "携帯",
            "ケータイ",
            "ケイタイ",
            "スマホ",
            "連絡",
            "連絡先",
            "折り返し",
            "折り返す",
            "直通",
            "TEL",
            "Tel",
            "FAX",
            "Fax",
            "ファックス",
            "ファクス",
            "ファクシミリ",
            "かけ直す",
            "電話番号",
        ],
    ),
    (flag::BIRTH_CUE, &["生年月日", "生まれ", "誕生", "誕生日", "生年", "生まれる", "生"]),
    (flag::ADDRESS_CUE, &["住所", "住まい", "宛先", "住む", "お住まい", "自宅", "番地"]),
    (
        flag::RECORD_CUE,
        &[
            "番号",
            "診察券",
            "券",
            "カルテ",
            "ID",
            "証",
            "保険証",
            "カード",
            "記号",
            "マイナンバー",
            "手帳",
            "ナンバー",
            "証券",
            "標本",
            "リストバンド",
            "はんこ",
        ],
    ),
    (flag::ADDRESS_WORD, &["丁目", "番地", "号", "室", "号室", "マンション", "アパート", "団地", "荘", "ハイツ", "コーポ", "番"]),
    (flag::MUNICIPALITY_SUFFIX, &["市", "区", "町", "村", "郡"]),
    (flag::FACILITY_CUE, &["会社", "株"]),
    (flag::AT_SIGN, &["ドット", "どっと", "アットマーク"]),
];

/// Names of 都道府県 without the suffix: they stay, also where a municipality has the same name.
pub(super) const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森",
    "岩手",
    "宮城",
    "秋田",
    "山形",
    "福島",
    "茨城",
    "栃木",
    "群馬",
    "埼玉",
    "千葉",
    "東京",
    "神奈川",
    "新潟",
    "富山",
    "石川",
    "福井",
    "山梨",
    "長野",
    "岐阜",
    "静岡",
    "愛知",
    "三重",
    "滋賀",
    "京都",
    "大阪",
    "兵庫",
    "奈良",
    "和歌山",
    "鳥取",
    "島根",
    "岡山",
    "広島",
    "山口",
    "徳島",
    "香川",
    "愛媛",
    "高知",
    "福岡",
    "佐賀",
    "長崎",
    "熊本",
    "大分",
    "宮崎",
    "鹿児島",
    "沖縄",
];

/// The two tables, and the lists themselves by word.
#[derive(Debug)]
pub(super) struct Lexis {
    classes: Vec<Flags>,
    /// Index into `combinations`, by base form: two bytes a word keep the table in the cache.
    lemmas: Vec<u16>,
    combinations: Vec<Flags>,
    words: Words,
    /// What suffixes of facilities end with.
    suffix_ends: FxHashSet<char>,
    /// The lists that are matched against text.
    pub(super) lists: IdentifierLists,
}

impl Lexis {
    pub(super) fn new(lexicon: &Lexicon, lists: &IdentifierLists) -> Self {
        let mut words = words_of(lists);
        for (lemma, class) in lexicon.words() {
            let info = lexicon.class(class);
            let flags = if info.is_surname() {
                flag::DICTIONARY_SURNAME
            } else if info.is_given_name() {
                flag::DICTIONARY_GIVEN
            } else if info.is_region() {
                flag::DICTIONARY_REGION
            } else {
                continue;
            };
            if let Some(name) = lexicon.lemma_text(lemma) {
                *words.entry(name.into()).or_default() |= flags;
            }
        }
        let mut lemmas = vec![0u16; lexicon.lemma_count()];
        let mut combinations = vec![0];
        let mut sorted: Vec<_> = words.iter().map(|(w, f)| (&**w, *f)).collect();
        sorted.sort_unstable();
        let known = Words::new(sorted.iter().copied());
        for (word, flags) in sorted {
            let Some(slot) = lexicon.find_lemma(word).and_then(|id| lemmas.get_mut(id.0 as usize)) else { continue };
            let at = combinations.iter().position(|&f| f == flags).unwrap_or_else(|| {
                combinations.push(flags);
                combinations.len() - 1
            });
            *slot = u16::try_from(at).unwrap_or(0);
        }
        let classes = lexicon.classes().iter().map(class_flags).collect();
        let suffix_ends = lists.facility_suffixes.sorted().into_iter().filter_map(|(suffix, _)| suffix.chars().next_back()).collect();
        Self { classes, lemmas, combinations, words: known, suffix_ends, lists: lists.clone() }
    }

    /// Whether a word may be the end of a suffix of facilities: a look that spares most words the search.
    pub(super) fn may_end_suffix(&self, word: &str) -> bool {
        word.chars().next_back().is_some_and(|c| self.suffix_ends.contains(&c))
    }

    /// Replaces `flags` by the bits of each token of `text`, and returns all of them together.
    pub(super) fn read(&self, tokens: &[Token], text: &str, flags: &mut Vec<Flags>) -> Flags {
        flags.clear();
        let mut seen = 0;
        flags.extend(tokens.iter().map(|token| {
            let bits = self.token(token, text);
            seen |= bits;
            bits
        }));
        // The dictionary cuts ぜろ in many ways, and every number read aloud and written so holds one.
        if text.contains("ぜろ") { seen | flag::SPOKEN_DIGIT } else { seen }
    }

    /// The bits of one token of `text`.
    fn token(&self, token: &Token, text: &str) -> Flags {
        let mut flags = self.classes.get(usize::from(token.class.0)).copied().unwrap_or_default();
        if flags & flag::CONCEPT != 0 {
            // A concept is no name, but 訪問看護ステーション also ends one.
            return flags | self.word(token.surface(text)) & flag::FACILITY_SUFFIX;
        }
        if token.lemma != LemmaId::SURFACE {
            let slot = self.lemmas.get(token.lemma.0 as usize).copied().unwrap_or_default();
            return flags | self.combinations[usize::from(slot)];
        }
        let surface = token.surface(text);
        match surface.as_bytes() {
            [b'0'..=b'9', ..] => flags |= flag::NUMBER,
            [first, ..] if first.is_ascii() => {
                if first.is_ascii_alphabetic() {
                    flags |= self.word(surface);
                }
                for byte in surface.bytes() {
                    match byte {
                        b'@' => flags |= flag::AT_SIGN,
                        b'.' | b':' => flags |= flag::LATIN_DOT,
                        _ => {}
                    }
                }
            }
            _ => {
                flags |= self.word(surface);
                if surface.starts_with(is_katakana) && surface.chars().nth(1).is_some() {
                    flags |= flag::UNKNOWN_KATAKANA;
                }
            }
        }
        flags
    }

    /// The bits the lists give `word`.
    pub(super) fn word(&self, word: &str) -> Flags {
        self.words.get(word)
    }

    /// Calls `each` with the length and the bits of every word of the lists with which these characters begin.
    pub(super) fn beginning(&self, characters: impl Iterator<Item = char>, each: impl FnMut(usize, Flags)) {
        self.words.beginning(characters, each);
    }
}

pub(super) fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | 'ー')
}

pub(super) fn is_hiragana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ー')
}

pub(super) fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '々' | '〆' | 'ヶ' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The test for the script `text` begins with; `None` where that is not a Japanese one.
pub(super) fn script_of(text: &str) -> Option<fn(char) -> bool> {
    let scripts: [fn(char) -> bool; 3] = [is_kanji, is_katakana, is_hiragana];
    scripts.into_iter().find(|script| text.starts_with(*script))
}

/// A letter of a Japanese word.
pub(super) fn is_japanese(c: char) -> bool {
    is_katakana(c) || is_hiragana(c) || is_kanji(c)
}

fn words_of(lists: &IdentifierLists) -> FxHashMap<Box<str>, Flags> {
    let mut words: FxHashMap<Box<str>, Flags> = FxHashMap::default();
    let mut add = |word: &str, flags: Flags| *words.entry(word.into()).or_default() |= flags;
    let mut list = |list: &WordList, sure: Flags, ambiguous: Flags| {
        for (word, certainty) in list.sorted() {
            add(word, if certainty == Certainty::Sure { sure } else { ambiguous });
        }
    };
    list(&lists.surnames, flag::LISTED_SURNAME, flag::AMBIGUOUS_SURNAME);
    list(&lists.given_names, flag::LISTED_GIVEN, flag::AMBIGUOUS_GIVEN);
    list(&lists.known_surnames, flag::KNOWN_SURNAME, flag::KNOWN_SURNAME);
    list(&lists.known_given_names, flag::KNOWN_GIVEN, flag::KNOWN_GIVEN);
    list(&lists.honorifics, flag::HONORIFIC, flag::HONORIFIC);
    list(&lists.family_terms, flag::FAMILY, flag::FAMILY);
    list(&lists.facility_suffixes, flag::FACILITY_SUFFIX, flag::FACILITY_SUFFIX);
    list(&lists.facility_generic, flag::FACILITY_GENERIC, flag::FACILITY_GENERIC);
    list(&lists.municipalities, flag::MUNICIPALITY, flag::MUNICIPALITY);
    for (name, certainty) in lists.municipalities.sorted() {
        let Some((stem, suffix)) = name.char_indices().last().map(|(i, c)| (&name[..i], c)) else { continue };
        if certainty == Certainty::Sure
            && matches!(suffix, '市' | '区' | '町' | '村' | '郡')
            && stem.chars().count() >= 2
            && !PREFECTURES.contains(&stem)
        {
            add(stem, flag::MUNICIPALITY);
            // 小倉北区 and 小倉南区: people say 小倉.
            let town = stem.trim_end_matches(['東', '西', '南', '北', '中']);
            if suffix == '区' && town.chars().count() >= 2 && !PREFECTURES.contains(&town) {
                add(town, flag::MUNICIPALITY);
            }
        }
    }
    for (flags, cues) in CUE_WORDS {
        for word in *cues {
            add(word, *flags);
        }
    }
    words
}

fn class_flags(class: &crate::morphology::ClassInfo) -> Flags {
    let bit = |condition: bool, flag: Flags| if condition { flag } else { 0 };
    bit(class.is_person_name() && class.known, flag::PERSON)
        | bit(class.is_surname() && class.known, flag::SURNAME)
        | bit(class.is_given_name() && class.known, flag::GIVEN)
        | bit(class.is_region() && class.known, flag::REGION)
        | bit(class.detail[0] == "固有名詞" && class.known, flag::PROPER)
        | bit(class.is_number(), flag::NUMBER)
        | bit(!class.known, flag::UNKNOWN)
        | bit(matches!(class.pos, Pos::Noun | Pos::Prefix), flag::NOUN)
        | bit(class.detail[0] == "接尾", flag::SUFFIX)
        | bit(class.detail[0] == "代名詞", flag::PRONOUN)
        | bit(class.concept, flag::CONCEPT)
        | bit(class.pos == Pos::Noun && matches!(class.detail[0].as_str(), "一般" | "固有名詞" | "形容動詞語幹"), flag::THING)
        | bit(class.pos == Pos::Noun && class.detail[0] == "副詞可能", flag::ADVERBIAL)
        | bit(class.pos == Pos::Verb, flag::VERB)
        | bit(class.is_region() && class.detail[2] == "国", flag::COUNTRY)
}

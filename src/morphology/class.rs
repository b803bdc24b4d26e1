//! Word classes: each distinct combination of part of speech and conjugation is a number with known properties.

/// Index into [`crate::morphology::Lexicon::class`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WordClass(pub u16);

/// The first level of the part of speech (IPADIC's 品詞).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pos {
    /// 名詞
    Noun,
    /// 動詞
    Verb,
    /// 形容詞
    Adjective,
    /// 副詞
    Adverb,
    /// 助詞
    Particle,
    /// 助動詞
    Auxiliary,
    /// 接続詞
    Conjunction,
    /// 連体詞
    Adnominal,
    /// 感動詞
    Interjection,
    /// 接頭詞
    Prefix,
    /// フィラー
    Filler,
    /// 記号
    Symbol,
    /// Anything else.
    Other,
    /// 〔氏名〕 and its like: what redaction left.
    Placeholder,
}

/// What is known about a [`WordClass`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassInfo {
    /// 品詞.
    pub pos: Pos,
    /// 品詞細分類 1–3, as in the dictionary; `*` where there is none.
    pub detail: [String; 3],
    /// 活用型, such as 一段 or 特殊・ナイ.
    pub conjugation_type: String,
    /// 活用形, such as 連用形.
    pub conjugation_form: String,
    /// Whether the word is known to a dictionary.
    pub known: bool,
    /// Whether the word comes from the user's dictionary (a [`crate::morphology::Concept`]).
    pub concept: bool,
}

impl ClassInfo {
    /// From the dictionary's fields 品詞, 細分類 1–3, 活用型, 活用形.
    pub(super) fn new(fields: [&str; 6], known: bool, concept: bool) -> Self {
        let pos = match fields[0] {
            "名詞" => Pos::Noun,
            "動詞" => Pos::Verb,
            "形容詞" => Pos::Adjective,
            "副詞" => Pos::Adverb,
            "助詞" => Pos::Particle,
            "助動詞" => Pos::Auxiliary,
            "接続詞" => Pos::Conjunction,
            "連体詞" => Pos::Adnominal,
            "感動詞" => Pos::Interjection,
            "接頭詞" => Pos::Prefix,
            "フィラー" => Pos::Filler,
            "記号" => Pos::Symbol,
            "〔〕" => Pos::Placeholder,
            _ => Pos::Other,
        };
        Self {
            pos,
            detail: [fields[1].into(), fields[2].into(), fields[3].into()],
            conjugation_type: fields[4].into(),
            conjugation_form: fields[5].into(),
            known,
            concept,
        }
    }

    /// 自立: a verb or adjective that stands on its own.
    pub fn is_independent(&self) -> bool {
        self.detail[0] == "自立"
    }

    /// 固有名詞,人名.
    pub fn is_person_name(&self) -> bool {
        self.detail[0] == "固有名詞" && self.detail[1] == "人名"
    }

    /// 人名,姓.
    pub fn is_surname(&self) -> bool {
        self.is_person_name() && self.detail[2] == "姓"
    }

    /// 人名,名.
    pub fn is_given_name(&self) -> bool {
        self.is_person_name() && self.detail[2] == "名"
    }

    /// 固有名詞,地域.
    pub fn is_region(&self) -> bool {
        self.detail[0] == "固有名詞" && self.detail[1] == "地域"
    }

    /// 固有名詞,組織.
    pub fn is_organisation(&self) -> bool {
        self.detail[0] == "固有名詞" && self.detail[1] == "組織"
    }

    /// 名詞,数.
    pub fn is_number(&self) -> bool {
        self.pos == Pos::Noun && self.detail[0] == "数"
    }

    /// A noun that can carry content: 一般, サ変接続, 形容動詞語幹, ナイ形容詞語幹, 固有名詞 and dictionary concepts.
    pub fn is_content_noun(&self) -> bool {
        self.pos == Pos::Noun
            && (self.concept || matches!(self.detail[0].as_str(), "一般" | "サ変接続" | "形容動詞語幹" | "ナイ形容詞語幹" | "固有名詞"))
    }
}

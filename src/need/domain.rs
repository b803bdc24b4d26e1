//! The need domains. Their codes are fixed so that centres can be compared; names and seeds are data.

/// A domain of need, after the 静岡分類 and the SCNS-SF34.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum NeedDomain {
    /// 専門の医師・施設につながる
    Access,
    /// 診断・検査・病理の確かさ
    Diagnosis,
    /// セカンドオピニオン
    SecondOpinion,
    /// 治療の選択・見通し
    Treatment,
    /// 治験・新薬・遺伝子パネル検査
    Trial,
    /// 病気・患者会・同病者の情報
    Information,
    /// 症状・副作用・後遺症
    Symptom,
    /// 緩和ケア・療養の場
    Palliative,
    /// 不安・気持ちのつらさ
    Emotion,
    /// 医療者との関係・説明
    Communication,
    /// 家族・周囲・遺伝
    Family,
    /// 費用・制度・仕事
    MoneyWork,
    /// 生活・外見・妊孕性
    DailyLife,
    /// その他
    Other,
}

impl NeedDomain {
    /// How many domains there are.
    pub const COUNT: usize = 14;

    /// All domains in published order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Access,
        Self::Diagnosis,
        Self::SecondOpinion,
        Self::Treatment,
        Self::Trial,
        Self::Information,
        Self::Symptom,
        Self::Palliative,
        Self::Emotion,
        Self::Communication,
        Self::Family,
        Self::MoneyWork,
        Self::DailyLife,
        Self::Other,
    ];

    /// The published code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Diagnosis => "diagnosis",
            Self::SecondOpinion => "second_opinion",
            Self::Treatment => "treatment",
            Self::Trial => "trial",
            Self::Information => "information",
            Self::Symptom => "symptom",
            Self::Palliative => "palliative",
            Self::Emotion => "emotion",
            Self::Communication => "communication",
            Self::Family => "family",
            Self::MoneyWork => "money_work",
            Self::DailyLife => "daily_life",
            Self::Other => "other",
        }
    }

    /// The Japanese name published beside the code.
    pub fn label_ja(self) -> &'static str {
        match self {
            Self::Access => "専門の医師・施設につながる",
            Self::Diagnosis => "診断・検査・病理の確かさ",
            Self::SecondOpinion => "セカンドオピニオン",
            Self::Treatment => "治療の選択・見通し",
            Self::Trial => "治験・新薬・遺伝子パネル検査",
            Self::Information => "病気・患者会・同病者の情報",
            Self::Symptom => "症状・副作用・後遺症",
            Self::Palliative => "緩和ケア・療養の場",
            Self::Emotion => "不安・気持ちのつらさ",
            Self::Communication => "医療者との関係・説明",
            Self::Family => "家族・周囲・遺伝",
            Self::MoneyWork => "費用・制度・仕事",
            Self::DailyLife => "生活・外見・妊孕性",
            Self::Other => "その他",
        }
    }

    /// The English name.
    pub fn label_en(self) -> &'static str {
        match self {
            Self::Access => "Reaching a specialist or centre",
            Self::Diagnosis => "Certainty of diagnosis and pathology",
            Self::SecondOpinion => "Second opinion",
            Self::Treatment => "Choice and prospects of treatment",
            Self::Trial => "Trials, new drugs, genomic testing",
            Self::Information => "Information, patient groups",
            Self::Symptom => "Symptoms, side and late effects",
            Self::Palliative => "Palliative care, place of care",
            Self::Emotion => "Fear and distress",
            Self::Communication => "Relationship with clinicians",
            Self::Family => "Family, surroundings, heredity",
            Self::MoneyWork => "Costs, benefits, work",
            Self::DailyLife => "Daily life, appearance, fertility",
            Self::Other => "Other",
        }
    }

    /// The domain of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.code() == code)
    }

    /// Position in [`NeedDomain::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}

/// A set of domains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DomainSet(u16);

impl DomainSet {
    /// Adds a domain.
    pub fn insert(&mut self, domain: NeedDomain) {
        self.0 |= 1 << domain.index();
    }

    /// Whether the domain is in the set.
    pub fn contains(self, domain: NeedDomain) -> bool {
        self.0 & (1 << domain.index()) != 0
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The domains of either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The domains in order.
    pub fn iter(self) -> impl Iterator<Item = NeedDomain> {
        NeedDomain::ALL.into_iter().filter(move |d| self.contains(*d))
    }
}

impl FromIterator<NeedDomain> for DomainSet {
    fn from_iter<I: IntoIterator<Item = NeedDomain>>(domains: I) -> Self {
        let mut set = Self::default();
        domains.into_iter().for_each(|d| set.insert(d));
        set
    }
}

//! The types of identifiers that may stand in what was said, and the placeholders that replace them.

/// A type of identifier. Codes are part of the contract of `eval redact`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdentifierType {
    /// 氏名
    Person,
    /// 電話・FAX番号
    Phone,
    /// メールアドレス
    Email,
    /// URL
    Url,
    /// 郵便番号
    PostalCode,
    /// 住所（市区町村以下）
    Address,
    /// 生年月日
    BirthDate,
    /// 日付（日まで）
    Date,
    /// 診察券・患者・保険証などの番号
    RecordId,
    /// 施設名（病院・会社・学校など）
    Facility,
    /// SNSのアカウント
    Account,
    /// 90歳以上の年齢
    Age,
}

impl IdentifierType {
    /// All types, in the order of their declaration.
    pub const ALL: [Self; 12] = [
        Self::Person,
        Self::Phone,
        Self::Email,
        Self::Url,
        Self::PostalCode,
        Self::Address,
        Self::BirthDate,
        Self::Date,
        Self::RecordId,
        Self::Facility,
        Self::Account,
        Self::Age,
    ];

    /// The published code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Url => "url",
            Self::PostalCode => "postal_code",
            Self::Address => "address",
            Self::BirthDate => "birth_date",
            Self::Date => "date",
            Self::RecordId => "record_id",
            Self::Facility => "facility",
            Self::Account => "account",
            Self::Age => "age",
        }
    }

    /// The type of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.code() == code)
    }

    /// What stands in the text instead.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Person => "〔氏名〕",
            Self::Phone => "〔電話番号〕",
            Self::Email => "〔メール〕",
            Self::Url => "〔URL〕",
            Self::PostalCode => "〔郵便番号〕",
            Self::Address => "〔住所〕",
            Self::BirthDate => "〔生年月日〕",
            Self::Date => "〔日付〕",
            Self::RecordId => "〔番号〕",
            Self::Facility => "〔施設名〕",
            Self::Account => "〔アカウント〕",
            Self::Age => "〔90歳以上〕",
        }
    }
}

//! Numbers of patients, charts, insurance cards and receipts, which only a cue tells from other digits; and the
//! individual number (マイナンバー), which its check digit tells.

use std::ops::Range;

use super::Detector;
use crate::error::Result;
use crate::redact::digits::Digit;
use crate::redact::lexis::{Flags, flag};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct RecordIdDetector {
    cue: Expression,
    telephone: Expression,
    /// Letters read aloud, イの and the like before the digits.
    lettered: Expression,
}

impl RecordIdDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            cue: words.expression(
                r"診察券|診察番号|患者番号|患者さんの番号|患者コード|ID|カルテ|保険証|被保険者|保険者番号|記号|番号|受給者|会員|マイナンバー|ナンバー|No|№|カード|手帳|標本|認定証|証券|リストバンド|書類",
            )?,
            lettered: words.expression(
                r"(?:(?:エー|ビー|シー|ディー|イー|エフ|ジー|エイチ|アイ|ジェイ|ケー|エル|エム|エヌ|オー|ピー|キュー|アール|エス|ティー|ユー|ブイ|エックス|ワイ|ゼット|[イロハニホA-Za-z])(?:の|・|-|、|、?ハイフン、?)*|[\p{Han}](?:の|-)|第、?)+$",
            )?,
            telephone: words.expression(r"電話|携帯|ケータイ|TEL|Tel|FAX|Fax|ファックス|ファクス|直通|連絡先|郵便|〒")?,
        })
    }
}

impl Detector for RecordIdDetector {
    fn triggers(&self) -> Flags {
        flag::NUMBER | flag::SPOKEN_DIGIT | flag::UNKNOWN_KATAKANA
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        for run in scene.digits.runs() {
            let digits = scene.digits.of(run.clone());
            if is_individual_number(digits) || (scene.about(flag::RECORD_CUE) || scene.text.contains("ID")) && self.is_record(scene, run) {
                found.extend(self.cover(scene, digits));
            }
        }
    }
}

impl RecordIdDetector {
    fn is_record(&self, scene: &Scene<'_>, run: Range<usize>) -> bool {
        let digits = scene.digits.of(run.clone());
        let (Some(first), Some(last)) = (digits.first(), digits.last()) else { return false };
        let (start, end) = (first.start as usize, last.end as usize);
        let after = scene.after(end);
        // An amount, a date or a chapter is no identifier.
        if [
            "円", "万", "人", "歳", "才", "年", "月", "日", "回", "錠", "mg", "ml", "cm", "mm", "kg", "%", "時", "分", "丁目", "番目",
            "つ", "桁", "枚", "号室",
        ]
        .iter()
        .any(|unit| after.starts_with(unit))
        {
            return false;
        }
        // Trials have registers of their own.
        if ["jRCT", "UMIN", "NCT", "JapicCTI", "JMA"].iter().any(|register| tail(scene.before(start), 12).contains(register)) {
            return false;
        }
        let near = tail(scene.before(start), 24);
        let cue = self.cue.find_last(scene, near);
        let telephone = self.telephone.find_last(scene, near);
        // Of two cues the nearer one speaks; 電話番号 is one cue.
        // Between the cue and its number stand particles and fillers, no other number.
        let close =
            |cue: &regex::Match<'_>| !near[cue.end()..].contains(|c: char| c.is_ascii_digit()) && near[cue.end()..].chars().count() <= 16;
        if let Some(cue) = cue.filter(close) {
            let other = telephone.is_some_and(|t| t.end() >= cue.start() || (cue.as_str() == "番号" && t.end() + 6 >= cue.start()));
            let phone = cue.as_str() == "番号" && first.value == 0 && (10..=11).contains(&digits.len());
            if !other && !phone && digits.len() >= if cue.as_str() == "記号" { 2 } else { 3 } {
                return true;
            }
        }
        // The answer to a question: digits in groups with hyphens.
        let hyphens = run.len() >= 2 && scene.text[start..end].contains(['-', 'の', 'ノ', 'ー']);
        let telephone_shaped = first.value == 0 && digits.get(1).is_some_and(|d| d.value != 0) && digits.len() >= 10;
        let date = first.value != 0 && digits.len() <= 8 && scene.digits.groups[run.start].len == 4 && run.len() == 3;
        telephone.is_none() && hyphens && digits.len() >= 5 && !telephone_shaped && !date && scene.asked & flag::RECORD_CUE != 0
    }

    /// The digits with the letters and hyphens that belong to them.
    fn cover(&self, scene: &Scene<'_>, digits: &[Digit]) -> Option<IdentifierSpan> {
        let (first, last) = (digits.first()?, digits.last()?);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let before = scene.before(first.start as usize);
        let head = before.trim_end_matches(is_part);
        // `ID` itself is the cue.
        let letters = before[head.len()..].strip_prefix("ID").map_or(head.len(), |_| head.len() + 2);
        let letters = self.lettered.find(scene, &before[..letters]).map_or(letters, |m| m.start());
        let after = scene.after(last.end as usize);
        let tail = after.len() - after.trim_start_matches(is_part).len();
        Some(scene.span(letters, last.end as usize + tail, IdentifierType::RecordId))
    }
}

/// Twelve digits whose last is the check digit of the others: 11 − (Σ Pₙ·Qₙ mod 11), 0 where the remainder is at most 1
/// (総務省令第85号, 2014, article 5; Pₙ the n-th digit from the right without the check digit, Qₙ = n + 1 for n ≤ 6 else n − 5).
fn is_individual_number(digits: &[Digit]) -> bool {
    if digits.len() != 12 {
        return false;
    }
    let sum: u32 = (1u32..).zip(digits.iter().rev().skip(1)).map(|(n, d)| u32::from(d.value) * if n <= 6 { n + 1 } else { n - 5 }).sum();
    let check = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    digits.last().is_some_and(|d| u32::from(d.value) == check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digit_of_the_individual_number() {
        let number = |text: &str| text.bytes().map(|b| Digit { value: b - b'0', start: 0, end: 0 }).collect::<Vec<_>>();
        // Σ for 12345678901: from the right 1·2 + 0·3 + 9·4 + 8·5 + 7·6 + 6·7 + 5·2 + 4·3 + 3·4 + 2·5 + 1·6 = 212; 212 mod 11 = 3; 11 − 3 = 8.
        assert!(is_individual_number(&number("123456789018")));
        assert!(!is_individual_number(&number("123456789012")));
        assert!(!is_individual_number(&number("12345678901")));
    }
}

//! What is done with each type of identifier.

use std::collections::BTreeMap;

use super::lexis::PREFECTURES;
use super::{IdentifierSpan, IdentifierType};
use crate::error::Text;

/// What is done with identifiers of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// All of it is replaced by the placeholder of its type.
    Mask,
    /// What is finer than a month or a prefecture is replaced.
    Generalise,
    /// Left as it is.
    Keep,
}

impl Action {
    /// As the configuration spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mask => "mask",
            Self::Generalise => "generalise",
            Self::Keep => "keep",
        }
    }
}

/// The action for each type. By default all are masked, but of a date the month stays, of an address the prefecture: the day of
/// an operation together with a rare disease can point to one patient, its month is needed to understand a course of disease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    actions: [Action; IdentifierType::ALL.len()],
}

impl Default for Policy {
    fn default() -> Self {
        Self::whole().with(IdentifierType::Date, Action::Generalise).with(IdentifierType::Address, Action::Generalise)
    }
}

impl Policy {
    /// Everything that was found is masked, all of it.
    pub fn whole() -> Self {
        Self { actions: [Action::Mask; IdentifierType::ALL.len()] }
    }

    /// The default policy with the actions of `changes`: code of a type (`date`) → `mask`, `generalise` or `keep`.
    ///
    /// # Errors
    /// The code at fault, and what is wrong: an unknown code or action, or a type of which nothing coarser is known.
    pub fn of(changes: &BTreeMap<String, String>) -> Result<Self, (String, Text)> {
        let mut policy = Self::default();
        for (code, action) in changes {
            let fault = |ja: &str, en: &str| Err((code.clone(), Text::new(ja, en)));
            let action = match (IdentifierType::from_code(code), action.as_str()) {
                (None, _) => return fault("個人情報の種類ではありません", "is no type of identifier"),
                (Some(kind), "mask") => (kind, Action::Mask),
                (Some(kind), "keep") => (kind, Action::Keep),
                (Some(kind @ (IdentifierType::Date | IdentifierType::Address)), "generalise") => (kind, Action::Generalise),
                (_, "generalise") => {
                    return fault("generalise は date と address だけに使えます", "generalise is for date and address only");
                }
                _ => return fault("mask、generalise、keep のどれかにしてください", "must be mask, generalise or keep"),
            };
            policy = policy.with(action.0, action.1);
        }
        Ok(policy)
    }

    /// This policy with another action for `kind`.
    #[must_use]
    pub fn with(mut self, kind: IdentifierType, action: Action) -> Self {
        self.actions[kind as usize] = action;
        self
    }

    /// The action for `kind`.
    pub fn action(&self, kind: IdentifierType) -> Action {
        self.actions[kind as usize]
    }

    /// The types that are left as they are.
    pub fn kept(&self) -> impl Iterator<Item = IdentifierType> + '_ {
        IdentifierType::ALL.into_iter().filter(|kind| self.action(*kind) == Action::Keep)
    }

    /// What is replaced of an identifier found in `text`: all, a part, or nothing.
    pub(super) fn replaced(&self, text: &str, span: IdentifierSpan) -> Option<IdentifierSpan> {
        let (start, end) = (span.start as usize, span.end as usize);
        let start = match (self.action(span.kind), span.kind) {
            (Action::Keep, _) => return None,
            (Action::Generalise, IdentifierType::Date) => start + below_month(&text[start..end]),
            // An address is found from its municipality on.
            (Action::Mask, IdentifierType::Address) => prefecture_before(&text[..start]),
            _ => start,
        };
        Some(IdentifierSpan { start: u32::try_from(start).unwrap_or(u32::MAX), ..span })
    }
}

/// Where the day begins in a date: 3月12日, R6.3.12, 3/12; 0 where no month is said.
fn below_month(date: &str) -> usize {
    let day = date.trim_end_matches(|c: char| !matches!(c, '月' | '/' | '.' | '-'));
    let rest = &date[day.len()..];
    day.len() + rest.len() - rest.trim_start_matches([' ', 'の']).len()
}

/// Where the prefecture begins that `before` ends with; its end where there is none.
fn prefecture_before(before: &str) -> usize {
    let name = before.strip_suffix('の').unwrap_or(before);
    let bare = name.strip_suffix(['県', '府', '都']).unwrap_or(name);
    PREFECTURES.iter().find_map(|prefecture| [name, bare].iter().find_map(|n| n.strip_suffix(prefecture))).map_or(before.len(), str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(code: &str, action: &str) -> Result<Policy, (String, Text)> {
        Policy::of(&BTreeMap::from([(code.to_owned(), action.to_owned())]))
    }

    fn replaced(policy: &Policy, text: &str, part: &str, kind: IdentifierType) -> Option<String> {
        let start = text.find(part).unwrap() as u32;
        let span = policy.replaced(text, IdentifierSpan { start, end: start + part.len() as u32, kind })?;
        Some(text[span.start as usize..span.end as usize].to_owned())
    }

    #[test]
    fn of_a_date_the_month_stays_of_an_address_the_prefecture() {
        for (text, date, expected) in [
            ("令和6年3月12日に", "令和6年3月12日", "12日"),
            ("三月の十二日に", "三月の十二日", "十二日"),
            ("R6.3.12", "R6.3.12", "12"),
            ("3/12受診", "3/12", "12"),
            ("来月の15日", "15日", "15日"),
        ] {
            assert_eq!(replaced(&Policy::default(), text, date, IdentifierType::Date).as_deref(), Some(expected));
            assert_eq!(replaced(&Policy::whole(), text, date, IdentifierType::Date).as_deref(), Some(date));
        }
        for (text, address, whole) in [
            ("北海道札幌市です", "札幌市", "北海道札幌市"),
            ("住まいは千葉県の市原市", "市原市", "千葉県の市原市"),
            ("ここは市原市", "市原市", "市原市"),
        ] {
            assert_eq!(replaced(&Policy::default(), text, address, IdentifierType::Address).as_deref(), Some(address));
            assert_eq!(replaced(&Policy::whole(), text, address, IdentifierType::Address).as_deref(), Some(whole));
        }
        let kept = policy("date", "keep").unwrap();
        assert_eq!(replaced(&kept, "3月12日", "3月12日", IdentifierType::Date), None);
        assert_eq!(kept.kept().collect::<Vec<_>>(), [IdentifierType::Date]);
        assert_eq!(replaced(&kept, "3月12日", "3月12日", IdentifierType::BirthDate).as_deref(), Some("3月12日"));
    }

    #[test]
    fn wrong_codes_and_actions_are_refused() {
        for (code, action) in [("name", "mask"), ("date", "hide"), ("person", "generalise")] {
            assert_eq!(policy(code, action).unwrap_err().0, code);
        }
    }
}

//! What is done with each type of identifier.

use super::IdentifierType;
use crate::error::{Error, ErrorKind, Result, Text};

/// What is done with identifiers of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    /// Replaced by the placeholder of its type.
    #[default]
    Mask,
    /// Left as it is.
    Keep,
}

/// The action for each type. By default all twelve types are masked, dates included: the day of an operation together with
/// a rare disease can point to one patient, and what an analysis needs of time is in the call's own date.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    actions: [Action; IdentifierType::ALL.len()],
}

impl Policy {
    /// The action for `kind`.
    pub fn action(&self, kind: IdentifierType) -> Action {
        self.actions[kind as usize]
    }

    /// Whether `kind` is masked.
    pub fn masks(&self, kind: IdentifierType) -> bool {
        self.action(kind) == Action::Mask
    }

    /// This policy with another action for `kind`.
    #[must_use]
    pub fn with(mut self, kind: IdentifierType, action: Action) -> Self {
        self.actions[kind as usize] = action;
        self
    }

    /// The policy in which `code` (such as `date`) gets the action `mask` or `keep`.
    ///
    /// # Errors
    /// An unknown code or action.
    pub fn set(self, code: &str, action: &str) -> Result<Self> {
        let fault = |ja: &str, en: &str| Error::new(ErrorKind::Config, Text::new(ja, en)).column(code);
        let kind = IdentifierType::from_code(code).ok_or_else(|| {
            fault(
                "person, phone, email, url, postal_code, address, birth_date, date, record_id, facility, account, age のどれかを書いてください",
                "expected one of person, phone, email, url, postal_code, address, birth_date, date, record_id, facility, account, age",
            )
        })?;
        let action = match action {
            "mask" => Action::Mask,
            "keep" => Action::Keep,
            _ => return Err(fault("mask か keep を書いてください", "expected mask or keep")),
        };
        Ok(self.with(kind, action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_masked_unless_said_otherwise() {
        let policy = Policy::default();
        assert!(IdentifierType::ALL.into_iter().all(|t| policy.masks(t)));
        let policy = policy.set("date", "keep").unwrap();
        assert!(!policy.masks(IdentifierType::Date));
        assert!(policy.masks(IdentifierType::BirthDate));
    }

    #[test]
    fn wrong_codes_and_actions_are_refused() {
        assert!(Policy::default().set("name", "mask").is_err());
        assert!(Policy::default().set("date", "hide").is_err());
    }
}

//! The smallest count that may be shown, and a count after the decision.

use crate::error::{Error, ErrorKind, Result, Text};

/// The smallest count above zero that may be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold(u32);

impl Default for Threshold {
    fn default() -> Self {
        Self(Self::DEFAULT)
    }
}

impl Threshold {
    /// No published cell from 1 to 9: the rule of NDB, 介護DB and 全国がん登録.
    pub const DEFAULT: u32 = 10;
    /// Below three, the two people of a cell know each other's answer.
    pub const LEAST: u32 = 3;

    /// # Errors
    /// A threshold below [`Threshold::LEAST`].
    pub fn new(threshold: u32) -> Result<Self> {
        if threshold < Self::LEAST {
            return Err(Error::new(
                ErrorKind::Config,
                Text::new(
                    format!(
                        "最小公表件数は{}以上にしてください（{threshold}が指定されています。標準は{}です）",
                        Self::LEAST,
                        Self::DEFAULT
                    ),
                    format!("the disclosure threshold must be at least {}, got {threshold}; the default is {}", Self::LEAST, Self::DEFAULT),
                ),
            ));
        }
        Ok(Self(threshold))
    }

    /// The smallest count that may be shown.
    pub fn get(self) -> u32 {
        self.0
    }

    /// How far apart the ends of the interval must be that is known of a hidden count.
    pub(super) fn width(self) -> u32 {
        self.0 / 2
    }

    /// Whether a count is too small to be shown; zero is not.
    pub fn hides(self, count: u32) -> bool {
        (1..self.0).contains(&count)
    }

    /// The count on its own: hidden when it is small. Counts that others sum up to belong into a [`super::Ledger`].
    pub fn primary(self, count: u32) -> Shown {
        Shown::of(count, self.hides(count))
    }
}

/// A count as it is published: the only form in which tables see one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// At least the threshold, and not needed to protect another.
    Published(u32),
    /// Nobody: shown, as the guidelines allow.
    Zero,
    /// Hidden: too small itself, or needed to protect a small one (then it may be anything, zero too). Which of the two is not
    /// said, since that would help to guess it.
    Suppressed,
}

impl Shown {
    /// `count`, unless it is hidden.
    pub(super) fn of(count: u32, hidden: bool) -> Self {
        match (hidden, count) {
            (true, _) => Self::Suppressed,
            (false, 0) => Self::Zero,
            (false, count) => Self::Published(count),
        }
    }

    /// The number, where it may be known; derived values are computed from nothing else.
    pub fn value(self) -> Option<u32> {
        match self {
            Self::Published(count) => Some(count),
            Self::Zero => Some(0),
            Self::Suppressed => None,
        }
    }

    /// The code in the `…_status` column beside a count.
    pub fn status(self) -> &'static str {
        match self {
            Self::Published(_) => "published",
            Self::Zero => "zero",
            Self::Suppressed => "suppressed",
        }
    }

    /// `self`, or [`Shown::Suppressed`] where `other` is hidden.
    #[must_use]
    pub fn hidden_with(self, other: Self) -> Self {
        if other == Self::Suppressed { other } else { self }
    }

    /// self / whole, where both are known and the whole is not zero.
    pub fn share_of(self, whole: Self) -> Option<f64> {
        let (part, whole) = (self.value()?, whole.value()?);
        (whole > 0).then(|| f64::from(part) / f64::from(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_nine_are_hidden() {
        let t = Threshold::default();
        assert_eq!(t.primary(0), Shown::Zero);
        assert!((1..10).all(|c| t.primary(c) == Shown::Suppressed));
        assert_eq!(t.primary(10), Shown::Published(10));
        assert_eq!([t.primary(0), t.primary(9), t.primary(11)].map(Shown::status), ["zero", "suppressed", "published"]);
    }

    #[test]
    fn thresholds_below_three_are_refused() {
        for low in 0..3 {
            let error = Threshold::new(low).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(&format!("got {low}")));
        }
        assert_eq!(Threshold::new(3).unwrap().get(), 3);
    }

    #[test]
    fn shares_need_both_numbers() {
        let t = Threshold::default();
        assert_eq!(t.primary(10).share_of(t.primary(40)), Some(0.25));
        assert_eq!(t.primary(0).share_of(t.primary(40)), Some(0.0));
        assert_eq!(t.primary(9).share_of(t.primary(40)), None);
        assert_eq!(Shown::Zero.share_of(Shown::Zero), None);
    }
}

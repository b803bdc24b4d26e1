//! How narrowly may a hidden count be known?
//!
//! Everybody knows of a count below the threshold that it is 1 to threshold − 1: that is what its being hidden says. What must
//! not be possible is to find it, or nearly so. A hidden count that may be small is safe when the interval an attacker can prove
//! is at least half the threshold wide, wherever it lies ("sliding protection": Fischetti & Salazar 2001, Management Science 47(7);
//! Hundepool et al. 2012, Statistical Disclosure Control, ch. 4): for 10, five between its ends, six possible numbers. The width is our
//! choice, the one the suppressor aims at in each single sum; as wide as 1..threshold − 1 itself would be stricter, and cells that are
//! known to be 0 to 7 would fall. A hidden count that is surely not small is there to protect another; it is safe unless its
//! exact number is proved. A hidden count that is surely zero tells of nobody, and zeros may be published.
//!
//! A count that is printed nowhere (calls of a theme without a need) is not marked as hidden, so that "1 to threshold − 1" would
//! already tell something: it falls when that much is proved.

use super::system::Kind;

/// The protection that follows from a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    threshold: i64,
}

impl Protection {
    /// For the smallest count that may be shown.
    pub fn new(threshold: u32) -> Self {
        Self { threshold: i64::from(threshold) }
    }

    /// The smallest count that may be shown.
    pub fn threshold(self) -> i64 {
        self.threshold
    }

    /// How wide the interval of a hidden count must be.
    pub fn width(self) -> i64 {
        self.threshold / 2
    }

    /// Whether a count is small.
    pub fn is_small(self, count: i64) -> bool {
        (1..self.threshold).contains(&count)
    }

    /// Whether a count of which this interval is proved has fallen.
    pub fn falls(self, kind: Kind, (low, high): (i64, i64)) -> bool {
        match kind {
            Kind::Suppressed => high > 0 && high - low < self.room(low),
            Kind::Rest => low >= 1 && high < self.threshold,
            Kind::Shown | Kind::Helper => false,
        }
    }

    /// Whether a count cannot fall of which it is proved that it lies in `outer`, and that it may be any number of `inner`.
    pub(super) fn is_safe(self, kind: Kind, outer: (i64, i64), inner: (i64, i64)) -> bool {
        match kind {
            Kind::Suppressed => outer.1 <= 0 || inner.1 - inner.0 >= self.room(outer.0),
            Kind::Rest => outer.0 >= self.threshold || outer.1 <= 0 || (inner.0 <= inner.1 && (inner.0 <= 0 || inner.1 >= self.threshold)),
            Kind::Shown | Kind::Helper => true,
        }
    }

    /// How far apart the ends of a hidden count's interval must be, which is at least `low`.
    fn room(self, low: i64) -> i64 {
        if low >= self.threshold { 1 } else { self.width() }
    }
}

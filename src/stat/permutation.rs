//! Would chance have given as much? Shuffles, and what they say of the value observed.

use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

/// Which values speak for more than chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// As large as the observed one, or larger.
    Upper,
    /// As small as the observed one, or smaller.
    Lower,
}

/// What the shuffles gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// Their mean.
    pub mean: f64,
    /// The 2.5 % point.
    pub low: f64,
    /// The 97.5 % point.
    pub high: f64,
    /// The one-sided p-value of the observed value.
    pub p: f64,
}

/// Shuffles positions, the same way on every machine for the same seed.
#[derive(Debug, Clone)]
pub struct Shuffler(Xoshiro256Plus);

impl Shuffler {
    /// The shuffles of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256Plus::seed_from_u64(seed))
    }

    /// Puts `items` into random order (Fisher & Yates; Durstenfeld 1964, doi:10.1145/364520.364540). Linear.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            // The bias of the multiplication is below items / 2³².
            let high = (self.0.next_u64() >> 32) * (last as u64 + 1);
            items.swap(last, usize::try_from(high >> 32).unwrap_or(last));
        }
    }
}

impl Chance {
    /// What `shuffled` says of `observed`; `None` where nothing was shuffled.
    ///
    /// p = (1 + b) / (1 + m), where b of the m shuffles are as extreme: never 0, which no number of shuffles could show
    /// (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585). The points are order statistics: of 200 values the 5th and the 196th.
    pub fn of(observed: f64, shuffled: &[f64], tail: Tail) -> Option<Self> {
        /// Shuffles give the observed value again and again; sums in another order must not make it another.
        const SAME: f64 = 1e-12;
        let mut sorted = shuffled.to_vec();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let extreme = |value: &&f64| match tail {
            Tail::Upper => **value >= observed - SAME,
            Tail::Lower => **value <= observed + SAME,
        };
        let beyond = sorted.iter().filter(extreme).count();
        let m = sorted.len() as f64;
        // 2.5 % are one in forty.
        let cut = sorted.len().div_ceil(40) - 1;
        Some(Self {
            mean: sorted.iter().sum::<f64>() / m,
            low: sorted[cut],
            high: sorted[last - cut],
            p: (1.0 + beyond as f64) / (1.0 + m),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_counts_the_observed_value_itself() {
        let shuffled: Vec<f64> = (1..=200).map(f64::from).collect();
        // 3 of 200 are 198 or more: p = 4/201.
        let chance = Chance::of(198.0, &shuffled, Tail::Upper).unwrap();
        assert!((chance.p - 4.0 / 201.0).abs() < 1e-12);
        // 2.5 % of 200 are 5: the points are the 5th and the 196th.
        assert_eq!((chance.mean, chance.low, chance.high), (100.5, 5.0, 196.0));
        assert!((Chance::of(198.0, &shuffled, Tail::Lower).unwrap().p - 199.0 / 201.0).abs() < 1e-12);
        assert!((Chance::of(1000.0, &shuffled, Tail::Upper).unwrap().p - 1.0 / 201.0).abs() < 1e-12);
        assert_eq!(Chance::of(1.0, &[], Tail::Upper), None);
    }

    #[test]
    fn shuffles_keep_what_is_shuffled_and_reach_every_order() {
        let mut shuffler = Shuffler::new(1);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let mut items = [1, 2, 3];
            shuffler.shuffle(&mut items);
            *seen.entry(items).or_insert(0u32) += 1;
        }
        assert_eq!(seen.len(), 6);
        // 1,000 of each expected, five standard deviations (29) either side.
        assert!(seen.values().all(|n| (855..=1145).contains(n)), "{seen:?}");
        let order = |seed| {
            let mut items: Vec<u32> = (0..20).collect();
            Shuffler::new(seed).shuffle(&mut items);
            items
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
    }
}

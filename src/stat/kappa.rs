//! How far do two people agree who put the same things into the same classes?

use super::interval::Z_95;

/// Two raters' judgements of the same things: how many things the first put into class *i* and the second into class *j*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratings {
    classes: usize,
    table: Vec<u64>,
}

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The coefficient.
    pub value: f64,
    /// Its large-sample standard error.
    pub standard_error: f64,
}

impl Estimate {
    /// value ± 1.96 standard errors, within −1 to 1.
    pub fn interval(self) -> (f64, f64) {
        let half = Z_95 * self.standard_error;
        ((self.value - half).max(-1.0), (self.value + half).min(1.0))
    }
}

impl Ratings {
    /// No judgements yet, into so many classes.
    pub fn new(classes: usize) -> Self {
        Self { classes, table: vec![0; classes * classes] }
    }

    /// Two judgements of one thing, of two classes: no and yes.
    pub fn yes_no(pairs: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut ratings = Self::new(2);
        pairs.into_iter().for_each(|(a, b)| ratings.add(usize::from(a), usize::from(b), 1));
        ratings
    }

    /// So many more things were put into class `a` by the first and into class `b` by the second.
    pub fn add(&mut self, a: usize, b: usize, things: u64) {
        self.table[a * self.classes + b] += things;
    }

    /// Things judged by both.
    pub fn total(&self) -> u64 {
        self.table.iter().sum()
    }

    /// Things that the first put into `a` and the second into `b`.
    pub fn both(&self, a: usize, b: usize) -> u64 {
        self.table[a * self.classes + b]
    }

    /// Things the first put into the class.
    pub fn first(&self, class: usize) -> u64 {
        (0..self.classes).map(|b| self.both(class, b)).sum()
    }

    /// Things the second put into the class.
    pub fn second(&self, class: usize) -> u64 {
        (0..self.classes).map(|a| self.both(a, class)).sum()
    }

    fn share(&self, count: u64) -> f64 {
        count as f64 / self.total() as f64
    }

    /// The share of things both put into the same class; `None` where there is nothing.
    pub fn observed(&self) -> Option<f64> {
        (self.total() > 0).then(|| self.share((0..self.classes).map(|c| self.both(c, c)).sum()))
    }

    /// Cohen's κ = (pₒ − pₑ) / (1 − pₑ), with pₑ = Σ pᵢ.·p.ᵢ (Cohen 1960, doi:10.1177/001316446002000104), and its large-sample
    /// standard error where κ is not 0 (Fleiss, Cohen & Everitt 1969, doi:10.1037/h0028106):
    ///
    /// N·(1 − pₑ)⁴·var = Σᵢ pᵢᵢ·[(1 − pₑ) − (p.ᵢ + pᵢ.)(1 − pₒ)]² + (1 − pₒ)²·Σᵢ≠ⱼ pᵢⱼ·(p.ᵢ + pⱼ.)² − (pₒ·pₑ − 2pₑ + pₒ)²
    ///
    /// `None` where there is nothing, or where both put everything into one class: chance alone then agrees, too.
    pub fn kappa(&self) -> Option<Estimate> {
        let observed = self.observed()?;
        let (first, second) = self.marginals();
        let expected: f64 = first.iter().zip(&second).map(|(a, b)| a * b).sum();
        let left = 1.0 - expected;
        if left < 1e-12 {
            return None;
        }
        let (mut agreed, mut apart) = (0.0, 0.0);
        for (i, column) in second.iter().enumerate() {
            for (j, row) in first.iter().enumerate() {
                let p = self.share(self.both(i, j));
                let margins = column + row;
                if i == j {
                    agreed += p * square(left - margins * (1.0 - observed));
                } else {
                    apart += p * square(margins);
                }
            }
        }
        let sum = agreed + square(1.0 - observed) * apart - square(observed * expected - 2.0 * expected + observed);
        // Where both agree on everything the variance is 0, and rounding must not make it less.
        let variance = sum.max(0.0) / (self.total() as f64 * square(square(left)));
        Some(Estimate { value: (observed - expected) / left, standard_error: variance.sqrt() })
    }

    /// Gwet's AC1: as κ, with the chance that a thing is hard to judge in the place of pₑ: Σ πₖ(1 − πₖ) / (q − 1), where πₖ is
    /// the mean of both raters' shares of class *k* and *q* the number of classes (Gwet 2008, doi:10.1348/000711006X126600).
    /// Unlike κ it does not fall where a class is rare and both agree on nearly everything. `None` where there is nothing.
    ///
    /// The standard error is Gwet's for two raters, with all things of interest being many more than those judged.
    pub fn ac1(&self) -> Option<Estimate> {
        let observed = self.observed()?;
        let (first, second) = self.marginals();
        let mean: Vec<f64> = first.iter().zip(&second).map(|(a, b)| f64::midpoint(*a, *b)).collect();
        let others = self.classes.checked_sub(1).filter(|others| *others > 0)? as f64;
        let expected = mean.iter().map(|p| p * (1.0 - p)).sum::<f64>() / others;
        let left = 1.0 - expected;
        let value = (observed - expected) / left;
        let (mut same, mut all) = (0.0, 0.0);
        for (i, own) in mean.iter().enumerate() {
            same += self.share(self.both(i, i)) * (1.0 - own);
            for (j, other) in mean.iter().enumerate() {
                all += self.share(self.both(i, j)) * square(1.0 - f64::midpoint(*own, *other));
            }
        }
        let sum = observed * (1.0 - observed) - 4.0 * (1.0 - value) * (same / others - observed * expected)
            + 4.0 * square(1.0 - value) * (all / square(others) - square(expected));
        let variance = sum.max(0.0) / (self.total() as f64 * square(left));
        Some(Estimate { value, standard_error: variance.sqrt() })
    }

    fn marginals(&self) -> (Vec<f64>, Vec<f64>) {
        let shares = |count: &dyn Fn(usize) -> u64| (0..self.classes).map(|c| self.share(count(c))).collect();
        (shares(&|c| self.first(c)), shares(&|c| self.second(c)))
    }
}

fn square(x: f64) -> f64 {
    x * x
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(rows: &[&[u64]]) -> Ratings {
        let mut ratings = Ratings::new(rows.len());
        for (a, row) in rows.iter().enumerate() {
            row.iter().enumerate().for_each(|(b, n)| ratings.add(a, b, *n));
        }
        ratings
    }

    #[test]
    fn the_diagnoses_of_fleiss_levin_and_paik() {
        // Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, table 18.1: 100 patients, psychotic,
        // neurotic or organic. Published: κ = .68 and a standard error of .087.
        let kappa = of(&[&[75, 1, 4], &[5, 4, 1], &[0, 0, 10]]).kappa().unwrap();
        // pₒ = .89, pₑ = .8·.8 + .1·.05 + .1·.15 = .66, κ = .23/.34
        assert!((kappa.value - 0.23 / 0.34).abs() < 1e-12);
        assert!((kappa.standard_error - 0.087).abs() < 1e-3, "{kappa:?}");
    }

    #[test]
    fn the_abstractors_of_gwet() {
        // The data cont3x3abstractors of Gwet's package irrCAC, with the values its manual prints: κ 0.7964094 (0.0589) and
        // AC1 0.8493305 (0.0432).
        let ratings = of(&[&[13, 0, 0], &[0, 20, 7], &[0, 4, 56]]);
        let (kappa, ac1) = (ratings.kappa().unwrap(), ratings.ac1().unwrap());
        assert!((kappa.value - 0.796_409_4).abs() < 1e-6 && (kappa.standard_error - 0.0589).abs() < 5e-4, "{kappa:?}");
        assert!((ac1.value - 0.849_330_5).abs() < 1e-6 && (ac1.standard_error - 0.0432).abs() < 5e-4, "{ac1:?}");
    }

    #[test]
    fn a_table_of_two_classes_by_hand() {
        // 50 things: both yes 20, only the first 5, only the second 10, neither 15 (Wikipedia's example of Cohen's κ).
        // pₒ = 35/50 = .7; pₑ = .5·.6 + .5·.4 = .5; κ = .2/.5 = .4.
        let ratings = of(&[&[15, 10], &[5, 20]]);
        let kappa = ratings.kappa().unwrap();
        assert!((kappa.value - 0.4).abs() < 1e-12);
        // var·N·(1 − pₑ)⁴ = .3·(.5 − .9·.3)² + .4·(.5 − 1.1·.3)² + .3²·(.2·.9² + .1·1.1²) − (.35 − 1 + .7)²
        //   = .3·.0529 + .4·.0289 + .09·.283 − .0025 = .01587 + .01156 + .02547 − .0025 = .0504; / (50·.0625) = .016128
        assert!((kappa.standard_error - 0.016_128f64.sqrt()).abs() < 1e-9, "{kappa:?}");
        // π(yes) = .55, pₑ = 2·.55·.45 = .495; AC1 = .205/.505 = .405941
        assert!((ratings.ac1().unwrap().value - 0.205 / 0.505).abs() < 1e-12);
    }

    #[test]
    fn a_rare_class_pulls_kappa_down_and_not_ac1() {
        // The paradox of Feinstein & Cicchetti (1990, doi:10.1016/0895-4356(90)90158-L): 96 of 100 alike, and κ below chance.
        let ratings = of(&[&[96, 2], &[2, 0]]);
        assert!(ratings.kappa().unwrap().value < 0.0);
        assert!(ratings.ac1().unwrap().value > 0.95);
    }

    #[test]
    fn nothing_and_one_class_only() {
        assert_eq!((Ratings::new(2).observed(), Ratings::new(2).kappa(), Ratings::new(2).ac1()), (None, None, None));
        let none = Ratings::yes_no([(false, false); 5]);
        assert_eq!((none.kappa(), none.ac1().unwrap().value), (None, 1.0));
        let all = Ratings::yes_no([(true, true), (false, false)]);
        assert_eq!((all.kappa().unwrap().value, all.kappa().unwrap().interval()), (1.0, (1.0, 1.0)));
    }

    proptest! {
        #[test]
        fn the_raters_may_change_places(pairs in prop::collection::vec((any::<bool>(), any::<bool>()), 1..60)) {
            let here = Ratings::yes_no(pairs.iter().copied());
            let there = Ratings::yes_no(pairs.iter().map(|(a, b)| (*b, *a)));
            let near = |a: Option<Estimate>, b: Option<Estimate>| match (a, b) {
                (Some(a), Some(b)) => (a.value - b.value).abs() < 1e-9 && (a.standard_error - b.standard_error).abs() < 1e-9,
                (a, b) => a == b,
            };
            prop_assert!(near(here.kappa(), there.kappa()) && near(here.ac1(), there.ac1()));
            prop_assert!(here.kappa().is_none_or(|k| (-1.0..=1.0).contains(&k.value) && k.standard_error.is_finite()));
        }
    }
}

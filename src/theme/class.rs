//! In how many consultations of each theme does each term occur, and what follows from that: keywords by class-based tf-idf,
//! and which terms tell themes apart.

use rayon::prelude::*;

use super::assign::rounded;
use crate::term::{TermId, TermMatrix};

/// In how many consultations of each class each term occurs.
pub(super) struct ClassCounts {
    counts: Vec<u64>,
    sizes: Vec<u64>,
    terms: usize,
}

impl ClassCounts {
    /// Counts presence, not occurrences: one caller who says a word forty times is one caller.
    ///
    /// `class` gives the class of each row, below `classes`; rows without one do not count.
    pub(super) fn new(
        matrix: &TermMatrix,
        rows: &[u32],
        keep: &[Option<TermId>],
        terms: usize,
        classes: usize,
        class: impl Fn(usize) -> Option<usize> + Sync,
    ) -> Self {
        let empty = || (vec![0u64; classes * terms], vec![0u64; classes]);
        // Sums of integers: the order of the threads cannot show.
        let (counts, sizes) = (0..rows.len())
            .into_par_iter()
            .fold(empty, |(mut counts, mut sizes), i| {
                if let Some(class) = class(i) {
                    sizes[class] += 1;
                    for term in matrix.row(rows[i] as usize).0 {
                        if let Some(id) = keep[*term as usize] {
                            counts[class * terms + id.0 as usize] += 1;
                        }
                    }
                }
                (counts, sizes)
            })
            .reduce(empty, |(mut a, mut sizes), (b, more)| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                sizes.iter_mut().zip(more).for_each(|(a, b)| *a += b);
                (a, sizes)
            });
        Self { counts, sizes, terms }
    }

    /// The same with classes joined: `group` gives for each class its group, below `groups`.
    pub(super) fn joined(&self, group: &[usize], groups: usize) -> Self {
        let mut out = Self { counts: vec![0; groups * self.terms], sizes: vec![0; groups], terms: self.terms };
        for (class, group) in group.iter().enumerate() {
            out.sizes[*group] += self.sizes[class];
            let from = &self.counts[class * self.terms..(class + 1) * self.terms];
            out.counts[group * self.terms..(group + 1) * self.terms].iter_mut().zip(from).for_each(|(o, c)| *o += c);
        }
        out
    }

    /// Consultations of a class.
    pub(super) fn size(&self, class: usize) -> u64 {
        self.sizes[class]
    }

    /// By how much the share of a class's consultations that hold a term exceeds that of all.
    pub(super) fn lead(&self, class: usize, term: TermId) -> f64 {
        let of = |class: usize| self.counts[class * self.terms + term.0 as usize] as f64;
        let all = (0..self.sizes.len()).map(of).sum::<f64>() / self.sizes.iter().sum::<u64>().max(1) as f64;
        of(class) / self.sizes[class].max(1) as f64 - all
    }

    /// The `limit` strongest terms of each class with their weight, strongest first, ties in order of the terms.
    ///
    /// The weight is class-based tf-idf (Grootendorst 2022, arXiv:2203.05794), tf(t,c) · ln(1 + A / f(t)), with tf the share
    /// of the class's consultations that hold t, f(t) how many hold it at all and A the mean number of terms per class; times
    /// 1 − share outside / share inside, so that what is said everywhere is no keyword. A term must be in two consultations
    /// of the class (one where the class has fewer than four) and in more of them, by share, than elsewhere.
    pub(super) fn keywords(&self, limit: usize) -> Vec<Vec<(TermId, f64)>> {
        let classes = self.sizes.len();
        let all: u64 = self.sizes.iter().sum();
        let mean = self.counts.iter().sum::<u64>() as f64 / classes.max(1) as f64;
        let totals: Vec<u64> = (0..self.terms).map(|t| (0..classes).map(|c| self.counts[c * self.terms + t]).sum()).collect();
        (0..classes)
            .into_par_iter()
            .map(|class| {
                let size = self.sizes[class];
                let floor = if size < 4 { 1 } else { 2 };
                let mut scored: Vec<(TermId, f64)> = (0u32..)
                    .zip(&self.counts[class * self.terms..(class + 1) * self.terms])
                    .filter(|(_, n)| **n >= floor)
                    .filter_map(|(term, n)| {
                        let total = totals[term as usize];
                        let inside = *n as f64 / size as f64;
                        let outside = (total - n) as f64 / (all - size).max(1) as f64;
                        let own = 1.0 - outside / inside;
                        (own > 0.0).then(|| (TermId(term), rounded(inside * (1.0 + mean / total as f64).ln() * own)))
                    })
                    .collect();
                scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                scored.truncate(limit);
                scored
            })
            .collect()
    }

    /// How well each term tells the classes apart: the mutual information of its presence and the class, less what chance
    /// gives (Miller 1955), as a share of the entropy of its presence; 0 to 1.
    pub(super) fn information(&self) -> Vec<f64> {
        let classes = self.sizes.len();
        let all = self.sizes.iter().sum::<u64>() as f64;
        let by_chance = classes.saturating_sub(1) as f64 / (2.0 * all);
        (0..self.terms)
            .into_par_iter()
            .map(|term| {
                let of_class = |class: usize| self.counts[class * self.terms + term] as f64;
                let present = (0..classes).map(of_class).sum::<f64>();
                let cells = (0..classes).flat_map(|c| {
                    let (size, with) = (self.sizes[c] as f64, of_class(c));
                    [(with, size, present), (size - with, size, all - present)]
                });
                // Σ p(term, class) · ln(p(term, class) / (p(term) · p(class)))
                let information: f64 =
                    cells.filter(|(both, ..)| *both > 0.0).map(|(both, size, n)| both / all * (both * all / (size * n)).ln()).sum();
                let entropy: f64 = [present, all - present].into_iter().filter(|n| *n > 0.0).map(|n| -n / all * (n / all).ln()).sum();
                if entropy > 0.0 { ((information - by_chance) / entropy).clamp(0.0, 1.0) } else { 0.0 }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Vocabulary;
    use crate::term::testing::TextMatrixBuilder;

    fn counted(rows: &[&[&str]]) -> (Vocabulary, TermMatrix) {
        let mut b = TextMatrixBuilder::default();
        for row in rows {
            row.iter().for_each(|t| b.add(t));
            b.end_row();
        }
        b.finish()
    }

    #[test]
    fn keywords_by_hand() {
        let (vocabulary, matrix) = counted(&[&["治験", "病院"], &["治験", "病院"], &["費用", "病院"], &["費用", "病院", "費用"]]);
        let keep: Vec<_> = vocabulary.ids().map(Some).collect();
        let rows = [0, 1, 2, 3];
        let counts = ClassCounts::new(&matrix, &rows, &keep, vocabulary.len(), 2, |i| Some(i / 2));
        let keywords = counts.keywords(5);
        // 病院 is in every row of both classes: 1 − 1/1 = 0, no keyword.
        // 治験: tf 1, A = 8 presences / 2 classes = 4, f = 2: ln(1 + 4/2) = 1.098612; 1 − 0/1 = 1.
        assert_eq!(keywords[0].len(), 1);
        assert_eq!(vocabulary.term(keywords[0][0].0), "治験");
        assert!((keywords[0][0].1 - 1.098_612).abs() < 1e-6);
        assert_eq!(vocabulary.term(keywords[1][0].0), "費用");
        assert_eq!(counts.joined(&[0, 0], 1).size(0), 4);
    }

    #[test]
    fn information_by_hand() {
        let (vocabulary, matrix) = counted(&[&["治験", "病院"], &["治験", "病院"], &["費用", "病院"], &["費用", "不安"]]);
        let keep: Vec<_> = vocabulary.ids().map(Some).collect();
        let counts = ClassCounts::new(&matrix, &[0, 1, 2, 3], &keep, vocabulary.len(), 2, |i| Some(i / 2));
        let of = |term: &str| counts.information()[vocabulary.find(term).unwrap().0 as usize];
        // 治験 says all of the class: ln 2 of ln 2, less 1 / (2 · 4) by chance.
        assert!((of("治験") - (1.0 - 0.125 / std::f64::consts::LN_2)).abs() < 1e-9);
        // 病院 in 2 of 2 and 1 of 2: 2/4·ln(4/3) + 1/4·ln(2/3) + 1/4·ln 2 = 0.215762 of 0.562335.
        assert!((of("病院") - (0.215_762 - 0.125) / 0.562_335).abs() < 1e-5);
    }
}

//! What is a theme about? Distinctive terms by class-based tf-idf, and a label made of them.

use rayon::prelude::*;

use crate::term::{TermId, TermMatrix, Vocabulary};

/// A label has at most this many terms.
const LABEL_TERMS: usize = 3;

/// What stands between the terms of a label.
const SEPARATOR: &str = "・";

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
                        (own > 0.0).then(|| (TermId(term), super::assign::rounded(inside * (1.0 + mean / total as f64).ln() * own)))
                    })
                    .collect();
                scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                scored.truncate(limit);
                scored
            })
            .collect()
    }
}

/// Up to three of the keywords, joined by 「・」: nouns before others, none that holds another or is held by it.
pub(super) fn label(keywords: &[(TermId, f64)], vocabulary: &Vocabulary) -> String {
    let mut chosen: Vec<&str> = Vec::new();
    for nouns in [true, false] {
        for (id, _) in keywords {
            let term = vocabulary.term(*id);
            let overlaps = chosen.iter().any(|c| c.contains(term) || term.contains(c));
            if chosen.len() < LABEL_TERMS && is_noun_like(term) == nouns && !overlaps {
                chosen.push(term);
            }
        }
        // One noun says more than two verbs: others only where there is no noun at all.
        if !chosen.is_empty() {
            break;
        }
    }
    if chosen.is_empty() { "その他".to_owned() } else { chosen.join(SEPARATOR) }
}

/// Whether a term looks like a noun: base forms of verbs and adjectives end in hiragana, and so do few content nouns.
fn is_noun_like(term: &str) -> bool {
    !matches!(term.chars().next_back(), Some('ぁ'..='ゖ'))
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn labels_prefer_nouns_and_do_not_repeat_themselves() {
        let terms = ["治療", "治療費", "相談する", "高い", "保険"];
        let mut sorted: Vec<Box<str>> = terms.iter().map(|t| (*t).into()).collect();
        sorted.sort();
        let vocabulary = Vocabulary::from_parts(sorted, vec![1; 5], vec![1; 5]);
        let keywords = |ts: &[&str]| ts.iter().map(|t| (vocabulary.find(t).unwrap(), 1.0)).collect::<Vec<_>>();
        assert_eq!(label(&keywords(&["高い", "治療費", "治療", "相談する", "保険"]), &vocabulary), "治療費・保険");
        assert_eq!(label(&keywords(&["高い", "相談する"]), &vocabulary), "高い・相談する");
        assert_eq!(label(&[], &vocabulary), "その他");
    }
}

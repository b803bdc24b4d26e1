//! How far do two partitions of the same things agree? NMI, ARI and V-measure.

/// The contingency table of two labelings of the same things: `table[a * columns + b]` things have labels a and b.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contingency {
    table: Vec<u64>,
    rows: Vec<u64>,
    columns: Vec<u64>,
    total: u64,
}

impl Contingency {
    /// Counts the pairs of labels. Labels are small numbers from 0.
    pub fn new(pairs: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        let (height, width) = pairs.clone().fold((0, 0), |(h, w), (a, b)| (h.max(a + 1), w.max(b + 1)));
        let mut out = Self { table: vec![0; height * width], rows: vec![0; height], columns: vec![0; width], total: 0 };
        for (a, b) in pairs {
            out.table[a * width + b] += 1;
            out.rows[a] += 1;
            out.columns[b] += 1;
            out.total += 1;
        }
        out
    }

    /// How many things have both labels.
    pub fn both(&self, a: usize, b: usize) -> u64 {
        self.table[a * self.columns.len() + b]
    }

    /// How many things have the first label, per label.
    pub fn first(&self) -> &[u64] {
        &self.rows
    }

    /// How many things have the second label, per label.
    pub fn second(&self) -> &[u64] {
        &self.columns
    }

    /// Adjusted Rand index (Hubert & Arabie 1985, doi:10.1007/BF01908075): 1 for equal partitions, about 0 for independent ones.
    pub fn ari(&self) -> f64 {
        let pairs = |n: &u64| (*n as f64) * (*n as f64 - 1.0) / 2.0;
        let index: f64 = self.table.iter().map(pairs).sum();
        let a: f64 = self.rows.iter().map(pairs).sum();
        let b: f64 = self.columns.iter().map(pairs).sum();
        let all = pairs(&self.total);
        let expected = if all > 0.0 { a * b / all } else { 0.0 };
        let max = (a + b) / 2.0;
        // Both partitions all in one, or all apart: they are equal.
        if (max - expected).abs() < 1e-12 { 1.0 } else { (index - expected) / (max - expected) }
    }

    /// Mutual information in nats.
    fn information(&self) -> f64 {
        let n = self.total as f64;
        let mut sum = 0.0;
        for (a, row) in self.rows.iter().enumerate() {
            for (b, column) in self.columns.iter().enumerate() {
                let both = self.both(a, b) as f64;
                if both > 0.0 {
                    sum += both / n * (both * n / (*row as f64 * *column as f64)).ln();
                }
            }
        }
        sum.max(0.0)
    }

    /// Normalised mutual information, over the arithmetic mean of the entropies (Vinh, Epps & Bailey 2010,
    /// <https://jmlr.org/papers/v11/vinh10a.html>), 0 to 1. Equal to [`Contingency::v_measure`] with β = 1.
    pub fn nmi(&self) -> f64 {
        let mean = f64::midpoint(entropy(&self.rows), entropy(&self.columns));
        if mean < 1e-12 { 1.0 } else { (self.information() / mean).min(1.0) }
    }

    /// Homogeneity: 1 where each second label holds things of one first label only.
    pub fn homogeneity(&self) -> f64 {
        share(self.information(), entropy(&self.rows))
    }

    /// Completeness: 1 where things of one first label all have one second label.
    pub fn completeness(&self) -> f64 {
        share(self.information(), entropy(&self.columns))
    }

    /// V-measure: the harmonic mean of homogeneity and completeness (Rosenberg & Hirschberg 2007,
    /// <https://aclanthology.org/D07-1043/>).
    pub fn v_measure(&self) -> f64 {
        let (h, c) = (self.homogeneity(), self.completeness());
        if h + c > 0.0 { 2.0 * h * c / (h + c) } else { 0.0 }
    }
}

/// Entropy in nats.
fn entropy(sizes: &[u64]) -> f64 {
    let n: u64 = sizes.iter().sum();
    -sizes.iter().filter(|s| **s > 0).map(|s| *s as f64 / n as f64).map(|p| p * p.ln()).sum::<f64>()
}

fn share(information: f64, entropy: f64) -> f64 {
    if entropy < 1e-12 { 1.0 } else { (information / entropy).min(1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(a: &[usize], b: &[usize]) -> Contingency {
        Contingency::new(a.iter().copied().zip(b.iter().copied()))
    }

    #[test]
    fn a_worked_example() {
        // Table [[2, 0], [1, 1]]. Pairs within cells: 1; rows {2, 2}: 1 + 1 = 2; columns {3, 1}: 3 + 0 = 3; all: 6.
        // ARI = (1 − 2·3/6) / ((2 + 3)/2 − 2·3/6) = 0 / 1.5 = 0.
        let t = of(&[0, 0, 1, 1], &[0, 0, 0, 1]);
        assert!(t.ari().abs() < 1e-12);
        // I = ½ ln(2·4/(2·3)) + ¼ ln(1·4/(2·3)) + ¼ ln(1·4/(2·1)) = ½ ln 4/3 + ¼ ln 2/3 + ¼ ln 2 = 0.215762
        // H(rows) = ln 2 = 0.693147; H(columns) = −¾ ln ¾ − ¼ ln ¼ = 0.562335; NMI = 0.215762 / 0.627741 = 0.343711
        assert!((t.nmi() - 0.343_711).abs() < 1e-5);
        assert!((t.homogeneity() - 0.215_762 / std::f64::consts::LN_2).abs() < 1e-5);
        assert!((t.completeness() - 0.215_762 / 0.562_335).abs() < 1e-5);
    }

    #[test]
    fn names_of_the_labels_do_not_matter() {
        let t = of(&[0, 0, 1, 1, 2], &[2, 2, 0, 0, 1]);
        assert_eq!((t.ari(), t.nmi()), (1.0, 1.0));
    }

    #[test]
    fn one_class_against_one_class_is_equal() {
        let t = of(&[0, 0, 0], &[0, 0, 0]);
        assert_eq!((t.ari(), t.nmi(), t.v_measure()), (1.0, 1.0, 1.0));
    }

    proptest! {
        #[test]
        fn symmetric_bounded_and_v_equals_nmi(pairs in prop::collection::vec((0usize..5, 0usize..4), 1..60)) {
            let t = Contingency::new(pairs.iter().copied());
            let u = Contingency::new(pairs.iter().map(|(a, b)| (*b, *a)));
            prop_assert!((t.ari() - u.ari()).abs() < 1e-9 && (t.nmi() - u.nmi()).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&t.nmi()) && t.ari() <= 1.0 + 1e-9);
            let degenerate = entropy(t.first()) < 1e-12 || entropy(t.second()) < 1e-12;
            prop_assert!(degenerate || (t.v_measure() - t.nmi()).abs() < 1e-9);
        }
    }
}

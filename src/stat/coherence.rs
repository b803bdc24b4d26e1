//! Do the keywords of a theme belong together, and do themes have keywords of their own?

use std::collections::BTreeSet;

/// Normalised pointwise mutual information of two terms that occur in `a` and `b` of `documents` documents and together in
/// `both` (Bouma 2009, <https://svn.spraakdata.gu.se/repos/gerlof/pub/www/Docs/npmi-pfd.pdf>):
/// ln(p(a,b) / (p(a)·p(b))) / −ln p(a,b), −1 (never together) to 1 (never apart), 0 for independent terms.
pub fn npmi(both: u64, a: u64, b: u64, documents: u64) -> f64 {
    if both == 0 {
        return -1.0;
    }
    // Together in every document: the limit.
    if both >= documents {
        return 1.0;
    }
    let (both, a, b, n) = (both as f64, a as f64, b as f64, documents as f64);
    (both * n / (a * b)).ln() / -(both / n).ln()
}

/// Share of distinct terms among the keywords of all themes (Dieng, Ruiz & Blei 2020, doi:10.1162/tacl_a_00325).
pub fn diversity<'a, T: Ord + 'a>(themes: impl Iterator<Item = &'a [T]>) -> f64 {
    let mut distinct = BTreeSet::new();
    let mut all = 0usize;
    for keywords in themes {
        all += keywords.len();
        distinct.extend(keywords);
    }
    if all == 0 { 0.0 } else { distinct.len() as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npmi_by_hand() {
        assert_eq!(npmi(0, 5, 5, 100), -1.0);
        // Always together, in 10 of 100: ln(0.1 / 0.01) / −ln 0.1 = 1.
        assert!((npmi(10, 10, 10, 100) - 1.0).abs() < 1e-12);
        // Independent: 0.2 · 0.5 = 0.1.
        assert!(npmi(10, 20, 50, 100).abs() < 1e-12);
        assert_eq!(npmi(7, 7, 7, 7), 1.0);
    }

    #[test]
    fn diversity_counts_shared_keywords_once() {
        let themes: [&[u32]; 2] = [&[1, 2, 3], &[3, 4, 5]];
        assert!((diversity(themes.into_iter()) - 5.0 / 6.0).abs() < 1e-12);
        let none: [&[u32]; 0] = [];
        assert_eq!(diversity(none.into_iter()), 0.0);
    }
}

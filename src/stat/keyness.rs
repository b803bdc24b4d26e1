//! Keyness: which terms are a group's own?

/// Dunning's log-likelihood ratio of a term in a group against the rest, with the sign of the deviation.
///
/// `inside` of the group's `inside_n` consultations and `outside` of the `outside_n` others use the term. Over the four
/// cells of the 2×2 table, G² = 2·Σ O·ln(O/E) (Dunning 1993, aclanthology.org/J93-1003); about χ² with one degree of
/// freedom, so 3.84 is the 5 % point. Negative where the group uses the term less than the rest. `None` where a margin is empty.
pub fn g2(inside: u32, inside_n: u32, outside: u32, outside_n: u32) -> Option<f64> {
    if inside_n == 0 || outside_n == 0 || inside > inside_n || outside > outside_n {
        return None;
    }
    let [a, n1, b, n2] = [inside, inside_n, outside, outside_n].map(f64::from);
    let (n, used) = (n1 + n2, a + b);
    let part = |observed: f64, margin: f64, other: f64| {
        if observed > 0.0 { observed * libm::log(observed * n / (margin * other)) } else { 0.0 }
    };
    let sum = part(a, n1, used) + part(b, n2, used) + part(n1 - a, n1, n - used) + part(n2 - b, n2, n - used);
    // Rounding may leave −1e-16 where the truth is 0.
    let g2 = (2.0 * sum).max(0.0);
    Some(if a * n2 < b * n1 { -g2 } else { g2 })
}

/// Class-based tf-idf: the term's share of the group's term occurrences × ln(1 + A / f).
///
/// A is the mean number of term occurrences per group and f the term's occurrences in all groups
/// (Grootendorst 2022, doi:10.48550/arXiv.2203.05794). `None` where the group or the term is empty.
pub fn c_tf_idf(in_group: u64, group_total: u64, overall: u64, mean_group_total: f64) -> Option<f64> {
    (group_total > 0 && overall > 0).then(|| in_group as f64 / group_total as f64 * libm::log(1.0 + mean_group_total / overall as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_of_fifty_against_ten_of_hundred_fifty() {
        // N = 200, used 30. Expected: 7.5, 22.5, 42.5, 127.5.
        // 20·ln(20/7.5) = 19.616585; 10·ln(10/22.5) = −8.109302; 30·ln(30/42.5) = −10.449201; 140·ln(140/127.5) = 13.093648
        // Σ = 14.151730, G² = 28.303460
        let value = g2(20, 50, 10, 150).unwrap();
        assert!((value - 28.303_460).abs() < 1e-4, "{value}");
        // The same table seen from the rest: the same size, the other sign.
        assert!((g2(10, 150, 20, 50).unwrap() + value).abs() < 1e-9);
    }

    #[test]
    fn equal_shares_give_zero() {
        assert!(g2(10, 50, 30, 150).unwrap() < 1e-9);
        assert_eq!(g2(0, 50, 0, 150).unwrap(), 0.0);
        assert_eq!(g2(50, 50, 150, 150).unwrap(), 0.0);
        assert_eq!(g2(1, 0, 3, 4), None);
    }

    #[test]
    fn class_based_weight() {
        // 12 of the group's 600 occurrences, 20 overall, 1000 per group on average: 0.02·ln(1 + 50) = 0.0786365
        let value = c_tf_idf(12, 600, 20, 1000.0).unwrap();
        assert!((value - 0.078_636_5).abs() < 1e-7, "{value}");
        assert_eq!(c_tf_idf(0, 0, 3, 1.0), None);
    }
}

//! Many tests at once.

/// Benjamini–Hochberg q-values of `p`, in its order: the smallest false discovery rate at which a test is called.
///
/// With the m p-values sorted ascending, q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎·m/j, at most 1
/// (Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x). Every value of `p` must be a number within 0 to 1.
/// O(m log m).
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]).then(a.cmp(b)));
    let m = p.len() as f64;
    let mut q = vec![1.0; p.len()];
    let mut least = 1.0f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        least = least.min(p[i] * m / (rank + 1) as f64);
        q[i] = least;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn five_tests() {
        // sorted: 0.005 0.01 0.03 0.04 0.5; p·5/rank: 0.025 0.025 0.05 0.05 0.5; running minimum from the right changes nothing
        let q = benjamini_hochberg(&[0.03, 0.5, 0.005, 0.04, 0.01]);
        let expected = [0.05, 0.5, 0.025, 0.05, 0.025];
        assert!(q.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{q:?}");
    }

    #[test]
    fn a_later_smaller_value_pulls_an_earlier_one_down() {
        // sorted: 0.04 0.045; p·2/rank: 0.08 0.045; so q₁ = min(0.08, 0.045) = 0.045
        assert_eq!(benjamini_hochberg(&[0.04, 0.045]), [0.045, 0.045]);
        assert!(benjamini_hochberg(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn q_is_never_below_p_and_keeps_its_order(p in prop::collection::vec(0.0f64..=1.0, 0..40)) {
            let q = benjamini_hochberg(&p);
            for i in 0..p.len() {
                prop_assert!(q[i] + 1e-15 >= p[i] && q[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || q[i] <= q[j]);
                }
            }
        }
    }
}

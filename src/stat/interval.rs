//! Confidence intervals of a share.

/// The 97.5 % point of the standard normal distribution: two-sided 95 %.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % score interval of the share `count / n`, as (low, high) within 0 to 1; `None` where `n` is 0 or less than `count`.
///
/// With p = count / n and z = 1.96: (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n). Unlike p ± z·√(p(1 − p)/n) it
/// holds its level for small n and never leaves 0 to 1 (Wilson 1927, doi:10.1080/01621459.1927.10502953).
pub fn wilson(count: u32, n: u32) -> Option<(f64, f64)> {
    if n == 0 || count > n {
        return None;
    }
    let (n_f, z2) = (f64::from(n), Z_95 * Z_95);
    let p = f64::from(count) / n_f;
    let centre = p + z2 / (2.0 * n_f);
    let half = Z_95 * (p * (1.0 - p) / n_f + z2 / (4.0 * n_f * n_f)).sqrt();
    let scale = 1.0 + z2 / n_f;
    // At the ends the formula is exactly 0 or 1; rounding errors must not say otherwise.
    let low = if count == 0 { 0.0 } else { (centre - half) / scale };
    let high = if count == n { 1.0 } else { (centre + half) / scale };
    Some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ten_of_forty() {
        // p = 0.25, n = 40, z² = 3.841459: centre 0.25 + 3.841459/80 = 0.298018,
        // half 1.959964·√(0.1875/40 + 3.841459/6400) = 1.959964·√0.005287728 = 0.142522, scale 1 + 3.841459/40 = 1.096036
        // low (0.298018 − 0.142522)/1.096036 = 0.141871, high (0.298018 + 0.142522)/1.096036 = 0.401939
        let (low, high) = wilson(10, 40).unwrap();
        assert!((low - 0.141_871).abs() < 2e-6, "{low}");
        assert!((high - 0.401_939).abs() < 2e-6, "{high}");
    }

    #[test]
    fn none_and_all() {
        // count 0: high = z²/(n + z²) = 3.841459/13.841459 = 0.277533
        let (low, high) = wilson(0, 10).unwrap();
        assert_eq!(low, 0.0);
        assert!((high - 0.277_533).abs() < 1e-6);
        assert_eq!(wilson(10, 10).unwrap().1, 1.0);
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(3, 2), None);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share_and_mirrors(n in 1u32..100_000, part in 0.0f64..=1.0) {
            let count = (f64::from(n) * part) as u32;
            let (low, high) = wilson(count, n).unwrap();
            let p = f64::from(count) / f64::from(n);
            prop_assert!(0.0 <= low && low <= p + 1e-12 && p <= high + 1e-12 && high <= 1.0);
            let (mirror_low, mirror_high) = wilson(n - count, n).unwrap();
            prop_assert!((1.0 - mirror_high - low).abs() < 1e-9 && (1.0 - mirror_low - high).abs() < 1e-9);
        }
    }
}

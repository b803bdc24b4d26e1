//! Statistics: formulas with their sources, over counts; no text, no tables.
//!
//! Useful for: intervals, residuals, p- and q-values, agreement of raters, shuffles, co-occurrence, keyness, coherence,
//! silhouette. Not for: deciding what may be shown (that is `disclose`) or how it is written (that is `table`).
//!
//! Transcendental functions come from the crate `libm`, which computes the same bits on every platform; what is
//! published is [`round6`]ed all the same.

pub mod agreement;
pub mod c_v;
pub mod coherence;
pub mod cooccurrence;
pub mod crosstab;
pub mod interval;
pub mod kappa;
pub mod keyness;
pub mod multiple;
pub mod permutation;
pub mod silhouette;

/// Rounds to six decimals: what a published value keeps of a float.
///
/// Sums and transcendental functions may differ in their last bits between platforms and versions; a millionth does not.
/// Never gives −0.
pub fn round6(value: f64) -> f64 {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded == 0.0 { 0.0 } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::round6;

    #[test]
    fn rounding_keeps_six_decimals_and_no_negative_zero() {
        assert_eq!(round6(1.0 / 3.0), 0.333_333);
        assert_eq!(round6(-2.000_000_5), -2.000_001);
        assert!(round6(-1e-9).is_sign_positive());
    }
}

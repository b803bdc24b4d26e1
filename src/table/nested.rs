//! What lies inside the needs: the calls in which one would be latent at other values of τ, and discovered needs.
//!
//! These counts are crossed with nothing and part of no sum: they are decided after all others. One is shown where the counts it
//! lies in are shown and neither it nor what it leaves of them is small, so that a detail never hides a count of the needs.

use super::cube::{Cube, Expression, Slice, Subject};
use crate::analysis::Analysis;
use crate::disclose::{Shown, Threshold};
use crate::need::NeedDomain;

/// Values of τ that are compared with the one in use: one vague cue, one clear one, two, three.
const TAUS: [f64; 6] = [0.5, 0.7, 0.9, 1.2, 1.5, 2.0];

/// The details as they are published.
#[derive(Debug)]
pub(crate) struct Nested {
    /// τ in use and those compared with it, ascending.
    pub(crate) taus: Vec<f64>,
    /// Per domain and τ, the calls in which the domain would be latent.
    pub(crate) latent: Vec<Vec<Shown>>,
    /// Per discovered need its calls, and those of them in which its domain is latent.
    pub(crate) discovered: Vec<[Shown; 2]>,
}

impl Nested {
    /// Counts the details and decides which are shown. Linear in calls and statements.
    pub(crate) fn new(analysis: &Analysis, threshold: Threshold, cube: &Cube) -> Self {
        let mut taus: Vec<f64> = TAUS.into_iter().filter(|tau| *tau != analysis.tau).chain([analysis.tau]).collect();
        taus.sort_by(f64::total_cmp);
        let of_need = |domain, expression| cube.get(Subject::Need(domain, expression), Slice::ALL);
        let latent = NeedDomain::ALL.map(|domain| {
            let counts: Vec<u32> =
                taus.iter().map(|tau| number(analysis.calls.iter().filter(|call| call.needs.is_latent_at(domain, *tau)).count())).collect();
            let used = taus.iter().position(|tau| *tau == analysis.tau).unwrap_or(0);
            at_taus(threshold, &counts, used, of_need(domain, Expression::Implicit), of_need(domain, Expression::Latent))
        });
        let discovered = analysis.discovered.needs().map(|(discovery, need)| {
            let mut calls: Vec<u32> = discovery.statements(need).map(|s| analysis.discovered.statements[s as usize].call).collect();
            // Statements stand in the order of the calls.
            calls.dedup();
            let Some(domain) = discovery.domain else {
                let all = cube.get(Subject::All, Slice::ALL);
                return [inside(threshold, &[all], number(calls.len())), Shown::Suppressed];
            };
            let is_latent = |call: &&u32| analysis.calls[**call as usize].needs.latent.contains(domain);
            let latent = number(calls.iter().filter(is_latent).count());
            let calls = inside(threshold, &[of_need(domain, Expression::Any)], number(calls.len()));
            [calls, inside(threshold, &[calls, of_need(domain, Expression::Latent)], latent)]
        });
        Self { discovered: discovered.collect(), latent: latent.into(), taus }
    }
}

/// A count that lies inside others.
fn inside(threshold: Threshold, wholes: &[Shown], count: u32) -> Shown {
    let is_safe = |whole: &Shown| whole.value().is_some_and(|whole| !threshold.hides(whole.saturating_sub(count)));
    if wholes.iter().all(is_safe) { threshold.primary(count) } else { Shown::Suppressed }
}

/// The counts at all τ: the lower τ, the more calls, and all of them tell. From the τ in use outwards each is compared with the
/// last that is shown.
fn at_taus(threshold: Threshold, counts: &[u32], used: usize, told: Shown, latent: Shown) -> Vec<Shown> {
    let mut shown = vec![Shown::Suppressed; counts.len()];
    shown[used] = latent;
    let mut part = latent;
    for i in (0..used).rev() {
        let leaves = part.value().map(|part| counts[i].saturating_sub(part));
        shown[i] = if leaves.is_some_and(|n| !threshold.hides(n)) { inside(threshold, &[told], counts[i]) } else { Shown::Suppressed };
        if shown[i].value().is_some() {
            part = shown[i];
        }
    }
    let mut whole = latent;
    for i in used + 1..counts.len() {
        shown[i] = inside(threshold, &[whole], counts[i]);
        if shown[i].value().is_some() {
            whole = shown[i];
        }
    }
    shown
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing;
    use proptest::prelude::*;

    fn values(shown: &[Shown]) -> Vec<Option<u32>> {
        shown.iter().map(|s| s.value()).collect()
    }

    #[test]
    fn a_tau_that_would_tell_a_small_number_is_left_out() {
        let threshold = Threshold::default();
        let at = |counts: &[u32], told, latent| values(&at_taus(threshold, counts, 2, threshold.primary(told), threshold.primary(latent)));
        // 47 − 40 is small; 60 − 40 is not, nor is 80 − 60. 33 leaves 7 of 40, 25 leaves 15, 3 is small itself.
        assert_eq!(at(&[60, 47, 40, 33, 25, 3], 80, 40), [Some(60), None, Some(40), None, Some(25), None]);
        // 60 would leave 5 of all that tell.
        assert_eq!(at(&[60, 40, 40], 65, 40), [None, Some(40), Some(40)]);
        // Nothing stands beside a hidden count.
        assert_eq!(at(&[60, 30, 4, 0], 80, 4), [None; 4]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// No two counts of which one lies inside the other tell a small one.
        #[test]
        fn details_tell_nothing_small(seed: u64, calls in 60usize..900) {
            let analysis = testing::analysis(seed, calls, 3);
            let threshold = Threshold::default();
            let cube = Cube::new(&analysis, threshold);
            let nested = Nested::new(&analysis, threshold, &cube);
            let whole = |domain, e| cube.get(Subject::Need(domain, e), Slice::ALL);
            let small = |whole: Shown, part: Shown| matches!((whole.value(), part.value()), (Some(w), Some(p)) if threshold.hides(w - p));
            for (domain, latent) in NeedDomain::ALL.into_iter().zip(&nested.latent) {
                let chain: Vec<Shown> = [whole(domain, Expression::Implicit)].into_iter().chain(latent.iter().copied()).collect();
                for (i, outer) in chain.iter().enumerate() {
                    prop_assert!(chain[i + 1..].iter().all(|inner| !small(*outer, *inner)), "{domain:?} {chain:?}");
                }
            }
            for ((discovery, _), [of_need, latent]) in analysis.discovered.needs().zip(&nested.discovered) {
                let domain = discovery.domain.unwrap();
                prop_assert!(!small(whole(domain, Expression::Any), *of_need) && !small(*of_need, *latent));
                prop_assert!(!small(whole(domain, Expression::Latent), *latent));
            }
        }
    }

    #[test]
    fn most_details_of_a_large_corpus_are_shown() {
        let analysis = testing::analysis(1, 5_000, 3);
        let threshold = Threshold::default();
        let nested = Nested::new(&analysis, threshold, &Cube::new(&analysis, threshold));
        let access = &nested.latent[NeedDomain::Access.index()];
        assert!(access.iter().filter(|shown| shown.value().is_some()).count() >= 4, "{access:?}");
        assert!(nested.discovered[0].iter().all(|shown| shown.value().is_some()), "{:?}", nested.discovered[0]);
    }
}

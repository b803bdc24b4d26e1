//! Random numbers that are the same on every machine and in every later version: integers only.

/// SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195): one word of state, enough for choosing sentences.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The stream of call `index` under `seed`: independent of how many calls are made.
    pub(super) fn for_call(seed: u64, index: u64) -> Self {
        Self(mix(mix(seed ^ 0x6b69_6b69_746f_7269) ^ index))
    }

    /// The next 64 bits.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound`; 0 when `bound` is 0. The bias of the multiplication is below 2⁻³².
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let high = (self.next() >> 32) * u64::from(bound);
        u32::try_from(high >> 32).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True in `percent` of 100 draws.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `items`. The slice must not be empty.
    pub(super) fn choose<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(u32::try_from(items.len()).unwrap_or(u32::MAX)) as usize]
    }

    /// The position of one of the weights, drawn in proportion to it; 0 when all are 0.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut rest = self.below(weights.clone().sum());
        for (i, weight) in weights.enumerate() {
            if rest < weight {
                return i;
            }
            rest -= weight;
        }
        0
    }

    /// A number that is drawn once and can then be asked for again and again: see [`fixed`].
    pub(super) fn key(&mut self) -> u64 {
        self.next()
    }
}

/// The choice among `len` things that belongs to `key` and `purpose`: the same throughout a call.
pub(super) fn fixed(key: u64, purpose: u64, len: usize) -> usize {
    let high = (mix(key ^ mix(purpose)) >> 32) * len as u64;
    usize::try_from(high >> 32).unwrap_or(0)
}

/// The finaliser of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_in_their_bounds_and_follow_the_weights() {
        let mut random = Random::for_call(1, 0);
        let mut seen = [0u32; 3];
        for _ in 0..10_000 {
            assert!((3..=5).contains(&random.between(3, 5)));
            seen[random.weighted([1, 0, 3].into_iter())] += 1;
        }
        assert_eq!(seen[1], 0);
        // 3 of 4 draws, ten standard deviations (43) either side.
        assert!((7_070..=7_930).contains(&seen[2]), "{seen:?}");
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn calls_have_streams_of_their_own() {
        let draw = |seed, index| Random::for_call(seed, index).key();
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(2, 1));
        assert_ne!(draw(1, 2), draw(1, 3));
    }
}

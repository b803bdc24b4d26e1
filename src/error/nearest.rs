//! Which name was probably meant.

/// The name that takes the fewest edits, if those are no more than a third of its letters (but one at least).
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let name = name.to_lowercase().replace('-', "_");
    // Two letters that changed places (txet) are two edits and one slip.
    let allowed = |k: &str| (k.chars().count() / 3).max(if swapped(&name, k) { 2 } else { 1 });
    known.iter().map(|k| (edits(&name, k), *k)).filter(|(edits, k)| *edits <= allowed(k)).min().map(|(_, k)| k)
}

/// Whether `a` is `b` with its letters in another order.
fn swapped(a: &str, b: &str) -> bool {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(a) == sorted(b)
}

/// Levenshtein distance (1966), by the row.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        // 治験 → 治療 substitutes one; "tau" → "tua" substitutes two; "" → "abc" inserts three.
        assert_eq!([edits("治験", "治療"), edits("tau", "tua"), edits("", "abc"), edits("seed", "seed")], [1, 2, 3, 0]);
    }

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["keep_runs", "keep_hours", "dir"];
        assert_eq!(nearest("keep-run", &known), Some("keep_runs"));
        assert_eq!(nearest("Dir", &known), Some("dir"));
        assert_eq!(nearest("threshold", &known), None);
        assert_eq!(nearest("txet", &["id", "text", "turns"]), Some("text"));
    }
}

//! Which calls show best what a theme is about?

use super::Assignment;
use crate::term::TermMatrix;

/// Typical calls kept per theme.
const CALLS: usize = 10;

/// Per theme the rows nearest to its centroid, nearest first. Calls of at least half the usual length come first: a call of two
/// words can stand exactly at a centroid and shows nothing.
pub fn typical(assignments: &[Assignment], matrix: &TermMatrix, themes: usize) -> Vec<Vec<u32>> {
    let lengths: Vec<u64> = (0..matrix.rows()).map(|row| matrix.row_sum(row)).collect();
    let mean = lengths.iter().sum::<u64>() as f64 / lengths.len().max(1) as f64;
    let mut rows: Vec<Vec<(bool, f32, u32)>> = vec![Vec::new(); themes];
    for ((row, assignment), length) in (0u32..).zip(assignments).zip(lengths) {
        if let Some(theme) = assignment.theme {
            rows[usize::from(theme.0)].push(((length as f64) < mean / 2.0, assignment.distance, row));
        }
    }
    rows.into_iter()
        .map(|mut theme| {
            theme.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
            theme.into_iter().take(CALLS).map(|(_, _, row)| row).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::testing::TextMatrixBuilder;
    use crate::theme::ThemeId;

    #[test]
    fn near_calls_come_first_and_calls_of_few_words_last() {
        let mut b = TextMatrixBuilder::default();
        for words in [6, 6, 1, 6] {
            (0..words).for_each(|_| b.add("治験"));
            b.end_row();
        }
        let (_, matrix) = b.finish();
        let assigned = |distance| Assignment { theme: Some(ThemeId(1)), distance, ..Assignment::default() };
        let mut assignments: Vec<Assignment> = [0.5, 0.2, 0.0].map(assigned).into();
        assignments.push(Assignment::default());
        assert_eq!(typical(&assignments, &matrix, 2), [vec![], vec![1, 0, 2]]);
    }
}

//! Which themes belong together? Groups above the themes.

use ndarray::ArrayView2;

/// More groups than this are no overview.
const MAX_GROUPS: usize = 6;

/// For each theme its group, numbered by first appearance: Ward's method (Ward 1963, doi:10.1080/01621459.1963.10500845) on
/// the centroids, each weighing as its theme is large, cut where the next merger costs most more than the one before it.
pub(super) fn groups(centroids: ArrayView2<'_, f32>, sizes: &[u64]) -> Vec<usize> {
    let n = centroids.nrows();
    let mut nodes: Vec<(Vec<usize>, Vec<f64>, f64)> = centroids
        .rows()
        .into_iter()
        .zip(sizes)
        .enumerate()
        .map(|(i, (row, size))| (vec![i], row.iter().map(|v| f64::from(*v)).collect(), (*size).max(1) as f64))
        .collect();
    // Groupings from n parts down to one, each with the height of the merger that ends it.
    let mut cuts: Vec<(Vec<Vec<usize>>, f64)> = Vec::new();
    while nodes.len() > 1 {
        let (a, b, height) = cheapest(&nodes);
        cuts.push((nodes.iter().map(|n| n.0.clone()).collect(), height));
        let (members, centre, weight) = nodes.remove(b);
        let into = &mut nodes[a];
        into.0.extend(members);
        let sum = into.2 + weight;
        into.1.iter_mut().zip(centre).for_each(|(x, y)| *x = (*x * into.2 + y * weight) / sum);
        into.2 = sum;
    }
    let wanted = 2..=MAX_GROUPS.min(n.div_ceil(2));
    let mut best: Option<(&Vec<Vec<usize>>, f64)> = None;
    for (i, (parts, height)) in cuts.iter().enumerate() {
        // How much dearer than the merger that made this grouping is the one that ends it?
        let before = i.checked_sub(1).map_or(0.0, |p| cuts[p].1);
        let jump = if before > 0.0 { height / before } else { 1.0 };
        if wanted.contains(&parts.len()) && best.is_none_or(|(_, b)| jump > b + 1e-9) {
            best = Some((parts, jump));
        }
    }
    let mut group = vec![0; n];
    if let Some((parts, _)) = best {
        for (g, part) in parts.iter().enumerate() {
            part.iter().for_each(|theme| group[*theme] = g);
        }
    }
    renumbered(&group)
}

/// The pair whose union adds least to the sum of squares, and how much it adds.
fn cheapest(nodes: &[(Vec<usize>, Vec<f64>, f64)]) -> (usize, usize, f64) {
    let mut best = (0, 1, f64::INFINITY);
    for a in 0..nodes.len() {
        for b in a + 1..nodes.len() {
            let (x, y) = (&nodes[a], &nodes[b]);
            let squared: f64 = x.1.iter().zip(&y.1).map(|(p, q)| (p - q) * (p - q)).sum();
            let cost = squared * x.2 * y.2 / (x.2 + y.2);
            if cost < best.2 {
                best = (a, b, cost);
            }
        }
    }
    best
}

fn renumbered(group: &[usize]) -> Vec<usize> {
    let mut seen: Vec<usize> = Vec::new();
    group
        .iter()
        .map(|g| {
            seen.iter().position(|s| s == g).unwrap_or_else(|| {
                seen.push(*g);
                seen.len() - 1
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_group() {
        let centroids = ndarray::array![[1.0_f32, 0.0], [0.0, 1.0], [0.99, 0.01], [0.01, 0.99]];
        assert_eq!(groups(centroids.view(), &[5, 4, 3, 2]), [0, 1, 0, 1]);
    }

    #[test]
    fn few_themes_need_no_groups() {
        assert_eq!(groups(ndarray::array![[1.0_f32, 0.0]].view(), &[1]), [0]);
        assert_eq!(groups(ndarray::array![[1.0_f32, 0.0], [0.0, 1.0]].view(), &[1, 1]), [0, 0]);
    }
}

//! Cross-tabulation: how far is a cell from what its margins say, and is that chance?

use std::f64::consts::SQRT_2;

/// Haberman's adjusted residual of one cell: (O − E) / √(E·(1 − row/N)·(1 − column/N)), E = row·column/N.
///
/// Standard normal when row and column are independent; beyond ±1.96 the cell deviates at the 5 % level
/// (Haberman 1973, doi:10.2307/2529686). For two sets that are not parts of one partition it is the residual of the 2×2
/// table in/not in the one × in/not in the other. `None` where a margin is empty or everything.
pub fn adjusted_residual(observed: u32, row: u32, column: u32, n: u32) -> Option<f64> {
    let [o, r, c, n] = [observed, row, column, n].map(f64::from);
    let expected = if n > 0.0 { r * c / n } else { 0.0 };
    let variance = expected * (1.0 - r / n) * (1.0 - c / n);
    (variance > 0.0).then(|| (o - expected) / variance.sqrt())
}

/// The two-sided p-value of a standard normal z: erfc(|z| / √2).
pub fn normal_p(z: f64) -> f64 {
    libm::erfc(z.abs() / SQRT_2)
}

/// Lift of two sets: how many times more often they meet than independence says, observed·N / (row·column).
///
/// `None` where a margin is empty.
pub fn lift(observed: u32, row: u32, column: u32, n: u32) -> Option<f64> {
    (row > 0 && column > 0).then(|| f64::from(observed) * f64::from(n) / (f64::from(row) * f64::from(column)))
}

/// Pearson's χ² of a table of counts (rows of equal length), its degrees of freedom and its p-value.
///
/// χ² = Σ (O − E)² / E (Pearson 1900, doi:10.1080/14786440009463897) over the rows and columns that are not empty.
/// `None` where fewer than two of either remain.
pub fn chi_square(table: &[Vec<u32>]) -> Option<(f64, u32, f64)> {
    let width = table.iter().map(Vec::len).max().unwrap_or(0);
    let rows: Vec<f64> = table.iter().map(|row| row.iter().map(|&c| f64::from(c)).sum()).collect();
    let columns: Vec<f64> = (0..width).map(|j| table.iter().filter_map(|row| row.get(j)).map(|&c| f64::from(c)).sum()).collect();
    let n: f64 = rows.iter().sum();
    let filled = |margin: &[f64]| u32::try_from(margin.iter().filter(|m| **m > 0.0).count()).unwrap_or(u32::MAX);
    let (r, c) = (filled(&rows), filled(&columns));
    if r < 2 || c < 2 {
        return None;
    }
    let mut statistic = 0.0;
    for (row, row_sum) in table.iter().zip(&rows) {
        for (j, column_sum) in columns.iter().enumerate() {
            let expected = row_sum * column_sum / n;
            if expected > 0.0 {
                let deviation = row.get(j).map_or(0.0, |&o| f64::from(o)) - expected;
                statistic += deviation * deviation / expected;
            }
        }
    }
    let freedom = (r - 1) * (c - 1);
    Some((statistic, freedom, chi_square_p(statistic, freedom)))
}

/// The upper tail of the χ² distribution: Q(freedom/2, statistic/2), the regularised incomplete gamma function.
///
/// By its power series below a + 1 (DLMF 8.7.1), else by Legendre's continued fraction in Lentz's evaluation (DLMF 8.9.2).
/// Accurate to about 1e-12.
pub fn chi_square_p(statistic: f64, freedom: u32) -> f64 {
    let (a, x) = (f64::from(freedom) / 2.0, statistic / 2.0);
    if freedom == 0 || x <= 0.0 {
        return 1.0;
    }
    // x^a e^−x / Γ(a)
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let mut term = 1.0 / a;
        let mut sum = term;
        let mut k = a;
        while term > sum * 1e-16 {
            k += 1.0;
            term *= x / k;
            sum += term;
        }
        return (1.0 - front * sum).clamp(0.0, 1.0);
    }
    // Lentz needs a number instead of 0; this one is far below any partial denominator here.
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    // Converges within √a steps here; the bound only guards against a bug.
    for i in 1..10_000 {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = numerator * d + b;
        if d.abs() < TINY {
            d = TINY;
        }
        c = b + numerator / c;
        if c.abs() < TINY {
            c = TINY;
        }
        d = 1.0 / d;
        let delta = d * c;
        h *= delta;
        if (delta - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (front * h).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, within: f64) {
        assert!((a - b).abs() < within, "{a} is not {b}");
    }

    #[test]
    fn residual_of_a_cell() {
        // 30 of a row of 50 in a column of 80 of 200: E = 50·80/200 = 20; variance 20·0.75·0.6 = 9; (30 − 20)/3 = 3.3333
        close(adjusted_residual(30, 50, 80, 200).unwrap(), 10.0 / 3.0, 1e-12);
        assert_eq!(adjusted_residual(0, 0, 5, 10), None);
        assert_eq!(adjusted_residual(5, 10, 5, 10), None, "everything is in the row: no variance");
        assert_eq!(adjusted_residual(0, 0, 0, 0), None);
    }

    #[test]
    fn the_squared_residual_of_two_by_two_is_chi_square() {
        // [30 20; 50 100]: χ² = 200·(30·100 − 20·50)²/(50·150·80·120) = 200·4 000 000/72 000 000 = 11.1111 = 3.3333²
        let (statistic, freedom, p) = chi_square(&[vec![30, 20], vec![50, 100]]).unwrap();
        close(statistic, 100.0 / 9.0, 1e-10);
        assert_eq!(freedom, 1);
        close(p, normal_p(10.0 / 3.0), 1e-12);
    }

    #[test]
    fn known_tails() {
        close(normal_p(1.959_963_984_540_054), 0.05, 1e-12);
        close(normal_p(0.0), 1.0, 1e-15);
        // Two degrees of freedom: e^(−x/2).
        close(chi_square_p(5.0, 2), (-2.5f64).exp(), 1e-13);
        close(chi_square_p(0.5, 2), (-0.25f64).exp(), 1e-13);
        // The 5 % points of printed tables.
        close(chi_square_p(18.307_038, 10), 0.05, 1e-8);
        close(chi_square_p(124.342_113, 100), 0.05, 1e-8);
        assert_eq!(chi_square(&[vec![3, 4]]), None);
        assert_eq!(chi_square(&[vec![3, 0], vec![4, 0]]), None);
    }

    #[test]
    fn lift_counts_how_often_more() {
        // Expected 50·80/200 = 20, seen 30: 1.5 times.
        close(lift(30, 50, 80, 200).unwrap(), 1.5, 1e-12);
        assert_eq!(lift(0, 0, 80, 200), None);
    }
}

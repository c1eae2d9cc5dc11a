//! Symmetric systems of equations, solved by Cholesky's decomposition.
//!
//! Knows no requests; the only arithmetic here that needs more than `f32`.

/// A symmetric, positive matrix, decomposed: the lower triangle, row by row.
pub(super) struct Decomposed {
    rows: Vec<f64>,
    size: usize,
}

impl Decomposed {
    /// Decomposes a matrix of which the lower triangle is given, row by row in full rows.
    ///
    /// `None` if the matrix is not positive, which numbers that are not finite lead to as well.
    pub(super) fn of(mut rows: Vec<f64>, size: usize) -> Option<Self> {
        for row in 0..size {
            let (above, rest) = rows.split_at_mut(row * size);
            let this = &mut rest[..size];
            for column in 0..row {
                let other = &above[column * size..][..size];
                let rest = this[column] - dot(&this[..column], &other[..column]);
                this[column] = rest / other[column];
            }
            let rest = this[row] - dot(&this[..row], &this[..row]);
            if !(rest.is_finite() && rest > 0.0) {
                return None;
            }
            this[row] = rest.sqrt();
        }
        Some(Self { rows, size })
    }

    /// Returns the solution for this right-hand side.
    pub(super) fn solve(&self, mut right: Vec<f64>) -> Vec<f64> {
        let size = self.size;
        for row in 0..size {
            let this = &self.rows[row * size..][..=row];
            right[row] = (right[row] - dot(&this[..row], &right[..row])) / this[row];
        }
        for row in (0..size).rev() {
            let this = &self.rows[row * size..][..=row];
            right[row] /= this[row];
            let solved = right[row];
            for (other, factor) in right[..row].iter_mut().zip(this) {
                *other -= solved * factor;
            }
        }
        right
    }
}

/// Returns the inner product, summed in eight lanes.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

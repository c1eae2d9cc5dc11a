//! Products against the plain definition, in every layout and at awkward sizes.

use super::*;
use crate::mini::chance::Chance;

fn numbers(count: usize, chance: &mut Chance) -> Vec<f32> {
    (0..count).map(|_| chance.normal()).collect()
}

fn plainly(left: View<'_>, right: View<'_>) -> Vec<f32> {
    let at = |view: View<'_>, row: usize, column: usize| {
        view.data[row * view.row_step + column * view.column_step]
    };
    let mut out = Vec::new();
    for row in 0..left.rows {
        for column in 0..right.columns {
            let inner = (0..left.columns).map(|k| at(left, row, k) * at(right, k, column));
            out.push(inner.sum());
        }
    }
    out
}

#[test]
fn a_product_is_the_sum_of_products_however_the_factors_lie() {
    let mut chance = Chance::new(7);
    for (rows, inner, columns) in
        [(1, 1, 1), (13, 33, 5), (12, 32, 32), (250, 515, 67), (3, 1030, 40)]
    {
        let (left, right) =
            (numbers(rows * inner, &mut chance), numbers(inner * columns, &mut chance));
        let lefts = [View::of(&left, inner), View::of(&left, rows).turned()];
        let rights = [View::of(&right, columns), View::of(&right, inner).turned()];
        for (left, right) in lefts.into_iter().flat_map(|l| rights.map(|r| (l, r))) {
            let wanted = plainly(left, right);
            for (exactness, off) in [(Exactness::Full, 1e-4), (Exactness::Half, 2e-2)] {
                let mut found = vec![1.0; wanted.len()];
                let target = Target { data: &mut found, row_step: columns, onto: Onto::Add };
                Multiplier::new(exactness).multiply(left, right, target);
                let room = off * (inner as f32).sqrt();
                for (found, wanted) in found.iter().zip(&wanted) {
                    assert!((found - 1.0 - wanted).abs() < room, "{found} is not {wanted} + 1");
                }
            }
        }
    }
}

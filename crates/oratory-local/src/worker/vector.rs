//! Vectors and ratings as callers get them.
//!
//! Pure numbers; where they come from is not known here.

/// Cuts a vector and gives it the length 1, so that products of vectors are cosines.
pub(super) fn finish(mut vector: Vec<f32>, dimensions: Option<u32>) -> Vec<f32> {
    if let Some(dimensions) = dimensions {
        vector.truncate(dimensions as usize);
    }
    let square: f64 = vector.iter().map(|&number| f64::from(number) * f64::from(number)).sum();
    // Nothing but zeros has no direction, and stays what it is.
    if square > 0.0 {
        let by = 1.0 / square.sqrt();
        vector.iter_mut().for_each(|number| *number = (f64::from(*number) * by) as f32);
    }
    vector
}

/// Returns a rating from 0 to 1 of what a model says of each class. The first class counts; where
/// they are no chances yet, it is the logarithm of odds.
pub(super) fn rating(classes: &[f32]) -> f32 {
    let sum: f32 = classes.iter().sum();
    let chances = classes.len() > 1
        && (sum - 1.0).abs() < 0.01
        && classes.iter().all(|chance| (0.0..=1.0).contains(chance));
    let first = classes.first().copied().unwrap_or(0.0);
    if chances { first } else { 1.0 / (1.0 + (-first).exp()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_cut_and_as_long_as_one() {
        assert_eq!(finish(vec![3.0, 4.0, 12.0], Some(2)), [0.6, 0.8]);
        assert_eq!(finish(vec![0.0; 3], None), [0.0; 3]);
        assert_eq!(finish(vec![-2.0], Some(9)), [-1.0]);
    }

    #[test]
    fn ratings_lie_between_0_and_1_and_keep_the_order() {
        assert_eq!(rating(&[0.0]), 0.5);
        assert_eq!(rating(&[0.9, 0.1]), 0.9, "chances already");
        assert!(rating(&[-20.0]) < rating(&[-2.0]) && rating(&[-2.0]) < rating(&[1.0]));
        assert!((0.0..=1.0).contains(&rating(&[f32::MAX])));
    }
}

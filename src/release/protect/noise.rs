//! Normal noise, keyed by the question: the same question always has the same answer.

use std::f64::consts::TAU;

use super::Protected;
use super::fit::{nearest_non_negative, round_running_sums};
use crate::crypto::Digest;
use crate::release::contributions::{Exact, FRACTION};
use crate::release::query::{Query, Unit};
use salanimi_core::KeyedHash;

/// Number of different uniform draws: a 53-bit number is exact in binary.
const DRAWS: f64 = 9_007_199_254_740_992.0;

/// The draws of one item.
pub(super) struct Draws<'k> {
    key: &'k KeyedHash,
    item: Digest,
}

impl<'k> Draws<'k> {
    pub(super) fn new(key: &'k KeyedHash, item: Digest) -> Self {
        Self { key, item }
    }

    /// Returns a draw from the standard normal distribution (Box and Muller 1958).
    fn normal(&self, unit: &str, cell: &str) -> f64 {
        let message = [self.item.as_bytes(), unit.as_bytes(), b"\0", cell.as_bytes()].concat();
        let bytes: [u8; 16] = self.key.leftmost(&message);
        let number = u128::from_be_bytes(bytes);
        let radius = (-2.0 * uniform((number >> 64) as u64).ln()).sqrt();
        radius * (TAU * uniform(number as u64)).cos()
    }
}

/// Returns a number above 0 and at most 1.
fn uniform(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 1.0) / DRAWS
}

/// Adds noise to every inner cell, also to empty ones. Counts then become the nearest non-negative table with the same
/// sum, and multiples of the step; a total is the sum of its shown cells.
pub(super) fn protect(query: &Query, exact: &[Exact], step: u64, noise: f64, draws: &Draws<'_>) -> Vec<Protected> {
    let unit = super::unit(query);
    let per_unit = (FRACTION * super::scale(&query.unit)) as f64;
    let inner: Vec<usize> = (0..exact.len()).filter(|&cell| query.is_inner(cell)).collect();
    let noisy =
        |&cell: &usize| exact[cell].amount as f64 / per_unit + noise * draws.normal(&unit, &query.cell_name(cell));
    let mut values: Vec<f64> = inner.iter().map(noisy).collect();
    if !matches!(query.unit, Unit::Sum { .. }) {
        values = nearest_non_negative(&values);
    }
    let mut shown = vec![Protected(0); exact.len()];
    for (cell, number) in inner.into_iter().zip(round_running_sums(&values, step)) {
        for target in including(query, cell) {
            shown[target].0 += number;
        }
    }
    shown
}

/// Returns an inner cell and every total that includes it.
fn including(query: &Query, cell: usize) -> Vec<usize> {
    let mut all = vec![Vec::new()];
    for (axis, at) in query.axes.iter().zip(query.coordinates(cell)) {
        let positions = if axis.has_total { vec![at, axis.labels.len()] } else { vec![at] };
        all = all.iter().flat_map(|start| positions.iter().map(|at| [&start[..], &[*at]].concat())).collect();
    }
    all.iter().map(|coordinates| query.cell(coordinates)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::{Id, Key, ReleaseKey};

    #[test]
    fn draws_have_the_mean_and_the_spread_of_the_normal_distribution() {
        let key = ReleaseKey::from_bytes([3; 32]).noise(&Id::new("example").unwrap());
        let draws = Draws::new(&key, Digest::of(b"item"));
        let numbers: Vec<f64> = (0..20_000).map(|cell| draws.normal("persons", &format!("x={cell}"))).collect();
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count;
        let beyond = numbers.iter().filter(|number| number.abs() > 1.959_964).count() as f64 / count;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04 && (beyond - 0.05).abs() < 0.007);
        assert!(draws.normal("persons", "x=1").to_bits() == draws.normal("persons", "x=1").to_bits());
        assert!(draws.normal("persons", "x=1").to_bits() != draws.normal("rows", "x=1").to_bits());
    }
}

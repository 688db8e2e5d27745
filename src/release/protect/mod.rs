//! Protection: the only way from an exact count to a number that may leave.

mod fit;
mod noise;
mod round;

use super::contributions::{Bound, count};
use super::query::{Query, Unit};
use super::register::Permit;
use super::source::Source;
use crate::config::raw::release::Method;
use crate::exchange::ReleasedCount;
use salanimi_core::{DatasetKeys, Id, KeyedHash, ReleaseKey};

/// A number that may leave: a multiple of its step, in whole persons, rows or units of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Protected(i64);

impl Protected {
    /// Returns the number.
    pub(super) fn number(self) -> i64 {
        self.0
    }
}

/// Keys and method by which a release protects its counts.
pub(super) struct Protector {
    method: Method,
    pub(super) keys: DatasetKeys,
    noise: KeyedHash,
}

impl Protector {
    pub(super) fn new(method: Method, key: &ReleaseKey, study: &Id, dataset: &str) -> Self {
        Self { method, keys: key.dataset(study, dataset), noise: key.noise(study) }
    }

    /// Counts a query and protects every cell, totals included.
    ///
    /// The register has allowed the item of the `permit`.
    pub(super) fn protect(
        &self,
        permit: &Permit,
        query: &Query,
        released: &ReleasedCount,
        source: &Source,
    ) -> Vec<Protected> {
        match (self.method, released.noise) {
            (Method::Noise, Some(noise)) => {
                let exact = count(query, source, Bound::AllCells);
                let draws = noise::Draws::new(&self.noise, permit.item(), query);
                noise::protect(query, &exact, released.step, noise, &draws)
            }
            _ => {
                let scale = scale(&query.unit);
                let exact = count(query, source, Bound::EachCell);
                let cells = exact.iter().map(|cell| round::round(cell, released.step, scale, &self.keys));
                cells.collect()
            }
        }
    }
}

/// Returns the number of smallest units in one unit of a sum; 1 for counts.
fn scale(unit: &Unit) -> i128 {
    match unit {
        Unit::Sum { scale, .. } => 10_i128.pow((*scale).unsigned_abs().into()),
        _ => 1,
    }
}

//! Normal noise, keyed by the item, the question of the query and the cell: the same question always has the same
//! answer, and no two numbers of an item share a draw.

use std::f64::consts::TAU;

use super::Protected;
use super::fit::{nearest_non_negative, round_running_sums};
use crate::crypto::Digest;
use crate::release::contributions::{Exact, FRACTION};
use crate::release::query::{Query, Unit};
use salanimi_core::KeyedHash;

/// Number of different uniform draws: a 53-bit number is exact in binary.
const DRAWS: f64 = 9_007_199_254_740_992.0;

/// The draws of one query of an item.
pub(super) struct Draws<'k> {
    key: &'k KeyedHash,
    item: Digest,
    question: Digest,
}

impl<'k> Draws<'k> {
    pub(super) fn new(key: &'k KeyedHash, item: Digest, query: &Query) -> Self {
        Self { key, item, question: Digest::of(query.question().to_string().as_bytes()) }
    }

    /// Returns a draw from the standard normal distribution (Box and Muller 1958).
    fn normal(&self, cell: &str) -> f64 {
        let message = [self.item.as_bytes(), self.question.as_bytes(), cell.as_bytes()].concat();
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
    let per_unit = (FRACTION * super::scale(&query.unit)) as f64;
    let inner: Vec<usize> = (0..exact.len()).filter(|&cell| query.is_inner(cell)).collect();
    let names = query.cell_names();
    let noisy = |&cell: &usize| exact[cell].amount as f64 / per_unit + noise * draws.normal(&names[cell]);
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
    use std::collections::HashSet;

    use super::*;
    use crate::config::Value;
    use crate::config::raw::release::Condition;
    use crate::exchange::ReleasedDimension;
    use crate::release::query::{Axis, Coding, Filter, FirstRow};
    use salanimi_core::{Id, Key, ReleaseKey};

    fn id(text: &str) -> Id {
        Id::new(text).unwrap()
    }

    /// An axis of three labels, which groups the values 0 to 3 at level 0 or 1.
    fn axis(column: &str, level: usize) -> Axis {
        let dimension = ReleasedDimension { title: column.to_owned(), column: column.to_owned(), level };
        let label_of = [vec![0, 1, 2, 2], vec![0, 0, 1, 2]][level].clone();
        let coding = Coding::Labels { values: (0..4).map(Value::Number).collect(), label_of };
        Axis { dimension, labels: ["x", "y", "z"].map(str::to_owned).into(), coding, has_total: true }
    }

    fn query(axes: Vec<Axis>) -> Query {
        Query { table: id("t"), axes, filters: Vec::new(), unit: Unit::Persons, first: None }
    }

    fn filtered(by: &str, value: i64) -> Query {
        let condition =
            Condition { column: by.to_owned(), is: vec![value.to_string()], from: None, to: None, known: false };
        let counted = (0..4).map(|at| at == value).collect();
        let filter = Filter { condition, values: (0..4).map(Value::Number).collect(), counted };
        Query { filters: vec![filter], ..query(Vec::new()) }
    }

    /// Returns the draw of every cell.
    fn draws(query: &Query) -> Vec<u64> {
        let key = ReleaseKey::from_bytes([3; 32]).noise(&id("example"));
        let draws = Draws::new(&key, Digest::of(b"item"), query);
        query.cell_names().iter().map(|name| draws.normal(name).to_bits()).collect()
    }

    #[test]
    fn no_two_numbers_of_one_item_share_a_draw() {
        let steps = |time: &str, event: &str| query(vec![Axis::of_time(&id(time), &id(event), 1, 3)]);
        let unit = |unit| Query { unit, ..query(Vec::new()) };
        let queries = [
            query(Vec::new()),
            Query { table: id("u"), ..query(Vec::new()) },
            Query { first: Some(FirstRow::Any), ..query(Vec::new()) },
            filtered("a", 0),
            filtered("a", 1),
            filtered("b", 0),
            query(vec![axis("a", 0)]),
            query(vec![axis("a", 1)]),
            query(vec![axis("b", 0)]),
            query(vec![axis("a", 0), axis("a", 1)]),
            query(vec![Axis::of_event(&id("a"))]),
            query(vec![Axis::of_event(&id("b"))]),
            steps("days", "reached"),
            steps("days", "ended"),
            steps("weeks", "reached"),
            unit(Unit::PersonsWith { column: id("eur") }),
            unit(Unit::Rows { weight: 2 }),
            unit(Unit::RowsWith { column: id("eur"), weight: 2 }),
            unit(Unit::Sum { column: id("eur"), cap: 10.0, scale: 2 }),
        ];
        let all: Vec<u64> = queries.iter().flat_map(draws).collect();
        let different: HashSet<&u64> = all.iter().collect();
        assert!(all.len() > 50 && different.len() == all.len(), "{} of {}", different.len(), all.len());
    }

    #[test]
    fn the_order_of_the_axes_changes_no_draw() {
        let [one, other] = [[0, 1], [1, 0]].map(|order| {
            let axes = [axis("a", 0), axis("b", 1)];
            query(order.map(|at| axes[at].clone()).into())
        });
        let [of_one, of_other] = [draws(&one), draws(&other)];
        for (cell, draw) in of_one.iter().enumerate() {
            let [a, b] = one.coordinates(cell)[..] else { panic!("two axes") };
            assert_eq!(*draw, of_other[other.cell(&[b, a])]);
        }
    }

    #[test]
    fn draws_have_the_mean_and_the_spread_of_the_normal_distribution() {
        let key = ReleaseKey::from_bytes([3; 32]).noise(&id("example"));
        let draws = Draws::new(&key, Digest::of(b"item"), &query(Vec::new()));
        let numbers: Vec<f64> = (0..20_000).map(|cell| draws.normal(&cell.to_string())).collect();
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count;
        let beyond = numbers.iter().filter(|number| number.abs() > 1.959_964).count() as f64 / count;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04 && (beyond - 0.05).abs() < 0.007);
        assert!(draws.normal("1").to_bits() == draws.normal("1").to_bits());
    }
}

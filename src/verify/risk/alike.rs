//! How far the sensitive values of a class give its members away.

use super::classes::is_value;
use super::coded::{Coded, Groups};
use super::keys::Scale;

/// How far one sensitive column is given away by the classes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alike {
    /// The fewest different values in a class that has any.
    pub fewest: Option<u32>,
    /// Persons in classes with fewer different values than asked for.
    pub exposed: u64,
    /// The largest distance between a class that is large enough and the whole table, 0 to 1.
    pub farthest: Option<f64>,
}

/// What is asked of the classes.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// Different values.
    pub min_l: u32,
    /// Persons of a class of which the distance is taken.
    pub min_k: u32,
}

/// Looks at the sensitive `column` in the classes `groups` of these numbers of persons.
pub(super) fn alike(column: &Coded, groups: &Groups, persons: &[u32], asked: Asked) -> Alike {
    let whole = Whole::new(column);
    let mut counts = vec![0_u32; column.codes_below()];
    let mut touched = Vec::new();
    let mut found = Alike { fewest: None, exposed: 0, farthest: None };
    for (rows, &persons) in groups.iter().zip(persons) {
        for &row in rows {
            let code = column.codes[row as usize];
            if counts[code as usize] == 0 {
                touched.push(code);
            }
            counts[code as usize] += 1;
        }
        let values = touched.iter().filter(|&&code| is_value(code)).count() as u32;
        if values > 0 {
            found.fewest = Some(found.fewest.map_or(values, |fewest| fewest.min(values)));
            found.exposed += if values < asked.min_l { u64::from(persons) } else { 0 };
        }
        if persons >= asked.min_k {
            let distance = whole.distance(&mut touched, &counts, rows.len());
            found.farthest = Some(found.farthest.map_or(distance, |farthest| farthest.max(distance)));
        }
        touched.drain(..).for_each(|code| counts[code as usize] = 0);
    }
    found
}

/// How the values of a column are spread in the whole table.
struct Whole {
    /// The share of rows with each code.
    shares: Vec<f64>,
    /// For columns of numbers, the order of values.
    order: Option<Order>,
}

struct Order {
    /// For each code, its place among the ordered values; that of a null means nothing.
    places: Vec<u32>,
    /// For each place, the share of values at or before it.
    below: Vec<f64>,
    /// For each place, the sum of all those before it.
    sums: Vec<f64>,
}

impl Whole {
    fn new(column: &Coded) -> Self {
        let mut shares = vec![0.0; column.codes_below()];
        column.codes.iter().for_each(|&code| shares[code as usize] += 1.0);
        let order = (column.scale != Scale::Unordered).then(|| Order::new(column, &shares));
        let rows = column.codes.len().max(1) as f64;
        shares.iter_mut().for_each(|share| *share /= rows);
        Self { shares, order }
    }

    /// The earth mover's distance of numbers, after Li, Li and Venkatasubramanian (2007); else half the sum of
    /// differences of shares.
    fn distance(&self, touched: &mut [u32], counts: &[u32], rows: usize) -> f64 {
        if let Some(order) = &self.order {
            return order.distance(touched, counts);
        }
        let excess = |&code: &u32| counts[code as usize] as f64 / rows as f64 - self.shares[code as usize];
        touched.iter().map(excess).filter(|excess| *excess > 0.0).sum()
    }
}

impl Order {
    fn new(column: &Coded, counts: &[f64]) -> Self {
        let number = |code: u32| column.scale.number(column.keys[code as usize]).unwrap_or_default();
        let mut ordered: Vec<u32> = (1..column.codes_below() as u32).collect();
        ordered.sort_by(|&a, &b| number(a).total_cmp(&number(b)));
        let mut places = vec![0; column.codes_below()];
        let values: f64 = ordered.iter().map(|&code| counts[code as usize]).sum();
        let (mut below, mut sums, mut sofar, mut sum) = (Vec::new(), vec![0.0], 0.0, 0.0);
        for (place, &code) in ordered.iter().enumerate() {
            places[code as usize] = place as u32;
            sofar += counts[code as usize];
            below.push(sofar / values.max(1.0));
            sum += sofar / values.max(1.0);
            sums.push(sum);
        }
        Self { places, below, sums }
    }

    /// The mean over all places but the last of how far the shares at or before it differ: between two values of the
    /// class its share stands still, so each stretch is summed at once.
    fn distance(&self, touched: &mut [u32], counts: &[u32]) -> f64 {
        let places = self.below.len();
        if places < 2 {
            return 0.0;
        }
        touched.sort_unstable_by_key(|&code| (is_value(code), self.places[code as usize]));
        let values = || touched.iter().filter(|&&code| is_value(code));
        let total: f64 = values().map(|&code| counts[code as usize] as f64).sum();
        if total == 0.0 {
            return 0.0;
        }
        let (mut moved, mut share, mut from) = (0.0, 0.0, 0);
        for &code in values() {
            let place = self.places[code as usize] as usize;
            moved += self.stretch(from, place, share);
            share += counts[code as usize] as f64 / total;
            from = place;
        }
        (moved + self.stretch(from, places, share)) / (places - 1) as f64
    }

    /// The sum of how far `share` is from the whole's over the places `from` to before `to`.
    fn stretch(&self, from: usize, to: usize, share: f64) -> f64 {
        let above = from + self.below[from..to].partition_point(|below| *below <= share);
        let sum = |from: usize, to: usize| self.sums[to] - self.sums[from];
        share * (above - from) as f64 - sum(from, above) + sum(above, to) - share * (to - above) as f64
    }
}

//! Attribute disclosure: l-diversity and t-closeness of a sensitive column over the equivalence classes.

use super::coded::{CodedColumn, RowsByCode, is_value};
use crate::config::Limits;

/// Attribute disclosure through one sensitive column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AttributeDisclosure {
    /// Fewest distinct values in any class that has a value (l).
    pub smallest_l: Option<u32>,
    /// Persons in classes with fewer distinct values than `min_l`.
    pub exposed_persons: u64,
    /// Largest distance between a class of at least `min_k` persons and the whole table, 0 to 1 (t).
    pub largest_t: Option<f64>,
}

impl AttributeDisclosure {
    /// Measures `column` over the classes; `persons` holds the number of persons of each class.
    pub(super) fn measure(column: &CodedColumn, classes: &RowsByCode, persons: &[u32], limits: &Limits) -> Self {
        let whole = Distribution::new(column);
        let mut counts = vec![0_u32; column.codes_below()];
        let mut present = Vec::new();
        let mut found = Self { smallest_l: None, exposed_persons: 0, largest_t: None };
        for (rows, &persons) in classes.iter().zip(persons) {
            for &row in rows {
                let code = column.codes[row as usize];
                if counts[code as usize] == 0 {
                    present.push(code);
                }
                counts[code as usize] += 1;
            }
            let values = present.iter().filter(|&&code| is_value(code)).count() as u32;
            if values > 0 {
                found.smallest_l = Some(found.smallest_l.map_or(values, |smallest| smallest.min(values)));
                found.exposed_persons += if values < limits.min_l { u64::from(persons) } else { 0 };
            }
            if persons >= limits.min_k {
                let distance = whole.distance(&mut present, &counts, rows.len());
                found.largest_t = Some(found.largest_t.map_or(distance, |largest| largest.max(distance)));
            }
            present.drain(..).for_each(|code| counts[code as usize] = 0);
        }
        found
    }
}

/// Distribution of a column's values in the whole table.
struct Distribution {
    /// Share of rows with each code.
    shares: Vec<f64>,
    /// Cumulative distribution; present if the values are numbers.
    cumulative: Option<Cumulative>,
}

impl Distribution {
    fn new(column: &CodedColumn) -> Self {
        let mut shares = vec![0.0; column.codes_below()];
        column.codes.iter().for_each(|&code| shares[code as usize] += 1.0);
        let cumulative = Cumulative::new(column, &shares);
        let rows = column.codes.len().max(1) as f64;
        shares.iter_mut().for_each(|share| *share /= rows);
        Self { shares, cumulative }
    }

    /// Returns the distance of a class with these `counts` by code and number of `rows`.
    ///
    /// The distance of numbers is the earth mover's distance; of other values, the total variation distance
    /// (Li, Li and Venkatasubramanian, "t-Closeness", 2007).
    fn distance(&self, present: &mut [u32], counts: &[u32], rows: usize) -> f64 {
        if let Some(cumulative) = &self.cumulative {
            return cumulative.distance(present, counts);
        }
        present
            .iter()
            .map(|&code| counts[code as usize] as f64 / rows as f64 - self.shares[code as usize])
            .filter(|excess| *excess > 0.0)
            .sum()
    }
}

/// Cumulative distribution of a column of numbers.
struct Cumulative {
    /// Rank of each code among the ordered values; the rank of a null is not used.
    ranks: Vec<u32>,
    /// Share of values at or below each rank.
    at_or_below: Vec<f64>,
    /// Sum of `at_or_below` over all lower ranks, for each rank.
    sums: Vec<f64>,
}

impl Cumulative {
    /// Returns the distribution of `column`; `None` if its values have no order. `counts` holds the rows of each code.
    fn new(column: &CodedColumn, counts: &[f64]) -> Option<Self> {
        let numbers: Vec<f64> = column.keys.iter().map(|&key| column.scale.number(key)).collect::<Option<_>>()?;
        let mut ordered: Vec<u32> = (1..column.codes_below() as u32).collect();
        ordered.sort_by(|&a, &b| numbers[a as usize].total_cmp(&numbers[b as usize]));
        let values = ordered.iter().map(|&code| counts[code as usize]).sum::<f64>().max(1.0);
        let mut ranks = vec![0; column.codes_below()];
        let mut at_or_below = Vec::with_capacity(ordered.len());
        let mut sums = vec![0.0];
        let mut rows = 0.0;
        let mut sum = 0.0;
        for (rank, &code) in ordered.iter().enumerate() {
            ranks[code as usize] = rank as u32;
            rows += counts[code as usize];
            at_or_below.push(rows / values);
            sum += rows / values;
            sums.push(sum);
        }
        Some(Self { ranks, at_or_below, sums })
    }

    /// Returns the mean distance between the class's and the table's cumulative shares, over all ranks but the last.
    ///
    /// The class's share is constant between two of its values, so each such stretch of ranks is summed at once.
    fn distance(&self, present: &mut [u32], counts: &[u32]) -> f64 {
        let ranks = self.at_or_below.len();
        if ranks < 2 {
            return 0.0;
        }
        present.sort_unstable_by_key(|&code| (is_value(code), self.ranks[code as usize]));
        let values = &present[present.partition_point(|&code| !is_value(code))..];
        let total: f64 = values.iter().map(|&code| counts[code as usize] as f64).sum();
        if total == 0.0 {
            return 0.0;
        }
        let mut moved = 0.0;
        let mut share = 0.0;
        let mut from = 0;
        for &code in values {
            let rank = self.ranks[code as usize] as usize;
            moved += self.stretch(from, rank, share);
            share += counts[code as usize] as f64 / total;
            from = rank;
        }
        (moved + self.stretch(from, ranks, share)) / (ranks - 1) as f64
    }

    /// Returns the sum of the distances between `share` and the table's shares, over the ranks `from..to`.
    fn stretch(&self, from: usize, to: usize, share: f64) -> f64 {
        let above = from + self.at_or_below[from..to].partition_point(|below| *below <= share);
        let lower = share * (above - from) as f64 - (self.sums[above] - self.sums[from]);
        lower + (self.sums[to] - self.sums[above]) - share * (to - above) as f64
    }
}

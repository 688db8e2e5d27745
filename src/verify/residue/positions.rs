//! Pairs of columns that hold positions in Finland.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::verify::detect::coordinates::{EASTINGS, LATITUDES, LONGITUDES, NORTHINGS};
use crate::verify::detect::data;

static NAMES: LazyLock<Names> = LazyLock::new(|| data::table(include_str!("position_names.toml")));

/// Widest extent from west to east in metres, in all Finland and in one zone of ETRS-GKn.
const WIDEST: f64 = 710_000.0;
const WIDEST_ZONE: f64 = 300_000.0;
/// Least easting with the number of its zone in front.
const FIRST_WITH_ZONE: f64 = 1e7;
/// Narrowest extent in metres.
const NARROWEST: f64 = 1_000.0;
/// Fewest cells of a column of coordinates.
const FEWEST: u64 = 10;
/// Lengths of a number in a column of text.
const TEXT_LENGTHS: RangeInclusive<usize> = 2..=20;

/// The lists of `position_names.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    whole: Vec<String>,
    positions: Vec<String>,
    measures: Vec<String>,
}

/// Range and precision of the numbers in a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct NumberRange {
    count: u64,
    /// Numbers with more than two decimals.
    precise: u64,
    /// Numbers with more than four decimals: exact to some metres.
    exact: u64,
    least: f64,
    most: f64,
}

impl Default for NumberRange {
    fn default() -> Self {
        Self { count: 0, precise: 0, exact: 0, least: f64::INFINITY, most: f64::NEG_INFINITY }
    }
}

impl NumberRange {
    /// Adds a number.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.precise += u64::from(has_more_decimals(value, 100.0));
        self.exact += u64::from(has_more_decimals(value, 1e4));
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }

    /// Adds a cell of text. A cell that is not a number excludes the column.
    pub fn add_text(&mut self, cell: &str) {
        let is_numeric = cell.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
        let number = (TEXT_LENGTHS.contains(&cell.len()) && is_numeric).then(|| cell.replace(',', ".").parse());
        match number {
            Some(Ok(value)) => self.add(value),
            _ => self.most = f64::INFINITY,
        }
    }

    /// Adds the numbers of another part of the column.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.precise += other.precise;
        self.exact += other.exact;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }

    fn is_within(&self, range: &RangeInclusive<f64>) -> bool {
        self.count >= FEWEST && range.contains(&self.least) && range.contains(&self.most) && self.least < self.most
    }

    fn is_precise(&self) -> bool {
        self.precise * 10 >= self.count * 7
    }

    fn is_exact(&self) -> bool {
        self.exact * 10 >= self.count * 7
    }

    fn width(&self) -> f64 {
        self.most - self.least
    }

    /// Returns true if the extent of an easting fits into Finland, or into its zone.
    fn fits_zone(&self) -> bool {
        self.width() < if self.most < FIRST_WITH_ZONE { WIDEST } else { WIDEST_ZONE }
    }
}

/// Returns true if `value` times `scale` is not whole.
fn has_more_decimals(value: f64, scale: f64) -> bool {
    (value * scale - (value * scale).round()).abs() > 1e-6
}

/// A pair of columns that hold positions.
pub(super) struct CoordinateColumns {
    /// Position of the column of latitudes or northings.
    pub north: usize,
    /// Position of the column of longitudes or eastings.
    pub east: usize,
    pub cells: u64,
    /// `false` if it may be something else: shares can lie in the range of degrees, amounts in that of metres.
    pub is_sure: bool,
}

/// Returns the first pair of columns that hold positions.
pub(super) fn find_pair(spreads: &[NumberRange], names: &[&str]) -> Option<CoordinateColumns> {
    in_degrees(spreads, names).or_else(|| in_metres(spreads, names))
}

fn in_degrees(spreads: &[NumberRange], names: &[&str]) -> Option<CoordinateColumns> {
    let north = spreads.iter().position(|spread| spread.is_within(&LATITUDES) && spread.is_precise())?;
    let east = spreads.iter().position(|spread| spread.is_within(&LONGITUDES) && spread.is_precise())?;
    let is_sure = [north, east]
        .iter()
        .all(|&column| names_position(names[column]) || spreads[column].is_exact() && !names_measure(names[column]));
    Some(CoordinateColumns { north, east, cells: spreads[north].count, is_sure })
}

fn in_metres(spreads: &[NumberRange], names: &[&str]) -> Option<CoordinateColumns> {
    let north = spreads.iter().position(|spread| spread.is_within(&NORTHINGS))?;
    // The first column of each range decides, so that a wide one is not passed over for a narrow one.
    let mut firsts = EASTINGS.iter().filter_map(|range| spreads.iter().position(|spread| spread.is_within(range)));
    let east = firsts.find(|&column| spreads[column].fits_zone())?;
    let are_wide = [north, east].iter().all(|&column| spreads[column].width() > NARROWEST);
    let is_sure = names_position(names[north]) || names_position(names[east]);
    are_wide.then_some(CoordinateColumns { north, east, cells: spreads[north].count, is_sure })
}

fn names_position(name: &str) -> bool {
    let name = name.to_lowercase();
    NAMES.whole.contains(&name) || NAMES.positions.iter().any(|part| name.contains(part.as_str()))
}

fn names_measure(name: &str) -> bool {
    let name = name.to_lowercase();
    NAMES.measures.iter().any(|part| name.contains(part.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_positions_are_known() {
        assert!(names_position("ETRS_N") && names_position("y") && !names_position("home"));
        assert!(names_measure("osuus") && !names_measure("x"));
    }
}

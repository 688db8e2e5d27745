//! Contributions: what each person adds to each cell, bounded, and summed exactly.

#[cfg(test)]
mod tests;

use std::ops::Range;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::query::{Axis, Coding, FirstRow, Query, Unit};
use super::source::{EMPTY, Source};

/// Parts of a person's contribution are counted in this fraction of a unit, so that sums are exact.
pub(super) const FRACTION: i128 = 1 << 20;
/// Persons whose rows are counted in one go.
const PERSONS_AT_ONCE: usize = 1 << 16;

/// An exact cell. It has no form in which it could be written: only [`protect`](super::protect) turns it into a number
/// that may leave.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Exact {
    /// Persons, rows or a sum. Decimals are in their smallest unit.
    pub(super) amount: i128,
    /// Sum of the numbers that stand for the persons of the cell, modulo 2^128.
    pub(super) persons: u128,
}

impl Exact {
    fn add(&mut self, amount: i128, person: u128) {
        self.amount += amount;
        self.persons = self.persons.wrapping_add(person);
    }
}

/// How the contribution of one person is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// In each cell and in each total on its own.
    EachCell,
    /// Over all cells together, in [`FRACTION`]s. Totals stay 0.
    AllCells,
}

/// Counts every cell of a query.
pub(super) fn count(query: &Query, source: &Source, bound: Bound) -> Vec<Exact> {
    let counter = Counter::new(query, source, bound);
    let parts = source.persons().div_ceil(PERSONS_AT_ONCE);
    let counted = (0..parts).into_par_iter().map(|part| {
        let first = part * PERSONS_AT_ONCE;
        counter.count(first..source.persons().min(first + PERSONS_AT_ONCE))
    });
    let none = || vec![Exact::default(); query.cells()];
    counted.reduce(none, |mut all, part| {
        all.iter_mut().zip(part).for_each(|(all, part)| all.add(part.amount, part.persons));
        all
    })
}

/// A query against the columns that it reads.
struct Counter<'s> {
    query: &'s Query,
    source: &'s Source,
    bound: Bound,
    /// The most that one person adds to a cell, in the unit of the amounts.
    most: i128,
    places: Vec<Placing<'s>>,
    filters: Vec<(&'s [u16], &'s [bool])>,
    /// The column of amounts or of values that a row must have.
    amounts: Option<&'s [Option<i64>]>,
    order: Option<&'s [Option<i64>]>,
}

/// How one axis places a row.
struct Placing<'s> {
    axis: &'s Axis,
    column: ColumnOf<'s>,
}

enum ColumnOf<'s> {
    Labels { codes: &'s [u16], label_of: &'s [u32] },
    Steps { times: &'s [Option<i64>], events: &'s [Option<i64>], interval: u32 },
    Flag { flags: &'s [Option<i64>] },
}

impl Placing<'_> {
    /// Returns the position of a row on the axis; `None` if the row is not counted.
    fn position(&self, row: usize) -> Option<usize> {
        match self.column {
            ColumnOf::Labels { codes, label_of } => match codes[row] {
                EMPTY => Some(self.axis.labels.len() - 1),
                code => Some(label_of[usize::from(code)] as usize),
            },
            ColumnOf::Steps { times, events, interval } => {
                let step = step(times[row]?, events[row] == Some(1), interval)?;
                // The last label holds the persons who are followed longer.
                Some(step.min(self.axis.labels.len() - 1))
            }
            ColumnOf::Flag { flags } => Some(usize::from(flags[row]? != 0)),
        }
    }
}

/// Returns the step of a time, from 0. `None` for a person who is never at risk: followed for no time, without the
/// event at once.
fn step(time: i64, is_event: bool, interval: u32) -> Option<usize> {
    if time == 0 && is_event {
        return Some(0);
    }
    let after_start = u64::try_from(time).ok()?.checked_sub(1)?;
    usize::try_from(after_start / u64::from(interval)).ok()
}

/// Cells of one person, and what the person adds to each.
type Parts = Vec<(usize, i128)>;

impl<'s> Counter<'s> {
    fn new(query: &'s Query, source: &'s Source, bound: Bound) -> Self {
        let places = query.axes.iter().map(|axis| {
            let column = axis.dimension.column.as_str();
            let column = match &axis.coding {
                Coding::Labels { label_of, .. } => ColumnOf::Labels { codes: source.codes(column), label_of },
                Coding::Steps { interval, event } => ColumnOf::Steps {
                    times: source.numbers(column),
                    events: source.numbers(event.as_str()),
                    interval: *interval,
                },
                Coding::Flag => ColumnOf::Flag { flags: source.numbers(column) },
            };
            Placing { axis, column }
        });
        let filters = query.filters.iter();
        let most = match &query.unit {
            Unit::Persons | Unit::PersonsWith { .. } => 1,
            Unit::Rows { weight } | Unit::RowsWith { weight, .. } => i128::from(*weight),
            Unit::Sum { cap, scale, .. } => (cap * 10_f64.powi((*scale).into())).round() as i128,
        };
        let order = match &query.first {
            Some(FirstRow::Smallest(column)) => Some(source.numbers(column.as_str())),
            Some(FirstRow::Any) | None => None,
        };
        Self {
            most,
            order,
            places: places.collect(),
            filters: filters.map(|f| (source.codes(&f.condition.column), f.counted.as_slice())).collect(),
            amounts: query.unit.column().map(|column| source.amounts(column.as_str())),
            query,
            source,
            bound,
        }
    }

    fn count(&self, persons: Range<usize>) -> Vec<Exact> {
        let mut cells = vec![Exact::default(); self.query.cells()];
        let mut parts = Parts::new();
        for person in persons {
            parts.clear();
            self.collect(self.source.starts[person]..self.source.starts[person + 1], &mut parts);
            match self.bound {
                Bound::EachCell => {
                    self.add_totals(&mut parts);
                    parts.iter_mut().for_each(|(_, amount)| *amount = (*amount).clamp(-self.most, self.most));
                }
                Bound::AllCells => self.bound_together(&mut parts),
            }
            parts.iter().for_each(|&(cell, amount)| cells[cell].add(amount, self.source.elements[person]));
        }
        cells
    }

    /// Collects the inner cells of one person, and the amount in each.
    fn collect(&self, rows: Range<usize>, parts: &mut Parts) {
        let counted = rows.filter_map(|row| self.cell(row).map(|cell| (row, cell)));
        let amount_in = |(row, cell)| Some((cell, self.amount(row)?));
        if self.query.first.is_some() {
            let first = counted.min_by_key(|&(row, _)| self.order_of(row));
            parts.extend(first.and_then(amount_in));
        } else {
            parts.extend(counted.filter_map(amount_in));
        }
        merge(parts);
    }

    /// Returns the inner cell of a row; `None` if the row is not counted.
    fn cell(&self, row: usize) -> Option<usize> {
        let is_counted = self.filters.iter().all(|(codes, counted)| match codes[row] {
            EMPTY => false,
            code => counted[usize::from(code)],
        });
        if !is_counted {
            return None;
        }
        self.places.iter().try_fold(0, |cell, place| Some(cell * place.axis.width() + place.position(row)?))
    }

    /// Returns the order of a row among those of its person. A row without a value comes last.
    fn order_of(&self, row: usize) -> (bool, Option<i64>, usize) {
        let order = self.order.and_then(|order| order[row]);
        (order.is_none(), order, row)
    }

    /// Returns what a row adds; `None` if it has no value to add.
    fn amount(&self, row: usize) -> Option<i128> {
        let Some(amounts) = self.amounts else { return Some(1) };
        let amount = amounts[row]?;
        match self.query.unit {
            Unit::Sum { .. } => Some(amount.into()),
            _ => (amount > 0).then_some(1),
        }
    }

    /// Adds each part to the totals that include its cell.
    fn add_totals(&self, parts: &mut Parts) {
        let is_single = parts.len() == 1;
        let mut stride = self.query.cells();
        for axis in &self.query.axes {
            stride /= axis.width();
            if !axis.has_total {
                continue;
            }
            for part in 0..parts.len() {
                let (cell, amount) = parts[part];
                let at = cell / stride % axis.width();
                parts.push((cell + (axis.labels.len() - at) * stride, amount));
            }
        }
        // The totals of one cell are all different.
        if !is_single {
            merge(parts);
        }
    }

    /// Scales the parts so that together they are at most what one person may add. Each person counts once in a cell
    /// that counts persons, and is divided evenly over the cells.
    fn bound_together(&self, parts: &mut Parts) {
        let counts_persons = matches!(self.query.unit, Unit::Persons | Unit::PersonsWith { .. });
        if counts_persons {
            parts.iter_mut().for_each(|(_, amount)| *amount = 1);
        }
        let all: i128 = parts.iter().map(|(_, amount)| amount.abs()).sum();
        let scale = (self.most * FRACTION) as f64 / all.max(self.most) as f64;
        // Cut, not rounded, so that the parts never add up to more.
        parts.iter_mut().for_each(|(_, amount)| *amount = (*amount as f64 * scale) as i128);
    }
}

/// Sums the amounts of each cell.
fn merge(parts: &mut Parts) {
    parts.sort_unstable_by_key(|(cell, _)| *cell);
    parts.dedup_by(|later, kept| {
        let is_same = later.0 == kept.0;
        kept.1 += if is_same { later.1 } else { 0 };
        is_same
    });
}

//! Counts that follow from a base and a share of it, such as 30 persons and 6.7 %.

use super::cell::{Cell, Count, Number};
use super::number::Decimal;
use super::sheet::{CellColumn, Sheet};

/// Tolerance of products of printed numbers.
const TOLERANCE: f64 = 1e-9;
/// Decimals that shares between 0 and 1 have at least; with fewer, numbers below 1 are per cents.
const FRACTION_DECIMALS: usize = 2;

/// Whole numbers that a printed share allows, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WholeRange {
    pub low: i64,
    pub high: i64,
}

impl WholeRange {
    /// Returns the whole numbers from `low` to `high`; `None` if there are none.
    pub(super) fn between(low: f64, high: f64) -> Option<Self> {
        let low = (low - TOLERANCE).ceil().max(0.0) as i64;
        let high = (high + TOLERANCE).floor() as i64;
        (low <= high).then_some(Self { low, high })
    }

    fn contains(self, count: i64) -> bool {
        self.low <= count && count <= self.high
    }

    /// Returns true if every number is a small count.
    fn is_small(self, min_cell: i64) -> bool {
        self.low > 0 && self.high < min_cell
    }
}

/// Returns the counts that a share, between 0 and 1, of `base` persons allows.
fn part(base: i64, share: Decimal) -> Option<WholeRange> {
    let base = base as f64;
    WholeRange::between(base * (share.value - share.half()), base * (share.value + share.half()))
}

/// Returns true if base and share disclose a small count, or a small rest.
fn discloses(base: i64, share: Decimal, min_cell: i64) -> bool {
    part(base, share).is_some_and(|part| {
        let rest = WholeRange { low: base - part.high, high: base - part.low };
        part.is_small(min_cell) || rest.is_small(min_cell)
    })
}

/// Returns true if a count and the per cent beside it disclose a small rest.
pub(super) fn rest_is_small(count: &Count, min_cell: i64) -> bool {
    let Some(share) = count.percent.map(Decimal::hundredth) else { return false };
    let value = count.value as f64;
    let base = match count.base {
        Some(base) => Some(WholeRange { low: base, high: base }),
        None if share.value > share.half() => {
            WholeRange::between(value / (share.value + share.half()), value / (share.value - share.half()))
        }
        None => None,
    };
    let rest = base.map(|base| WholeRange { low: base.low - count.value, high: base.high - count.value });
    count.value > 0 && rest.is_some_and(|rest| rest.is_small(min_cell))
}

/// Returns the number of rows in which a share of the table discloses a small count.
pub(super) fn small_parts(sheet: &Sheet<'_>, min_cell: i64) -> usize {
    if sheet.survival().is_some() {
        return 0;
    }
    let columns = sheet.shares.iter().map(|column| {
        let shares = in_parts_of_one(column);
        of_shown_part(sheet, &shares, min_cell)
            .or_else(|| of_column_total(sheet, &shares, min_cell))
            .or_else(|| of_base(sheet, &shares, min_cell))
    });
    columns.flatten().sum()
}

/// Returns the cells as shares between 0 and 1.
fn in_parts_of_one(column: &CellColumn) -> Vec<Option<Decimal>> {
    let shares: Vec<Option<Number>> = column.cells.iter().map(Cell::share).collect();
    let is_fraction = |number: &Number| {
        let Decimal { value, decimals } = number.decimal;
        !number.is_percent && value <= 1.0 && (decimals >= FRACTION_DECIMALS || value.fract().abs() < TOLERANCE)
    };
    let are_fractions = !column.name.is_in_percent() && shares.iter().flatten().all(is_fraction);
    let share = |number: Number| if are_fractions { number.decimal } else { number.decimal.hundredth() };
    shares.into_iter().map(|number| number.map(share)).collect()
}

/// Judges shares that are those of a shown part in a base: only the rows without the part are left to find.
///
/// Returns `None` if no two columns of counts are such a base and part.
fn of_shown_part(sheet: &Sheet<'_>, shares: &[Option<Decimal>], min_cell: i64) -> Option<usize> {
    for base in &sheet.counts {
        for shown in sheet.counts.iter().filter(|shown| shown.position != base.position) {
            let mut agreeing = 0;
            let mut differing = 0;
            let mut small = 0;
            for (row, share) in shares.iter().enumerate() {
                let Some((base, share)) = base.cells[row].count().zip(*share) else { continue };
                match shown.cells[row].count() {
                    None => small += usize::from(discloses(base, share, min_cell)),
                    Some(count) if part(base, share).is_some_and(|part| part.contains(count)) => agreeing += 1,
                    Some(_) => differing += 1,
                }
            }
            if agreeing > 0 && differing == 0 {
                return Some(small);
            }
        }
    }
    None
}

/// Judges shares of each row's count in the sum of all rows: only the rows without the count are left to find.
///
/// Returns `None` if the shares are not of this kind.
fn of_column_total(sheet: &Sheet<'_>, shares: &[Option<Decimal>], min_cell: i64) -> Option<usize> {
    for column in &sheet.counts {
        let total_row = (0..sheet.rows).find(|&row| sheet.labels.iter().any(|labels| labels.totals[row]));
        let shown = total_row.and_then(|row| column.cells[row].count());
        let total = shown.unwrap_or_else(|| column.cells.iter().filter_map(Cell::count).sum());
        let mut agreeing = 0;
        let mut differing = 0;
        let mut small = 0;
        for (cell, share) in column.cells.iter().zip(shares) {
            let Some(share) = share else { continue };
            match cell.count() {
                None => small += usize::from(total_row.is_some() && discloses(total, *share, min_cell)),
                Some(count) if part(total, *share).is_some_and(|part| part.contains(count)) => agreeing += 1,
                Some(_) => differing += 1,
            }
        }
        if agreeing > 1 && differing == 0 {
            return Some(small);
        }
    }
    None
}

/// Judges shares of a part that the table does not show.
///
/// Returns `None` if no column of counts is a base in which every share is that of a whole number.
fn of_base(sheet: &Sheet<'_>, shares: &[Option<Decimal>], min_cell: i64) -> Option<usize> {
    let is_only = sheet.counts.len() == 1;
    for base in sheet.counts.iter().filter(|column| is_only || column.name.is_base()) {
        let rows = base.cells.iter().zip(shares).filter_map(|(cell, share)| cell.count().zip(*share));
        let rows: Vec<(i64, Decimal)> = rows.collect();
        if !rows.is_empty() && rows.iter().all(|(base, share)| part(*base, *share).is_some()) {
            return Some(rows.iter().filter(|(base, share)| discloses(*base, *share, min_cell)).count());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(text: &str) -> Decimal {
        Decimal::parse(text).unwrap().hundredth()
    }

    #[test]
    fn a_base_and_a_per_cent_disclose_a_count_or_its_rest() {
        assert!(discloses(30, share("6.7"), 5));
        assert!(discloses(30, share("93.3"), 5));
        assert!(discloses(176, share("1.7"), 5));
        // Six persons; and anything from none to fifty.
        assert!(!discloses(30, share("20"), 5));
        assert!(!discloses(10_000, share("0"), 5));
        assert!(!discloses(10_000, share("0.0"), 5));
    }

    #[test]
    fn a_count_and_its_per_cent_disclose_a_rest() {
        let count = |value, percent: &str| Count { value, percent: Decimal::parse(percent), base: None };
        assert!(rest_is_small(&count(28, "93.3"), 5));
        assert!(!rest_is_small(&count(30, "100"), 5));
        assert!(!rest_is_small(&count(20, "50.0"), 5));
        assert!(!rest_is_small(&count(0, "0"), 5));
    }
}

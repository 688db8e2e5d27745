//! Warnings about a table's run: measured from its tally, judged by the contract's thresholds.

use std::collections::BTreeMap;

use super::coverage::RowCoverage;
use super::prepare::Prepared;
use super::profile::{Profile, ProfileLayout, Spread};
use super::tally::Tally;
use crate::config::{Table, WarningCode};
use crate::exchange::Warning;
use salanimi_core::{Id, Month, Reason};

/// Fewest rows for the warnings about frequent values, first days of months and absent codes.
const LEAST_ROWS: u64 = 100;
/// Fewest rows of a month, or on average of three, that are compared.
const LEAST_MONTH: u64 = 100;
/// Months on each side of a month among which its median is taken.
const AROUND: usize = 3;
/// Fewest months for a median.
const LEAST_MONTHS: usize = 5;
/// Months on each side of a step.
const STEP: usize = 3;
/// Months in a row without a code after which it is called absent.
const ABSENT: usize = 6;
/// Reasons that have a warning of their own.
const OWN_WARNINGS: [(Reason, WarningCode); 2] =
    [(Reason::NotInForce, WarningCode::NotInForce), (Reason::ZerosLost, WarningCode::ZerosLost)];

/// Measures what can be beyond a threshold in the table at position `position`. `repeats` are known only after a table
/// is sorted.
pub(super) fn measured(prepared: &Prepared, position: usize, tally: &Tally, repeats: Option<u64>) -> Vec<Warning> {
    let table = &prepared.contract.tables[position];
    let layout = prepared.profile_layout(position);
    let unexpected = &prepared.contract.unexpected[position];
    let measures = Measures { table, tally, layout: &layout, unexpected };
    let mut warnings = measures.faults();
    warnings.extend(repeats.map(|repeats| measures.measured(WarningCode::Repeats, repeats, tally.records)));
    warnings.extend(measures.coverage());
    warnings.extend(measures.dominance());
    warnings.extend(measures.temporary_codes_and_first_days());
    warnings.extend(measures.spikes());
    warnings.extend(measures.steps());
    warnings.extend(measures.absent_codes());
    warnings.extend(measures.unexpected_codes());
    warnings.into_iter().map(|warning| Warning { holder: Some(prepared.holder.name.clone()), ..warning }).collect()
}

struct Measures<'a> {
    table: &'a Table,
    tally: &'a Tally,
    layout: &'a ProfileLayout,
    /// Columns with the positions of codes that are not expected in them.
    unexpected: &'a BTreeMap<usize, Vec<usize>>,
}

impl Measures<'_> {
    fn measured(&self, code: WarningCode, part: u64, whole: u64) -> Warning {
        Warning::measured(code, &self.table.name, part, whole)
    }

    fn of_column(&self, code: WarningCode, column: usize, part: u64, whole: u64) -> Warning {
        Warning { column: Some(self.column(column)), ..self.measured(code, part, whole) }
    }

    fn column(&self, position: usize) -> Id {
        self.table.columns[position].name.clone()
    }

    fn profile(&self) -> &Profile {
        &self.tally.profile
    }

    fn month(&self, position: usize) -> Month {
        self.layout.first_month.plus(position as i32)
    }

    fn coverage_of_table(&self) -> &RowCoverage {
        &self.layout.coverage
    }

    /// Rejected records and emptied values.
    fn faults(&self) -> Vec<Warning> {
        let Tally { records, kept, .. } = *self.tally;
        let mut warnings = vec![self.measured(WarningCode::Rejects, self.tally.rejected.len() as u64, records)];
        for (reason, rejected) in self.tally.rejected_by_reason() {
            if OWN_WARNINGS.iter().all(|(own, _)| *own != reason) {
                let warning = self.measured(WarningCode::RejectsOfOneReason, rejected, records);
                warnings.push(Warning { reason: Some(reason), ..warning });
            }
        }
        for (&column, reasons) in &self.tally.emptied {
            let invalid = reasons.iter().filter(|(reason, _)| **reason != Reason::SpecialMissing);
            let emptied = invalid.map(|(_, values)| values).sum();
            warnings.push(self.of_column(WarningCode::Emptied, column as usize, emptied, kept));
        }
        for (reason, code) in OWN_WARNINGS {
            for (column, records_with) in self.with_reason(reason) {
                warnings.push(self.of_column(code, column, records_with, records));
            }
        }
        warnings
    }

    /// Counts the records that `reason` rejects, or whose value it empties, by column.
    fn with_reason(&self, reason: Reason) -> BTreeMap<usize, u64> {
        let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
        for rejected in self.tally.rejected.iter().filter(|rejected| rejected.reason == reason) {
            if let Some(column) = rejected.column {
                *counts.entry(column as usize).or_default() += 1;
            }
        }
        for (&column, reasons) in &self.tally.emptied {
            if let Some(emptied) = reasons.get(&reason) {
                *counts.entry(column as usize).or_default() += emptied;
            }
        }
        counts
    }

    fn coverage(&self) -> Vec<Warning> {
        let Profile { rows, undeclared, not_covered, .. } = *self.profile();
        if rows == 0 {
            return Vec::new();
        }
        if self.coverage_of_table().is_empty() {
            return vec![self.measured(WarningCode::CoverageMissing, rows, rows)];
        }
        let outside = self.measured(WarningCode::OutsideCoverage, not_covered, rows);
        let organiser = self.coverage_of_table().column();
        let undeclared =
            organiser.map(|column| self.of_column(WarningCode::OrganiserNotDeclared, column, undeclared, rows));
        undeclared.into_iter().chain([outside]).collect()
    }

    /// Shares of temporary codes and of first days of months.
    fn temporary_codes_and_first_days(&self) -> Vec<Warning> {
        let Tally { kept, temporary_rows, .. } = *self.tally;
        let Profile { rows, first_days, .. } = *self.profile();
        let temporary = (kept >= LEAST_ROWS).then(|| self.measured(WarningCode::Temporary, temporary_rows, kept));
        let has_days = rows >= LEAST_ROWS && !self.layout.is_month;
        let first = has_days.then(|| self.measured(WarningCode::FirstDays, first_days, rows));
        temporary.into_iter().chain(first).collect()
    }

    /// The most frequent person and references.
    fn dominance(&self) -> Vec<Warning> {
        let profile = self.profile();
        let references = profile.references.iter().map(|(&column, spread)| (WarningCode::OneReference, column, spread));
        let all = references.chain([(WarningCode::OnePerson, self.table.person, &profile.persons)]);
        let many = all.filter(|(_, _, spread): &(_, _, &Spread)| spread.total() >= LEAST_ROWS);
        many.map(|(code, column, spread)| self.of_column(code, column, spread.largest(), spread.total())).collect()
    }

    /// Positions of the months that every organiser covers as a whole.
    fn covered_months(&self) -> Vec<bool> {
        (0..self.profile().rows_by_month.len())
            .map(|month| self.coverage_of_table().has_month(self.month(month)))
            .collect()
    }

    /// Each covered month against the median of the covered months around it.
    fn spikes(&self) -> Vec<Warning> {
        let rows = &self.profile().rows_by_month;
        let covered = self.covered_months();
        let mut warnings = Vec::new();
        for month in (0..rows.len()).filter(|&month| covered[month]) {
            let around = month.saturating_sub(AROUND)..rows.len().min(month + AROUND + 1);
            let near: Vec<u64> = around.filter(|&at| covered[at]).map(|at| rows[at]).collect();
            let Some(median) = median(near) else { continue };
            if median.max(rows[month]) >= LEAST_MONTH {
                let warning = self.measured(WarningCode::MonthSpike, rows[month], median);
                warnings.push(Warning { month: Some(self.month(month)), ..warning });
            }
        }
        warnings
    }

    /// The three covered months from each month on against the three before. Of months in a row with a step in one
    /// direction only the largest is measured: they see the same one.
    fn steps(&self) -> Vec<Warning> {
        let rows = &self.profile().rows_by_month;
        let covered = self.covered_months();
        let mut steps: Vec<(usize, Warning)> = Vec::new();
        for month in STEP..(rows.len() + 1).saturating_sub(STEP) {
            if !covered[month - STEP..month + STEP].iter().all(|covered| *covered) {
                continue;
            }
            let before = rows_of_step(rows, month - STEP);
            let after = rows_of_step(rows, month);
            if before.max(after) < LEAST_MONTH * STEP as u64 {
                continue;
            }
            let step = self.measured(WarningCode::MonthStep, after, before);
            let step = Warning { month: Some(self.month(month)), ..step };
            match steps.last_mut() {
                Some((last, kept)) if *last + 1 == month && rises(kept) == rises(&step) => {
                    *last = month;
                    if ratio(&step) > ratio(kept) {
                        *kept = step;
                    }
                }
                _ => steps.push((month, step)),
            }
        }
        steps.into_iter().map(|(_, step)| step).collect()
    }

    /// Codes of many rows without one in six covered months in a row, in which the column has other codes.
    fn absent_codes(&self) -> Vec<Warning> {
        let profile = self.profile();
        let covered = self.covered_months();
        let mut warnings = Vec::new();
        for &(column, number) in self.layout.codes() {
            let value = self.table.columns[column].value();
            let Some(codes) = value.as_ref().and_then(|value| value.codes()) else { continue };
            let Some(counts) = profile.rows_by_code.get(&column).filter(|counts| !counts.is_empty()) else { continue };
            let months: Vec<&[u64]> = counts.chunks(number).collect();
            let has_codes = |month: usize| covered[month] && months[month].iter().any(|rows| *rows > 0);
            let compared: Vec<bool> = (0..months.len()).map(has_codes).collect();
            for (code, name) in codes.values().iter().enumerate() {
                let is_absent = |month: usize| compared[month] && months[month][code] == 0;
                let Some(first) = first_run(months.len(), is_absent) else { continue };
                let rows: u64 = months.iter().map(|month| month[code]).sum();
                if rows < LEAST_ROWS {
                    continue;
                }
                let warning = self.of_column(WarningCode::CodeAbsent, column, rows, profile.rows);
                warnings.push(Warning { month: Some(self.month(first)), value: Some(name.clone()), ..warning });
            }
        }
        warnings
    }
}

impl Measures<'_> {
    /// Rows with codes that the contract does not expect, by column.
    fn unexpected_codes(&self) -> Vec<Warning> {
        let profile = self.profile();
        let warnings = self.unexpected.iter().filter_map(|(column, codes)| {
            let counts = profile.rows_by_code.get(column).filter(|counts| !counts.is_empty())?;
            let (_, number) = self.layout.codes().iter().find(|(known, _)| known == column)?;
            let rows = counts.chunks(*number).flat_map(|month| codes.iter().map(|code| month[*code])).sum();
            Some(self.of_column(WarningCode::UnexpectedCode, *column, rows, profile.rows))
        });
        warnings.collect()
    }
}

/// Returns the first of six months in a row that are `absent`; `None` if there are none.
fn first_run(months: usize, absent: impl Fn(usize) -> bool) -> Option<usize> {
    (0..(months + 1).saturating_sub(ABSENT)).find(|&first| (first..first + ABSENT).all(&absent))
}

/// Returns the rows of three months.
fn rows_of_step(rows: &[u64], from: usize) -> u64 {
    rows[from..from + STEP].iter().sum()
}

fn rises(step: &Warning) -> bool {
    step.part > step.whole
}

/// Returns the larger number of a step by the smaller.
fn ratio(step: &Warning) -> f64 {
    step.part.max(step.whole) as f64 / step.part.min(step.whole) as f64
}

/// Returns the median of at least five numbers; of an even number, the lower of the two in the middle.
fn median(mut numbers: Vec<u64>) -> Option<u64> {
    if numbers.len() < LEAST_MONTHS {
        return None;
    }
    numbers.sort_unstable();
    Some(numbers[(numbers.len() - 1) / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_needs_five_numbers() {
        assert_eq!(median(vec![1, 2, 3, 4]), None);
        assert_eq!(median(vec![9, 1, 5, 3, 7]), Some(5));
        assert_eq!(median(vec![9, 1, 5, 3, 7, 2]), Some(3));
    }
}

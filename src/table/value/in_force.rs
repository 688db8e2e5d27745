//! Days on which the codes of a list are in force.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Date32Type, UInt16Type};

use salanimi_core::{Day, Days, Month};

/// The days on which each code of a list is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce(Vec<Days>);

impl InForce {
    /// Returns the days in force, by the position of the code.
    pub(super) fn new(days: Vec<Days>) -> Self {
        Self(days)
    }

    /// Returns the rows whose code is not in force on the row's day. With `is_month`, a day stands for its month, and a
    /// code is in force if it is on any day of the month. Columns are in memory form.
    #[must_use]
    pub fn faults(&self, codes: &ArrayRef, days: &ArrayRef, is_month: bool) -> Vec<usize> {
        let codes = codes.as_primitive::<UInt16Type>();
        let days = days.as_primitive::<Date32Type>();
        let is_faulty = |&row: &usize| {
            codes.is_valid(row) && days.is_valid(row) && !self.has(codes.value(row), days.value(row), is_month)
        };
        (0..codes.len()).filter(is_faulty).collect()
    }

    fn has(&self, code: u16, epoch_days: i32, is_month: bool) -> bool {
        let Some(day) = Day::from_epoch_days(epoch_days) else { return false };
        let last = if is_month { Month::of(day).last_day() } else { day };
        let in_force = self.0[usize::from(code)];
        in_force.first <= last && day <= in_force.last
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, UInt16Array};

    use super::*;

    fn faults(rows: &[(Option<u16>, &str)], is_month: bool) -> Vec<usize> {
        let days = [("0001-01-01", "2022-12-31"), ("2023-01-15", "9999-12-31")];
        let day = |text: &str| Day::parse(text).unwrap();
        let in_force = InForce::new(days.map(|(first, last)| Days { first: day(first), last: day(last) }).into());
        let codes: ArrayRef = Arc::new(rows.iter().map(|(code, _)| *code).collect::<UInt16Array>());
        let days: ArrayRef =
            Arc::new(rows.iter().map(|(_, text)| Some(day(text).epoch_days())).collect::<Date32Array>());
        in_force.faults(&codes, &days, is_month)
    }

    #[test]
    fn a_code_is_in_force_from_its_first_to_its_last_day() {
        let rows = [(Some(0), "2022-12-31"), (Some(0), "2023-01-01"), (Some(1), "2023-01-14"), (Some(1), "2023-01-15")];
        assert_eq!(faults(&rows, false), [1, 2]);
        assert_eq!(faults(&[(None, "2023-01-01")], false), [0_usize; 0]);
    }

    #[test]
    fn a_code_is_in_force_in_a_month_of_which_it_is_on_any_day() {
        assert_eq!(faults(&[(Some(1), "2023-01-01"), (Some(1), "2022-12-01"), (Some(0), "2022-12-01")], true), [1]);
    }
}

//! Months as reports and accounting files write them.

use salanimi_core::Month;

/// Number of characters in `YYYY-MM`.
const LENGTH: usize = 7;

/// Returns a month as `YYYY-MM` (ISO 8601).
#[must_use]
pub fn year_month(month: Month) -> String {
    let mut text = month.first_day().to_string();
    text.truncate(LENGTH);
    text
}

#[cfg(test)]
mod tests {
    use salanimi_core::Day;

    use super::*;

    #[test]
    fn a_month_is_written_without_its_day() {
        assert_eq!(year_month(Month::of(Day::parse("2018-03-31").unwrap())), "2018-03");
    }
}

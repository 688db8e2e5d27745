//! Ages and years of birth that the dates of their rows allow.

use arrow::array::{Array, ArrayRef, AsArray, Int32Array};
use arrow::datatypes::{Date32Type, Int32Type};

use crate::config::{Content, Derived, Table};
use crate::table::{Transform, ValueType};
use salanimi_core::{Day, Days, Month};

/// The first year of birth that an identity code can state: the sign `+` stands for the 1800s.
const FIRST_YEAR: i32 = 1800;
const MONTHS_OF_YEAR: i32 = 12;

/// The columns of a table that tell when a person was born.
pub(super) struct Births {
    year: Option<usize>,
    age: Option<Age>,
    /// The date of the record, a day or a month.
    date: Option<usize>,
    /// The last year of the delivered days.
    last_year: i32,
}

/// An age in months, at a date.
struct Age {
    field: usize,
    /// The smallest possible age: −1 if the date is a month, which stands for its first day.
    least: i32,
    /// The date, a day or a month, if it is delivered.
    at: Option<usize>,
}

impl Births {
    /// Finds the columns of `table`, whose rows lie in `window`.
    pub(super) fn new(table: &Table, window: Days) -> Self {
        let kept = |wanted: fn(&Derived) -> bool| {
            table.sources.iter().zip(1..).find_map(|(&source, field)| {
                let column = &table.columns[source];
                match &column.content {
                    Content::Derived(derived) if wanted(derived) && column.deliver == Some(Transform::Keep) => {
                        Some((field, *derived))
                    }
                    _ => None,
                }
            })
        };
        let age = kept(|derived| matches!(derived, Derived::AgeMonths { .. })).map(|(field, derived)| {
            let Derived::AgeMonths { at } = derived else { unreachable!("an age was found") };
            let is_month = table.columns[at].value() == Some(ValueType::Month);
            Age { field, least: if is_month { -1 } else { 0 }, at: dated(table, at) }
        });
        Self {
            year: kept(|derived| *derived == Derived::BirthYear).map(|(field, _)| field),
            age,
            date: table.window.and_then(|window| dated(table, window)),
            last_year: window.last.year(),
        }
    }

    /// Returns true if every row's age and year of birth are possible at its date, and agree.
    pub(super) fn are_possible(&self, columns: &[ArrayRef]) -> bool {
        let years = self.year.map(|field| columns[field].as_primitive::<Int32Type>());
        let ages = self.age.as_ref().map(|age| (age, columns[age.field].as_primitive::<Int32Type>()));
        let rows = columns[0].len();
        years.is_none_or(|years| self.are_years(years, columns))
            && ages.is_none_or(|(age, months)| (0..rows).all(|row| self.is_age(age, value(months, row), row, columns)))
            && years.zip(ages).is_none_or(|(years, (age, months))| {
                (0..rows).all(|row| agree(value(years, row), value(months, row), month_at(age.at, row, columns)))
            })
    }

    fn are_years(&self, years: &Int32Array, columns: &[ArrayRef]) -> bool {
        (0..years.len()).all(|row| {
            let last = month_at(self.date, row, columns).map(|month| month / MONTHS_OF_YEAR);
            value(years, row).is_none_or(|year| (FIRST_YEAR..=last.unwrap_or(self.last_year)).contains(&year))
        })
    }

    fn is_age(&self, age: &Age, months: Option<i32>, row: usize, columns: &[ArrayRef]) -> bool {
        let last = month_at(age.at, row, columns).unwrap_or((self.last_year + 1) * MONTHS_OF_YEAR);
        months.is_none_or(|months| (age.least..=last - FIRST_YEAR * MONTHS_OF_YEAR).contains(&months))
    }
}

/// Returns the month of the date in `field`, counted from January of year 0.
fn month_at(field: Option<usize>, row: usize, columns: &[ArrayRef]) -> Option<i32> {
    let days = columns[field?].as_primitive::<Date32Type>();
    let day = Day::from_epoch_days(days.is_valid(row).then(|| days.value(row))?)?;
    Some(Month::of(day).number())
}

/// Returns the position of the delivered field of the column at `source`, if it still is a day or a month.
fn dated(table: &Table, source: usize) -> Option<usize> {
    let field = table.sources.iter().position(|known| *known == source)? + 1;
    table.fields[field].value.is_dated().then_some(field)
}

fn value(numbers: &Int32Array, row: usize) -> Option<i32> {
    numbers.is_valid(row).then(|| numbers.value(row))
}

/// Returns true if a person of this age in this month can be born in `year`.
fn agree(year: Option<i32>, age: Option<i32>, month: Option<i32>) -> bool {
    let (Some(year), Some(age), Some(month)) = (year, age, month) else { return true };
    // The last month of age is complete or not.
    let born = (month - age - 1).div_euclid(MONTHS_OF_YEAR)..=(month - age).div_euclid(MONTHS_OF_YEAR);
    born.contains(&year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_agrees_with_the_years_in_which_its_person_can_be_born() {
        let march_2018 = Some(2018 * 12 + 2);
        for (year, age, expected) in [
            (2018, 0, true),
            (2018, 1, true),
            (2018, 3, false),
            (2017, 2, true),
            (2017, 3, true),
            (2017, 14, true),
            (2017, 15, false),
            (1990, 336, true),
            (1991, 336, false),
        ] {
            assert_eq!(agree(Some(year), Some(age), march_2018), expected, "{year} {age}");
        }
        assert!(agree(None, Some(1), march_2018) && agree(Some(1), None, march_2018) && agree(Some(1), Some(1), None));
    }
}

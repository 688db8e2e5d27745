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
        if self.year.is_none() && self.age.is_none() {
            return true;
        }
        let rows = columns[0].len();
        let numbers = |field: Option<usize>| field.map(|field| columns[field].as_primitive::<Int32Type>());
        let years = numbers(self.year);
        let ages = numbers(self.age.as_ref().map(|age| age.field));
        let months = months_of(self.date, columns, rows);
        let of_ages = self.age.as_ref().filter(|age| age.at != self.date).map(|age| months_of(age.at, columns, rows));
        let of_ages = of_ages.as_ref().unwrap_or(&months);
        (0..rows).all(|row| {
            let year = value(years, row);
            let age = value(ages, row);
            year.is_none_or(|year| self.is_year(year, months[row]))
                && age.is_none_or(|age| self.is_age(age, of_ages[row]))
                && agree(year, age, of_ages[row])
        })
    }

    /// Returns true if a person can be born in `year` who has a row of this month.
    fn is_year(&self, year: i32, month: Option<i32>) -> bool {
        let last = month.map_or(self.last_year, |month| month / MONTHS_OF_YEAR);
        (FIRST_YEAR..=last).contains(&year)
    }

    /// Returns true if a person can have this age in this month.
    fn is_age(&self, age: i32, month: Option<i32>) -> bool {
        let least = self.age.as_ref().map_or(0, |age| age.least);
        let last = month.unwrap_or((self.last_year + 1) * MONTHS_OF_YEAR);
        (least..=last - FIRST_YEAR * MONTHS_OF_YEAR).contains(&age)
    }
}

/// Returns the month of each row's date in `field`, counted from January of year 0.
fn months_of(field: Option<usize>, columns: &[ArrayRef], rows: usize) -> Vec<Option<i32>> {
    let month = |day: Option<i32>| Some(Month::of(Day::from_epoch_days(day?)?).number());
    match field {
        Some(field) => columns[field].as_primitive::<Date32Type>().iter().map(month).collect(),
        None => vec![None; rows],
    }
}

/// Returns the position of the delivered field of the column at `source`, if it still is a day or a month.
fn dated(table: &Table, source: usize) -> Option<usize> {
    let field = table.sources.iter().position(|known| *known == source)? + 1;
    table.fields[field].value.is_dated().then_some(field)
}

fn value(numbers: Option<&Int32Array>, row: usize) -> Option<i32> {
    numbers.filter(|numbers| numbers.is_valid(row)).map(|numbers| numbers.value(row))
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

//! Rows of a delivered table, checked against the contract: what a holder's own `extract` would have refused.

use std::ops::{Bound, RangeBounds};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{max, min};
use arrow::datatypes::{Date32Type, Decimal64Type, Decimal128Type, Int32Type};
use regex::Regex;

use super::births::Births;
use super::delivery::Delivery;
use crate::config::{Content, Contract, Derived, Duplicates, Invalid, OwnOrganisers, Table};
use crate::table::{InForce, Transform, ValueType, first_of_each, pseudonym};
use salanimi_core::{Day, Days};

/// The most rows of one person in one table. A holder refuses more, because so many stand for a placeholder, not for a
/// person; the link refuses more, because all rows of a person are in memory together.
pub const MAX_PERSON_ROWS: usize = 100_000;

/// Numbers that a column may hold, in its unit.
type Range = (Bound<i64>, Bound<i64>);

/// A fault of some rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// A pseudonym that no keyed hash gives.
    #[error("hold a pseudonym that no keyed hash gives, such as zeros")]
    Pseudonym,
    /// A required value is absent.
    #[error("lack a value that the contract requires")]
    Missing,
    /// A number outside its range.
    #[error("hold a number outside the range that the contract sets")]
    Range,
    /// A text that does not match its pattern.
    #[error("hold a text that does not match the contract's pattern")]
    Pattern,
    /// A date outside the window or the period.
    #[error("lie outside the study's observation window or the delivery's period")]
    Period,
    /// An organiser of another holder.
    #[error("name an organiser for which the contract does not let the holder speak")]
    Organiser,
    /// A code on a day on which it is not in force.
    #[error("hold a code that is not in force on their day")]
    NotInForce,
    /// A month that is not its first day.
    #[error("hold a month as another day than its first")]
    Month,
    /// Two rows with one unique key.
    #[error("repeat a unique key")]
    Repeats,
    /// An age or a year of birth that the dates exclude.
    #[error("hold an age or a year of birth that their dates exclude")]
    Birth,
}

/// Rules for the rows of one table of a delivery.
pub struct RowRules<'a> {
    /// Fields that hold pseudonyms.
    pseudonyms: Vec<usize>,
    /// Fields without nulls.
    filled: Vec<usize>,
    /// Fields of numbers with their range, in the column's unit.
    ranges: Vec<(usize, Range)>,
    patterns: Vec<(usize, &'a Regex)>,
    /// Fields of months.
    months: Vec<usize>,
    /// The date or month that must lie in these days.
    period: Option<(usize, Days)>,
    /// The organiser, and those that the holder may speak for.
    organisers: Option<(usize, OwnOrganisers)>,
    /// The date or month of a row, with `true` for a month.
    day: Option<(usize, bool)>,
    /// Fields of codes that are in force on some days only.
    in_force: Vec<(usize, &'a InForce)>,
    births: Births,
    /// Fields of the unique key besides the person; `None` if repeats are kept.
    unique: Option<&'a [usize]>,
}

impl<'a> RowRules<'a> {
    /// Returns the rules for the table at position `position` of `contract`, as `delivery` has it.
    #[must_use]
    pub fn new(contract: &'a Contract, delivery: &Delivery, position: usize) -> Self {
        let table = &contract.tables[position];
        let window = contract.study.window.intersection(delivery.manifest.delivery.period);
        let has_blanks = delivery.account.lists.protect.is_some();
        let mut rules = Self {
            pseudonyms: (0..table.fields.len()).filter(|&at| table.fields[at].value == ValueType::Pseudonym).collect(),
            months: (0..table.fields.len()).filter(|&at| table.fields[at].value == ValueType::Month).collect(),
            filled: Vec::new(),
            ranges: Vec::new(),
            patterns: Vec::new(),
            period: table.window_field().map(|field| (field, period(table, field, window))),
            organisers: contract.organisers[position]
                .zip(contract.authority(&delivery.manifest.holder).own_organisers(position)),
            day: table.window_as_read(),
            in_force: Vec::new(),
            births: Births::new(table, window),
            unique: (table.duplicates != Duplicates::Keep).then_some(table.unique.as_slice()),
        };
        for (field, &source) in (1..).zip(&table.sources) {
            rules.add(table, field, source, has_blanks);
        }
        rules
    }

    /// Adds the rules of one field. With `has_blanks`, areas may be blank.
    fn add(&mut self, table: &'a Table, field: usize, source: usize, has_blanks: bool) {
        let column = &table.columns[source];
        let Some(transform) = &column.deliver else { return };
        let is_required = match &column.content {
            // A person without an identifier may lack them.
            Content::Derived(derived) => {
                table.linkage.is_none() && matches!(derived, Derived::BirthYear | Derived::Sex)
            }
            _ => column.invalid == Invalid::Reject && column.rules().is_some_and(|rules| rules.required),
        };
        let may_be_blank = has_blanks && column.area;
        if is_required && !may_be_blank && !makes_nulls(transform) {
            self.filled.push(field);
        }
        if let (Some(in_force), Transform::Keep) = (&column.in_force, transform) {
            self.in_force.push((field, in_force));
        }
        let Some(rules) = column.rules() else { return };
        self.ranges.extend(rules.delivered_range(transform).map(|range| (field, range)));
        if let (Some(pattern), Transform::Keep) = (&rules.pattern, transform) {
            self.patterns.push((field, pattern));
        }
    }

    /// Checks rows in memory form: all rows of some persons, in the order of written tables.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, columns: &[ArrayRef]) -> Result<(), RowFault> {
        let faults = [
            (RowFault::Pseudonym, self.pseudonyms.iter().any(|&field| has_constant_bytes(&columns[field]))),
            (RowFault::Missing, self.filled.iter().any(|&field| columns[field].null_count() > 0)),
            (RowFault::Range, self.ranges.iter().any(|(field, range)| !lie_in(&columns[*field], *range))),
            (RowFault::Pattern, self.patterns.iter().any(|(field, pattern)| !match_all(&columns[*field], pattern))),
            (RowFault::Month, self.months.iter().any(|&field| !are_first_days(&columns[field]))),
            (RowFault::Period, self.period.is_some_and(|(field, days)| !are_within(&columns[field], days))),
            (
                RowFault::Organiser,
                self.organisers.as_ref().is_some_and(|(at, own)| own.others(&columns[*at]).contains(&true)),
            ),
            (RowFault::NotInForce, !self.are_in_force(columns)),
            (RowFault::Birth, !self.births.are_possible(columns)),
            (RowFault::Repeats, self.unique.is_some_and(|unique| repeat(columns, unique))),
        ];
        match faults.into_iter().find(|(_, found)| *found) {
            Some((fault, _)) => Err(fault),
            None => Ok(()),
        }
    }
}

impl RowRules<'_> {
    /// Returns true if every code is in force on the day of its row.
    fn are_in_force(&self, columns: &[ArrayRef]) -> bool {
        let Some((day, is_month)) = self.day else { return true };
        self.in_force.iter().all(|(field, codes)| codes.faults(&columns[*field], &columns[day], is_month).is_empty())
    }
}

/// Returns true if the transform can turn a value into a null.
fn makes_nulls(transform: &Transform) -> bool {
    matches!(transform, Transform::DaysAfter { .. } | Transform::Band { .. } | Transform::Map(_))
}

/// Returns the days that the field may hold. A month stands for its first day, which may lie before the window.
fn period(table: &Table, field: usize, window: Days) -> Days {
    match table.fields[field].value {
        ValueType::Month => Days { first: window.first.first_of_month(), ..window },
        _ => window,
    }
}

fn has_constant_bytes(column: &ArrayRef) -> bool {
    column.as_primitive::<Decimal128Type>().iter().flatten().any(|number| {
        let bytes = u128::from_be_bytes(pseudonym(number).0);
        bytes == bytes.rotate_left(u8::BITS)
    })
}

fn lie_in(column: &ArrayRef, range: Range) -> bool {
    let (least, most) = match column.as_primitive_opt::<Decimal64Type>() {
        Some(numbers) => (min(numbers), max(numbers)),
        None => {
            let numbers = column.as_primitive::<Int32Type>();
            (min(numbers).map(i64::from), max(numbers).map(i64::from))
        }
    };
    [least, most].into_iter().flatten().all(|number| range.contains(&number))
}

fn match_all(column: &ArrayRef, pattern: &Regex) -> bool {
    let mut last = None;
    column.as_string::<i32>().iter().flatten().all(|text| {
        last == Some(text) || {
            last = Some(text);
            pattern.is_match(text)
        }
    })
}

fn are_first_days(column: &ArrayRef) -> bool {
    let mut last = None;
    column.as_primitive::<Date32Type>().iter().flatten().all(|day| {
        last == Some(day) || {
            last = Some(day);
            Day::from_epoch_days(day).is_some_and(|day| day == day.first_of_month())
        }
    })
}

fn are_within(column: &ArrayRef, days: Days) -> bool {
    let dates = column.as_primitive::<Date32Type>();
    min(dates).is_none_or(|day| day >= days.first.epoch_days())
        && max(dates).is_none_or(|day| day <= days.last.epoch_days())
}

fn repeat(columns: &[ArrayRef], unique: &[usize]) -> bool {
    match first_of_each(columns, unique) {
        Ok(first) => first.true_count() < first.len(),
        Err(_) => unreachable!("every type in memory can be compared"),
    }
}

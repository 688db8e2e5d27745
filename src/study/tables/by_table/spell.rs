//! The table `spell`: consecutive months of assistance, by the one-month and by the two-month rule.

use std::array;

use super::super::context::{Context, fields as fields_of};
use super::super::person_records::{PaidMonth, Person};
use super::super::rows::{Cell, IntoCell, Rows};
use crate::table::{Field, ValueType};
use salanimi_core::Month;

/// Numbers of months without payment that end a spell.
const RULES: [i32; 2] = [1, 2];
/// The age of 25 years, in months.
const THRESHOLD: i32 = 300;
/// Largest distance from the threshold at which the age is kept, in months.
const NEAR: i32 = 24;
/// First months of a spell, with a column each for the primary income.
const MONTHS: usize = 12;
/// Number of columns before those.
const FIRST: usize = 11;
const WIDTH: usize = FIRST + MONTHS;

pub(super) fn fields() -> Vec<Field> {
    let mut fields = fields_of(&[
        ("person", ValueType::LinkedId),
        ("spell_no", ValueType::Integer),
        ("start_month", ValueType::Month),
        ("length_months", ValueType::Integer),
        ("exit_rule", ValueType::Integer),
        ("exited", ValueType::Flag),
        ("left_truncated", ValueType::Flag),
        ("months_followed", ValueType::Integer),
        ("flagged", ValueType::Flag),
        ("flag_month_relative", ValueType::Integer),
        ("age_months_minus_300", ValueType::Integer),
    ]);
    fields.extend((1..=MONTHS).map(|n| Field { name: format!("sa_primary_m{n}"), value: ValueType::Flag }));
    fields
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    let Some((first, last)) = context.covered.assistance else { return };
    let paid: Vec<&PaidMonth> = person.paid.iter().filter(|paid| (first..=last).contains(&paid.month)).collect();
    for rule in RULES {
        let spells = paid.chunk_by(|a, b| b.month.since(a.month) <= rule);
        for (number, spell) in spells.enumerate() {
            let spell = Spell { rule, number: number + 1, start: spell[0].month, end: spell[spell.len() - 1].month };
            rows.push(row(person, &spell, (first, last)));
        }
    }
}

/// Consecutive paid months of a person, by one rule.
struct Spell {
    rule: i32,
    number: usize,
    start: Month,
    end: Month,
}

/// Returns the row of a spell. `covered` holds the first and the last month of the data.
fn row(person: &Person<'_>, spell: &Spell, covered: (Month, Month)) -> [Cell; WIDTH] {
    let (first, last) = covered;
    let Spell { rule, number, start, end } = *spell;
    let flags = person.notices.iter().map(|notice| Month::of(notice.sent));
    let flagged = flags.filter(|month| (start..=end).contains(month)).min();
    let age = person.assistance_of(start).iter().filter_map(|row| row.age_months).min();
    let from_threshold = age.map(|months| months - THRESHOLD).filter(|distance| distance.abs() <= NEAR);
    let known = [
        person.id.cell(),
        number.cell(),
        start.cell(),
        (end.since(start) + 1).cell(),
        rule.cell(),
        (last.since(end) >= rule).cell(),
        (start == first).cell(),
        (end.since(start) + 1).min((last.since(start) - rule + 1).max(0)).cell(),
        flagged.is_some().cell(),
        flagged.map(|month| month.since(start)).cell(),
        from_threshold.cell(),
    ];
    array::from_fn(|column| match column.checked_sub(FIRST) {
        None => known[column],
        Some(later) => primary(person, start.plus(later as i32), last),
    })
}

/// Returns true if assistance was the primary income. It was not in a month without assistance.
fn primary(person: &Person<'_>, month: Month, last: Month) -> Cell {
    if month > last {
        return None;
    }
    person.primary_income(month).or_else(|| (!person.is_paid(month)).then_some(false)).cell()
}

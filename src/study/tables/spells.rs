//! The table `spell`: consecutive months of assistance, by the one-month and by the two-month rule.

use std::array;

use super::person::{Paid, Person};
use super::rows::{Cell, IntoCell, Rows};
use super::context::{Context, fields as fields_of};
use crate::table::{Field, ValueType};
use salanimi_core::Month;

/// So many months without payment end a spell.
const RULES: [i32; 2] = [1, 2];
/// The threshold at 25 years, in months, and how far from it ages are told.
const THRESHOLD: i32 = 300;
const NEAR: i32 = 24;
/// Months of a spell for which it is told whether assistance was the primary income.
const MONTHS: usize = 12;
/// Columns before those.
const FIRST: usize = 9;
const WIDTH: usize = FIRST + MONTHS;

pub(super) fn fields() -> Vec<Field> {
    let mut fields = fields_of(&[
        ("person", ValueType::LinkedId),
        ("spell_no", ValueType::Integer),
        ("start_month", ValueType::Month),
        ("length_months", ValueType::Integer),
        ("exit_rule", ValueType::Integer),
        ("exited", ValueType::Flag),
        ("flagged", ValueType::Flag),
        ("flag_month_relative", ValueType::Integer),
        ("age_months_minus_300", ValueType::Integer),
    ]);
    let primary = (1..=MONTHS).map(|n| Field { name: format!("sa_primary_m{n}"), value: ValueType::Flag });
    fields.extend(primary);
    fields
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    let Some((first, last)) = context.covered.assistance else { return };
    let paid: Vec<&Paid> = person.paid.iter().filter(|paid| (first..=last).contains(&paid.month)).collect();
    for rule in RULES {
        let spells = paid.chunk_by(|a, b| b.month.since(a.month) <= rule);
        for (number, spell) in spells.enumerate() {
            let (start, end) = (spell[0].month, spell[spell.len() - 1].month);
            rows.push(row(person, rule, number, (start, end), last));
        }
    }
}

fn row(person: &Person<'_>, rule: i32, number: usize, (start, end): (Month, Month), last: Month) -> [Cell; WIDTH] {
    let flags = person.notices.iter().map(|notice| Month::of(notice.sent));
    let flagged = flags.filter(|month| (start..=end).contains(month)).min();
    let age = person.assistance_of(start).iter().filter_map(|row| row.age_months).min();
    let from_threshold = age.map(|months| months - THRESHOLD).filter(|distance| distance.abs() <= NEAR);
    let known = [
        person.id.cell(),
        (number + 1).cell(),
        start.cell(),
        (end.since(start) + 1).cell(),
        rule.cell(),
        (last.since(end) >= rule).cell(),
        flagged.is_some().cell(),
        flagged.map(|month| month.since(start)).cell(),
        from_threshold.cell(),
    ];
    array::from_fn(|column| match column.checked_sub(FIRST) {
        None => known[column],
        Some(later) => primary(person, start.plus(later as i32), last),
    })
}

/// Whether assistance was the primary income: it was not in a month without any.
fn primary(person: &Person<'_>, month: Month, last: Month) -> Cell {
    if month > last {
        return None;
    }
    let told = person.primary_income(month);
    told.or_else(|| (!person.is_paid(month)).then_some(false)).cell()
}

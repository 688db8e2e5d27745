//! The table `spell`: consecutive months of assistance of adults, by the one-month and by the two-month rule.

use super::super::context::{Context, fields as fields_of};
use super::super::person_records::Person;
use super::super::rows::{Cell, IntoCell, Rows};
use super::super::spells::{Spell, spells};
use super::near_25;
use crate::table::{Field, ValueType};
use salanimi_core::Month;

/// Numbers of months without payment that end a spell.
const RULES: [i32; 2] = [1, 2];
const WIDTH: usize = 11;

pub(super) fn fields() -> Vec<Field> {
    fields_of(&[
        ("person", ValueType::LinkedId),
        ("spell_no", ValueType::Integer),
        ("start_month", ValueType::Month),
        ("length_months", ValueType::Integer),
        ("exit_rule", ValueType::Integer),
        ("exited", ValueType::Flag),
        ("left_truncated", ValueType::Flag),
        ("months_followed", ValueType::Integer),
        ("applicant", ValueType::Flag),
        ("flag_month_relative", ValueType::Integer),
        ("age_months_minus_300", ValueType::Integer),
    ])
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    let Some(covered) = context.covered.assistance else { return };
    for rule in RULES {
        spells(&person.adult, rule).for_each(|spell| rows.push(row(person, &spell, covered)));
    }
}

/// Returns the row of a spell. `covered` holds the first and the last month of the data.
fn row(person: &Person<'_>, spell: &Spell<'_>, covered: (Month, Month)) -> [Cell; WIDTH] {
    let (first, last) = covered;
    let start = spell.start();
    let flagged = spell.flags(person).into_iter().min();
    [
        person.id.cell(),
        spell.number.cell(),
        start.cell(),
        spell.length().cell(),
        spell.rule.cell(),
        spell.is_ended(last).cell(),
        (start == first).cell(),
        spell.length().min(spell.observable(start, last)).cell(),
        spell.months[0].is_applicant().cell(),
        flagged.map(|month| month.since(start)).cell(),
        spell.months[0].age_months().and_then(near_25).cell(),
    ]
}

//! The table `person_month`: one row for each month in which a source has a record of a person, or which lies in a
//! spell. The rows of a spell are its counting process: who is at risk of leaving in a month, and who leaves.

use super::super::context::{ColumnTypes, Context, fields as fields_of, fixed_codes};
use super::super::person_records::Person;
use super::super::rows::{IntoCell, Rows};
use super::super::sources::{Event, EventKind};
use super::super::spells::{Spell, spells};
use crate::table::{Field, ValueType};
use salanimi_core::{Days, Month};

/// Bands of numbers of contacts: lower edge and name. The names sort as the numbers do.
const CONTACTS: [(usize, &str); 5] = [(0, "0"), (1, "1"), (2, "2"), (3, "3-5"), (6, "6+")];

/// Banded columns.
pub(super) const BANDED: [&str; 3] = ["eur_band", "supplementary_eur_band", "preventive_eur_band"];

pub(super) fn fields(types: &ColumnTypes) -> Vec<Field> {
    fields_of(&[
        ("person", ValueType::LinkedId),
        ("month", ValueType::Month),
        ("role", types.role.clone()),
        ("basic_paid", ValueType::Flag),
        (BANDED[0], ValueType::Integer),
        ("sa_primary_income", ValueType::Flag),
        ("reduction_pct", types.reduction.clone()),
        (BANDED[1], ValueType::Integer),
        (BANDED[2], ValueType::Integer),
        ("client_open", ValueType::Flag),
        ("n_contacts_band", fixed_codes(&CONTACTS.map(|(_, name)| name))),
        ("spell_month", ValueType::Integer),
        ("months_since_flag", ValueType::Integer),
        ("exits", ValueType::Flag),
    ])
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    let spells: Vec<Spell<'_>> = spells(&person.adult, context.settings.exit_rule).collect();
    for month in recorded(context, person, &spells) {
        let assistance = person.assistance_of(month);
        let paid = person.paid.iter().find(|paid| paid.month == month);
        let days = Days { first: month.first_day(), last: month.last_day() };
        let events: Vec<&Event> = person.events.iter().filter(|event| days.contains(event.day)).collect();
        let contacts = events.iter().filter(|event| event.is_contact()).count();
        let spell = spells.iter().find(|spell| spell.contains(month));
        let covered = context.is_covered_month(person.home, month);
        let amount = paid.and_then(|paid| paid.amount).and_then(|amount| context.assistance_band(amount, 1));
        let supplementary = context.paid_band(granted(&events, EventKind::Supplementary));
        let preventive = context.paid_band(granted(&events, EventKind::Preventive));
        let eur_band = rows.banded(person.id, BANDED[0], amount);
        let supplementary_eur_band = rows.banded(person.id, BANDED[1], supplementary);
        let preventive_eur_band = rows.banded(person.id, BANDED[2], preventive);
        rows.push([
            person.id.cell(),
            month.cell(),
            assistance.iter().filter_map(|row| row.role).min().cell(),
            paid.is_some().cell(),
            eur_band,
            person.primary_income(month).cell(),
            assistance.iter().filter_map(|row| row.reduction).max().cell(),
            supplementary_eur_band,
            preventive_eur_band,
            person.client_open(context, month).cell(),
            (contacts > 0 || covered).then(|| contacts_band(contacts)).cell(),
            spell.and_then(|spell| spell_month(context, spell, month)).cell(),
            spell.and_then(|spell| months_since_flag(person, spell, month)).cell(),
            spell.and_then(|spell| exits(context, spell, month)).cell(),
        ]);
    }
}

/// Returns the number of a month in its spell, from 1; `None` if the spell may have begun before the data.
fn spell_month(context: &Context<'_>, spell: &Spell<'_>, month: Month) -> Option<i32> {
    let (first, _) = context.covered.assistance?;
    (spell.start() > first).then(|| month.since(spell.start()) + 1)
}

/// Returns the months since the first notice of the spell; `None` before it. Who has one is exposed from the next month
/// on.
fn months_since_flag(person: &Person<'_>, spell: &Spell<'_>, month: Month) -> Option<i32> {
    let first = spell.flags(person).into_iter().min()?;
    Some(month.since(first)).filter(|months| *months >= 0)
}

/// Returns true if the month is the last of its spell; `None` where the data ends too soon to see that.
fn exits(context: &Context<'_>, spell: &Spell<'_>, month: Month) -> Option<bool> {
    let (_, last) = context.covered.assistance?;
    (last.since(month) >= spell.rule).then(|| month == spell.end())
}

/// Returns the months, from the first to the last that any source covers, in which a source has a record or which lie
/// in a spell.
fn recorded(context: &Context<'_>, person: &Person<'_>, spells: &[Spell<'_>]) -> Vec<Month> {
    let Some((first, last)) = context.covered.months else { return Vec::new() };
    let assistance = person.assistance.iter().map(|row| row.month);
    let events = person.events.iter().filter(|event| is_recorded(event)).map(|event| Month::of(event.day));
    let mut recorded: Vec<Month> = assistance.chain(events).filter(|month| (first..=last).contains(month)).collect();
    let in_spells = spells.iter().flat_map(|spell| (0..spell.length()).map(|later| spell.start().plus(later)));
    recorded.extend(in_spells.filter(|month| (first..=last).contains(month)));
    for relation in &person.relations {
        let mut month = Month::of(relation.days.first).max(first);
        while month <= Month::of(relation.days.last).min(last) {
            recorded.push(month);
            month = month.plus(1);
        }
    }
    recorded.sort_unstable();
    recorded.dedup();
    recorded
}

/// Returns true if the event makes its month a row.
fn is_recorded(event: &Event) -> bool {
    event.is_contact() || matches!(event.kind, EventKind::Supplementary | EventKind::Preventive)
}

/// Returns the granted amounts of one kind of assistance.
fn granted(events: &[&Event], kind: EventKind) -> impl Iterator<Item = i64> {
    events.iter().filter(move |event| event.kind == kind && !event.refused).filter_map(|event| event.amount)
}

/// Returns the position of the band of a number of contacts.
fn contacts_band(contacts: usize) -> Option<usize> {
    CONTACTS.iter().rposition(|(from, _)| *from <= contacts)
}

//! The table `person_month`: one row for each month in which a source has a record of a person.

use super::super::context::{ColumnTypes, Context, fields as fields_of, fixed_codes};
use super::super::person_records::Person;
use super::super::rows::{IntoCell, Rows};
use super::super::sources::{Event, EventKind};
use crate::table::{Field, ValueType};
use salanimi_core::{Days, Month};

/// Bands of numbers of contacts: lower edge and name. The names sort as the numbers do.
const CONTACTS: [(usize, &str); 5] = [(0, "0"), (1, "1"), (2, "2"), (3, "3-5"), (6, "6+")];

pub(super) fn fields(types: &ColumnTypes) -> Vec<Field> {
    fields_of(&[
        ("person", ValueType::LinkedId),
        ("month", ValueType::Month),
        ("basic_paid", ValueType::Flag),
        ("eur_band", ValueType::Integer),
        ("sa_primary_income", ValueType::Flag),
        ("reduction_pct", types.reduction.clone()),
        ("supplementary_eur_band", ValueType::Integer),
        ("preventive_eur_band", ValueType::Integer),
        ("client_open", ValueType::Flag),
        ("n_contacts_band", fixed_codes(&CONTACTS.map(|(_, name)| name))),
    ])
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    let months = context.covered.months;
    for month in recorded(person, months) {
        let assistance = person.assistance_of(month);
        let paid = person.paid.iter().find(|paid| paid.month == month);
        let days = Days { first: month.first_day(), last: month.last_day() };
        let events: Vec<&Event> = person.events.iter().filter(|event| days.contains(event.day)).collect();
        let contacts = events.iter().filter(|event| event.is_contact()).count();
        let open = person.relations.iter().any(|relation| !relation.days.intersection(days).is_empty());
        let covered = context.is_covered_month(person.home, month);
        rows.push([
            person.id.cell(),
            month.cell(),
            paid.is_some().cell(),
            paid.and_then(|paid| paid.amount).and_then(|amount| context.assistance_band(amount, 1)),
            person.primary_income(month).cell(),
            assistance.iter().filter_map(|row| row.reduction).max().cell(),
            context.paid_band(granted(&events, EventKind::Supplementary)),
            context.paid_band(granted(&events, EventKind::Preventive)),
            (open || covered).then_some(open).cell(),
            (contacts > 0 || covered).then(|| contacts_band(contacts)).cell(),
        ]);
    }
}

/// Returns the months, from the first to the last of `months`, in which a source has a record.
fn recorded(person: &Person<'_>, months: Option<(Month, Month)>) -> Vec<Month> {
    let Some((first, last)) = months else { return Vec::new() };
    let assistance = person.assistance.iter().map(|row| row.month);
    let events = person.events.iter().filter(|event| is_recorded(event)).map(|event| Month::of(event.day));
    let mut recorded: Vec<Month> = assistance.chain(events).filter(|month| (first..=last).contains(month)).collect();
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

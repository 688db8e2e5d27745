//! The table `person_month`: one row for each month in which any source tells something of a person.

use super::person::Person;
use super::rows::{IntoCell, Rows};
use super::sources::{Event, EventKind};
use super::context::{ColumnTypes, Context, fields as fields_of};
use crate::table::{Codes, Field, ValueType};
use salanimi_core::{Days, Month};

/// Bands of numbers of contacts: where each begins, and its name; the names sort as the numbers do.
const CONTACTS: [(usize, &str); 5] = [(0, "0"), (1, "1"), (2, "2"), (3, "3-5"), (6, "6+")];

pub(super) fn fields(types: &ColumnTypes) -> Vec<Field> {
    let bands = Codes::new(CONTACTS.map(|(_, name)| name.to_owned()));
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
        ("n_contacts_band", bands.map_or(ValueType::Text, ValueType::Code)),
    ])
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    let months = context.covered.months;
    for of in told(person, months) {
        let assistance = person.assistance_of(of);
        let paid = person.paid.iter().find(|paid| paid.month == of);
        let days = Days { first: of.first_day(), last: of.last_day() };
        let events = || person.events.iter().filter(move |event| days.contains(event.day));
        let contacts = events().filter(|event| event.is_contact()).count();
        let open = person.relations.iter().any(|relation| !relation.days.intersection(days).is_empty());
        let covered = context.is_covered_month(person.home, of);
        rows.push([
            person.id.cell(),
            of.cell(),
            paid.is_some().cell(),
            paid.and_then(|paid| paid.amount).and_then(|amount| context.assistance_band(amount, 1)),
            person.primary_income(of).cell(),
            assistance.iter().filter_map(|row| row.reduction).max().cell(),
            context.paid_band(granted(events(), EventKind::Supplementary)),
            context.paid_band(granted(events(), EventKind::Preventive)),
            (open || covered).then_some(open).cell(),
            (contacts > 0 || covered).then(|| contacts_band(contacts)).cell(),
        ]);
    }
}

/// The months, of those in `months`, in which any source tells something.
fn told(person: &Person<'_>, months: Option<(Month, Month)>) -> Vec<Month> {
    let Some((first, last)) = months else { return Vec::new() };
    let telling =
        |event: &&Event| event.is_contact() || matches!(event.kind, EventKind::Supplementary | EventKind::Preventive);
    let assistance = person.assistance.iter().map(|row| row.month);
    let events = person.events.iter().filter(telling).map(|event| Month::of(event.day));
    let mut told: Vec<Month> = assistance.chain(events).filter(|month| (first..=last).contains(month)).collect();
    for relation in &person.relations {
        let mut month = Month::of(relation.days.first).max(first);
        while month <= Month::of(relation.days.last).min(last) {
            told.push(month);
            month = month.plus(1);
        }
    }
    told.sort_unstable();
    told.dedup();
    told
}

/// The amounts that were granted, of one kind of assistance.
fn granted<'a>(events: impl Iterator<Item = &'a Event>, kind: EventKind) -> impl Iterator<Item = i64> {
    events.filter(move |event| event.kind == kind && !event.refused).filter_map(|event| event.amount)
}

/// The position of the band of a number of contacts.
fn contacts_band(contacts: usize) -> Option<usize> {
    CONTACTS.iter().rposition(|(from, _)| *from <= contacts)
}

//! The table `person`: one row for each person of the linked dataset.

use super::super::context::{ColumnTypes, Context, fields as fields_of};
use super::super::person_records::{Person, first};
use super::super::rows::{Banded, Cell, IntoCell, Rows};
use super::super::sources::{Event, EventKind};
use crate::table::{Field, ValueType};
use salanimi_core::Month;

/// Months from the first paid one in which paid months and amounts count.
const MONTHS: i32 = 12;

/// Banded columns.
pub(super) const BANDED: [&str; 1] = ["sa_eur_band"];

pub(super) fn fields(types: &ColumnTypes) -> Vec<Field> {
    fields_of(&[
        ("person", ValueType::LinkedId),
        ("sex", types.sex.clone()),
        ("age_group", types.age_group.clone()),
        ("county", types.home_county.clone()),
        ("household_type", types.household_type.clone()),
        ("first_sa_month", ValueType::Month),
        ("sa_months_12", ValueType::Integer),
        (BANDED[0], ValueType::Integer),
        ("social_work_client", ValueType::Flag),
        ("client_start_month", ValueType::Month),
        ("n_services", ValueType::Integer),
        ("supplementary_received", ValueType::Flag),
        ("preventive_received", ValueType::Flag),
    ])
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    let first_paid = person.paid.first().map(|paid| paid.month);
    let begun = person.events.iter().filter(|event| event.kind == EventKind::Opens).map(|event| event.day).min();
    let covered = context.is_covered_anywhere(person.home);
    let services = services(person.events);
    let mean = first_paid.and_then(|first| mean_band(context, person, first));
    let sa_eur_band = rows.banded(person.id, BANDED[0], mean);
    rows.push([
        person.id.cell(),
        first(person.assistance, |row| row.month, |row| row.sex)
            .or_else(|| first(person.notices, |notice| notice.sent, |notice| notice.sex))
            .cell(),
        age_months(person).map(|months| context.settings.age_groups.position(months)).cell(),
        county(context, person).cell(),
        first(person.assistance, |row| row.month, |row| row.household_type).cell(),
        first_paid.cell(),
        first_paid.map(|first| person.paid_months(first, first.plus(MONTHS - 1))).cell(),
        sa_eur_band,
        known(!person.relations.is_empty(), covered),
        begun.map(Month::of).cell(),
        (services > 0 || covered).then_some(services).cell(),
        known(received(person, EventKind::Supplementary), covered),
        known(received(person, EventKind::Preventive), covered),
    ]);
}

/// A cell that is true if something is recorded. Without coverage, the absence of a record means nothing.
fn known(recorded: bool, covered: bool) -> Cell {
    (recorded || covered).then_some(recorded).cell()
}

fn received(person: &Person<'_>, kind: EventKind) -> bool {
    person.events.iter().any(|event| event.kind == kind && !event.refused)
}

fn age_months(person: &Person<'_>) -> Option<i32> {
    first(person.assistance, |row| row.month, |row| row.age_months)
        .or_else(|| first(person.notices, |notice| notice.sent, |notice| notice.age_months))
}

/// Returns the county of the first home, or of the first notice's recipient.
fn county(context: &Context<'_>, person: &Person<'_>) -> Option<u16> {
    if let Some(home) = person.home {
        return context.county_of_home(home);
    }
    let recipient = first(person.notices, |notice| notice.sent, |notice| notice.recipient)?;
    context.home_county_of_organiser(recipient)
}

/// Returns the band of the mean paid a month, over the months with a known amount.
fn mean_band(context: &Context<'_>, person: &Person<'_>, first: Month) -> Option<Banded> {
    let year = person.paid.iter().filter(|paid| paid.month <= first.plus(MONTHS - 1));
    let amounts: Vec<i128> = year.filter_map(|paid| paid.amount).collect();
    context.assistance_band(amounts.iter().sum(), amounts.len())
}

fn services(events: &[Event]) -> usize {
    let mut services: Vec<u16> = events.iter().filter_map(|event| event.service).collect();
    services.sort_unstable();
    services.dedup();
    services.len()
}

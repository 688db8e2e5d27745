//! The table `landmark`: adults who reach a landmark of their spell, with the notice that they have by then and what
//! follows. The landmark is time zero: everything before it is known, and no outcome is counted earlier.

use std::array;

use super::super::context::{ColumnTypes, Context, fields as fields_of};
use super::super::person_records::{AdultMonth, Person};
use super::super::rows::{Cell, IntoCell, Rows};
use super::super::settings::Landmark;
use super::super::sources::Notice;
use super::super::spells::{Spell, spells};
use super::{THRESHOLD, near_25};
use crate::table::{Field, ValueType};
use salanimi_core::Month;

/// Months after the landmark with a column each.
const MONTHS: usize = 12;
/// Number of columns before those.
const FIRST: usize = 19;
const WIDTH: usize = FIRST + 2 * MONTHS;

pub(super) fn fields(types: &ColumnTypes) -> Vec<Field> {
    let mut fields = fields_of(&[
        ("person", ValueType::LinkedId),
        ("landmark", ValueType::Integer),
        ("spell_no", ValueType::Integer),
        ("start_month", ValueType::Month),
        ("landmark_month", ValueType::Month),
        ("rule_in_force", ValueType::Flag),
        ("applicant", ValueType::Flag),
        ("household", ValueType::LinkedId),
        ("age_months_minus_300", ValueType::Integer),
        ("under_25", ValueType::Flag),
        ("main_activity", types.activity.clone()),
        ("qualifying_months", ValueType::Integer),
        ("client_open", ValueType::Flag),
        ("flagged_earlier", ValueType::Flag),
        ("flagged", ValueType::Flag),
        ("flagged_by_rule", ValueType::Flag),
        ("flagged_later_month", ValueType::Integer),
        ("months_followed", ValueType::Integer),
        ("exited", ValueType::Flag),
    ]);
    for outcome in ["paid", "primary"] {
        fields.extend((1..=MONTHS).map(|n| Field { name: format!("{outcome}_m{n}"), value: ValueType::Flag }));
    }
    fields
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    let Some((first, last)) = context.covered.assistance else { return };
    for spell in spells(&person.adult, context.settings.exit_rule) {
        // Without its start, nobody knows which run of the spell is the first.
        if spell.start() == first {
            continue;
        }
        for landmark in &context.settings.landmarks {
            if let Some(reached) = Reached::new(landmark, &spell) {
                rows.push(row(context, person, &reached, last));
            }
        }
    }
}

/// A spell that is still open at its landmark.
struct Reached<'p> {
    landmark: &'p Landmark,
    spell: &'p Spell<'p>,
    /// The months of the first run that is long enough; the last of them is the rule month.
    run: &'p [AdultMonth<'p>],
    /// The landmark month.
    at: Month,
}

impl<'p> Reached<'p> {
    /// Returns `None` if the spell has no run of so many months, or has ended at the landmark.
    fn new(landmark: &'p Landmark, spell: &'p Spell<'p>) -> Option<Self> {
        let mut runs = spell.months.chunk_by(|a, b| b.month.since(a.month) == 1);
        let run = &runs.find(|run| run.len() >= landmark.months)?[..landmark.months];
        let at = run[landmark.months - 1].month.plus(landmark.wait);
        (spell.end() >= at).then_some(Self { landmark, spell, run, at })
    }

    fn rule_month(&self) -> &AdultMonth<'p> {
        &self.run[self.landmark.months - 1]
    }

    /// Returns the notices of the spell, each with its month.
    fn notices<'n>(&self, person: &Person<'n>) -> Vec<(Month, &'n Notice)> {
        let months = person.notices.iter().map(|notice| (Month::of(notice.sent), notice));
        months.filter(|(month, _)| self.spell.contains(*month)).collect()
    }
}

/// Returns the row of a landmark. `last` is the last month of the data.
fn row(context: &Context<'_>, person: &Person<'_>, reached: &Reached<'_>, last: Month) -> [Cell; WIDTH] {
    let Reached { landmark, spell, at, .. } = *reached;
    let rule = reached.rule_month();
    let age = rule.age_months();
    let notices = reached.notices(person);
    let in_time = notices.iter().filter(|(month, _)| (rule.month..=at).contains(month));
    let in_time: Vec<&Notice> = in_time.map(|(_, notice)| *notice).collect();
    let later = notices.iter().filter(|(month, _)| *month > at).map(|(month, _)| month.since(at));
    let left_after = spell.end().since(at) + 1;
    let observable = spell.observable(at, last);
    let known = [
        person.id.cell(),
        landmark.months.cell(),
        spell.number.cell(),
        spell.start().cell(),
        at.cell(),
        landmark.is_in_force(rule.month, at).cell(),
        rule.is_applicant().cell(),
        rule.rows().filter_map(|row| context.household(row.household?)).min().cell(),
        age.and_then(near_25).cell(),
        age.map(|months| months < THRESHOLD).cell(),
        rule.activity().cell(),
        reached.run.iter().filter(|month| qualifies(context, month)).count().cell(),
        person.client_open(context, rule.month).cell(),
        notices.iter().any(|(month, _)| *month < rule.month).cell(),
        (!in_time.is_empty()).cell(),
        landmark.kind.map(|kind| in_time.iter().any(|notice| notice.kind == Some(kind))).cell(),
        later.min().cell(),
        left_after.min(observable).cell(),
        (spell.is_ended(last) && left_after <= observable).cell(),
    ];
    array::from_fn(|column| match column.checked_sub(FIRST) {
        None => known[column],
        Some(later) => {
            let month = at.plus((later % MONTHS) as i32 + 1);
            if month > last { None } else { outcome(person, month, later >= MONTHS).cell() }
        }
    })
}

/// Returns true if the person was unemployed and assistance was the primary income.
fn qualifies(context: &Context<'_>, month: &AdultMonth<'_>) -> bool {
    let activity = month.activity();
    month.primary_income() == Some(true) && activity.is_some() && activity == context.unemployed
}

/// Returns true if assistance was paid in a month, or if it was the primary income.
fn outcome(person: &Person<'_>, month: Month, of_primary: bool) -> Option<bool> {
    match person.adult.binary_search_by_key(&month, |adult| adult.month) {
        Err(_) => Some(false),
        Ok(_) if !of_primary => Some(true),
        Ok(at) => person.adult[at].primary_income(),
    }
}

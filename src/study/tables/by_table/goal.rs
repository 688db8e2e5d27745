//! The table `goal`: goals of plans, their outcomes, and months of assistance before and after.

use super::super::context::{ColumnTypes, Context, fields as fields_of};
use super::super::person_records::Person;
use super::super::rows::{IntoCell, Rows};
use super::super::sources::{Assessment, Occasion};
use crate::table::{Field, ValueType};
use salanimi_core::Month;

/// Months before and after the start in which paid months count.
const MONTHS: i32 = 12;

pub(super) fn fields(types: &ColumnTypes) -> Vec<Field> {
    fields_of(&[
        ("person", ValueType::LinkedId),
        ("plan", ValueType::LinkedId),
        ("goal_category", types.goal.clone()),
        ("aim", types.aim.clone()),
        ("start_month", ValueType::Month),
        ("followup_month", ValueType::Month),
        ("outcome", types.outcome.clone()),
        ("n_methods", ValueType::Integer),
        ("n_services", ValueType::Integer),
        ("sa_months_before", ValueType::Integer),
        ("sa_months_after", ValueType::Integer),
    ])
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    let mut assessments: Vec<&Assessment> = person.assessments.iter().collect();
    assessments.sort_by_key(|row| (row.plan, row.goal));
    for goal in assessments.chunk_by(|a, b| (a.plan, a.goal) == (b.plan, b.goal)) {
        let begins = goal.iter().filter(|row| row.occasion == Occasion::Beginning).map(|row| row.day).min();
        let followed = follow_up(goal);
        let start = begins.map(Month::of);
        rows.push([
            person.id.cell(),
            context.plan(goal[0].plan),
            goal[0].goal.cell(),
            aim(goal).cell(),
            start.cell(),
            followed.map(|row| Month::of(row.day)).cell(),
            followed.and_then(|row| row.outcome).cell(),
            different(goal.iter().map(|row| row.method)).cell(),
            different(goal.iter().map(|row| row.service)).cell(),
            start.and_then(|start| paid_months(context, person, start.plus(-MONTHS), start.plus(-1))).cell(),
            start.and_then(|start| paid_months(context, person, start.plus(1), start.plus(MONTHS))).cell(),
        ]);
    }
}

/// Returns the aim at the first assessment that has one, beginnings first.
fn aim(goal: &[&Assessment]) -> Option<u16> {
    let aims = goal.iter().filter_map(|row| Some((row.occasion != Occasion::Beginning, row.day, row.aim?)));
    aims.min().map(|(_, _, aim)| aim)
}

/// Returns the last assessment after the beginning that has an outcome; of several on one day, the final one. Without a
/// beginning there is nothing to compare with.
fn follow_up<'a>(goal: &[&'a Assessment]) -> Option<&'a Assessment> {
    let begins = goal.iter().filter(|row| row.occasion == Occasion::Beginning).map(|row| row.day).min()?;
    let later = goal.iter().filter(|row| row.occasion != Occasion::Beginning && row.day >= begins);
    later.filter(|row| row.outcome.is_some()).max_by_key(|row| (row.day, row.occasion, row.outcome)).copied()
}

fn different(codes: impl Iterator<Item = Option<u16>>) -> usize {
    let mut codes: Vec<u16> = codes.flatten().collect();
    codes.sort_unstable();
    codes.dedup();
    codes.len()
}

/// Returns the number of paid months, if assistance is covered for all of them.
fn paid_months(context: &Context<'_>, person: &Person<'_>, first: Month, last: Month) -> Option<usize> {
    let (from, to) = context.covered.assistance?;
    (from <= first && last <= to).then(|| person.paid_months(first, last))
}

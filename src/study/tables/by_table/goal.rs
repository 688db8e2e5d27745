//! The table `goal`: goals of plans, their outcomes, and months of assistance before and after.

use super::super::context::{ColumnTypes, Context, fields as fields_of, fixed_codes};
use super::super::person_records::Person;
use super::super::rows::{IntoCell, Rows};
use super::super::sources::{Assessment, Event, EventKind, Left, Occasion};
use crate::table::{Field, ValueType};
use salanimi_core::{Day, Month};

/// Months before and after the start in which paid months count.
const MONTHS: i32 = 12;
/// Months from the start, the first included, within which an assessment of the outcome is not yet due.
const NOT_YET_DUE: i32 = 8;
/// Names of [`FollowUp`], in byte order.
const FOLLOW_UPS: [&str; 5] = ["assessed", "left", "none", "not_assessed", "too_early"];

/// What became of a goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FollowUp {
    Assessed,
    /// The client relation ended before an assessment was due.
    Left,
    None,
    /// The outcome says that it was not assessed.
    NotAssessed,
    /// The data ends before an assessment was due.
    TooEarly,
}

/// The first assessment of a goal.
#[derive(Clone, Copy)]
struct Beginning {
    day: Day,
    organiser: Option<u16>,
    age_months: Option<i32>,
}

pub(super) fn fields(types: &ColumnTypes) -> Vec<Field> {
    fields_of(&[
        ("person", ValueType::LinkedId),
        ("plan", ValueType::LinkedId),
        ("goal_category", types.goal.clone()),
        ("aim", types.aim.clone()),
        ("start_month", ValueType::Month),
        ("age_group", types.age_group.clone()),
        ("followup_month", ValueType::Month),
        ("outcome", types.outcome.clone()),
        ("followup", fixed_codes(&FOLLOW_UPS)),
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
        let begins = beginning(goal);
        let followed = begins.and_then(|begins| last_outcome(goal, begins.day));
        let start = begins.map(|begins| Month::of(begins.day));
        let outcome = followed.and_then(|row| row.outcome);
        let follow_up = begins.map(|begins| follow_up(context, person, begins, outcome) as i32);
        rows.push([
            person.id.cell(),
            context.plan(goal[0].plan),
            goal[0].goal.cell(),
            aim(goal).cell(),
            start.cell(),
            begins
                .and_then(|begins| begins.age_months)
                .map(|months| context.settings.age_groups.position(months))
                .cell(),
            followed.map(|row| Month::of(row.day)).cell(),
            outcome.cell(),
            follow_up.cell(),
            different(goal.iter().map(|row| row.method)).cell(),
            different(goal.iter().map(|row| row.service)).cell(),
            start.and_then(|start| paid_months(context, person, start.plus(-MONTHS), start.plus(-1))).cell(),
            start.and_then(|start| paid_months(context, person, start.plus(1), start.plus(MONTHS))).cell(),
        ]);
    }
}

impl Beginning {
    /// Returns true if an outcome could have been assessed by `day`.
    fn is_due(self, day: Day) -> bool {
        Month::of(day).since(Month::of(self.day)) >= NOT_YET_DUE
    }
}

/// Returns the aim at the first assessment that has one, beginnings first.
fn aim(goal: &[&Assessment]) -> Option<u16> {
    let aims = goal.iter().filter_map(|row| Some((row.occasion != Occasion::Beginning, row.day, row.aim?)));
    aims.min().map(|(_, _, aim)| aim)
}

/// Returns the first assessment. Without one there is nothing to compare an outcome with.
fn beginning(goal: &[&Assessment]) -> Option<Beginning> {
    let first = goal.iter().filter(|row| row.occasion == Occasion::Beginning);
    let first = first.min_by_key(|row| (row.day, row.organiser, row.age_months));
    first.map(|row| Beginning { day: row.day, organiser: row.organiser, age_months: row.age_months })
}

/// Returns what became of a goal with this outcome.
fn follow_up(context: &Context<'_>, person: &Person<'_>, begins: Beginning, outcome: Option<u16>) -> FollowUp {
    match outcome {
        Some(outcome) if Some(outcome) == context.outcome_not_assessed => FollowUp::NotAssessed,
        Some(_) => FollowUp::Assessed,
        None if departures(context, person, begins).any(|event| !begins.is_due(event.day)) => FollowUp::Left,
        None if context.assessed_until(begins.organiser).is_some_and(|last| !begins.is_due(last)) => FollowUp::TooEarly,
        None => FollowUp::None,
    }
}

/// Returns the ends of client relations with the plan's organiser, and deaths, from the beginning on.
fn departures<'p>(context: &Context<'_>, person: &Person<'p>, begins: Beginning) -> impl Iterator<Item = &'p Event> {
    let organisers = [begins.organiser, context.successor(begins.organiser)];
    let later = person.events.iter().filter(move |event| event.kind == EventKind::Closes && event.day >= begins.day);
    later.filter(move |event| {
        event.left == Some(Left::Died) || event.organiser.is_some() && organisers.contains(&event.organiser)
    })
}

/// Returns the last assessment from `begins` on that has an outcome; of several on one day, the final one.
fn last_outcome<'a>(goal: &[&'a Assessment], begins: Day) -> Option<&'a Assessment> {
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

//! The table `notification`: one row for each red flag, and whether the person was reached.

use super::person::Person;
use super::rows::{IntoCell, Rows};
use super::sources::{Event, EventKind, Left, Notice};
use super::context::{ColumnTypes, Context, fields as fields_of};
use crate::table::{Codes, Field, ValueType};
use salanimi_core::{Day, Month};

/// After how many days it is asked whether a person was reached.
const DAYS: [i32; 3] = [7, 30, 90];
const CENSORED: [&str; 4] = ["data_end", "death_or_move", "not_covered", "transferred_out"];
const MATCHED: [&str; 3] = ["linked", "none", "rule"];

/// Why it is not known what became of a notice later on. In the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    DataEnd,
    DeathOrMove,
    NotCovered,
    TransferredOut,
}

/// How a contact was found to answer a notice. In the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Linked,
    None,
    Rule,
}

/// Days on which one organiser had a notice.
struct Stretch {
    organiser: Option<u16>,
    first: Day,
    /// The last day that can be written if it still has it.
    last: Day,
    /// Whether another organiser transferred it to this one.
    transferred: bool,
}

/// Until when it is known what became of a notice, and why no longer.
struct FollowUp {
    last: Day,
    ends: Reason,
}

pub(super) fn fields(types: &ColumnTypes) -> Vec<Field> {
    let codes = |names: &[&str]| {
        Codes::new(names.iter().map(|name| (*name).to_owned())).map_or(ValueType::Text, ValueType::Code)
    };
    fields_of(&[
        ("person", ValueType::LinkedId),
        ("notification", ValueType::LinkedId),
        ("type", types.kind.clone()),
        ("reason", types.reason.clone()),
        ("urgency", types.urgency.clone()),
        ("sent_month", ValueType::Month),
        ("recipient_county", types.organiser_county.clone()),
        ("transferred", ValueType::Flag),
        ("already_client", ValueType::Flag),
        ("days_to_first_contact", ValueType::Integer),
        ("working_days_to_first_contact", ValueType::Integer),
        ("days_to_assessment", ValueType::Integer),
        ("reached_7d", ValueType::Flag),
        ("reached_30d", ValueType::Flag),
        ("reached_90d", ValueType::Flag),
        ("censored_7d", ValueType::Flag),
        ("censored_30d", ValueType::Flag),
        ("censored_90d", ValueType::Flag),
        ("censor_reason", codes(&CENSORED)),
        ("followed_days", ValueType::Integer),
        ("match_kind", codes(&MATCHED)),
    ])
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    for notice in person.notices {
        let path = path(context, notice);
        let followed = follow_up(context, notice, person.events, &path);
        let (contact, matched) = answer(notice, person.events, &path, &followed, Event::is_contact);
        let assessed = |event: &Event| event.kind == EventKind::AssessmentBegins;
        let (assessment, _) = answer(notice, person.events, &path, &followed, assessed);
        let known = |after: i32| notice.sent.plus(after) <= followed.last;
        let reached =
            |after: i32| known(after).then(|| contact.is_some_and(|day| day <= notice.sent.plus(after))).cell();
        let [reached_7d, reached_30d, reached_90d] = DAYS.map(reached);
        let [censored_7d, censored_30d, censored_90d] = DAYS.map(|after| (!known(after)).cell());
        rows.push([
            person.id.cell(),
            context.notification(notice.number),
            notice.kind.cell(),
            notice.reason.cell(),
            notice.urgency.cell(),
            Month::of(notice.sent).cell(),
            notice.recipient.and_then(|recipient| context.county_of_organiser(recipient)).cell(),
            notice.transferred.is_some().cell(),
            already_client(context, person, notice, &path).cell(),
            contact.map(|day| day.since(notice.sent)).cell(),
            contact.map(|day| context.working_days.between(notice.sent, day)).cell(),
            assessment.map(|day| day.since(notice.sent)).cell(),
            reached_7d,
            reached_30d,
            reached_90d,
            censored_7d,
            censored_30d,
            censored_90d,
            (!known(DAYS[2])).then_some(followed.ends as i32).cell(),
            followed_days(notice, &followed).cell(),
            (matched as i32).cell(),
        ]);
    }
}

/// For how many days it is known what became of a notice; none if not even on the first.
fn followed_days(notice: &Notice, followed: &FollowUp) -> Option<i32> {
    Some(followed.last.since(notice.sent)).filter(|days| *days >= 0)
}

/// The organisers that had a notice, one after another: before and after a transfer, and before and after counties took
/// over from municipalities.
fn path(context: &Context<'_>, notice: &Notice) -> Vec<Stretch> {
    let handed = notice.transferred.filter(|day| *day > notice.sent);
    let mut path = Vec::with_capacity(2);
    if let Some(day) = handed {
        split(context, notice.transferred_from, (notice.sent, day.plus(-1)), false, &mut path);
    }
    split(context, notice.recipient, (handed.unwrap_or(notice.sent), Day::LAST), handed.is_some(), &mut path);
    path
}

fn split(
    context: &Context<'_>,
    organiser: Option<u16>,
    (first, last): (Day, Day),
    transferred: bool,
    path: &mut Vec<Stretch>,
) {
    let reform = context.settings.counties_since;
    if first < reform {
        path.push(Stretch { organiser, first, last: last.min(reform.plus(-1)), transferred });
    }
    if last >= reform {
        let transferred = transferred && first >= reform;
        path.push(Stretch { organiser: context.successor(organiser), first: first.max(reform), last, transferred });
    }
}

/// A person is followed as long as the data of whoever has the notice is complete, and until they die or move away.
fn follow_up(context: &Context<'_>, notice: &Notice, events: &[Event], path: &[Stretch]) -> FollowUp {
    let mut followed = FollowUp { last: notice.sent.plus(-1), ends: Reason::NotCovered };
    for (position, stretch) in path.iter().enumerate() {
        let Some(covered) = context.covered.around(stretch.organiser, stretch.first) else {
            followed.ends = match position {
                0 => Reason::NotCovered,
                _ if stretch.transferred => Reason::TransferredOut,
                _ => Reason::DataEnd,
            };
            break;
        };
        followed = FollowUp { last: covered.last.min(stretch.last), ends: Reason::DataEnd };
        if covered.last < stretch.last {
            break;
        }
    }
    let gone = |event: &&Event| match event.left {
        Some(Left::Died) => true,
        Some(Left::Moved) => path.iter().any(|stretch| stretch.organiser == event.organiser),
        None => false,
    };
    let gone = events.iter().filter(|event| event.kind == EventKind::Closes && event.day >= notice.sent).filter(gone);
    match gone.map(|event| event.day).min().filter(|day| *day <= followed.last) {
        Some(last) => FollowUp { last, ends: Reason::DeathOrMove },
        None => followed,
    }
}

/// The first of the events that answer a notice: one that names it, else one of whoever had it.
fn answer(
    notice: &Notice,
    events: &[Event],
    path: &[Stretch],
    followed: &FollowUp,
    answers: impl Fn(&Event) -> bool,
) -> (Option<Day>, Match) {
    let in_time = |event: &&Event| answers(event) && event.day >= notice.sent && event.day <= followed.last;
    let had = |event: &&Event| {
        path.iter().any(|stretch| {
            stretch.organiser.is_some()
                && stretch.organiser == event.organiser
                && (stretch.first..=stretch.last).contains(&event.day)
        })
    };
    let first = |wanted: &dyn Fn(&&Event) -> bool| {
        events.iter().filter(in_time).filter(|event| wanted(event)).map(|event| event.day).min()
    };
    match (first(&|event| event.notice == Some(notice.number)), first(&had)) {
        (Some(day), _) => (Some(day), Match::Linked),
        (None, Some(day)) => (Some(day), Match::Rule),
        (None, None) => (None, Match::None),
    }
}

/// Whether the person was a client of the recipient when the notice was sent, where its data goes back far enough.
fn already_client(context: &Context<'_>, person: &Person<'_>, notice: &Notice, path: &[Stretch]) -> Option<bool> {
    let organiser = path.first()?.organiser;
    let before = notice.sent.months_before(context.settings.prior_coverage_months);
    context.covered.around(organiser, before).filter(|days| days.contains(notice.sent))?;
    Some(person.relations.iter().any(|relation| relation.organiser == organiser && relation.days.contains(notice.sent)))
}

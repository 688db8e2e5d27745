//! The table `notification`: one row for each notice, with its follow-up.

use super::super::context::{ColumnTypes, Context, fields as fields_of, fixed_codes};
use super::super::person_records::Person;
use super::super::rows::{IntoCell, Rows};
use super::super::sources::{Event, EventKind, Left, Notice};
use crate::table::{Field, ValueType};
use salanimi_core::{Day, Month};

/// Days within which a person counts as reached.
const DAYS: [i32; 3] = [7, 30, 90];
/// The longest of them.
const LONGEST: i32 = DAYS[2];
/// Names of [`CensorReason`], in byte order.
const CENSOR_REASONS: [&str; 4] = ["data_end", "death_or_move", "not_covered", "transferred_out"];
/// Names of [`MatchKind`], in byte order.
const MATCH_KINDS: [&str; 3] = ["linked", "none", "rule"];

/// The reason for which follow-up ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CensorReason {
    DataEnd,
    DeathOrMove,
    NotCovered,
    TransferredOut,
}

/// The rule by which a contact answers a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MatchKind {
    Linked,
    None,
    Rule,
}

/// An interval in which one organiser has a notice.
struct Custody {
    organiser: Option<u16>,
    first: Day,
    /// The last representable day if the organiser still has it.
    last: Day,
    /// `true` if another organiser transferred the notice.
    transferred: bool,
}

impl Custody {
    /// Returns true if the event happened at this organiser in this interval.
    fn includes(&self, event: &Event) -> bool {
        let same = self.organiser.is_some() && self.organiser == event.organiser;
        same && (self.first..=self.last).contains(&event.day)
    }
}

/// Follow-up of a notice.
struct FollowUp {
    last: Day,
    end: CensorReason,
}

impl FollowUp {
    /// Returns true if the notice is followed for `days` days from its sending.
    fn covers(&self, notice: &Notice, days: i32) -> bool {
        notice.sent.plus(days) <= self.last
    }

    /// Returns the number of days followed; `None` if not even the day of sending is.
    fn days(&self, notice: &Notice) -> Option<i32> {
        Some(self.last.since(notice.sent)).filter(|days| *days >= 0)
    }
}

pub(super) fn fields(types: &ColumnTypes) -> Vec<Field> {
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
        ("censor_reason", fixed_codes(&CENSOR_REASONS)),
        ("followed_days", ValueType::Integer),
        ("contacted", ValueType::Flag),
        ("days_at_risk", ValueType::Integer),
        ("match_kind", fixed_codes(&MATCH_KINDS)),
    ])
}

pub(super) fn add(context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
    for notice in person.notices {
        let custody = custody(context, notice);
        let followed = follow_up(context, notice, person.events, &custody);
        let contacts: Vec<&Event> = person.events.iter().filter(|event| event.is_contact()).collect();
        let assessments: Vec<&Event> =
            person.events.iter().filter(|event| event.kind == EventKind::AssessmentBegins).collect();
        let (contact, matched) = answer(notice, &contacts, &custody, &followed);
        if let Some(day) = contact {
            rows.count_answer(day.since(notice.sent));
        }
        let (assessment, _) = answer(notice, &assessments, &custody, &followed);
        let [reached_7d, reached_30d, reached_90d] =
            DAYS.map(|days| followed.covers(notice, days).then(|| is_reached(notice, contact, days)).cell());
        let [censored_7d, censored_30d, censored_90d] = DAYS.map(|days| (!followed.covers(notice, days)).cell());
        rows.push([
            person.id.cell(),
            context.notification(notice.number),
            notice.kind.cell(),
            notice.reason.cell(),
            notice.urgency.cell(),
            Month::of(notice.sent).cell(),
            notice.recipient.and_then(|recipient| context.county_of_organiser(recipient)).cell(),
            notice.transferred.is_some().cell(),
            already_client(context, person, notice, &custody).cell(),
            contact.map(|day| day.since(notice.sent)).cell(),
            contact.map(|day| context.working_days.between(notice.sent, day)).cell(),
            assessment.map(|day| day.since(notice.sent)).cell(),
            reached_7d,
            reached_30d,
            reached_90d,
            censored_7d,
            censored_30d,
            censored_90d,
            (!followed.covers(notice, LONGEST)).then_some(followed.end as i32).cell(),
            followed.days(notice).cell(),
            followed.days(notice).map(|_| contact.is_some()).cell(),
            contact.map(|day| day.since(notice.sent)).or_else(|| followed.days(notice)).cell(),
            (matched as i32).cell(),
        ]);
    }
}

fn is_reached(notice: &Notice, contact: Option<Day>, days: i32) -> bool {
    contact.is_some_and(|day| day <= notice.sent.plus(days))
}

/// Returns the organisers that have a notice, one after another: before and after a transfer, and before and after
/// counties took over from municipalities.
fn custody(context: &Context<'_>, notice: &Notice) -> Vec<Custody> {
    let mut custody = Vec::with_capacity(2);
    let transferred = notice.transferred.filter(|day| *day > notice.sent);
    let mut first = notice.sent;
    if let Some(day) = transferred {
        let before =
            Custody { organiser: notice.transferred_from, first: notice.sent, last: day.plus(-1), transferred: false };
        add_around_reform(context, &before, &mut custody);
        first = day;
    }
    let after = Custody { organiser: notice.recipient, first, last: Day::LAST, transferred: transferred.is_some() };
    add_around_reform(context, &after, &mut custody);
    custody
}

/// Adds `whole`, split at the reform: its municipality before, the county that follows it after.
fn add_around_reform(context: &Context<'_>, whole: &Custody, custody: &mut Vec<Custody>) {
    let reform = context.settings.counties_since;
    if whole.first < reform {
        let last = whole.last.min(reform.plus(-1));
        custody.push(Custody { last, ..*whole });
    }
    if whole.last >= reform {
        custody.push(Custody {
            organiser: context.successor(whole.organiser),
            first: whole.first.max(reform),
            last: whole.last,
            transferred: whole.transferred && whole.first >= reform,
        });
    }
}

/// A person is followed while the data of the organiser that has the notice is complete, and until death or a move.
fn follow_up(context: &Context<'_>, notice: &Notice, events: &[Event], custody: &[Custody]) -> FollowUp {
    let followed = covered_follow_up(context, notice, custody);
    let departures = events.iter().filter(|event| is_departure(event, notice, custody)).map(|event| event.day);
    match departures.min().filter(|day| *day <= followed.last) {
        Some(last) => FollowUp { last, end: CensorReason::DeathOrMove },
        None => followed,
    }
}

/// Follow-up as far as the organisers' data is complete.
fn covered_follow_up(context: &Context<'_>, notice: &Notice, custody: &[Custody]) -> FollowUp {
    let mut followed = FollowUp { last: notice.sent.plus(-1), end: CensorReason::NotCovered };
    for (position, interval) in custody.iter().enumerate() {
        let Some(covered) = context.covered.around(interval.organiser, interval.first) else {
            followed.end = match position {
                0 => CensorReason::NotCovered,
                _ if interval.transferred => CensorReason::TransferredOut,
                _ => CensorReason::DataEnd,
            };
            break;
        };
        followed = FollowUp { last: covered.last.min(interval.last), end: CensorReason::DataEnd };
        if covered.last < interval.last {
            break;
        }
    }
    followed
}

/// Returns true if a client relation ended by death, or by a move away from an organiser that had the notice.
fn is_departure(event: &Event, notice: &Notice, custody: &[Custody]) -> bool {
    let departed = match event.left {
        Some(Left::Died) => true,
        Some(Left::Moved) => custody.iter().any(|interval| interval.organiser == event.organiser),
        None => false,
    };
    departed && event.kind == EventKind::Closes && event.day >= notice.sent
}

/// Returns the day of the first of `events` that answers the notice: the first that names it, else the first at an
/// organiser that has it.
fn answer(notice: &Notice, events: &[&Event], custody: &[Custody], followed: &FollowUp) -> (Option<Day>, MatchKind) {
    let in_time: Vec<&&Event> =
        events.iter().filter(|event| (notice.sent..=followed.last).contains(&event.day)).collect();
    let named = in_time.iter().filter(|event| event.notice == Some(notice.number)).map(|event| event.day).min();
    if named.is_some() {
        return (named, MatchKind::Linked);
    }
    let at_organiser = in_time.iter().filter(|event| custody.iter().any(|interval| interval.includes(event)));
    match at_organiser.map(|event| event.day).min() {
        Some(day) => (Some(day), MatchKind::Rule),
        None => (None, MatchKind::None),
    }
}

/// Returns true if the person was a client of the recipient when the notice was sent; `None` if the recipient's data
/// does not go back far enough.
fn already_client(context: &Context<'_>, person: &Person<'_>, notice: &Notice, custody: &[Custody]) -> Option<bool> {
    let organiser = custody.first()?.organiser;
    let before = notice.sent.months_before(context.settings.prior_coverage_months);
    context.covered.around(organiser, before).filter(|days| days.contains(notice.sent))?;
    let mut relations = person.relations.iter().filter(|relation| relation.organiser == organiser);
    Some(relations.any(|relation| relation.days.contains(notice.sent)))
}

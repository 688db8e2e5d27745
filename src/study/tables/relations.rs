//! Client relations: days on which a person is known to have been a client.

use super::coverage::Covered;
use super::sources::{Event, EventKind};
use salanimi_core::{Day, Days};

/// A client relation with an organiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) organiser: Option<u16>,
    /// From the day on which it began to the day on which it ended; where the data has no such day, to the ends of the
    /// organiser's coverage.
    pub(super) days: Days,
}

/// Changes of the relations with one organiser in one service task on one day.
struct Change {
    relation: RelationKey,
    day: Day,
    /// Starts less ends.
    net: i32,
}

/// Organiser and service task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RelationKey {
    organiser: Option<u16>,
    task: Option<u16>,
}

/// Returns the client relations in `events`.
///
/// Relations have no order within a day. If as many start as end on a day, the person was a client on that day and
/// nothing else changes. A relation that ends without a start was open before.
pub(super) fn relations(events: &[Event], covered: &Covered) -> Vec<Relation> {
    let mut relations = Vec::new();
    for changes in changes(events).chunk_by(|a, b| a.relation == b.relation) {
        add_relations(changes, covered, &mut relations);
    }
    relations
}

/// Adds the relations with one organiser in one service task.
fn add_relations(changes: &[Change], covered: &Covered, relations: &mut Vec<Relation>) {
    let organiser = changes[0].relation.organiser;
    let known = covered.of(organiser);
    let mut changed = false;
    for (position, change) in changes.iter().enumerate() {
        let day = change.day;
        let days = match change.net {
            0 => Some(Days { first: day, last: day }),
            1.. => {
                let end = changes[position + 1..].iter().find(|later| later.net < 0).map(|later| later.day);
                let last_known = known.last().map_or(day, |days| days.last.max(day));
                Some(Days { first: day, last: end.unwrap_or(last_known) })
            }
            _ if !changed => Some(Days { first: known.first().map_or(day, |days| days.first.min(day)), last: day }),
            _ => None,
        };
        relations.extend(days.map(|days| Relation { organiser, days }));
        changed |= change.net != 0;
    }
}

/// Returns the changes by relation and day.
fn changes(events: &[Event]) -> Vec<Change> {
    let mut changes: Vec<Change> = events.iter().filter_map(change).collect();
    changes.sort_by_key(|change| (change.relation, change.day));
    changes.dedup_by(|later, kept| {
        let same = later.relation == kept.relation && later.day == kept.day;
        kept.net += if same { later.net } else { 0 };
        same
    });
    changes
}

fn change(event: &Event) -> Option<Change> {
    let net = match event.kind {
        EventKind::Opens => 1,
        EventKind::Closes => -1,
        _ => return None,
    };
    let relation = RelationKey { organiser: event.organiser, task: event.task };
    Some(Change { relation, day: event.day, net })
}

//! Client relations: the days on which a person is known to have been a client.

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

/// What an organiser, for one service task, did on one day: beginnings less ends.
struct Turn {
    of: (Option<u16>, Option<u16>),
    day: Day,
    net: i32,
}

/// The client relations that `events` tell of.
///
/// A day on which as many relations begin as end changes nothing, but the person was a client on it. What ends without
/// having begun was open before.
pub(super) fn relations(events: &[Event], covered: &Covered) -> Vec<Relation> {
    let mut relations = Vec::new();
    let turns = turns(events);
    for of_one in turns.chunk_by(|a, b| a.of == b.of) {
        let organiser = of_one[0].of.0;
        let known = covered.of(organiser);
        let (first, last) = (known.first().map(|days| days.first), known.last().map(|days| days.last));
        let mut relation = |first: Day, last: Day| relations.push(Relation { organiser, days: Days { first, last } });
        let mut turned = false;
        for (position, turn) in of_one.iter().enumerate() {
            let day = turn.day;
            match turn.net {
                0 => relation(day, day),
                1.. => {
                    let closes = of_one[position + 1..].iter().find(|later| later.net < 0).map(|later| later.day);
                    relation(day, closes.unwrap_or_else(|| last.map_or(day, |last| last.max(day))));
                }
                _ if !turned => relation(first.map_or(day, |first| first.min(day)), day),
                _ => {}
            }
            turned |= turn.net != 0;
        }
    }
    relations
}

fn turns(events: &[Event]) -> Vec<Turn> {
    let change = |event: &Event| match event.kind {
        EventKind::Opens => Some(1),
        EventKind::Closes => Some(-1),
        _ => None,
    };
    let changes = events
        .iter()
        .filter_map(|event| Some(Turn { of: (event.organiser, event.task), day: event.day, net: change(event)? }));
    let mut changes: Vec<Turn> = changes.collect();
    changes.sort_by_key(|turn| (turn.of, turn.day));
    changes.dedup_by(|later, kept| {
        let same = later.of == kept.of && later.day == kept.day;
        kept.net += if same { later.net } else { 0 };
        same
    });
    changes
}

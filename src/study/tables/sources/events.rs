//! Events of municipal social work.

use arrow::array::{Array, ArrayRef};

use super::super::settings::Settings;
use super::{Columns, Finder, MissingColumn, Source, amounts, codes, dates, day, references, value};
use crate::config::Table;
use crate::table::ValueType;
use salanimi_core::Day;

/// Kinds of events that the tables distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::study::tables) enum EventKind {
    Opens,
    Closes,
    Contact,
    AssessmentBegins,
    Supplementary,
    Preventive,
    Other,
}

/// Reasons for the end of a client relation that the tables distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::study::tables) enum Left {
    Died,
    Moved,
}

/// A row of `municipal_social_work`.
#[derive(Debug, Clone)]
pub(in crate::study::tables) struct Event {
    pub(in crate::study::tables) kind: EventKind,
    pub(in crate::study::tables) day: Day,
    pub(in crate::study::tables) organiser: Option<u16>,
    /// Number of the notice that it answers, as a number.
    pub(in crate::study::tables) notice: Option<i128>,
    pub(in crate::study::tables) task: Option<u16>,
    pub(in crate::study::tables) service: Option<u16>,
    /// `true` if it has a mode of contact.
    pub(in crate::study::tables) has_mode: bool,
    pub(in crate::study::tables) refused: bool,
    pub(in crate::study::tables) amount: Option<i64>,
    pub(in crate::study::tables) left: Option<Left>,
}

impl Event {
    /// Returns true if somebody met or talked with the person: a contact with a mode, or the start of an assessment.
    /// The arrival of a notice is no contact.
    pub(in crate::study::tables) fn is_contact(&self) -> bool {
        self.kind == EventKind::AssessmentBegins || (self.kind == EventKind::Contact && self.has_mode)
    }
}

pub(in crate::study::tables) struct EventColumns {
    organiser: usize,
    kind: usize,
    /// Kind of each of the contract's event types.
    kinds: Vec<EventKind>,
    day: usize,
    notice: usize,
    task: usize,
    service: usize,
    mode: usize,
    decision: usize,
    refused: Option<u16>,
    amount: usize,
    reason: usize,
    died: Option<u16>,
    moved: Option<u16>,
}

impl EventColumns {
    const KINDS: [(&str, EventKind); 6] = [
        ("ASIAKKUUS_ALKU", EventKind::Opens),
        ("ASIAKKUUS_LOPPU", EventKind::Closes),
        ("YHTEYDENOTTO", EventKind::Contact),
        ("PT_ARVIO_ALKU", EventKind::AssessmentBegins),
        ("TAYD_TUKI", EventKind::Supplementary),
        ("EHK_TUKI", EventKind::Preventive),
    ];

    fn kind(code: &str) -> EventKind {
        Self::KINDS.iter().find(|(name, _)| *name == code).map_or(EventKind::Other, |(_, kind)| *kind)
    }

    fn left(&self, reason: Option<u16>) -> Option<Left> {
        match reason {
            None => None,
            reason if reason == self.died => Some(Left::Died),
            reason if reason == self.moved => Some(Left::Moved),
            _ => None,
        }
    }
}

impl Columns for EventColumns {
    const SOURCE: Source = Source::Events;
    type Record = Event;

    fn find(table: &Table, settings: &Settings) -> Result<Self, MissingColumn> {
        let finder = Finder(table);
        let kind = finder.code("event_type")?;
        let decision = finder.code("decision")?;
        let reason = finder.code("end_reason")?;
        let ValueType::Code(types) = &table.fields[kind].value else { return Err(MissingColumn("event_type")) };
        Ok(Self {
            organiser: finder.code_of("organiser_code", settings.organisers.from())?,
            kind,
            kinds: types.values().iter().map(|code| Self::kind(code)).collect(),
            day: finder.date("event_date")?,
            notice: finder.reference("linked_notification")?,
            task: finder.code("service_task")?,
            service: finder.code("service")?,
            mode: finder.code("contact_mode")?,
            decision,
            refused: finder.position(decision, "hylätty"),
            amount: finder.amount("eur")?,
            reason,
            died: finder.position(reason, "kuolema"),
            moved: finder.position(reason, "muutto"),
        })
    }

    fn read(&self, columns: &[ArrayRef], mut record: impl FnMut(usize, Event)) {
        let days = dates(&columns[self.day]);
        let notices = references(&columns[self.notice]);
        let amounts = amounts(&columns[self.amount]);
        let [organisers, kinds, tasks, services, modes, decisions, reasons] =
            [self.organiser, self.kind, self.task, self.service, self.mode, self.decision, self.reason]
                .map(|at| codes(&columns[at]));
        for row in 0..days.len() {
            let Some(day) = day(days, row) else { continue };
            let kind = value(kinds, row).map_or(EventKind::Other, |kind| self.kinds[usize::from(kind)]);
            let decision = value(decisions, row);
            record(
                row,
                Event {
                    kind,
                    day,
                    organiser: value(organisers, row),
                    notice: value(notices, row),
                    task: value(tasks, row),
                    service: value(services, row),
                    has_mode: modes.is_valid(row),
                    refused: decision.is_some() && decision == self.refused,
                    amount: value(amounts, row),
                    left: self.left(value(reasons, row)),
                },
            );
        }
    }
}

//! Events of municipal social work.

use arrow::array::{Array, ArrayRef};

use super::{Columns, Finder, MissingColumn, Source, amounts, codes, dates, day, references, value};
use super::super::settings::Settings;
use crate::config::Table;
use crate::table::ValueType;
use salanimi_core::Day;

/// What a row of `municipal_social_work` is, as far as the tables ask.
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

/// Why a client relation ended, as far as the tables ask.
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
    /// The notice that it answers, as its number is carried.
    pub(in crate::study::tables) notice: Option<i128>,
    pub(in crate::study::tables) task: Option<u16>,
    pub(in crate::study::tables) service: Option<u16>,
    /// Whether it tells how somebody was contacted.
    pub(in crate::study::tables) has_mode: bool,
    pub(in crate::study::tables) refused: bool,
    pub(in crate::study::tables) amount: Option<i64>,
    pub(in crate::study::tables) left: Option<Left>,
}

impl Event {
    /// Whether somebody met or talked with the person: a contact with a mode, or the beginning of an assessment. A notice
    /// that arrives is none.
    pub(in crate::study::tables) fn is_contact(&self) -> bool {
        self.kind == EventKind::AssessmentBegins || (self.kind == EventKind::Contact && self.has_mode)
    }
}

pub(in crate::study::tables) struct EventColumns {
    organiser: usize,
    kind: usize,
    /// What each of the contract's event types is to the tables.
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
        let (kind, decision, reason) =
            (finder.code("event_type")?, finder.code("decision")?, finder.code("end_reason")?);
        let ValueType::Code(types) = &table.fields[kind].value else { return Err(MissingColumn("event_type")) };
        let known = |code: &String| Self::KINDS.iter().find(|(name, _)| name == code);
        Ok(Self {
            organiser: finder.code_of("organiser_code", settings.organisers.from())?,
            kind,
            kinds: types.values().iter().map(|code| known(code).map_or(EventKind::Other, |(_, kind)| *kind)).collect(),
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
        let (days, notices, amounts) =
            (dates(&columns[self.day]), references(&columns[self.notice]), amounts(&columns[self.amount]));
        let [organisers, kinds, tasks, services, modes, decisions, reasons] =
            [self.organiser, self.kind, self.task, self.service, self.mode, self.decision, self.reason]
                .map(|at| codes(&columns[at]));
        for row in 0..days.len() {
            let Some(day) = day(days, row) else { continue };
            let kind = value(kinds, row).and_then(|kind| self.kinds.get(usize::from(kind)));
            let decision = value(decisions, row);
            record(
                row,
                Event {
                    kind: kind.copied().unwrap_or(EventKind::Other),
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

//! Step 5: the study's analysis tables, computed person by person from the delivered columns while they are merged. Exact
//! dates and euros end here.
//!
//! What each table holds is defined by the queries in `config/studies/toituavain/tables/`, which a test holds these against, cell by cell.

mod coverage;
mod goals;
mod months;
mod notifications;
mod person;
mod persons;
mod relations;
mod rows;
mod sources;
mod spells;
mod study;
mod working_days;

use std::path::Path;

use self::person::Person;
use self::rows::Rows;
use self::sources::{
    Assessment, AssessmentColumns, Assistance, AssistanceColumns, Columns, Event, EventColumns, Lacks, Notice,
    NoticeColumns, Source,
};
use self::study::Study;
use crate::config::{Analysis, Contract, Coverage};
use crate::crypto::LinkKeys;
use crate::exchange::LeftOut;
use crate::link::merge::{Input, Slice, Spine};
use crate::table::{Field, Sorter, StoreError};
use salanimi_core::PersonId;

/// An analysis table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Person,
    PersonMonth,
    Notification,
    Spell,
    Goal,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Person, Self::PersonMonth, Self::Notification, Self::Spell, Self::Goal];

    fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::PersonMonth => "person_month",
            Self::Notification => "notification",
            Self::Spell => "spell",
            Self::Goal => "goal",
        }
    }

    /// The source tables without which it says nothing.
    fn needs(self) -> &'static [Source] {
        match self {
            Self::Person | Self::PersonMonth => &[Source::Assistance, Source::Events],
            Self::Notification => &[Source::Notices, Source::Events],
            Self::Spell => &[Source::Assistance, Source::Notices],
            Self::Goal => &[Source::Assessments, Source::Assistance],
        }
    }

    fn fields(self, study: &Study<'_>) -> Vec<Field> {
        match self {
            Self::Person => persons::fields(study),
            Self::PersonMonth => months::fields(study),
            Self::Notification => notifications::fields(study),
            Self::Spell => spells::fields(),
            Self::Goal => goals::fields(study),
        }
    }

    fn add(self, study: &Study<'_>, person: &Person<'_>, rows: &mut Rows) {
        match self {
            Self::Person => persons::add(study, person, rows),
            Self::PersonMonth => months::add(study, person, rows),
            Self::Notification => notifications::add(study, person, rows),
            Self::Spell => spells::add(study, person, rows),
            Self::Goal => goals::add(study, person, rows),
        }
    }
}

/// An analysis table in the making.
pub(super) struct Making {
    kind: Kind,
    pub(super) fields: Vec<Field>,
    pub(super) sorter: Sorter,
}

impl Making {
    pub(super) fn name(&self) -> &'static str {
        self.kind.name()
    }
}

/// The analysis tables in the making.
pub(super) struct StudyTables<'a> {
    study: Study<'a>,
    sources: Sources,
    pub(super) tables: Vec<Making>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Where the delivered tables have the columns of their records; none for a table that no delivery has.
#[derive(Default)]
struct Sources {
    assistance: Option<(usize, AssistanceColumns)>,
    notices: Option<(usize, NoticeColumns)>,
    events: Option<(usize, EventColumns)>,
    assessments: Option<(usize, AssessmentColumns)>,
}

impl<'a> StudyTables<'a> {
    /// Those that `inputs` have the sources for, each with its share of `memory` for rows that wait. What cannot be made is
    /// left out, with the reason.
    pub(super) fn new(
        (contract, analysis): (&Contract, &'a Analysis),
        coverage: &[Coverage],
        inputs: &[Input],
        keys: &LinkKeys<'_>,
        (memory, folder): (usize, &Path),
    ) -> Result<Self, StoreError> {
        let mut missing = Vec::new();
        let mut finder = Finder { contract, analysis, inputs, missing: &mut missing };
        let sources = Sources {
            assistance: finder.find(),
            notices: finder.find(),
            events: finder.find(),
            assessments: finder.find(),
        };
        let study = Study::new(contract, analysis, coverage, keys);
        let lacking =
            |kind: Kind| kind.needs().iter().find_map(|need| missing.iter().find(|(source, _)| source == need));
        let left_out = Kind::ALL.into_iter().filter_map(|kind| {
            let (_, reason) = lacking(kind)?;
            Some(LeftOut { table: kind.name().to_owned(), reason: reason.clone() })
        });
        let left_out = left_out.collect();
        let tables = Kind::ALL.into_iter().filter(|kind| lacking(*kind).is_none()).map(|kind| {
            let fields = kind.fields(&study);
            Ok(Making { kind, sorter: Sorter::new(&fields, memory / Kind::ALL.len(), folder)?, fields })
        });
        Ok(Self { tables: tables.collect::<Result<_, StoreError>>()?, study, sources, left_out })
    }

    /// Adds the rows of the persons of a slice who enter; `ids` by person of the slice.
    pub(super) fn take(
        &self,
        inputs: &[Input],
        slice: &Slice,
        spine: &Spine,
        ids: &[Option<PersonId>],
    ) -> Result<(), StoreError> {
        let mut assistance = records(self.sources.assistance.as_ref(), inputs, slice, spine);
        assistance.sort_by_key(|(person, row): &(u32, Assistance)| (*person, row.month));
        let (persons, assistance) = apart(assistance);
        let mut assistance = Of::new(&persons, &assistance);
        let notices: (Vec<u32>, Vec<Notice>) = sorted(records(self.sources.notices.as_ref(), inputs, slice, spine));
        let events: (Vec<u32>, Vec<Event>) = sorted(records(self.sources.events.as_ref(), inputs, slice, spine));
        let assessments: (Vec<u32>, Vec<Assessment>) =
            sorted(records(self.sources.assessments.as_ref(), inputs, slice, spine));
        let (mut notices, mut events, mut assessments) =
            (Of::new(&notices.0, &notices.1), Of::new(&events.0, &events.1), Of::new(&assessments.0, &assessments.1));
        let mut rows: Vec<Rows> = self.tables.iter().map(|table| Rows::new(table.fields.len())).collect();
        for (number, id) in (0..).zip(ids) {
            let (assistance, notices, events, assessments) =
                (assistance.next(number), notices.next(number), events.next(number), assessments.next(number));
            let Some(id) = id else { continue };
            let person = Person::new(&self.study, *id, assistance, notices, events, assessments);
            self.tables.iter().zip(&mut rows).for_each(|(table, rows)| table.kind.add(&self.study, &person, rows));
        }
        for (table, rows) in self.tables.iter().zip(rows) {
            table.sorter.push(&rows.finish(&table.fields))?;
        }
        Ok(())
    }
}

/// Looks for source tables, and keeps what is missing.
struct Finder<'a> {
    contract: &'a Contract,
    analysis: &'a Analysis,
    inputs: &'a [Input],
    missing: &'a mut Vec<(Source, String)>,
}

impl Finder<'_> {
    fn find<C: Columns>(&mut self) -> Option<(usize, C)> {
        let name = C::SOURCE.name();
        let found = match sources::find::<C>(self.contract, self.analysis) {
            None => Err(format!("the contract has no table {name}")),
            Some(Err(Lacks(column))) => Err(format!("{name} has no column {column} as the table needs it")),
            Some(Ok((table, _))) if self.inputs.iter().all(|input| input.table != table) => {
                Err(format!("no delivery has {name}"))
            }
            Some(Ok(found)) => Ok(found),
        };
        found.map_err(|reason| self.missing.push((C::SOURCE, reason))).ok()
    }
}

/// The records of one source table in a slice, each with its person.
fn records<C: Columns>(
    columns: Option<&(usize, C)>,
    inputs: &[Input],
    slice: &Slice,
    spine: &Spine,
) -> Vec<(u32, C::Record)> {
    let mut records = Vec::new();
    let Some((table, columns)) = columns else { return records };
    for (position, _) in inputs.iter().enumerate().filter(|(_, input)| input.table == *table) {
        let persons = &spine.rows[position];
        columns.read(&slice.columns[position], |row, record| records.push((persons[row], record)));
    }
    records
}

/// The records person by person; they come so from each input.
fn sorted<R>(mut records: Vec<(u32, R)>) -> (Vec<u32>, Vec<R>) {
    records.sort_by_key(|(person, _)| *person);
    apart(records)
}

fn apart<R>(records: Vec<(u32, R)>) -> (Vec<u32>, Vec<R>) {
    records.into_iter().unzip()
}

/// Records that are handed out person by person.
struct Of<'a, R> {
    persons: &'a [u32],
    records: &'a [R],
    at: usize,
}

impl<'a, R> Of<'a, R> {
    fn new(persons: &'a [u32], records: &'a [R]) -> Self {
        Self { persons, records, at: 0 }
    }

    /// The records of `person`; persons are asked for in order.
    fn next(&mut self, person: u32) -> &'a [R] {
        let rest = &self.persons[self.at..];
        let length = rest.iter().take_while(|of| **of == person).count();
        self.at += length;
        &self.records[self.at - length..self.at]
    }
}

#[cfg(test)]
mod tests;

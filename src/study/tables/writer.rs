//! Rows of the analysis tables, from the rows of the deliveries.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::by_person::Records;
use super::by_table::Kind;
use super::comparable::ComparableCounts;
use super::context::{ColumnTypes, Context};
use super::found::{FoundSources, SourceColumns};
use super::person_records::{Person, PersonRecords};
use super::rows::{Answers, Rows};
use super::settings::Settings;
use super::source::Source;
use crate::config::{AnalysisTables, ColumnBands, FinishedTable, FinishedTables, LinkSetup, SameDay, SourceRows};
use crate::shared::Shared;
use crate::table::{BandTally, Field, Sorter, StoreError};
use salanimi_core::LinkedId;

/// The analysis tables of a link.
pub(super) struct TableWriters<'a> {
    context: Context<'a>,
    columns: SourceColumns,
    tables: Vec<TableWriter>,
    /// Fewest persons whose mean is told.
    least: u32,
    types: ColumnTypes,
    comparable: Shared<ComparableCounts>,
    answers: Shared<Answers>,
}

/// One analysis table.
struct TableWriter {
    kind: Kind,
    fields: Vec<Field>,
    sorter: Sorter,
    /// Exact sums of its banded columns.
    bands: Shared<BTreeMap<&'static str, BandTally>>,
}

impl<'a> TableWriters<'a> {
    /// Prepares the tables whose sources are delivered.
    pub(super) fn new(settings: &'a Settings, link: &LinkSetup<'_>) -> Result<Self, StoreError> {
        let found = FoundSources::of(settings, &link.sources, &link.delivered);
        let types = ColumnTypes::new(&link.sources, settings);
        let memory = link.memory / Kind::ALL.len();
        let mut tables = Vec::new();
        for kind in Kind::ALL.into_iter().filter(|kind| found.reason_against(*kind).is_none()) {
            let fields = kind.fields(&types);
            let sorter = Sorter::spilling(link.spills, &fields, memory, link.folder)?;
            tables.push(TableWriter { kind, fields, sorter, bands: Shared::default() });
        }
        Ok(Self {
            context: Context::new(settings, link),
            columns: found.columns,
            tables,
            least: link.least,
            types,
            comparable: Shared::default(),
            answers: Shared::default(),
        })
    }
}

impl AnalysisTables for TableWriters<'_> {
    fn add(&self, sources: &[SourceRows<'_>], ids: &[Option<LinkedId>]) -> Result<(), StoreError> {
        let assistance = Records::read(self.columns.assistance.as_ref(), sources).sorted_by(|row| row.month);
        let notices = Records::read(self.columns.notices.as_ref(), sources);
        let events = Records::read(self.columns.events.as_ref(), sources);
        let assessments = Records::read(self.columns.assessments.as_ref(), sources);
        let mut assistance = assistance.cursor();
        let mut notices = notices.cursor();
        let mut events = events.cursor();
        let mut assessments = assessments.cursor();
        let mut rows: Vec<Rows> = self.tables.iter().map(|table| Rows::new(table.fields.len(), self.least)).collect();
        let mut comparable = ComparableCounts::default();
        for (position, id) in (0..).zip(ids) {
            let records = PersonRecords {
                assistance: assistance.next(position),
                notices: notices.next(position),
                events: events.next(position),
                assessments: assessments.next(position),
            };
            let Some(id) = id else { continue };
            let person = Person::new(&self.context, *id, &records);
            comparable.add(&self.context, &person);
            for (table, rows) in self.tables.iter().zip(&mut rows) {
                table.kind.add(&self.context, &person, rows);
            }
        }
        self.comparable.lock().join(comparable);
        for (table, mut rows) in self.tables.iter().zip(rows) {
            self.answers.lock().add(rows.answers());
            table.join_bands(rows.take_bands());
            table.sorter.push(&rows.finish(&table.fields))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> FinishedTables {
        let Answers { same_day, all } = self.answers.into_inner();
        let comparable = self.comparable.into_inner().named(&self.types);
        let mut finished = FinishedTables {
            comparable,
            same_day: Some(SameDay { table: Source::Events.name().to_owned(), same_day, all }),
            ..FinishedTables::default()
        };
        for TableWriter { kind, fields, sorter, bands } in self.tables {
            let bands = bands.into_inner().into_iter();
            finished.bands.extend(bands.map(|(column, tally)| ColumnBands {
                table: kind.name().to_owned(),
                column: column.to_owned(),
                tally,
            }));
            finished.tables.push(FinishedTable { name: kind.name(), fields, sorter });
        }
        finished
    }
}

impl TableWriter {
    /// Adds the exact sums of some rows.
    fn join_bands(&self, part: BTreeMap<&'static str, BandTally>) {
        let mut all = self.bands.lock();
        for (column, tally) in part {
            match all.entry(column) {
                Entry::Vacant(place) => drop(place.insert(tally)),
                Entry::Occupied(mut known) => known.get_mut().join(tally),
            }
        }
    }
}

//! A batch of persons: generated alone, with its own random stream, into buffers.
//!
//! Buffers are appended to the files in the order of the batches.

use super::codes::{CodeStock, TemporaryCodes};
use super::defects::{Countdown, Defects, Fault, is_duplicated, mistyped_code, readable_code};
use super::people::{CodeKind, Person};
use super::random::Random;
use super::registers::{Registers, Route};
use super::render::{Line, YearOfMonths};
use super::row::{Row, Value};
use super::truth;
use super::written_code::WrittenCode;
use crate::study::vocabulary::{AssistanceColumn, SourceTable};

/// Persons of a batch. The last batch has the rest.
pub(super) const BATCH_PERSONS: u64 = 4096;
/// Random streams of a batch: one for its people, one for temporary codes.
const STREAMS: u64 = 2;
/// The streams of names, and of who has no code, follow this number.
const NAME_STREAMS: u64 = 1 << 62;
/// References of a batch are numbered from its number times this.
const REFERENCES: u64 = 1 << 20;

/// An unfinished batch.
pub(super) struct Batch<'p> {
    pub(super) registers: &'p Registers,
    pub(super) random: Random,
    /// Source of names, addresses, errors in them, and twins.
    pub(super) names: Random,
    /// Decides who has no code at a municipality.
    pub(super) without_code: Random,
    pub(super) codes: CodeStock,
    pub(super) temporary: TemporaryCodes,
    /// For each holder, how many temporary codes it issued.
    pub(super) issued: Vec<usize>,
    /// People of the current household.
    pub(super) people: Vec<Person>,
    pub(super) output: BatchOutput,
    number: u64,
    /// People of earlier households, known to a source or not.
    people_before: u64,
    references: u64,
    /// By holder and table.
    countdowns: Vec<Countdown>,
    year_line: Option<YearLine>,
}

/// Output of a batch.
pub(super) struct BatchOutput {
    /// By output file.
    pub(super) buffers: Vec<Vec<u8>>,
    pub(super) persons: u64,
    /// Persons known to a holder by a temporary code.
    pub(super) temporary: u64,
    /// Rows by table.
    pub(super) rows: [u64; SourceTable::ALL.len()],
    pub(super) defects: Defects,
}

/// Destination of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    holder: usize,
    route: Route,
}

/// A line of the wide annual layout whose months are being collected.
struct YearLine {
    place: Place,
    person: usize,
    row: Row,
    year: YearOfMonths,
    /// `true` if any of its months is delivered.
    delivered: bool,
}

impl<'p> Batch<'p> {
    pub(super) fn new(registers: &'p Registers, seed: u64, number: u64) -> Self {
        let mut random = Random::new(seed, number * STREAMS);
        let holders = registers.holders.len();
        let countdowns = (0..holders * SourceTable::ALL.len()).map(|_| Countdown::new(&mut random)).collect();
        Self {
            registers,
            codes: CodeStock::registered(number),
            temporary: TemporaryCodes::new(number, Random::new(seed, number * STREAMS + 1)),
            issued: vec![0; holders],
            people: Vec::new(),
            output: BatchOutput::new(registers.files.len()),
            random,
            names: Random::new(seed, NAME_STREAMS + number * STREAMS),
            without_code: Random::new(seed, NAME_STREAMS + number * STREAMS + 1),
            number,
            people_before: 0,
            references: 0,
            countdowns,
            year_line: None,
        }
    }

    /// Returns a unique number for a household, notice or plan.
    pub(super) fn new_reference(&mut self) -> u64 {
        self.references += 1;
        self.number * REFERENCES + self.references
    }

    /// Returns the number by which a holder knows a person of the household.
    pub(super) fn number_of_client(&self, holder: usize, person: usize) -> String {
        let person = self.number * REFERENCES + self.people_before + person as u64;
        format!("A{:010}", person * self.registers.holders.len() as u64 + holder as u64)
    }

    /// Writes a row about a person of the household into the files of a holder, if one of them takes it.
    pub(super) fn write_row(&mut self, holder: usize, person: usize, row: &Row) {
        let registers = self.registers;
        let year = row.day.year();
        let Some(route) = registers.holders[holder].route(row, year) else { return };
        let place = Place { holder, route };
        let delivered = registers.holders[holder].delivers(row.day);
        if registers.holders[holder].layouts[route.layout].marks.is_some() {
            self.add_month(place, person, row, year, delivered);
        } else {
            self.write_line(place, person, row, YearOfMonths::default(), delivered);
        }
    }

    /// Adds a month to the line of the wide annual layout.
    fn add_month(&mut self, place: Place, person: usize, row: &Row, year: i32, delivered: bool) {
        let mut line = match self.year_line.take() {
            Some(line) if line.place == place && line.person == person && line.year.number == year => line,
            other => {
                self.year_line = other;
                self.write_year_line();
                let year = YearOfMonths { number: year, ..YearOfMonths::default() };
                YearLine { place, person, row: row.clone(), year, delivered }
            }
        };
        line.year.months |= 1 << (row.day.month() - 1);
        line.delivered |= delivered;
        if let Value::Cents(cents) = row.cells.get(AssistanceColumn::Paid) {
            line.year.cents += cents;
        }
        self.year_line = Some(line);
    }

    /// Writes the collected line of the wide annual layout, if there is one.
    pub(super) fn write_year_line(&mut self) {
        if let Some(line) = self.year_line.take() {
            self.write_line(line.place, line.person, &line.row, line.year, line.delivered);
        }
    }

    fn write_line(&mut self, place: Place, person: usize, row: &Row, year: YearOfMonths, delivered: bool) {
        let lacks_code = self.draw_lacks_code(place.holder, person);
        self.prepare_record(place.holder, person);
        let registers = self.registers;
        let holder = &registers.holders[place.holder];
        let layout = &holder.layouts[place.route.layout];
        let countdown = &mut self.countdowns[place.holder * SourceTable::ALL.len() + row.table as usize];
        let records = year.months.count_ones().max(1);
        let fault = countdown.next(&mut self.random, &layout.fault_targets, records);
        let used = self.people[person].code_at(place.holder, row.day, holder.changes.is_some());
        let code = match fault {
            Some(Fault::MissingCode) => WrittenCode::missing(),
            Some(Fault::MistypedCode) => mistyped_code(&used.code, &mut self.random),
            _ => {
                let known =
                    readable_code(&used.code, &mut self.random, layout.dialect.is_latin(), &mut self.output.defects);
                if lacks_code { WrittenCode::missing() } else { known }
            }
        };
        let mut cells = row.cells.clone();
        if let Some(Fault::Cell(target)) = fault {
            cells.set(target.column, target.fault.value(row.day.year()));
        }
        let line = Line {
            cells: &cells,
            code: code.as_bytes(),
            male: self.people[person].male,
            record: self.people[person].record(place.holder),
            day: row.day,
            salt: self.random.bits(),
            year,
        };
        let is_twice = fault.is_none() && is_duplicated(&mut self.random);
        let out = &mut self.output.buffers[place.route.output];
        let start = out.len();
        layout.append_line(out, &line);
        if is_twice {
            out.extend_from_within(start..);
        }
        self.output.count_row(row.table, fault, used.kind, is_twice);
        self.output.defects.without_code += u64::from(lacks_code && fault.is_none_or(|fault| !fault.is_of_code()));
        let without_code = lacks_code || fault.is_some_and(Fault::is_of_code);
        let person = &mut self.people[person];
        if registers.links_without_code && without_code {
            let usable = delivered && !fault.is_some_and(|fault| fault.rejects() && !fault.is_of_code());
            person.without_code.entry(place.holder).or_default().record(row.table, usable);
        } else {
            let usable = delivered && !fault.is_some_and(Fault::rejects);
            person.presence(used.kind).record(row.table, usable);
        }
    }

    /// Writes the truth about the household's people and their changed codes, and removes them.
    pub(super) fn finish_household(&mut self) {
        self.write_year_line();
        self.people_before += self.people.len() as u64;
        for person in std::mem::take(&mut self.people) {
            if !person.is_known() {
                continue;
            }
            self.output.persons += 1;
            self.output.temporary += u64::from(person.unregistered.written);
            let number = self.number * BATCH_PERSONS + self.output.persons;
            let issuer = person.temporary.map(|temporary| &self.registers.holders[temporary.issuer].id);
            truth::append(&mut self.output.buffers[Registers::TRUTH], number, &person, issuer);
            self.write_changes(&person);
            self.write_truth_without_code(number, &person);
        }
    }

    fn write_truth_without_code(&mut self, number: u64, person: &Person) {
        let Some(output) = self.registers.truth_without_code else { return };
        let out = &mut self.output.buffers[output];
        for (&holder, &presence) in &person.without_code {
            let id = &self.registers.holders[holder].id;
            truth::append_without_code(out, number, person, id, &person.record(holder).client, presence);
        }
    }

    /// Writes the person's changed codes for every holder with a table of them.
    fn write_changes(&mut self, person: &Person) {
        for (position, former) in person.former.iter().enumerate() {
            let new = person.former.get(position + 1).map_or(&person.code, |newer| &newer.code);
            for output in self.registers.holders.iter().filter_map(|holder| holder.changes) {
                let line = [former.code.as_bytes(), b";", new.as_bytes(), b"\n"].concat();
                self.output.buffers[output].extend(line);
            }
        }
    }
}

impl BatchOutput {
    fn new(files: usize) -> Self {
        Self {
            buffers: vec![Vec::new(); files],
            persons: 0,
            temporary: 0,
            rows: [0; SourceTable::ALL.len()],
            defects: Defects::default(),
        }
    }

    fn count_row(&mut self, table: SourceTable, fault: Option<Fault>, kind: CodeKind, is_twice: bool) {
        self.rows[table as usize] += 1 + u64::from(is_twice);
        self.defects.duplicated += u64::from(is_twice);
        self.defects.old_code += u64::from(kind == CodeKind::Former);
        self.defects.temporary_code += u64::from(kind == CodeKind::Temporary);
        if let Some(fault) = fault {
            fault.count(&mut self.defects);
        }
    }
}

//! A chunk of persons: made alone, from dice of its own, into buffers that are appended to the files in order.

use super::codes::{CodeStock, TemporaryCodes};
use super::defects::{Countdown, Defects, Fault, Spelled, is_duplicated, legible, mistyped};
use super::dice::Dice;
use super::error::SynthError;
use super::people::{Person, Standing};
use super::plan::Plan;
use super::render::{Line, Year};
use super::row::{Row, Value};
use super::truth;
use super::vocabulary::{Assistance, Table};

/// Persons of a chunk; the last one has what is left.
pub(super) const CHUNK_PERSONS: u64 = 4096;
/// Households without a row in any file, one after the other, after which there is nothing to be made.
const MOST_UNKNOWN: u32 = 1000;
/// Dice of a chunk: one stream for its people, one for temporary codes.
const STREAMS: u64 = 2;
/// References of a chunk are numbered from its number times this.
const REFERENCES: u64 = 1 << 20;

/// A chunk in the making.
pub(super) struct Chunk<'p> {
    pub(super) plan: &'p Plan,
    pub(super) dice: Dice,
    pub(super) codes: CodeStock,
    pub(super) temporary: TemporaryCodes,
    /// Temporary codes that each holder gave out.
    pub(super) given: Vec<usize>,
    /// The household at hand.
    pub(super) people: Vec<Person>,
    pub(super) made: Made,
    number: u64,
    references: u64,
    countdowns: Vec<Countdown>,
    wide: Option<Wide>,
}

/// What a chunk adds to the files.
pub(super) struct Made {
    /// By output.
    pub(super) buffers: Vec<Vec<u8>>,
    pub(super) persons: u64,
    pub(super) temporary: u64,
    pub(super) rows: [u64; Table::ALL.len()],
    pub(super) defects: Defects,
}

/// Where a line goes: holder, layout and output by position.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    holder: usize,
    layout: usize,
    output: usize,
}

/// A line of the wide annual layout while its months are gathered.
struct Wide {
    place: Place,
    person: usize,
    row: Row,
    year: Year,
    /// Whether any of its months is delivered.
    delivered: bool,
}

impl<'p> Chunk<'p> {
    pub(super) fn new(plan: &'p Plan, seed: u64, number: u64) -> Self {
        let mut dice = Dice::new(seed, number * STREAMS);
        let countdowns = (0..plan.holders.len() * Table::ALL.len()).map(|_| Countdown::new(&mut dice)).collect();
        Self {
            plan,
            codes: CodeStock::registered(number),
            temporary: TemporaryCodes::new(number, Dice::new(seed, number * STREAMS + 1)),
            given: vec![0; plan.holders.len()],
            people: Vec::new(),
            made: Made::new(plan.outputs.len()),
            dice,
            number,
            references: 0,
            countdowns,
            wide: None,
        }
    }

    /// Makes households until `persons` persons are known to a source.
    ///
    /// # Errors
    /// No household leaves a row anywhere.
    pub(super) fn fill(mut self, persons: u64) -> Result<Made, SynthError> {
        let mut unknown = 0;
        while self.made.persons < persons {
            let before = self.made.persons;
            self.household(persons - before);
            self.gathered();
            self.bear_witness();
            unknown = if self.made.persons == before { unknown + 1 } else { 0 };
            if unknown > MOST_UNKNOWN {
                return Err(SynthError::NothingDelivered);
            }
        }
        Ok(self.made)
    }

    /// A number for a household, notice or plan that no other has.
    pub(super) fn reference(&mut self) -> u64 {
        self.references += 1;
        self.number * REFERENCES + self.references
    }

    /// Writes a row about a person of the household into a holder's files, if they have a place for it.
    pub(super) fn emit(&mut self, holder: usize, person: usize, row: &Row) {
        let (plan, year) = (self.plan, self.plan.calendar.year(row.day));
        let Some((layout, output)) = plan.holders[holder].route(row, year) else { return };
        let place = Place { holder, layout, output };
        let delivered = plan.holders[holder].delivers(row.day);
        if plan.holders[holder].layouts[layout].marks.is_some() {
            self.gather(place, person, row, year, delivered);
        } else {
            self.write(place, person, row, Year::default(), delivered);
        }
    }

    /// Adds a month to the line of the wide annual layout.
    fn gather(&mut self, place: Place, person: usize, row: &Row, year: i32, delivered: bool) {
        let continues = |wide: &Wide| wide.place == place && wide.person == person && wide.year.number == year;
        if !self.wide.as_ref().is_some_and(continues) {
            self.gathered();
        }
        let month = self.plan.calendar.month(row.day);
        let begun =
            || Wide { place, person, row: row.clone(), year: Year { number: year, ..Year::default() }, delivered };
        let wide = self.wide.get_or_insert_with(begun);
        wide.year.months |= 1 << month;
        wide.delivered |= delivered;
        if let Value::Cents(cents) = row.cells[usize::from(Assistance::Paid)] {
            wide.year.cents += cents;
        }
    }

    /// Writes the line of the wide annual layout that was being gathered.
    fn gathered(&mut self) {
        if let Some(wide) = self.wide.take() {
            self.write(wide.place, wide.person, &wide.row, wide.year, wide.delivered);
        }
    }

    fn write(&mut self, place: Place, person: usize, row: &Row, year: Year, delivered: bool) {
        let holder = &self.plan.holders[place.holder];
        let layout = &holder.layouts[place.layout];
        let countdown = &mut self.countdowns[place.holder * Table::ALL.len() + row.table as usize];
        let fault = countdown.next(&mut self.dice, &layout.targets);
        let (code, standing) = self.people[person].code_at(place.holder, row.day, holder.old_codes.is_some());
        let defects = &mut self.made.defects;
        let spelled = match fault {
            Some(Fault::MissingCode) => Spelled::empty(),
            Some(Fault::MistypedCode) => mistyped(&code, &mut self.dice),
            _ => legible(&code, &mut self.dice, layout.style.is_latin(), defects),
        };
        let mut cells = row.cells;
        if let Some(Fault::Cell(target)) = fault {
            cells[target.column] = target.flaw.value(self.plan.calendar.year(row.day));
        }
        let (male, salt) = (self.people[person].male, self.dice.bits());
        let line = Line { cells: &cells, code: spelled.as_bytes(), male, salt, year };
        let twice = fault.is_none() && is_duplicated(&mut self.dice);
        let out = &mut self.made.buffers[place.output];
        let start = out.len();
        layout.write(out, &self.plan.calendar, &line);
        if twice {
            out.extend_from_within(start..);
        }
        self.made.count(row.table, fault, standing, twice);
        let usable = delivered && !fault.is_some_and(Fault::rejects);
        self.people[person].traces(standing).leave(row.table, usable);
    }

    /// Writes down who is where, and empties the household.
    fn bear_witness(&mut self) {
        for person in std::mem::take(&mut self.people) {
            if !person.is_known() {
                continue;
            }
            self.made.persons += 1;
            self.made.temporary += u64::from(person.unregistered.written);
            let number = self.number * CHUNK_PERSONS + self.made.persons;
            truth::write(&mut self.made.buffers[0], &self.plan.holders, number, &person);
            self.write_changes(&person);
        }
    }

    /// Every holder with a table of changed codes has all changes.
    fn write_changes(&mut self, person: &Person) {
        let newer = person.earlier.iter().skip(1).map(|(_, code)| code).chain([&person.code]);
        for ((_, old), new) in person.earlier.iter().zip(newer) {
            for output in self.plan.holders.iter().filter_map(|holder| holder.old_codes) {
                let line = [old.as_bytes(), b";", new.as_bytes(), b"\n"].concat();
                self.made.buffers[output].extend(line);
            }
        }
    }
}

impl Made {
    fn new(outputs: usize) -> Self {
        let buffers = (0..outputs).map(|_| Vec::new()).collect();
        Self { buffers, persons: 0, temporary: 0, rows: [0; Table::ALL.len()], defects: Defects::default() }
    }

    fn count(&mut self, table: Table, fault: Option<Fault>, standing: Standing, twice: bool) {
        self.rows[table as usize] += 1 + u64::from(twice);
        self.defects.duplicated += u64::from(twice);
        self.defects.old_code += u64::from(standing == Standing::Earlier);
        self.defects.temporary_code += u64::from(standing == Standing::Temporary);
        if let Some(fault) = fault {
            fault.count(&mut self.defects);
        }
    }
}

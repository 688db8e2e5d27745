//! One batch of source rows: convert, pseudonymise, filter, transform.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringArray, new_null_array};
use arrow::compute::{filter, nullif};
use arrow::datatypes::{Date32Type, Int32Type, UInt16Type};
use arrow::error::ArrowError;

use super::codeless::{AddedRows, Codeless, FieldsReader, Resolution, RowFields};
use super::ledger::Rejected;
use super::people::{People, Person};
use super::profile::{Profile, ProfileLayout, Spread};
use super::tally::Tally;
use crate::config::{Content, Derived, Invalid, Origin, OwnOrganisers, Source, Table};
use crate::table::{
    Converter, Fault, SourceBatch, SpecialMissing, ValueType, months_to_rows, number_column, pseudonym_column,
};
use salanimi_core::{Day, Days, Month, PSEUDONYM_BYTES, Pseudonym, Reason, ReferencePseudonymiser, Sex};

/// Pipeline from batches of one source to delivered columns.
pub(super) struct Pipeline<'a> {
    pub(super) table: &'a Table,
    pub(super) source: &'a Source,
    pub(super) people: &'a People<'a>,
    /// Pseudonymisers of the reference columns, by contract column. Without a key, references become null.
    pub(super) references: &'a [Option<ReferencePseudonymiser>],
    /// Days that are delivered.
    pub(super) window: Days,
    /// The column that names the organiser of a row, and the organisers that the holder may speak for.
    pub(super) organisers: Option<(usize, OwnOrganisers)>,
    /// Layout of the profile of the rows.
    pub(super) profile: &'a ProfileLayout,
    /// Converters by contract column.
    pub(super) converters: Vec<Option<Converter<'a>>>,
    /// Reader of names and addresses; `None` if linkage does not read this source.
    pub(super) fields: Option<FieldsReader<'a>>,
    /// Persons without an identifier, as a survey of all rows found them; `None` if their rows are rejected.
    pub(super) codeless: Option<&'a Codeless>,
}

/// A batch after the pipeline.
pub(super) struct Processed {
    /// Delivered columns of the kept records, pseudonym first.
    pub(super) columns: Vec<ArrayRef>,
    pub(super) tally: Tally,
    /// Names and addresses of the kept records, if linkage reads them.
    pub(super) linkage: AddedRows,
}

/// Records of a batch, with their faults.
struct Records<'r> {
    /// Line or row of each record in its source.
    rows: Vec<u64>,
    /// By contract column.
    columns: Vec<Option<ArrayRef>>,
    persons: Vec<Result<Person, Reason>>,
    /// First column that rejects each record.
    rejected: Vec<Option<(u32, Reason)>>,
    /// Cells that were emptied, with their contract column.
    emptied: Vec<(u32, Fault)>,
    /// Texts of the references, by contract column.
    references: Vec<(usize, ArrayRef)>,
    fields: Option<RowFields<'r>>,
}

impl<'a> Pipeline<'a> {
    pub(super) fn converters(table: &'a Table, source: &'a Source) -> Vec<Option<Converter<'a>>> {
        let columns = table.columns.iter().zip(&source.renames);
        columns.map(|(column, renames)| Some(Converter::new(column.rules()?, &source.notation, renames))).collect()
    }

    /// Processes a batch of source file number `file`.
    pub(super) fn process(&self, file: u32, batch: SourceBatch) -> Result<Processed, ArrowError> {
        let mut tally = Tally { source_rows: (batch.rows.len() + batch.malformed.len()) as u64, ..Tally::default() };
        let unread = batch.malformed.iter().map(|&row| Rejected { file, row, column: None, reason: Reason::RowShape });
        tally.rejected.extend(unread);
        let (batch, months) = self.reshaped(file, batch, &mut tally)?;
        let records = self.read(batch, months.as_ref())?;
        tally.records = (tally.rejected.len() + records.rows.len()) as u64;
        let kept = self.filter(file, &records, &mut tally);
        tally.profile = self.profile(&records, &kept);
        let linkage = self.linkage_rows(&records, &kept);
        let columns = self.deliver(records, &kept)?;
        Ok(Processed { columns, tally, linkage })
    }

    /// Turns the wide layout into records, and returns their months.
    fn reshaped(
        &self,
        file: u32,
        batch: SourceBatch,
        tally: &mut Tally,
    ) -> Result<(SourceBatch, Option<ArrayRef>), ArrowError> {
        let Some(cells) = &self.source.reshape else { return Ok((batch, None)) };
        let reshaped = months_to_rows(&batch, cells)?;
        let column = self.source.origins.iter().position(|o| *o == Origin::Reshaped).map(|c| c as u32);
        tally.rejected.extend(reshaped.rejected.iter().map(|&(row, reason)| Rejected { file, row, column, reason }));
        Ok((reshaped.batch, Some(reshaped.months)))
    }

    /// Converts the columns of a batch.
    fn read(&self, batch: SourceBatch, months: Option<&ArrayRef>) -> Result<Records<'_>, ArrowError> {
        let length = batch.rows.len();
        let mut records = Records {
            rows: batch.rows,
            columns: vec![None; self.table.columns.len()],
            persons: Vec::new(),
            rejected: vec![None; length],
            emptied: Vec::new(),
            references: Vec::new(),
            fields: self.fields.as_ref().map(|fields| fields.rows(&batch.columns)).transpose()?,
        };
        self.count_special_missing(&batch.special_missing, &mut records);
        for (position, column) in self.table.columns.iter().enumerate() {
            let raw: Option<ArrayRef> = match &self.source.origins[position] {
                Origin::Header(header) => Some(batch.columns[*header].clone()),
                Origin::Constant(value) => Some(Arc::new(StringArray::from(vec![value.as_str(); length]))),
                Origin::Reshaped => months.cloned(),
                Origin::Nowhere => None,
            };
            if let (Content::Person(_), Some(raw)) = (&column.content, &raw) {
                records.persons = self.people.read(raw, &self.source.notation)?;
                self.assign_local_persons(&mut records);
                records.reject_persons(position);
                continue;
            }
            records.columns[position] = match (raw, &self.converters[position], column.value()) {
                (Some(raw), Some(converter), _) => {
                    let converted = converter.convert(&raw)?;
                    records.apply_faults(position, column.invalid, &converted.faults);
                    if matches!(column.content, Content::Reference(..)) {
                        records.references.push((position, converted.array.clone()));
                    }
                    Some(self.referenced(position, converted.array))
                }
                (_, _, Some(value)) => Some(new_null_array(&value.memory_type(), length)),
                _ => None,
            };
        }
        self.exclude_codes(&mut records)?;
        if records.fields.is_some() {
            self.forget_births(&mut records);
        }
        self.derive(&mut records);
        self.reject_births(&mut records);
        self.reject_organisers(&mut records);
        Ok(records)
    }

    /// Gives persons to rows without an identifier, if linkage may keep them.
    fn assign_local_persons(&self, records: &mut Records<'_>) {
        let Some(fields) = &records.fields else { return };
        for (row, person) in records.persons.iter_mut().enumerate() {
            if let Err(reason) = *person {
                *person = self.person_without_code(fields, row, reason);
            }
        }
    }

    fn person_without_code(&self, fields: &RowFields<'_>, row: usize, reason: Reason) -> Result<Person, Reason> {
        let local = fields.local_person(row).ok_or(reason)?;
        match self.codeless.and_then(|codeless| codeless.resolution(&local)) {
            Some(Resolution::Local(facts)) => Ok(self.people.local(facts, reason)),
            Some(Resolution::Identified(identifier)) => self.people.identified(identifier),
            Some(Resolution::Refused) | None => Err(reason),
        }
    }

    /// Returns the fields of the kept records for linkage.
    fn linkage_rows(&self, records: &Records<'_>, kept: &BooleanArray) -> AddedRows {
        let mut added = AddedRows::default();
        let Some(fields) = &records.fields else { return added };
        let days = self.table.window.and_then(|window| records.columns[window].as_ref());
        let days = days.map(AsArray::as_primitive::<Date32Type>);
        let mut before = 0;
        for (row, person) in records.persons.iter().enumerate().filter(|(row, _)| kept.value(*row)) {
            let Ok(person) = person else { continue };
            let day = days.filter(|days| days.is_valid(row)).map(|days| days.value(row));
            added.add(person, day, fields, [row, before]);
            before = row;
        }
        added
    }

    /// Counts the special missing values of columns that are read, which are null already.
    fn count_special_missing(&self, values: &[SpecialMissing], records: &mut Records<'_>) {
        for value in values {
            let origin = Origin::Header(value.column);
            if let Some(column) = self.source.origins.iter().position(|known| *known == origin) {
                let fault = Fault { row: value.row, reason: Reason::SpecialMissing };
                records.emptied.push((column as u32, fault));
            }
        }
    }

    /// Excludes codes that are not in force on the record's day.
    fn exclude_codes(&self, records: &mut Records<'_>) -> Result<(), ArrowError> {
        let Some(days) = self.table.window.and_then(|window| records.columns[window].clone()) else { return Ok(()) };
        for (position, column) in self.table.columns.iter().enumerate() {
            let (Some(in_force), Some(codes)) = (&column.in_force, &records.columns[position]) else { continue };
            let rows = in_force.faults(codes, &days, self.has_months());
            if rows.is_empty() {
                continue;
            }
            let mut faulty = vec![false; codes.len()];
            rows.iter().for_each(|&row| faulty[row] = true);
            records.columns[position] = Some(nullif(codes, &faulty.into())?);
            let faults: Vec<Fault> = rows.into_iter().map(|row| Fault { row, reason: Reason::NotInForce }).collect();
            records.apply_faults(position, column.invalid, &faults);
        }
        Ok(())
    }

    /// Returns true if the window column holds months.
    fn has_months(&self) -> bool {
        self.table.window.is_some_and(|at| self.table.columns[at].value() == Some(ValueType::Month))
    }

    /// Forgets birth dates after the record: without an identifier they are no more than a typing error.
    fn forget_births(&self, records: &mut Records<'_>) {
        let born_later = self.born_after_record(records);
        for (person, _) in records.persons.iter_mut().zip(born_later).filter(|(_, is_born_later)| *is_born_later) {
            if let Ok(person) = person
                && person.lacks.is_some()
            {
                person.birth = None;
            }
        }
    }

    /// Rejects the records of persons who are born later.
    fn reject_births(&self, records: &mut Records<'_>) {
        let born_later = self.born_after_record(records);
        records.reject(self.table.person, Reason::Birth, &born_later);
    }

    /// Returns for each record `true` if its person is born after it.
    fn born_after_record(&self, records: &Records<'_>) -> Vec<bool> {
        let days = self.table.window.and_then(|window| records.columns[window].as_ref());
        let is_month = self.has_months();
        let first_day = |record: usize| {
            let days = days?.as_primitive::<Date32Type>();
            Day::from_epoch_days(days.is_valid(record).then(|| days.value(record))?)
        };
        let is_born_later = |(record, person): (usize, &Result<Person, Reason>)| {
            let birth = person.as_ref().ok().and_then(|person| person.birth);
            birth.is_some_and(|birth| match first_day(record) {
                Some(day) if is_month => birth > day && birth > Month::of(day).last_day(),
                Some(day) => birth > day,
                None => birth > self.window.last,
            })
        };
        records.persons.iter().enumerate().map(is_born_later).collect()
    }

    /// Rejects the records of organisers that the holder does not speak for.
    fn reject_organisers(&self, records: &mut Records<'_>) {
        let Some((column, own)) = &self.organisers else { return };
        let Some(others) = records.columns[*column].as_ref().map(|organisers| own.others(organisers)) else { return };
        records.reject(*column, Reason::Organiser, &others);
    }

    /// Pseudonymises a reference column under its label. Other columns stay.
    fn referenced(&self, position: usize, array: ArrayRef) -> ArrayRef {
        let Content::Reference(..) = self.table.columns[position].content else { return array };
        match &self.references[position] {
            Some(pseudonymiser) => pseudonyms(pseudonymiser, array.as_string()),
            None => new_null_array(&ValueType::Pseudonym.memory_type(), array.len()),
        }
    }

    /// Derives columns from the person: birth year, sex, age.
    fn derive(&self, records: &mut Records<'_>) {
        for (position, column) in self.table.columns.iter().enumerate() {
            let Content::Derived(derived) = column.content else { continue };
            records.columns[position] = Some(records.derived(derived));
        }
    }

    /// Keeps, rejects or filters each record, under the first rule that applies.
    fn filter(&self, file: u32, records: &Records<'_>, tally: &mut Tally) -> BooleanArray {
        let days = self.table.window.and_then(|window| records.columns[window].as_ref());
        let days = days.map(AsArray::as_primitive::<Date32Type>);
        let mut kept = Vec::with_capacity(records.rows.len());
        for (record, &row) in records.rows.iter().enumerate() {
            let day = days.filter(|d| d.is_valid(record)).and_then(|d| Day::from_epoch_days(d.value(record)));
            if let Some(day) = day {
                tally.include_day(day);
            }
            kept.push(match (&records.rejected[record], &records.persons[record]) {
                (Some((column, reason)), _) => {
                    tally.rejected.push(Rejected { file, row, column: Some(*column), reason: *reason });
                    false
                }
                (None, Ok(person)) => {
                    let is_kept = self.keeps(person, day, tally);
                    if let (true, Some(reason)) = (is_kept, person.lacks) {
                        let column = Some(self.table.person as u32);
                        tally.without_code.push(Rejected { file, row, column, reason });
                    }
                    is_kept
                }
                (None, Err(_)) => false,
            });
        }
        for (column, fault) in records.emptied.iter().filter(|(_, fault)| kept[fault.row]) {
            *tally.emptied.entry(*column).or_default().entry(fault.reason).or_default() += 1;
        }
        kept.into()
    }

    /// Returns true if no rule filters the record.
    fn keeps(&self, person: &Person, day: Option<Day>, tally: &mut Tally) -> bool {
        let filtered = &mut tally.filtered;
        if self.table.window.is_some() && !day.is_some_and(|day| self.window.contains(day)) {
            filtered.window += 1;
        } else if !person.in_cohort {
            filtered.cohort += 1;
        } else if person.excluded {
            filtered.excluded += 1;
        } else {
            tally.kept += 1;
            tally.temporary_rows += u64::from(person.temporary);
            tally.changed_rows += u64::from(person.changed);
            tally.codes_by_client += u64::from(person.by_client);
            return true;
        }
        false
    }

    /// Counts the kept records for the warnings.
    fn profile(&self, records: &Records<'_>, kept: &BooleanArray) -> Profile {
        let persons = records.persons.iter().zip(kept).filter(|(_, kept)| *kept == Some(true));
        let persons = Spread::of(persons.filter_map(|(person, _)| person.as_ref().ok()).map(|person| person.bucket));
        let mut profile = self.profile.profile(&records.columns, persons, kept);
        for (position, texts) in &records.references {
            profile.references.insert(*position, Spread::of_texts(texts.as_string(), kept));
        }
        profile
    }

    /// Returns the delivered columns of the kept records.
    fn deliver(&self, records: Records<'_>, kept: &BooleanArray) -> Result<Vec<ArrayRef>, ArrowError> {
        let persons = records.persons.iter().zip(kept);
        let persons = persons.filter(|(_, kept)| *kept == Some(true)).filter_map(|(person, _)| person.as_ref().ok());
        let pseudonyms = pseudonym_column(persons.clone().map(|p| p.pseudonym), None);
        let protected: BooleanArray = persons.map(|p| Some(p.protected)).collect();
        let all = kept.true_count() == kept.len();
        let mut columns = Vec::with_capacity(records.columns.len());
        for (column, array) in self.table.columns.iter().zip(records.columns) {
            let array = match array {
                // A placeholder: nothing reads a column that is omitted.
                None => new_null_array(&arrow::datatypes::DataType::Null, protected.len()),
                Some(array) if all => array,
                Some(array) => filter(&array, kept)?,
            };
            let blank = column.area && protected.true_count() > 0;
            columns.push(if blank { nullif(&array, &protected)? } else { array });
        }
        let transformed = self.table.sources.iter().map(|&position| match &self.table.columns[position].deliver {
            Some(transform) => transform.apply(&columns, position),
            None => unreachable!("a delivered column has a transform"),
        });
        Ok(std::iter::once(pseudonyms).chain(transformed).collect())
    }
}

impl Records<'_> {
    /// Derives one column from the persons.
    fn derived(&self, derived: Derived) -> ArrayRef {
        let persons = self.persons.iter().map(|person| person.as_ref().ok());
        match derived {
            Derived::BirthYear => Arc::new(number_column::<Int32Type>(persons.map(|p| p?.birth.map(Day::year)))),
            Derived::Sex => Arc::new(number_column::<UInt16Type>(persons.map(|p| p?.sex.map(sex_position)))),
            Derived::AgeMonths { at } => match &self.columns[at] {
                None => new_null_array(&ValueType::Integer.memory_type(), self.rows.len()),
                Some(days) => {
                    let rows = persons.zip(days.as_primitive::<Date32Type>());
                    let ages = rows.map(|(person, day)| Some(person?.birth?.months_until(Day::from_epoch_days(day?)?)));
                    Arc::new(number_column::<Int32Type>(ages))
                }
            },
        }
    }

    /// Rejects the records that `faulty` flags, unless something else rejects them already.
    fn reject(&mut self, column: usize, reason: Reason, faulty: &[bool]) {
        for (rejected, _) in self.rejected.iter_mut().zip(faulty).filter(|(_, faulty)| **faulty) {
            rejected.get_or_insert((column as u32, reason));
        }
    }

    /// Rejects the records without a person.
    fn reject_persons(&mut self, position: usize) {
        for (rejected, person) in self.rejected.iter_mut().zip(&self.persons) {
            if let (None, Err(reason)) = (&rejected, person) {
                *rejected = Some((position as u32, *reason));
            }
        }
    }

    /// Rejects the record or empties the cell, as the contract requires. A missing required value always rejects.
    fn apply_faults(&mut self, position: usize, invalid: Invalid, faults: &[Fault]) {
        for fault in faults {
            if invalid == Invalid::Null && fault.reason != Reason::Missing {
                self.emptied.push((position as u32, *fault));
            } else if self.rejected[fault.row].is_none() {
                self.rejected[fault.row] = Some((position as u32, fault.reason));
            }
        }
    }
}

/// Pseudonymises a column of references. Equal references often follow each other.
#[expect(clippy::expect_used, reason = "a converted text is trimmed and not empty, so it has a canonical form")]
fn pseudonyms(pseudonymiser: &ReferencePseudonymiser, texts: &StringArray) -> ArrayRef {
    let absent = Pseudonym([0; PSEUDONYM_BYTES]);
    let mut last_text = "";
    let mut last = absent;
    let pseudonyms = texts.iter().map(|text| {
        let Some(text) = text else { return absent };
        if text != last_text {
            last = pseudonymiser.pseudonymise(text.as_bytes()).expect("a converted text is a reference");
            last_text = text;
        }
        last
    });
    pseudonym_column(pseudonyms, texts.nulls().cloned())
}

/// Returns the position in the derived column's list of codes, `female` and `male`.
fn sex_position(sex: Sex) -> u16 {
    match sex {
        Sex::Female => 0,
        Sex::Male => 1,
    }
}

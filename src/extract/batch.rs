//! One batch of source rows: canonicalise · choose · pseudonymise · transform.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringArray, new_null_array};
use arrow::compute::{filter, nullif};
use arrow::datatypes::{Date32Type, Int32Type, UInt16Type};
use arrow::error::ArrowError;

use super::ledger::Rejected;
use super::people::{People, Person};
use super::tally::Tally;
use crate::config::{Content, Derived, Invalid, Origin, Source, Table};
use crate::crypto::KeyedHash;
use crate::table::{Converter, Fault, SourceBatch, ValueType, months_to_rows, number_column, pseudonym_column};
use salanimi_core::{Day, Days, PSEUDONYM_BYTES, Pseudonym, Reason, Sex, TextSyntax};

/// All that is needed to turn batches of one source into delivered columns.
pub(super) struct Pipeline<'a> {
    pub(super) table: &'a Table,
    pub(super) source: &'a Source,
    pub(super) people: &'a People<'a>,
    /// By contract column, the keyed hash of its references; none in a dry run.
    pub(super) references: &'a [Option<KeyedHash>],
    /// The days that are delivered.
    pub(super) window: Days,
    /// By contract column, how it is read.
    pub(super) converters: Vec<Option<Converter<'a>>>,
}

/// The records of a batch: their columns by contract column, and what is wrong with them.
struct Records {
    rows: Vec<u64>,
    columns: Vec<Option<ArrayRef>>,
    persons: Vec<Result<Person, Reason>>,
    /// By record, the first column that rejects it.
    rejected: Vec<Option<(u32, Reason)>>,
    emptied: Vec<(u32, Fault)>,
}

impl<'a> Pipeline<'a> {
    pub(super) fn converters(table: &'a Table, source: &'a Source) -> Vec<Option<Converter<'a>>> {
        let converter = |(position, column): (usize, &'a crate::config::Column)| {
            Some(Converter::new(column.rules()?, &source.notation, &source.renames[position]))
        };
        table.columns.iter().enumerate().map(converter).collect()
    }

    /// Processes the batch of source file number `file`: its delivered columns, pseudonym first, and its counts.
    pub(super) fn process(&self, file: u32, batch: SourceBatch) -> Result<(Vec<ArrayRef>, Tally), ArrowError> {
        let mut tally = Tally { source_rows: (batch.rows.len() + batch.malformed.len()) as u64, ..Tally::default() };
        let unread = batch.malformed.iter().map(|&row| Rejected { file, row, column: None, reason: Reason::RowShape });
        tally.rejected.extend(unread);
        let (batch, months) = self.reshaped(file, batch, &mut tally)?;
        let records = self.read(batch, months.as_ref())?;
        tally.records = (tally.rejected.len() + records.rows.len()) as u64;
        let kept = self.choose(file, &records, &mut tally);
        let columns = self.deliver(records, &kept)?;
        Ok((columns, tally))
    }

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

    fn read(&self, batch: SourceBatch, months: Option<&ArrayRef>) -> Result<Records, ArrowError> {
        let length = batch.rows.len();
        let mut records = Records {
            rows: batch.rows,
            columns: vec![None; self.table.columns.len()],
            persons: Vec::new(),
            rejected: vec![None; length],
            emptied: Vec::new(),
        };
        for (position, column) in self.table.columns.iter().enumerate() {
            let raw: Option<ArrayRef> = match &self.source.origins[position] {
                Origin::Header(header) => Some(batch.columns[*header].clone()),
                Origin::Constant(value) => Some(Arc::new(StringArray::from(vec![value.as_str(); length]))),
                Origin::Reshaped => months.cloned(),
                Origin::Nowhere => None,
            };
            if let (Content::Person(_), Some(raw)) = (&column.content, &raw) {
                records.persons = self.people.read(raw, &self.source.notation)?;
                records.reject_persons(position);
                continue;
            }
            records.columns[position] = match (raw, &self.converters[position], column.value()) {
                (Some(raw), Some(converter), _) => {
                    let converted = converter.convert(&raw)?;
                    records.judge(position, column.invalid, &converted.faults);
                    Some(self.referenced(position, converted.array))
                }
                (_, _, Some(value)) => Some(new_null_array(&value.carried(), length)),
                _ => None,
            };
        }
        self.derive(&mut records);
        Ok(records)
    }

    /// Reference columns become pseudonyms under their label; other columns stay.
    fn referenced(&self, position: usize, array: ArrayRef) -> ArrayRef {
        let Content::Reference(..) = self.table.columns[position].content else { return array };
        let Some(hash) = &self.references[position] else {
            return new_null_array(&ValueType::Pseudonym.carried(), array.len());
        };
        let texts = array.as_string::<i32>();
        let syntax = TextSyntax::unrestricted();
        let mut last = ("", Pseudonym([0; PSEUDONYM_BYTES]));
        let pseudonyms = texts.iter().map(|text| {
            let text = text.unwrap_or_default();
            if text != last.0 {
                // Text from an Arrow column is UTF-8 and not empty, so it always has a canonical form.
                let canonical = syntax.canonical(text.as_bytes()).unwrap_or_default();
                last = (text, Pseudonym(hash.leftmost(canonical.as_bytes())));
            }
            last.1
        });
        pseudonym_column(pseudonyms, texts.nulls().cloned())
    }

    fn derive(&self, records: &mut Records) {
        for (position, column) in self.table.columns.iter().enumerate() {
            let Content::Derived(derived) = column.content else { continue };
            let persons = records.persons.iter().map(|p| p.as_ref().ok());
            let array: ArrayRef = match derived {
                Derived::BirthYear => Arc::new(number_column::<Int32Type>(persons.map(|p| p?.birth.map(Day::year)))),
                Derived::Sex => Arc::new(number_column::<UInt16Type>(persons.map(|p| p?.sex.map(sex_position)))),
                Derived::AgeMonths { at } => match &records.columns[at] {
                    None => new_null_array(&ValueType::Integer.carried(), records.rows.len()),
                    Some(days) => {
                        let ages = persons
                            .zip(days.as_primitive::<Date32Type>())
                            .map(|(person, day)| Some(person?.birth?.months_until(Day::from_epoch_days(day?)?)));
                        Arc::new(number_column::<Int32Type>(ages))
                    }
                },
            };
            records.columns[position] = Some(array);
        }
    }

    /// Decides what becomes of each record, under the first rule that applies.
    fn choose(&self, file: u32, records: &Records, tally: &mut Tally) -> BooleanArray {
        let days = self
            .table
            .window
            .and_then(|w| records.columns[w].as_ref())
            .map(arrow::array::AsArray::as_primitive::<Date32Type>);
        let mut kept = Vec::with_capacity(records.rows.len());
        for (record, &row) in records.rows.iter().enumerate() {
            let day = days.filter(|d| d.is_valid(record)).and_then(|d| Day::from_epoch_days(d.value(record)));
            day.into_iter().for_each(|day| tally.see(day));
            kept.push(match (&records.rejected[record], &records.persons[record]) {
                (Some((column, reason)), _) => {
                    tally.rejected.push(Rejected { file, row, column: Some(*column), reason: *reason });
                    false
                }
                (None, Ok(person)) => self.keeps(person, day, tally),
                (None, Err(_)) => false,
            });
        }
        for (column, fault) in records.emptied.iter().filter(|(_, fault)| kept[fault.row]) {
            *tally.emptied.entry(*column).or_default().entry(fault.reason).or_default() += 1;
        }
        kept.into()
    }

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
            return true;
        }
        false
    }

    /// The delivered columns of the kept records.
    fn deliver(&self, records: Records, kept: &BooleanArray) -> Result<Vec<ArrayRef>, ArrowError> {
        let persons = records
            .persons
            .iter()
            .zip(kept)
            .filter(|(_, kept)| *kept == Some(true))
            .filter_map(|(p, _)| p.as_ref().ok());
        let pseudonyms = pseudonym_column(persons.clone().map(|p| p.pseudonym), None);
        let protected: BooleanArray = persons.map(|p| Some(p.protected)).collect();
        let all = kept.true_count() == kept.len();
        let mut columns = Vec::with_capacity(records.columns.len());
        for (column, array) in self.table.columns.iter().zip(records.columns) {
            let array = match array {
                // Nothing ever reads the place of a column that is not carried.
                None => new_null_array(&arrow::datatypes::DataType::Null, protected.len()),
                Some(array) if all => array,
                Some(array) => filter(&array, kept)?,
            };
            let blank = column.area && protected.true_count() > 0;
            columns.push(if blank { nullif(&array, &protected)? } else { array });
        }
        let transformed = self.table.sources.iter().map(|&position| match &self.table.columns[position].deliver {
            Some(transform) => transform.apply(&columns, position),
            None => columns[position].clone(),
        });
        Ok(std::iter::once(pseudonyms).chain(transformed).collect())
    }
}

impl Records {
    fn reject_persons(&mut self, position: usize) {
        for (rejected, person) in self.rejected.iter_mut().zip(&self.persons) {
            if let (None, Err(reason)) = (&rejected, person) {
                *rejected = Some((position as u32, *reason));
            }
        }
    }

    /// A fault rejects the row or empties the cell, as the contract says; absence of what is required always rejects.
    fn judge(&mut self, position: usize, invalid: Invalid, faults: &[Fault]) {
        for fault in faults {
            if invalid == Invalid::Null && fault.reason != Reason::Missing {
                self.emptied.push((position as u32, *fault));
            } else if self.rejected[fault.row].is_none() {
                self.rejected[fault.row] = Some((position as u32, fault.reason));
            }
        }
    }
}

/// Position in the derived column's list of codes, `female` and `male`.
fn sex_position(sex: Sex) -> u16 {
    match sex {
        Sex::Female => 0,
        Sex::Male => 1,
    }
}

//! Fields of the persons who are delivered, gathered while their rows are extracted.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int32Array, StringArray};

use super::fields::RowFields;
use crate::extract::people::Person;
use crate::table::{Field, SortedTable, Sorter, StoreError, ValueType, pseudonym_column};
use salanimi_core::{BirthDigits, Day, LinkageFields};

/// The first year of birth that an identity code can state.
const FIRST_YEAR: i32 = 1800;

/// Rows of persons: pseudonym, stratum, day, and the fields as one text.
///
/// They wait in memory or in an unnamed file within the holder's output folder, in plain text, until the table of
/// tokens is written.
pub(in crate::extract) struct LinkageRows(Sorter);

/// Rows that one batch adds.
#[derive(Default)]
pub(in crate::extract) struct AddedRows {
    persons: Vec<Person>,
    days: Vec<Option<i32>>,
    fields: Vec<String>,
}

impl AddedRows {
    /// Adds a delivered row. Rows of one person that follow each other with the same fields are one, of the newest day.
    pub(in crate::extract) fn add(
        &mut self,
        person: &Person,
        day: Option<i32>,
        fields: &RowFields<'_>,
        rows: [usize; 2],
    ) {
        let [row, before] = rows;
        let is_same = |last: &Person| last.pseudonym == person.pseudonym && fields.are_equal(row, before);
        if let (Some(last_day), true) = (self.days.last_mut(), self.persons.last().is_some_and(is_same)) {
            *last_day = (*last_day).max(day);
            return;
        }
        let text = match person.protected {
            true => String::new(),
            false => fields.fields(row, person.birth.and_then(digits)).to_text(),
        };
        self.persons.push(*person);
        self.days.push(day);
        self.fields.push(text);
    }
}

impl LinkageRows {
    /// Begins without rows. Holds about `memory` bytes and spills the rest into `folder`.
    pub(in crate::extract) fn new(memory: usize, folder: &Path) -> Result<Self, StoreError> {
        let field = |name: &str, value| Field { name: name.to_owned(), value };
        let fields = [
            field("pseudonym", ValueType::Pseudonym),
            field("stratum", ValueType::Integer),
            field("day", ValueType::Date),
            field("fields", ValueType::Text),
        ];
        Ok(Self(Sorter::new(&fields, memory, folder)?))
    }

    /// Adds the rows of a batch.
    pub(in crate::extract) fn push(&self, added: AddedRows) -> Result<(), StoreError> {
        if added.persons.is_empty() {
            return Ok(());
        }
        let strata = added.persons.iter().map(|person| person.stratum as i32);
        let columns: [ArrayRef; 4] = [
            pseudonym_column(added.persons.iter().map(|person| person.pseudonym), None),
            Arc::new(Int32Array::from_iter_values(strata)),
            Arc::new(Date32Array::from(added.days)),
            Arc::new(StringArray::from(added.fields)),
        ];
        self.0.push(&columns)
    }

    /// Ends the input.
    pub(super) fn finish(self) -> Result<SortedTable, StoreError> {
        self.0.finish()
    }
}

/// Returns the digits of a day.
fn digits(day: Day) -> Option<BirthDigits> {
    BirthDigits::new(&day.to_string().replace('-', ""))
}

/// Returns the day of a birth date, if the calendar has it and an identifier could state it.
pub(super) fn calendar_day(birth: BirthDigits) -> Option<Day> {
    let text = birth.as_str();
    let day = Day::parse(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])).ok()?;
    (day.year() >= FIRST_YEAR).then_some(day)
}

/// Reads the fields of a person.
pub(super) fn fields_of(text: &str) -> LinkageFields {
    LinkageFields::from_text(text)
}

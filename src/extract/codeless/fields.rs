//! Names, birth date and address of the rows of a batch.

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use crate::config::{Fillers, LinkageColumns, Source, Table};
use crate::table::{DateLayout, Notation, Renames};
use salanimi_core::{BirthDigits, LinkageFields, LocalPerson, RawFields, Sex, words};

/// Reader of the columns of a source that linkage needs.
pub(super) struct Reading<'a> {
    columns: LinkageColumns,
    notation: &'a Notation,
    /// Source text → `female` or `male`.
    sexes: &'a Renames,
    fillers: &'a Fillers,
}

/// Reader of the fields of a source; it exists only for sources that linkage reads.
pub(in crate::extract) struct FieldsReader<'a>(Reading<'a>);

/// Columns of a batch as text.
pub(in crate::extract) struct RowFields<'r> {
    reading: &'r Reading<'r>,
    given: Option<StringArray>,
    surname: Option<StringArray>,
    birth: Option<StringArray>,
    sex: Option<StringArray>,
    postcode: Option<StringArray>,
    street: Option<StringArray>,
    client: Option<StringArray>,
}

impl<'a> FieldsReader<'a> {
    /// Returns the reader of a source of `table`; `None` if linkage does not read it.
    pub(in crate::extract) fn new(table: &Table, source: &'a Source, fillers: &'a Fillers) -> Option<Self> {
        static NO_RENAMES: Renames = Renames::new();
        let columns = source.linkage?;
        let sexes = table.linkage.and_then(|linkage| linkage.sex).map_or(&NO_RENAMES, |at| &source.renames[at]);
        Some(Self(Reading { columns, notation: &source.notation, sexes, fillers }))
    }

    /// Returns the fields of the rows of a batch, whose columns are in the order of the source's headers.
    pub(in crate::extract) fn rows(&self, columns: &[ArrayRef]) -> Result<RowFields<'_>, ArrowError> {
        let text = |position: Option<usize>| -> Result<Option<StringArray>, ArrowError> {
            let Some(at) = position else { return Ok(None) };
            Ok(Some(cast(&columns[at], &DataType::Utf8)?.as_string().clone()))
        };
        let of = &self.0.columns;
        Ok(RowFields {
            reading: &self.0,
            given: text(of.given)?,
            surname: text(of.surname)?,
            birth: text(of.birth)?,
            sex: text(of.sex)?,
            postcode: text(of.postcode)?,
            street: text(of.street)?,
            client: text(of.client)?,
        })
    }
}

impl RowFields<'_> {
    /// Returns the value of a column in a row, trimmed; empty if it is missing.
    fn text<'t>(&self, column: Option<&'t StringArray>, row: usize) -> &'t str {
        let Some(column) = column.filter(|column| column.is_valid(row)) else { return "" };
        let text = column.value(row).trim();
        if self.reading.notation.is_missing(text) { "" } else { text }
    }

    /// Returns the holder's number of the person; `None` if the row has none.
    pub(super) fn client(&self, row: usize) -> Option<&str> {
        Some(self.text(self.client.as_ref(), row)).filter(|client| !client.is_empty())
    }

    /// Returns true if two rows have the same fields as they are written.
    pub(super) fn are_equal(&self, row: usize, other: usize) -> bool {
        [&self.given, &self.surname, &self.birth, &self.postcode, &self.street]
            .into_iter()
            .all(|column| self.text(column.as_ref(), row) == self.text(column.as_ref(), other))
    }

    /// Returns the normalised fields of a row. `birth` stands in for a birth date that the row lacks.
    pub(super) fn fields(&self, row: usize, birth: Option<BirthDigits>) -> LinkageFields {
        let name = |column: &Option<StringArray>| {
            let text = self.text(column.as_ref(), row).to_owned();
            let is_filler = !text.is_empty() && self.reading.fillers.names.contains(&words(&text));
            if is_filler { String::new() } else { text }
        };
        LinkageFields::new(&RawFields {
            given: &name(&self.given),
            surname: &name(&self.surname),
            birth: self.birth(row).or(birth),
            postcode: self.text(self.postcode.as_ref(), row),
            street: self.text(self.street.as_ref(), row),
        })
    }

    /// Returns the birth date as it was typed; `None` if it is missing, a filler or in another form than the source's.
    fn birth(&self, row: usize) -> Option<BirthDigits> {
        let text = self.text(self.birth.as_ref(), row);
        let birth = self.reading.notation.dates.iter().find_map(|form| typed_date(form.layout, text))?;
        (!self.reading.fillers.dates.contains(&birth)).then_some(birth)
    }

    /// Returns the sex as the holder writes it, in lower case.
    pub(super) fn sex_text(&self, row: usize) -> String {
        self.text(self.sex.as_ref(), row).to_lowercase()
    }

    /// Returns the sex: by the holder's own codes, or by ISO/IEC 5218; `None` for any other text.
    pub(super) fn sex(&self, row: usize) -> Option<Sex> {
        let text = self.text(self.sex.as_ref(), row);
        match self.reading.sexes.get(text).map_or(text, String::as_str) {
            "1" | "male" => Some(Sex::Male),
            "2" | "female" => Some(Sex::Female),
            _ => None,
        }
    }

    /// Returns what the holder knows of the person of a row without an identifier; `None` if that is too little to tell
    /// the person from others.
    pub(in crate::extract) fn local_person(&self, row: usize) -> Option<LocalPerson> {
        if let Some(client) = self.client(row) {
            return Some(LocalPerson::Client(client.to_owned()));
        }
        let fields = self.fields(row, None);
        fields.identify().then(|| LocalPerson::Fields(fields, self.sex_text(row)))
    }
}

/// Reads a birth date as it was typed, without a look at the calendar.
fn typed_date(layout: DateLayout, text: &str) -> Option<BirthDigits> {
    // A time of day after the date is not read.
    let text = text.split([' ', 'T']).next()?;
    let parts: Vec<&str> = match layout {
        DateLayout::Iso => text.split('-').collect(),
        DateLayout::Compact => return BirthDigits::new(text),
        DateLayout::Finnish => text.split('.').rev().collect(),
        DateLayout::Finnish19 => return of_century(text, "19"),
        DateLayout::Finnish20 => return of_century(text, "20"),
        DateLayout::Sas => return layout_of_calendar(layout, text),
        DateLayout::CompactMonth | DateLayout::FinnishMonth => return None,
    };
    joined(&parts)
}

fn of_century(text: &str, century: &str) -> Option<BirthDigits> {
    let parts: Vec<&str> = text.split('.').collect();
    let &[day, month, year] = parts.as_slice() else { return None };
    if year.len() == 2 { joined(&[&format!("{century}{year}"), month, day]) } else { None }
}

fn layout_of_calendar(layout: DateLayout, text: &str) -> Option<BirthDigits> {
    let day = crate::table::DateForm { layout, has_time: false }.day(text)?;
    BirthDigits::new(&day.to_string().replace('-', ""))
}

/// Joins year, month and day to eight digits.
fn joined(parts: &[&str]) -> Option<BirthDigits> {
    let &[year, month, day] = parts else { return None };
    let is_short = |part: &str| matches!(part.len(), 1 | 2);
    if year.len() != 4 || !is_short(month) || !is_short(day) {
        return None;
    }
    BirthDigits::new(&format!("{year}{month:0>2}{day:0>2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birth_dates_are_read_as_they_were_typed() {
        let digits = |layout, text| typed_date(layout, text).map(|birth| birth.as_str().to_owned());
        let typed = Some("19800003".to_owned());
        assert_eq!(digits(DateLayout::Iso, "1980-00-03"), typed);
        assert_eq!(digits(DateLayout::Iso, "1980-00-03T00:00:00"), typed);
        assert_eq!(digits(DateLayout::Compact, "19800003"), typed);
        assert_eq!(digits(DateLayout::Finnish, "3.0.1980"), typed);
        assert_eq!(digits(DateLayout::Finnish19, "03.00.80"), typed);
        assert_eq!(digits(DateLayout::Sas, "03FEB1980"), Some("19800203".to_owned()));
        for text in ["", "1980", "3.2.80", "kesä 1980", "1980-2-003", "3.2.1980.1"] {
            assert_eq!(digits(DateLayout::Finnish, text), None, "{text}");
        }
    }
}

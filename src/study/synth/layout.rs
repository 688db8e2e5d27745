//! Layout of a holder's source files for one table: the inverse of an extract, from rows to the source's lines.

use std::path::Path;

use super::areas::Areas;
use super::dialect::Dialect;
use super::error::SourceProblem;
use super::identity::IdentityField;
use super::row::{Row, Value};
use super::text::TextPools;
use crate::config::raw::holder::{Reshape, Source};
use crate::config::{Column, Content, Invalid, Table};
use crate::study::vocabulary::{Content as Model, SourceTable};
use crate::table::{Renames, ValueType};
use salanimi_core::Id;

/// The unknown code that a defect puts in a code column.
pub(super) const UNKNOWN_CODE: &str = "TUNTEMATON";
/// Text in a month column without assistance, if the holder file lists none.
const DEFAULT_NO: &str = "";
/// Codes of a flag before they are renamed.
const FLAGS: [&str; 2] = ["0", "1"];

/// The layout of the files of one source.
pub(super) struct Layout {
    pub(super) table: SourceTable,
    files: Vec<YearFile>,
    /// Columns with one value in all rows of the files.
    constants: Vec<Constant>,
    pub(super) header: Vec<u8>,
    pub(super) fields: Vec<Field>,
    pub(super) dialect: Dialect,
    pub(super) pools: TextPools,
    /// Texts of month columns, in the wide annual layout only.
    pub(super) marks: Option<Marks>,
    pub(super) fault_targets: Vec<FaultTarget>,
}

/// A file and its position among the output files.
struct YearFile {
    /// The year in the file's name, if there is one.
    year: Option<i32>,
    output: usize,
}

struct Constant {
    column: usize,
    value: Value,
}

/// Texts of month columns in the wide annual layout.
pub(super) struct Marks {
    pub(super) yes: Vec<u8>,
    pub(super) no: Vec<u8>,
}

/// Content of a field of a line.
pub(super) enum Field {
    Person,
    /// The cell of this column.
    Cell(usize),
    /// The cell of this column, a position in this list.
    Listed(usize, Vec<Vec<u8>>),
    /// A name, birth date, address or number of the person.
    Identity(IdentityField),
    Year,
    Month(usize),
    Filler(Filler),
}

/// Content of a field that the holder ignores.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Filler {
    /// Months of assistance in the year.
    Months,
    /// Euros of the year.
    Euros,
    Male,
    Female,
    /// A short number of an office or a worker.
    Number,
}

/// A cell that can have a fault.
#[derive(Clone, Copy)]
pub(super) struct FaultTarget {
    pub(super) column: usize,
    pub(super) fault: CellFault,
    /// `true` if the fault rejects the row, `false` if it empties the cell.
    pub(super) rejects: bool,
}

/// A fault of one cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CellFault {
    UnknownCode,
    ImpossibleDay,
    ImpossibleMonth,
}

/// A source as its holder file describes it, for one table of the contract.
pub(super) struct SourceDescription<'a> {
    pub(super) source: &'a Source,
    pub(super) contract: &'a Table,
    pub(super) table: SourceTable,
    pub(super) areas: &'a Areas,
}

impl Layout {
    /// Returns the layout of a source. Its first file is the output file at position `first_output`, and so on.
    ///
    /// # Errors
    /// The source describes a file that synthetic rows cannot fill.
    pub(super) fn new(
        described: &SourceDescription<'_>,
        dialect: Dialect,
        first_output: usize,
    ) -> Result<Self, SourceProblem> {
        let SourceDescription { source, contract, table, .. } = *described;
        let mut layout = Self {
            table,
            files: (first_output..)
                .zip(&source.files)
                .map(|(output, file)| YearFile { year: year_in(file), output })
                .collect(),
            constants: source
                .constants
                .iter()
                .map(|(name, text)| described.constant(name, text))
                .collect::<Result<_, _>>()?,
            header: Vec::new(),
            fields: Vec::new(),
            pools: TextPools::new(&dialect)?,
            marks: source.reshape.as_ref().map(|reshape| Marks::new(reshape, &dialect)).transpose()?,
            fault_targets: (0..contract.columns.len()).filter_map(|column| described.fault_target(column)).collect(),
            dialect,
        };
        for (position, column) in contract.columns.iter().enumerate() {
            if let Some(header) = source.columns.get(&column.name) {
                let field = layout.field(position, described)?;
                layout.add(header, field)?;
            }
        }
        if let Some(reshape) = &source.reshape {
            layout.add(&reshape.year, Field::Year)?;
            for (month, header) in reshape.months.iter().enumerate() {
                layout.add(header, Field::Month(month))?;
            }
        }
        for header in &source.ignore {
            layout.add(header, Field::Filler(Filler::under(header)))?;
        }
        layout.header.extend(layout.dialect.line_end());
        Ok(layout)
    }

    fn add(&mut self, header: &str, field: Field) -> Result<(), SourceProblem> {
        if !self.fields.is_empty() {
            self.header.push(self.dialect.delimiter);
        }
        self.header.extend(self.dialect.field(header)?);
        self.fields.push(field);
        Ok(())
    }

    /// Returns the field of the contract's column at this position.
    fn field(&self, position: usize, described: &SourceDescription<'_>) -> Result<Field, SourceProblem> {
        let column = &described.contract.columns[position];
        if matches!(column.content, Content::Person(_)) {
            return Ok(Field::Person);
        }
        if let Some(field) = IdentityField::of(described.contract, position) {
            return Ok(Field::Identity(field));
        }
        let Some(position) = self.table.column(column.name.as_str()) else { return Ok(Field::Filler(Filler::Number)) };
        let renames = described.source.codes.get(&column.name);
        match self.table.columns()[position].content {
            Model::Codes(codes) => self.listed_field(position, codes.iter().copied(), renames),
            Model::Municipality | Model::Organiser => self.listed_field(position, described.areas.codes(), renames),
            Model::Other if renames.is_some() => self.listed_field(position, FLAGS.into_iter(), renames),
            Model::Day | Model::Month | Model::Other => Ok(Field::Cell(position)),
        }
    }

    fn listed_field<'c>(
        &self,
        column: usize,
        codes: impl Iterator<Item = &'c str>,
        renames: Option<&'c Renames>,
    ) -> Result<Field, SourceProblem> {
        let texts = codes.map(|code| self.dialect.field(spelling(renames, code)));
        Ok(Field::Listed(column, texts.collect::<Result<_, _>>()?))
    }

    /// Returns the output file that takes this row of this year, if any file of the layout does.
    pub(super) fn output(&self, row: &Row, year: i32) -> Option<usize> {
        let fits = row.table == self.table
            && self.constants.iter().all(|constant| row.cells.get(constant.column) == constant.value);
        if !fits {
            return None;
        }
        let of_year = self.files.iter().find(|file| file.year == Some(year));
        of_year.or_else(|| self.files.iter().find(|file| file.year.is_none())).map(|file| file.output)
    }
}

impl SourceDescription<'_> {
    fn constant(&self, name: &Id, text: &str) -> Result<Constant, SourceProblem> {
        let problem = SourceProblem::Constant { column: name.clone() };
        let Some(column) = self.table.column(name.as_str()) else { return Err(problem) };
        let value = match self.table.columns()[column].content {
            Model::Codes(codes) => codes.iter().position(|code| *code == text).map(|at| Value::Code(at as u8)),
            Model::Municipality | Model::Organiser => self.areas.position(text).map(Value::Area),
            Model::Day | Model::Month | Model::Other => None,
        };
        Ok(Constant { column, value: value.ok_or(problem)? })
    }

    /// Returns the fault that the contract's column at this position can have in the source.
    fn fault_target(&self, position: usize) -> Option<FaultTarget> {
        let column = &self.contract.columns[position];
        if !self.source.columns.contains_key(&column.name) {
            return None;
        }
        let model = self.table.column(column.name.as_str())?;
        let fault = match self.table.columns()[model].content {
            Model::Codes(_) | Model::Municipality if !self.knows_unknown_code(column) => CellFault::UnknownCode,
            Model::Day => CellFault::ImpossibleDay,
            Model::Month => CellFault::ImpossibleMonth,
            _ => return None,
        };
        // Without its day or month a row lies outside every window.
        let rejects = column.invalid == Invalid::Reject || self.contract.window == Some(position);
        Some(FaultTarget { column: model, fault, rejects })
    }

    /// Returns true if [`UNKNOWN_CODE`] has a meaning in the source.
    fn knows_unknown_code(&self, column: &Column) -> bool {
        let listed = match column.value() {
            Some(ValueType::Code(codes)) => codes.position(UNKNOWN_CODE).is_some(),
            _ => false,
        };
        listed
            || self.source.missing.iter().any(|text| text == UNKNOWN_CODE)
            || self.source.codes.get(&column.name).is_some_and(|renames| renames.contains_key(UNKNOWN_CODE))
    }
}

impl Marks {
    fn new(reshape: &Reshape, dialect: &Dialect) -> Result<Self, SourceProblem> {
        let yes = reshape.yes.first().ok_or(SourceProblem::Reshape)?;
        let no = reshape.no.first().map_or(DEFAULT_NO, String::as_str);
        Ok(Self { yes: dialect.field(yes)?, no: dialect.field(no)? })
    }
}

impl Filler {
    /// Returns the content that belongs under an ignored header.
    fn under(header: &str) -> Self {
        let header = header.to_uppercase();
        match header.as_str() {
            "MIES" => Self::Male,
            "NAINEN" => Self::Female,
            _ if header.contains("TUKIKUUKAU") => Self::Months,
            _ if header.ends_with("EUR") => Self::Euros,
            _ => Self::Number,
        }
    }
}

/// Returns the source's spelling of the contract's `code`.
fn spelling<'a>(renames: Option<&'a Renames>, code: &'a str) -> &'a str {
    match renames.into_iter().flatten().find(|(_, meaning)| *meaning == code) {
        Some((source, _)) => source,
        None => code,
    }
}

/// Returns the year in a file's name: four digits that stand alone.
fn year_in(file: &Path) -> Option<i32> {
    let name = file.file_name()?.to_str()?;
    let runs = name.split(|character: char| !character.is_ascii_digit());
    runs.filter(|run| run.len() == 4).find_map(|run| run.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_four_digits_that_stand_alone() {
        assert_eq!(year_in(Path::new("2010/tuki_2018.csv")), Some(2018));
        assert_eq!(year_in(Path::new("tuki20181.csv")), None);
        assert_eq!(year_in(Path::new("avain.csv")), None);
    }

    #[test]
    fn a_code_is_written_in_the_source_spelling() {
        let renames: Renames = [("työtön", "unemployed"), ("muu", "other")].map(|(s, c)| (s.into(), c.into())).into();
        assert_eq!(spelling(Some(&renames), "unemployed"), "työtön");
        assert_eq!(spelling(Some(&renames), "student"), "student");
        assert_eq!(spelling(None, "other"), "other");
    }

    #[test]
    fn ignored_headers_decide_their_filler() {
        assert_eq!(Filler::under("PERUS_TOIMEENTULOTUKI_EUR"), Filler::Euros);
        assert_eq!(Filler::under("TUKIKUUKAUSIA"), Filler::Months);
        assert_eq!(Filler::under("käsittelijä"), Filler::Number);
    }
}

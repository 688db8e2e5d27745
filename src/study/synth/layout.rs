//! How a holder's source files hold a table, turned round: from our rows to the source's lines.

use std::collections::BTreeMap;
use std::path::Path;

use super::areas::Areas;
use super::error::SourceProblem;
use super::row::{Row, Value};
use super::style::Style;
use super::text::Pools;
use super::vocabulary::{Kind, Table};
use crate::config::raw::contract::{self, Column, Invalid, Role};
use crate::config::raw::holder::{Reshape, Source};
use salanimi_core::Id;

/// What stands in a code column as a defect.
pub(super) const UNKNOWN_CODE: &str = "TUNTEMATON";

/// The files of one layout.
pub(super) struct Layout {
    pub(super) table: Table,
    /// The file's year, where its name has one, and its output.
    files: Vec<(Option<i32>, usize)>,
    constants: Vec<(usize, Value)>,
    pub(super) header: Vec<u8>,
    pub(super) fields: Vec<Field>,
    pub(super) style: Style,
    pub(super) pools: Pools,
    /// For the wide annual layout, what a month column says.
    pub(super) marks: Option<Marks>,
    pub(super) targets: Vec<Target>,
}

/// What the month columns of the wide annual layout say.
pub(super) struct Marks {
    pub(super) yes: Vec<u8>,
    pub(super) no: Vec<u8>,
}

/// What stands in a field of a line.
pub(super) enum Field {
    Person,
    /// The cell of this column.
    Cell(usize),
    /// The cell of this column, a position in this list.
    Listed(usize, Vec<Vec<u8>>),
    Year,
    Month(usize),
    Filler(Filler),
}

/// What stands under a header that the holder leaves out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Filler {
    /// How many months the year has.
    Months,
    /// The year's euros.
    Euros,
    Male,
    Female,
    /// A short number of an office or a worker.
    Number,
}

/// Where a defect can be put.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) column: usize,
    pub(super) flaw: Flaw,
    /// Whether the row is then rejected, or else only the cell emptied.
    pub(super) rejects: bool,
}

/// A defect of one cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    UnknownCode,
    NoDay,
    NoMonth,
}

impl Layout {
    /// The layout of `source`, whose files have these outputs.
    ///
    /// # Errors
    /// The source describes what no row of the model can fill.
    pub(super) fn new(
        source: &Source,
        contract: &contract::Table,
        table: Table,
        areas: &Areas,
        outputs: &[usize],
    ) -> Result<Self, SourceProblem> {
        check_columns(source, contract)?;
        let style = Style::new(source)?;
        let files = source.files.iter().zip(outputs).map(|(file, &output)| (year_in(file), output)).collect();
        let mut layout = Self {
            table,
            files,
            constants: constants(source, table, areas)?,
            header: Vec::new(),
            fields: Vec::new(),
            pools: Pools::new(&style),
            marks: source.reshape.as_ref().map(|reshape| marks(reshape, &style)).transpose()?,
            targets: contract.columns.iter().filter_map(|column| target(source, contract, table, column)).collect(),
            style,
        };
        layout.add_columns(source, contract, areas)?;
        layout.add_reshape(source)?;
        for header in &source.ignore {
            layout.add(header, Field::Filler(filler(header)))?;
        }
        layout.header.extend(layout.style.line_end());
        Ok(layout)
    }

    fn add_columns(&mut self, source: &Source, contract: &contract::Table, areas: &Areas) -> Result<(), SourceProblem> {
        for column in &contract.columns {
            if let Some(header) = source.columns.get(&column.name) {
                let field = self.field(column, source.codes.get(&column.name), areas)?;
                self.add(header, field)?;
            }
        }
        Ok(())
    }

    fn add_reshape(&mut self, source: &Source) -> Result<(), SourceProblem> {
        let Some(reshape) = &source.reshape else { return Ok(()) };
        self.add(&reshape.year, Field::Year)?;
        reshape.months.iter().enumerate().try_for_each(|(month, header)| self.add(header, Field::Month(month)))
    }

    fn add(&mut self, header: &str, field: Field) -> Result<(), SourceProblem> {
        if !self.fields.is_empty() {
            self.header.push(self.style.delimiter);
        }
        self.header.extend(self.style.field(header)?);
        self.fields.push(field);
        Ok(())
    }

    fn field(&self, column: &Column, renames: Option<&Renames>, areas: &Areas) -> Result<Field, SourceProblem> {
        if column.role == Role::Person {
            return Ok(Field::Person);
        }
        let Some(position) = self.table.column(column.name.as_str()) else { return Ok(Field::Filler(Filler::Number)) };
        let listed = |codes: &mut dyn Iterator<Item = &str>| -> Result<Field, SourceProblem> {
            let texts = codes.map(|code| self.style.field(spelling(renames, code)));
            Ok(Field::Listed(position, texts.collect::<Result<_, _>>()?))
        };
        match self.table.columns()[position].1 {
            Kind::Code(codes) => listed(&mut codes.iter().copied()),
            Kind::Municipality | Kind::Organiser => listed(&mut areas.codes()),
            Kind::Other if renames.is_some() => listed(&mut ["0", "1"].into_iter()),
            Kind::Day | Kind::Month | Kind::Other => Ok(Field::Cell(position)),
        }
    }

    /// The output that takes this row of this year, if any of the layout's files does.
    pub(super) fn output(&self, row: &Row, year: i32) -> Option<usize> {
        let fits = row.table == self.table && self.constants.iter().all(|&(column, value)| row.cells[column] == value);
        let of_year = |wanted| self.files.iter().find(|file| file.0 == wanted).map(|file| file.1);
        if fits { of_year(Some(year)).or_else(|| of_year(None)) } else { None }
    }
}

/// Source code → contract code.
type Renames = BTreeMap<String, String>;

/// How the source writes the contract's `code`.
fn spelling<'a>(renames: Option<&'a Renames>, code: &'a str) -> &'a str {
    let renamed = renames.and_then(|renames| renames.iter().find(|(_, meant)| *meant == code));
    renamed.map_or(code, |(source, _)| source)
}

fn check_columns(source: &Source, contract: &contract::Table) -> Result<(), SourceProblem> {
    let named = source.columns.keys().chain(source.constants.keys()).chain(&source.absent);
    let unknown = |name: &&Id| !contract.columns.iter().any(|column| column.name == **name);
    match named.into_iter().find(unknown) {
        Some(column) => Err(SourceProblem::UnknownColumn { column: column.clone() }),
        None => Ok(()),
    }
}

fn constants(source: &Source, table: Table, areas: &Areas) -> Result<Vec<(usize, Value)>, SourceProblem> {
    let constant = |(name, text): (&Id, &String)| {
        let position = table.column(name.as_str())?;
        let value = match table.columns()[position].1 {
            Kind::Code(codes) => {
                codes.iter().position(|code| code == text).and_then(|code| u8::try_from(code).ok()).map(Value::Code)
            }
            Kind::Municipality | Kind::Organiser => areas.position(text).map(Value::Area),
            _ => None,
        };
        Some((position, value?))
    };
    let known = |pair: (&Id, &String)| constant(pair).ok_or_else(|| SourceProblem::Constant { column: pair.0.clone() });
    source.constants.iter().map(known).collect()
}

fn marks(reshape: &Reshape, style: &Style) -> Result<Marks, SourceProblem> {
    let (Some(yes), 12) = (reshape.yes.first(), reshape.months.len()) else { return Err(SourceProblem::Reshape) };
    let no = reshape.no.first().map_or("", String::as_str);
    Ok(Marks { yes: style.field(yes)?, no: style.field(no)? })
}

fn target(source: &Source, contract: &contract::Table, table: Table, column: &Column) -> Option<Target> {
    let position = table.column(column.name.as_str()).filter(|_| source.columns.contains_key(&column.name))?;
    let flaw = match table.columns()[position].1 {
        Kind::Code(_) | Kind::Municipality if !is_known(source, column) => Flaw::UnknownCode,
        Kind::Day => Flaw::NoDay,
        Kind::Month => Flaw::NoMonth,
        _ => return None,
    };
    // Without its day or month a row lies outside every window.
    let rejects = column.invalid == Invalid::Reject || contract.window.as_ref() == Some(&column.name);
    Some(Target { column: position, flaw, rejects })
}

fn is_known(source: &Source, column: &Column) -> bool {
    column.codes.iter().flatten().chain(&source.missing).any(|code| code == UNKNOWN_CODE)
        || source.codes.get(&column.name).is_some_and(|renames| renames.contains_key(UNKNOWN_CODE))
}

fn filler(header: &str) -> Filler {
    let header = header.to_uppercase();
    match header.as_str() {
        "MIES" => Filler::Male,
        "NAINEN" => Filler::Female,
        _ if header.contains("TUKIKUUKAU") => Filler::Months,
        _ if header.ends_with("EUR") => Filler::Euros,
        _ => Filler::Number,
    }
}

/// The year that a file's name says it is about: four digits that stand alone.
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
    fn a_code_is_written_as_the_source_spells_it() {
        let renames: Renames = [("työtön", "unemployed"), ("muu", "other")].map(|(s, c)| (s.into(), c.into())).into();
        assert_eq!(spelling(Some(&renames), "unemployed"), "työtön");
        assert_eq!(spelling(Some(&renames), "student"), "student");
        assert_eq!(spelling(None, "other"), "other");
    }

    #[test]
    fn ignored_headers_are_filled_by_what_they_say() {
        assert_eq!(filler("PERUS_TOIMEENTULOTUKI_EUR"), Filler::Euros);
        assert_eq!(filler("TUKIKUUKAUSIA"), Filler::Months);
        assert_eq!(filler("käsittelijä"), Filler::Number);
    }
}

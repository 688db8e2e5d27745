use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::contract::{Contract, read_toml};
use super::error::{ConfigError, Problem};
use super::mapping::beside;
use super::raw::holder as raw;
use super::table::{Column, Content, Located, Table};
use crate::table::{CsvFormat, DateForm, Encoding, MonthCells, Notation, Renames, ValueType};
use salanimi_core::{Day, Id};

use raw::Reshape;
pub use raw::{Coverage, Delivery, Replaced};

/// Separator of CSV files when the holder file does not say.
const DELIMITER: char = ';';
/// Decimal mark when the holder file does not say.
const DECIMAL: char = '.';
/// The file that marks the folder of a holder file, and so its sources, as synthetic.
pub const SYNTHETIC_MARKER: &str = "SYNTHETIC.txt";

/// The holder file, resolved against the contract: what one holder keeps to itself.
#[derive(Debug)]
pub struct Holder {
    /// The holder's short name.
    pub name: Id,
    /// Which delivery this is.
    pub delivery: Delivery,
    /// What the delivered data covers.
    pub coverage: Vec<Coverage>,
    /// Tables of changed identifiers, by kind.
    pub old_codes: BTreeMap<Id, OldCodes>,
    /// The source files, each with the position of its table.
    pub sources: Vec<Source>,
    /// Whether the sources are synthetic: a file `SYNTHETIC.txt` lies beside the holder file.
    pub synthetic: bool,
}

/// A file of changed identifiers.
#[derive(Debug)]
pub struct OldCodes {
    /// The file.
    pub file: PathBuf,
    /// Header of the old identifiers.
    pub old: String,
    /// Header of the new ones.
    pub new: String,
    /// When the table was taken from the population register.
    pub date: Day,
}

/// Source files of one layout.
#[derive(Debug)]
pub struct Source {
    /// Position of the contract's table.
    pub table: usize,
    /// The files.
    pub files: Vec<PathBuf>,
    /// Their format.
    pub format: Format,
    /// How they write numbers, dates and absence.
    pub notation: Notation,
    /// Headers that are read, in the order in which [`Origin::Header`] counts them.
    pub headers: Vec<String>,
    /// Headers that are there but never read.
    pub dropped: Vec<String>,
    /// Where each of the table's columns comes from.
    pub origins: Vec<Origin>,
    /// For each of the table's columns, source codes and the contract's codes that they mean.
    pub renames: Vec<Renames>,
    /// The wide annual layout: what the last thirteen headers, year and months, mean.
    pub reshape: Option<MonthCells>,
}

/// The format of source files.
#[derive(Debug, Clone)]
pub enum Format {
    /// Text with separators.
    Csv(CsvFormat),
    /// Apache Parquet.
    Parquet,
}

/// Where a column's values come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The source column with this position among the headers that are read.
    Header(usize),
    /// One value for every row.
    Constant(String),
    /// The reshape of the wide annual layout.
    Reshaped,
    /// Nowhere: the source does not have it, it is derived, or it is never read.
    Nowhere,
}

impl Holder {
    /// Reads and checks the holder file at `path` against `contract`.
    ///
    /// # Errors
    /// The file is unreadable or malformed, or does not fit the contract: says where, and what to do.
    pub fn read(path: &Path, contract: &Contract) -> Result<Self, ConfigError> {
        let raw: raw::HolderFile = read_toml(path, raw::FORMAT)?;
        resolve(raw, path, contract).map_err(|(place, problem)| ConfigError::Invalid {
            path: path.to_owned(),
            place,
            problem,
        })
    }
}

fn resolve(raw: raw::HolderFile, path: &Path, contract: &Contract) -> Result<Holder, Located> {
    check_delivery(&raw.delivery).map_err(|problem| ("delivery".to_owned(), problem))?;
    for coverage in &raw.coverage {
        check_coverage(coverage, contract).map_err(|problem| ("coverage".to_owned(), problem))?;
    }
    let mut old_codes = BTreeMap::new();
    for (kind, table) in raw.old_codes {
        if !contract.identifiers.contains_key(&kind) {
            return Err(("old_codes".into(), Problem::Unknown { name: kind.to_string() }));
        }
        let file = beside(path, &table.file);
        old_codes.insert(kind, OldCodes { file, old: table.old, new: table.new, date: table.date });
    }
    let located = |(position, raw)| {
        let place = format!("source {}", position + 1);
        source(raw, path, contract).map_err(|problem| (place, problem))
    };
    Ok(Holder {
        name: raw.holder,
        delivery: raw.delivery,
        coverage: raw.coverage,
        old_codes,
        sources: raw.sources.into_iter().enumerate().map(located).collect::<Result<_, _>>()?,
        synthetic: beside(path, Path::new(SYNTHETIC_MARKER)).exists(),
    })
}

fn check_delivery(delivery: &Delivery) -> Result<(), Problem> {
    if delivery.period.is_empty() {
        return Err(Problem::EmptyInterval);
    }
    let replaced = delivery.replaces.map_or(0, |r| r.number);
    if delivery.number > replaced { Ok(()) } else { Err(Problem::Number) }
}

fn check_coverage(coverage: &Coverage, contract: &Contract) -> Result<(), Problem> {
    if contract.table(coverage.table.as_str()).is_none() {
        return Err(Problem::Unknown { name: coverage.table.to_string() });
    }
    if coverage.last < coverage.first { Err(Problem::EmptyInterval) } else { Ok(()) }
}

fn source(raw: raw::Source, path: &Path, contract: &Contract) -> Result<Source, Problem> {
    let unknown = || Problem::Unknown { name: raw.table.to_string() };
    let (position, table) = contract.table(raw.table.as_str()).ok_or_else(unknown)?;
    if raw.files.is_empty() {
        return Err(Problem::NoFile);
    }
    check_names(&raw, table)?;
    let mut headers = Vec::new();
    let origins = table.columns.iter().map(|c| origin(c, &raw, &mut headers)).collect::<Result<_, _>>()?;
    if let Some(reshape) = &raw.reshape {
        check_reshape(reshape, table)?;
        headers.push(reshape.year.clone());
        headers.extend(reshape.months.iter().cloned());
    }
    check_headers(&headers, &dropped(&raw, table))?;
    Ok(Source {
        table: position,
        files: raw.files.iter().map(|file| beside(path, file)).collect(),
        format: format(&raw)?,
        notation: notation(&raw)?,
        headers,
        dropped: dropped(&raw, table),
        origins,
        renames: table.columns.iter().map(|c| renames(c, &raw)).collect::<Result<_, _>>()?,
        reshape: raw.reshape.map(|r| MonthCells { yes: r.yes, no: r.no }),
    })
}

/// Every name in the source's keys is a column of the table, and none is given twice.
fn check_names(raw: &raw::Source, table: &Table) -> Result<(), Problem> {
    let given: Vec<&Id> = raw.columns.keys().chain(raw.constants.keys()).chain(&raw.absent).collect();
    for (position, name) in given.iter().enumerate() {
        if given[..position].contains(name) {
            return Err(Problem::Twice { name: name.to_string() });
        }
    }
    let unknown = given.into_iter().chain(raw.codes.keys()).find(|name| table.column(name.as_str()).is_none());
    match unknown {
        Some(name) => Err(Problem::Unknown { name: name.to_string() }),
        None => Ok(()),
    }
}

/// No header is read twice, and none is both read and left out.
fn check_headers(headers: &[String], dropped: &[String]) -> Result<(), Problem> {
    let twice = |(at, header): &(usize, &String)| headers[..*at].contains(header) || dropped.contains(header);
    match headers.iter().enumerate().find(twice) {
        Some((_, name)) => Err(Problem::Twice { name: name.clone() }),
        None => Ok(()),
    }
}

fn origin(column: &Column, raw: &raw::Source, headers: &mut Vec<String>) -> Result<Origin, Problem> {
    let name = &column.name;
    match &column.content {
        Content::Derived(_) if raw.columns.contains_key(name) => Err(Problem::DoesNotApply { key: "columns" }),
        Content::Derived(_) | Content::Direct => Ok(Origin::Nowhere),
        _ if raw.reshape.as_ref().is_some_and(|r| r.into == *name) => Ok(Origin::Reshaped),
        content => match (raw.columns.get(name), raw.constants.get(name)) {
            (Some(header), _) => {
                // Two columns may be read from one header.
                let known = headers.iter().position(|h| h == header);
                Ok(Origin::Header(known.unwrap_or_else(|| {
                    headers.push(header.clone());
                    headers.len() - 1
                })))
            }
            (None, Some(value)) => Ok(Origin::Constant(value.clone())),
            (None, None) if !raw.absent.contains(name) => Err(Problem::NotGiven { name: name.to_string() }),
            (None, None) => {
                let required = matches!(content, Content::Person(_)) || column.rules().is_some_and(|r| r.required);
                if required { Err(Problem::RequiredAbsent { name: name.to_string() }) } else { Ok(Origin::Nowhere) }
            }
        },
    }
}

fn check_reshape(reshape: &Reshape, table: &Table) -> Result<(), Problem> {
    if reshape.months.len() != 12 {
        return Err(Problem::TwelveMonths { found: reshape.months.len() });
    }
    let column = table.column(reshape.into.as_str()).map(|c| &table.columns[c]);
    match column.and_then(Column::value) {
        Some(ValueType::Month) => Ok(()),
        _ => Err(Problem::WrongType { name: reshape.into.to_string(), expected: "month" }),
    }
}

fn dropped(raw: &raw::Source, table: &Table) -> Vec<String> {
    let direct = table.columns.iter().filter(|c| matches!(c.content, Content::Direct));
    direct.filter_map(|c| raw.columns.get(&c.name)).chain(&raw.ignore).cloned().collect()
}

fn renames(column: &Column, raw: &raw::Source) -> Result<Renames, Problem> {
    let Some(renames) = raw.codes.get(&column.name) else { return Ok(Renames::default()) };
    match column.value() {
        Some(ValueType::Code(codes)) => match renames.values().find(|code| codes.position(code).is_none()) {
            Some(code) => Err(Problem::Unknown { name: code.clone() }),
            None => Ok(renames.clone()),
        },
        Some(ValueType::Flag) => Ok(renames.clone()),
        _ => Err(Problem::WrongType { name: column.name.to_string(), expected: "code or flag" }),
    }
}

fn format(raw: &raw::Source) -> Result<Format, Problem> {
    match raw.format {
        raw::Format::Parquet if raw.delimiter.is_some() => Err(Problem::DoesNotApply { key: "delimiter" }),
        raw::Format::Parquet if raw.encoding.is_some() => Err(Problem::DoesNotApply { key: "encoding" }),
        raw::Format::Parquet => Ok(Format::Parquet),
        raw::Format::Csv => {
            let delimiter = raw.delimiter.unwrap_or(DELIMITER);
            let delimiter = u8::try_from(delimiter).ok().filter(u8::is_ascii).ok_or(Problem::NotAscii)?;
            Ok(Format::Csv(CsvFormat { delimiter, encoding: raw.encoding.unwrap_or(Encoding::Utf8) }))
        }
    }
}

fn notation(raw: &raw::Source) -> Result<Notation, Problem> {
    let decimal = raw.decimal.unwrap_or(DECIMAL);
    if !decimal.is_ascii() {
        return Err(Problem::NotAscii);
    }
    if raw.format == raw::Format::Csv && raw.delimiter.unwrap_or(DELIMITER) == decimal {
        return Err(Problem::SameMark);
    }
    let dates = raw.dates.clone().unwrap_or_else(|| vec![DateForm::Iso]);
    Ok(Notation { decimal, dates, missing: raw.missing.clone() })
}

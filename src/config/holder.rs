//! The holder file, resolved against the contract.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::authority::Authority;
use super::contract::Contract;
use super::error::{ConfigError, DECIDE, Problem};
use super::mapping::beside;
use super::raw::holder as raw;
use super::table::{Column, Content, LinkageColumns, Located, Table, sexes};
use super::toml_file::{parse_toml, read_text};
use crate::table::{
    CsvFormat, DATE_FORM, DECIMAL_MARK, DELIMITER, DateForm, DateLayout, ENCODING, MonthCells, Notation, Renames,
    SasFormat, ValueType, is_flag,
};
use salanimi_core::{BirthDigits, Day, Id, words};

use raw::Reshape;
pub use raw::{Coverage, Delivery, Replaced};

/// File that marks the folder of a holder file, and so its sources, as synthetic.
pub const SYNTHETIC_MARKER: &str = "SYNTHETIC.txt";
/// Month columns of the wide annual layout.
const MONTHS: usize = 12;

/// The holder file, resolved against the contract. It stays with the holder.
#[derive(Debug)]
pub struct Holder {
    /// The holder's short name.
    pub name: Id,
    /// Number and period of the delivery.
    pub delivery: Delivery,
    /// Days of the delivery's period for which the delivered tables are complete.
    pub coverage: Vec<Coverage>,
    /// Tables of changed identifiers, by kind.
    pub old_codes: BTreeMap<Id, OldCodes>,
    /// What stands for no name and no birth date.
    pub fillers: Fillers,
    /// The source files, by layout.
    pub sources: Vec<Source>,
    /// Numbers of the lines that ask for a decision.
    undecided: Vec<usize>,
    /// `true` if the sources are synthetic: a file [`SYNTHETIC_MARKER`] lies beside the holder file or a source.
    pub synthetic: bool,
}

/// What stands for no name and no birth date.
#[derive(Debug, Default)]
pub struct Fillers {
    /// Words of each filler of a name, normalised.
    pub names: BTreeSet<Vec<String>>,
    /// Filler dates.
    pub dates: BTreeSet<BirthDigits>,
}

/// A file of changed identifiers.
#[derive(Debug)]
pub struct OldCodes {
    /// The file.
    pub file: PathBuf,
    /// Header of the old identifiers.
    pub old: String,
    /// Header of the new identifiers.
    pub new: String,
    /// The day on which the table was taken from the population register.
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
    /// Their notation of numbers, dates and missing values.
    pub notation: Notation,
    /// Headers to read, in the order in which [`Origin::Header`] counts them.
    pub headers: Vec<String>,
    /// Headers that may be there but are never read.
    pub dropped: Vec<String>,
    /// Headers among them that are no column of the contract.
    pub ignored: Vec<String>,
    /// Positions of the table's columns that the source has but that do not leave the holder.
    pub withheld: Vec<usize>,
    /// The origin of each of the table's columns.
    pub origins: Vec<Origin>,
    /// For each of the table's columns, source code → contract code.
    pub renames: Vec<Renames>,
    /// Positions among the headers of the columns that linkage reads; `None` if it does not read this source.
    pub linkage: Option<LinkageColumns>,
    /// For the wide annual layout: the meaning of the month columns. The last thirteen headers are year and months.
    pub reshape: Option<MonthCells>,
}

/// The format of source files.
#[derive(Debug, Clone)]
pub enum Format {
    /// Text with separators.
    Csv(CsvFormat),
    /// Apache Parquet.
    Parquet,
    /// SAS data sets.
    Sas(SasFormat),
}

/// The origin of a column's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The source column at this position among the headers to read.
    Header(usize),
    /// One value for every row.
    Constant(String),
    /// The reshape of the wide annual layout.
    Reshaped,
    /// None: the source lacks it, it is derived, or it is never read.
    Nowhere,
}

impl Holder {
    /// Reads the holder file at `path` and checks it against `contract`.
    ///
    /// # Errors
    /// The file is unreadable or malformed, or does not fit the contract.
    pub fn read(path: &Path, contract: &Contract) -> Result<Self, ConfigError> {
        let text = read_text(path)?;
        let raw: raw::HolderFile = parse_toml(path, &text, raw::FORMAT)?;
        let holder = resolve(raw, path, contract).map_err(|(place, problem)| ConfigError::Invalid {
            path: path.to_owned(),
            place,
            problem,
        })?;
        let lines = (1..).zip(text.lines()).filter(|(_, line)| comment(line).starts_with(DECIDE));
        Ok(Self { undecided: lines.map(|(number, _)| number).collect(), ..holder })
    }

    /// Refuses a new holder file in which something is left to decide; `path` names it.
    ///
    /// # Errors
    /// A line asks for a decision.
    pub fn check_decided(&self, path: &Path) -> Result<(), ConfigError> {
        match self.undecided.as_slice() {
            [] => Ok(()),
            [line, rest @ ..] => Err(ConfigError::Undecided { path: path.to_owned(), line: *line, more: rest.len() }),
        }
    }
}

/// Returns the comment of a line, with its sign; empty if it has none. A sign within quotation marks begins none.
fn comment(line: &str) -> &str {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            _ if is_escaped => is_escaped = false,
            (Some('"'), '\\') => is_escaped = true,
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '#') => return &line[at..],
            _ => {}
        }
    }
    ""
}

fn resolve(raw: raw::HolderFile, path: &Path, contract: &Contract) -> Result<Holder, Located> {
    check_delivery(&raw.delivery).map_err(|problem| ("delivery".to_owned(), problem))?;
    check_listed(&raw.holder, contract).map_err(|problem| ("holder".to_owned(), problem))?;
    for coverage in &raw.coverage {
        check_coverage(coverage, &raw, contract).map_err(|problem| ("coverage".to_owned(), problem))?;
    }
    if Coverage::overlap(&raw.coverage) {
        return Err(("coverage".to_owned(), Problem::Overlap));
    }
    let mut old_codes = BTreeMap::new();
    for (kind, table) in raw.old_codes {
        if !contract.identifiers.contains_key(&kind) {
            return Err(("old_codes".into(), Problem::not_among(&kind, contract.identifiers.keys())));
        }
        let file = beside(path, &table.file);
        old_codes.insert(kind, OldCodes { file, old: table.old, new: table.new, date: table.date });
    }
    let fillers = fillers(&raw.linkage).map_err(|problem| ("linkage".to_owned(), problem))?;
    let mut sources = Vec::with_capacity(raw.sources.len());
    let authority = contract.authority(&raw.holder);
    for (number, raw) in (1..).zip(raw.sources) {
        let source = source(raw, path, contract, &authority);
        sources.push(source.map_err(|problem| (format!("source {number}"), problem))?);
    }
    check_files(&sources)?;
    // A holder file elsewhere does not make synthetic sources real.
    let of_sources = sources.iter().flat_map(|source: &Source| &source.files).map(PathBuf::as_path);
    let files: Vec<&Path> = std::iter::once(path).chain(of_sources).collect();
    Ok(Holder {
        synthetic: files.iter().any(|file| beside(file, Path::new(SYNTHETIC_MARKER)).exists()),
        name: raw.holder,
        coverage: raw.coverage.iter().filter_map(|coverage| coverage.within(raw.delivery.period)).collect(),
        delivery: raw.delivery,
        old_codes,
        fillers,
        sources,
        undecided: Vec::new(),
    })
}

fn fillers(raw: &raw::HolderLinkage) -> Result<Fillers, Problem> {
    let dates = raw.filler_dates.iter().map(|date| {
        let parts: Vec<&str> = date.split('-').collect();
        let has_form = parts.iter().map(|part| part.len()).eq([4, 2, 2]);
        BirthDigits::new(&parts.concat()).filter(|_| has_form).ok_or(Problem::FillerDate)
    });
    Ok(Fillers {
        names: raw.filler_names.iter().map(|name| words(name)).collect(),
        dates: dates.collect::<Result<_, _>>()?,
    })
}

/// Refuses a file that is twice among those of a source: each of its rows would be a repeat.
fn check_files(sources: &[Source]) -> Result<(), Located> {
    for (number, source) in (1..).zip(sources) {
        let mut known: BTreeSet<PathBuf> = BTreeSet::new();
        for file in &source.files {
            // A file that is absent is reported when it is read.
            let found = file.canonicalize().unwrap_or_else(|_| file.clone());
            if !known.insert(found) {
                return Err((format!("source {number}"), Problem::SameFile { file: file.clone() }));
            }
        }
    }
    Ok(())
}

fn check_delivery(delivery: &Delivery) -> Result<(), Problem> {
    if delivery.period.is_empty() {
        return Err(Problem::EmptyInterval);
    }
    let is_valid = match delivery.replaces {
        Some(replaced) => delivery.number > replaced.number,
        None => delivery.number >= 1,
    };
    if is_valid { Ok(()) } else { Err(Problem::Number) }
}

fn check_listed(holder: &Id, contract: &Contract) -> Result<(), Problem> {
    let listed = contract.holders.is_empty() || contract.holders.contains_key(holder);
    if listed { Ok(()) } else { Err(Problem::UnlistedHolder { holder: holder.clone() }) }
}

fn check_coverage(coverage: &Coverage, raw: &raw::HolderFile, contract: &Contract) -> Result<(), Problem> {
    let authority = contract.authority(&raw.holder);
    own_table(&coverage.table, contract, &authority)?;
    if !authority.may_speak_for(&coverage.organiser) {
        return Err(Problem::NotItsOrganiser { organiser: coverage.organiser.clone() });
    }
    if coverage.last < coverage.first { Err(Problem::EmptyInterval) } else { Ok(()) }
}

/// Returns the position of the table `name`, which the holder must be allowed to deliver.
fn own_table(name: &Id, contract: &Contract, authority: &Authority<'_>) -> Result<usize, Problem> {
    match contract.table(name.as_str()) {
        None => Err(Problem::not_among(name, contract.tables.iter().map(|table| &table.name))),
        Some((position, _)) if authority.may_deliver(position) => Ok(position),
        Some(_) => Err(Problem::NotItsTable { table: name.clone() }),
    }
}

fn source(raw: raw::Source, path: &Path, contract: &Contract, authority: &Authority<'_>) -> Result<Source, Problem> {
    let position = own_table(&raw.table, contract, authority)?;
    let table = &contract.tables[position];
    if raw.files.is_empty() {
        return Err(Problem::NoFile);
    }
    check_names(&raw, table)?;
    let mut headers = Vec::new();
    let origins = table.columns.iter().map(|c| origin(c, &raw, &mut headers)).collect::<Result<_, _>>()?;
    let linkage = table.linkage.map(|columns| {
        columns.map(|column| {
            let header = raw.columns.get(&table.columns[column].name)?;
            Some(header_position(header, &mut headers))
        })
    });
    if let Some(reshape) = &raw.reshape {
        check_reshape(reshape, table)?;
        headers.push(reshape.year.clone());
        headers.extend(reshape.months.iter().cloned());
    }
    let dropped = dropped(&raw, table);
    check_headers(&headers, &dropped)?;
    Ok(Source {
        table: position,
        files: raw.files.iter().map(|file| beside(path, file)).collect(),
        format: format(&raw)?,
        notation: notation(&raw)?,
        headers,
        dropped,
        ignored: raw.ignore.clone(),
        withheld: withheld(&raw, table),
        origins,
        renames: (0..table.columns.len()).map(|at| renames(table, at, &raw)).collect::<Result<_, _>>()?,
        linkage,
        reshape: raw.reshape.map(|r| MonthCells { yes: r.yes, no: r.no }),
    })
}

/// Refuses names that are not columns of the table, and names that are given twice.
fn check_names(raw: &raw::Source, table: &Table) -> Result<(), Problem> {
    let given: Vec<&Id> = raw.columns.keys().chain(raw.constants.keys()).chain(&raw.absent).collect();
    for (position, name) in given.iter().enumerate() {
        if given[..position].contains(name) {
            return Err(Problem::Twice { name: name.to_string() });
        }
    }
    let unknown = given.into_iter().chain(raw.codes.keys()).find(|name| table.column(name.as_str()).is_none());
    match unknown {
        Some(name) => Err(Problem::not_among(name, table.columns.iter().map(|column| &column.name))),
        None => Ok(()),
    }
}

/// Refuses headers that are read twice, or both read and dropped.
fn check_headers(headers: &[String], dropped: &[String]) -> Result<(), Problem> {
    for (at, header) in headers.iter().enumerate() {
        if headers[..at].contains(header) {
            return Err(Problem::Twice { name: header.clone() });
        }
        if dropped.contains(header) {
            return Err(Problem::ReadAndDropped { header: header.clone() });
        }
    }
    Ok(())
}

fn origin(column: &Column, raw: &raw::Source, headers: &mut Vec<String>) -> Result<Origin, Problem> {
    let name = &column.name;
    match &column.content {
        Content::Derived(_) if raw.columns.contains_key(name) => Err(Problem::DoesNotApply { key: "columns" }),
        Content::Derived(_) | Content::Direct => Ok(Origin::Nowhere),
        _ if raw.reshape.as_ref().is_some_and(|r| r.into == *name) => Ok(Origin::Reshaped),
        content => match (raw.columns.get(name), raw.constants.get(name)) {
            (Some(header), _) => Ok(Origin::Header(header_position(header, headers))),
            (None, Some(value)) => Ok(Origin::Constant(value.clone())),
            (None, None) if !raw.absent.contains(name) => Err(Problem::NotGiven { name: name.to_string() }),
            (None, None) => {
                let required = matches!(content, Content::Person(_)) || column.rules().is_some_and(|r| r.required);
                if required { Err(Problem::RequiredAbsent { name: name.to_string() }) } else { Ok(Origin::Nowhere) }
            }
        },
    }
}

/// Returns the position of `header` among the headers to read. Several columns may have one header.
fn header_position(header: &String, headers: &mut Vec<String>) -> usize {
    match headers.iter().position(|known| known == header) {
        Some(position) => position,
        None => {
            headers.push(header.clone());
            headers.len() - 1
        }
    }
}

fn check_reshape(reshape: &Reshape, table: &Table) -> Result<(), Problem> {
    if reshape.months.len() != MONTHS {
        return Err(Problem::TwelveMonths { found: reshape.months.len() });
    }
    let column = table.column(reshape.into.as_str()).map(|c| &table.columns[c]);
    match column.and_then(Column::value) {
        Some(ValueType::Month) => Ok(()),
        _ => Err(Problem::WrongType { name: reshape.into.to_string(), expected: "month" }),
    }
}

/// Returns the headers that are never read: direct identifiers that linkage does not read, and ignored columns.
fn dropped(raw: &raw::Source, table: &Table) -> Vec<String> {
    let for_linkage = table.linkage.map_or_else(Vec::new, LinkageColumns::positions);
    let columns = table.columns.iter().enumerate();
    let direct = columns.filter(|(at, c)| matches!(c.content, Content::Direct) && !for_linkage.contains(at));
    direct.filter_map(|(_, c)| raw.columns.get(&c.name)).chain(&raw.ignore).cloned().collect()
}

/// Returns the positions of the columns that the source has but that do not leave the holder.
fn withheld(raw: &raw::Source, table: &Table) -> Vec<usize> {
    let columns = table.columns.iter().enumerate();
    let withheld = columns.filter(|(at, column)| {
        *at != table.person && !table.sources.contains(at) && {
            raw.columns.contains_key(&column.name) || raw.constants.contains_key(&column.name)
        }
    });
    withheld.map(|(at, _)| at).collect()
}

fn renames(table: &Table, at: usize, raw: &raw::Source) -> Result<Renames, Problem> {
    let column = &table.columns[at];
    // The sex that linkage reads has no type of its own.
    let is_sex = table.linkage.is_some_and(|linkage| linkage.sex == Some(at));
    let value = if is_sex { Some(ValueType::Code(sexes())) } else { column.value() };
    let Some(renames) = raw.codes.get(&column.name) else { return Ok(Renames::new()) };
    let unknown = match &value {
        Some(ValueType::Code(codes)) => renames.values().find(|code| codes.position(code).is_none()),
        Some(ValueType::Flag) => renames.values().find(|code| !is_flag(code)),
        _ => return Err(Problem::WrongType { name: column.name.to_string(), expected: "code or flag" }),
    };
    match (unknown, &value) {
        (None, _) => Ok(renames.clone()),
        (Some(code), Some(ValueType::Code(codes))) => Err(Problem::not_among(code, codes.values())),
        (Some(code), _) => Err(Problem::not_among(code, ["0", "1", "false", "true"])),
    }
}

fn format(raw: &raw::Source) -> Result<Format, Problem> {
    let given = [
        ("delimiter", raw.delimiter.is_some(), raw.format == raw::Format::Csv),
        ("encoding", raw.encoding.is_some(), raw.format != raw::Format::Parquet),
        ("days_since_1960", !raw.days_since_1960.is_empty(), raw.format == raw::Format::Sas),
        ("seconds_since_1960", !raw.seconds_since_1960.is_empty(), raw.format == raw::Format::Sas),
    ];
    if let Some((key, ..)) = given.into_iter().find(|&(_, is_given, applies)| is_given && !applies) {
        return Err(Problem::DoesNotApply { key });
    }
    match raw.format {
        raw::Format::Parquet => Ok(Format::Parquet),
        raw::Format::Sas => sas_format(raw).map(Format::Sas),
        raw::Format::Csv => {
            let delimiter = u8::try_from(delimiter(raw)).ok().filter(u8::is_ascii).ok_or(Problem::NotAscii)?;
            Ok(Format::Csv(CsvFormat { delimiter, encoding: raw.encoding.unwrap_or(ENCODING) }))
        }
    }
}

fn sas_format(raw: &raw::Source) -> Result<SasFormat, Problem> {
    let headers: Vec<&String> = raw.columns.values().collect();
    let counted = raw.days_since_1960.iter().chain(&raw.seconds_since_1960);
    if let Some(name) = counted.into_iter().find(|name| !headers.contains(name)) {
        return Err(Problem::not_among(name, headers));
    }
    Ok(SasFormat { encoding: raw.encoding, days: raw.days_since_1960.clone(), seconds: raw.seconds_since_1960.clone() })
}

fn delimiter(raw: &raw::Source) -> char {
    raw.delimiter.unwrap_or(DELIMITER)
}

fn notation(raw: &raw::Source) -> Result<Notation, Problem> {
    let decimal = raw.decimal.unwrap_or(DECIMAL_MARK);
    if !decimal.is_ascii() {
        return Err(Problem::NotAscii);
    }
    let delimiter = (raw.format == raw::Format::Csv).then(|| delimiter(raw));
    let marks = [Some(decimal), raw.thousands, delimiter];
    let is_twice = |at: usize| marks[at].is_some() && marks[..at].contains(&marks[at]);
    if (0..marks.len()).any(is_twice) {
        return Err(Problem::SameMark);
    }
    let dates = raw.dates.as_ref().map_or_else(|| vec![DATE_FORM], Clone::clone);
    check_dates(&dates)?;
    Ok(Notation { decimal, thousands: raw.thousands, dates, missing: raw.missing.clone() })
}

/// Refuses two forms that read one text as two days.
fn check_dates(dates: &[DateForm]) -> Result<(), Problem> {
    let has = |layout| dates.iter().any(|form| form.layout == layout);
    if has(DateLayout::Finnish19) && has(DateLayout::Finnish20) { Err(Problem::TwoCenturies) } else { Ok(()) }
}

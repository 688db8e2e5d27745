//! Purpose: tables, columns, types, codes and dates are those of the contract.
//!
//! GDPR articles 5(1)(b) and (c): purpose limitation and data minimisation, against an allow-list.

use std::collections::BTreeMap;
use std::ops::Add;

use super::check::{Check, Notes, Table as Evidence, Verdict};
use super::options::Options;
use super::subject::{Kind, Subject, SubjectTable, listed};
use crate::config::raw::release::Release;
use crate::config::{AnalysisTable, BY_EVIDENCE, Column, Content, Contract, Table};
use crate::shared::Shared;
use crate::table::{Cells, Rows, Texts, Transform, ValueType};
use crate::text::Text;
use salanimi_core::{Day, Days};

const COLUMNS: &str = "purpose.columns";
const DIRECT: &str = "purpose.direct";
const CODES: &str = "purpose.codes";
const WINDOW: &str = "purpose.window";
/// Years of plausible dates in a register.
const PLAUSIBLE_YEARS: std::ops::RangeInclusive<i32> = 1850..=2150;
/// Name of the person column of a linked dataset.
const PERSON: &str = "person";
/// Table of persons that every link writes.
const PERSONS_TABLE: &str = "persons";

/// Checks every subject against the contract.
pub(super) fn check(
    subjects: &[Subject],
    faults: &[Vec<ColumnFaults>],
    options: &Options<'_>,
    checks: &mut Vec<Check>,
) {
    for (subject, faults) in subjects.iter().zip(faults).filter(|(subject, _)| !subject.tables.is_empty()) {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let Some(contract) = options.contract else {
            for name in [COLUMNS, DIRECT, CODES, WINDOW] {
                let evidence = Text::new(
                    "needs the contract; give --contract FILE",
                    "tarvitsee sopimuksen; anna --contract TIEDOSTO",
                    "kräver avtalet; ange --contract FIL",
                );
                notes.note(name, Verdict::NotChecked, evidence);
            }
            continue;
        };
        columns(subject, contract, &mut notes);
        direct(subject, contract, &mut notes);
        contents(faults, contract, &mut notes);
    }
}

/// A column of a delivered or linked table, by the contract.
struct Expected<'a> {
    name: &'a str,
    value: ValueType,
    range: Range,
    /// `true` if dates must be within the observation window.
    in_window: bool,
}

/// Smallest and largest allowed number, in whole units.
#[derive(Clone, Copy, Default)]
struct Range {
    min: Option<i32>,
    max: Option<i32>,
}

impl Range {
    fn of(column: &Column) -> Self {
        match &column.content {
            Content::Value(rules) => Self { min: rules.min, max: rules.max },
            _ => Self::default(),
        }
    }

    fn excludes(self, number: f64) -> bool {
        self.min.is_some_and(|min| number < f64::from(min)) || self.max.is_some_and(|max| number > f64::from(max))
    }
}

impl Expected<'_> {
    /// Returns the column that tells which rows were linked without a code.
    fn by_evidence() -> Self {
        Self { name: BY_EVIDENCE, value: ValueType::Flag, range: Range::default(), in_window: false }
    }
}

/// Returns the expected columns of `table`, in a linked dataset or a delivery.
fn expected(table: &Table, is_linked: bool, has_evidence: bool) -> Vec<Expected<'_>> {
    let mut expected = vec![Expected {
        name: if is_linked { PERSON } else { &table.fields[0].name },
        value: if is_linked { ValueType::LinkedId } else { ValueType::Pseudonym },
        range: Range::default(),
        in_window: false,
    }];
    for (position, field) in table.fields.iter().enumerate().skip(1) {
        let value = if is_linked { table.linked_value(&field.name) } else { Some(field.value.clone()) };
        // The link omits the column.
        let Some(value) = value else { continue };
        let column = &table.columns[table.sources[position - 1]];
        let is_kept = matches!(column.deliver, Some(Transform::Keep));
        expected.push(Expected {
            name: &field.name,
            value: if is_linked && value == ValueType::Pseudonym { ValueType::LinkedId } else { value },
            range: if is_kept { Range::of(column) } else { Range::default() },
            in_window: table.window == Some(position),
        });
    }
    expected.extend((is_linked && has_evidence).then(Expected::by_evidence));
    expected
}

/// Returns the expected columns of a subject's table; `None` if the contract does not list it.
fn expected_of<'a>(table: &'a SubjectTable, kind: Kind, contract: &'a Contract) -> Option<Vec<Expected<'a>>> {
    let has_person = table.columns.iter().any(|column| column.name == PERSON);
    match (table.contract, table.analysis) {
        (Some(position), _) => {
            let is_linked = kind == Kind::Linked || has_person;
            Some(expected(&contract.tables[position], is_linked, contract.linkage.is_some()))
        }
        (None, analysis) => Some(expected_of_analysis(analysis?, contract.linkage.is_some())),
    }
}

/// Returns the expected columns of an analysis table.
fn expected_of_analysis(table: &AnalysisTable, has_evidence: bool) -> Vec<Expected<'_>> {
    let columns = table.columns.iter().map(|column| Expected {
        name: &column.name,
        value: match column.value.as_str() {
            "id" => ValueType::LinkedId,
            "month" => ValueType::Month,
            "integer" => ValueType::Integer,
            "flag" => ValueType::Flag,
            _ => ValueType::Text,
        },
        range: Range::default(),
        in_window: column.value == "month",
    });
    columns.chain(has_evidence.then(Expected::by_evidence)).collect()
}

/// Checks that tables, columns and types are those of the contract.
fn columns(subject: &Subject, contract: &Contract, notes: &mut Notes<'_>) {
    let mut differences: Vec<Vec<Text>> = Vec::new();
    for table in subject.tables.iter().filter(|table| table.contract.is_none() && table.analysis.is_none()) {
        if !is_agreed(table, subject.kind, contract) {
            let problem =
                Text::new("not a table of the contract", "ei ole sopimuksen taulu", "inte en tabell i avtalet");
            differences.push(difference(table, "–", problem));
        }
    }
    for table in &subject.tables {
        let Some(expected) = expected_of(table, subject.kind, contract) else { continue };
        for (column, (name, data_type)) in table.columns.iter().zip(table.table.columns()) {
            match expected.iter().find(|expected| expected.name == name) {
                None => {
                    let problem = Text::new(
                        "not a column of the contract",
                        "ei ole sopimuksen sarake",
                        "inte en kolumn i avtalet",
                    );
                    differences.push(difference(table, &column.label, problem));
                }
                Some(expected) if table.table.is_parquet() && !can_hold(data_type, &expected.value) => {
                    let wanted = expected.value.name();
                    let problem = Text::new(
                        format!("not of type {wanted}"),
                        format!("tyyppi ei ole {wanted}"),
                        format!("inte av typen {wanted}"),
                    );
                    differences.push(difference(table, &column.label, problem));
                }
                Some(_) => {}
            }
        }
        for missing in expected.iter().filter(|e| table.columns.iter().all(|column| column.name != e.name)) {
            differences.push(difference(table, missing.name, Text::new("missing", "puuttuu", "saknas")));
        }
    }
    if differences.is_empty() {
        let evidence = Text::new(
            "tables, columns and types are those of the contract",
            "taulut, sarakkeet ja tyypit ovat sopimuksen mukaiset",
            "tabellerna, kolumnerna och typerna följer avtalet",
        );
        notes.note(COLUMNS, Verdict::Pass, evidence);
        return;
    }
    let count = differences.len();
    let evidence = Text::new(
        format!("{count} differences from the contract; ask the holder for the agreed data"),
        format!("{count} poikkeamaa sopimuksesta; pyydä luovuttajalta sovittu aineisto"),
        format!("{count} avvikelser från avtalet; be utlämnaren om de avtalade uppgifterna"),
    );
    let headings = vec![
        Text::new("table", "taulu", "tabell"),
        Text::new("column", "sarake", "kolumn"),
        Text::new("problem", "vika", "fel"),
    ];
    let caption = Text::new("Differences", "Poikkeamat", "Avvikelser");
    notes.note(COLUMNS, Verdict::Fail, evidence).with_table(Evidence { caption, headings, rows: differences });
}

/// Returns true if a table that is not of an exchange is agreed all the same: the persons of a link, or a release.
fn is_agreed(table: &SubjectTable, kind: Kind, contract: &Contract) -> bool {
    let Some(stem) = table.path.file_stem() else { return false };
    match kind {
        Kind::Linked => stem == PERSONS_TABLE,
        Kind::Released => contract.release.iter().flat_map(Release::names).any(|name| stem == name.as_str()),
        _ => false,
    }
}

fn difference(table: &SubjectTable, column: &str, problem: Text) -> Vec<Text> {
    vec![Text::same(table.label.clone()), Text::same(column), problem]
}

/// Returns true if a Parquet column of the Arrow type `data_type` can hold these values.
fn can_hold(data_type: &str, value: &ValueType) -> bool {
    let types: &[&str] = match value {
        ValueType::Code(_) | ValueType::Text | ValueType::LinkedId => &["Utf8", "LargeUtf8", "Dictionary"],
        ValueType::Date | ValueType::Month => &["Date"],
        ValueType::Decimal { .. } => &["Decimal"],
        ValueType::Integer => &["Int", "UInt"],
        ValueType::Flag => &["Boolean"],
        ValueType::Pseudonym => return data_type == "FixedSizeBinary(16)",
        ValueType::Token => return data_type == "FixedSizeBinary(8)",
    };
    types.iter().any(|name| data_type.starts_with(name))
}

/// Checks that no column is a direct identifier of the contract, or the identity code itself.
fn direct(subject: &Subject, contract: &Contract, notes: &mut Notes<'_>) {
    let mut found = Vec::new();
    for table in &subject.tables {
        for column in table.columns.iter().filter(|column| is_direct(&column.name.to_lowercase(), contract)) {
            found.push(format!("{}: {}", table.label, column.label));
        }
    }
    if found.is_empty() {
        let evidence = Text::new(
            "no column is a direct identifier",
            "mikään sarake ei ole suora tunniste",
            "ingen kolumn är en direkt identifierare",
        );
        notes.note(DIRECT, Verdict::Pass, evidence);
        return;
    }
    let names = listed(&found);
    let evidence = Text::new(
        format!("direct identifiers, which must not leave the holder: {}", names.en),
        format!("suoria tunnisteita, jotka eivät saa lähteä luovuttajalta: {}", names.fi),
        format!("direkta identifierare, som inte får lämna utlämnaren: {}", names.sv),
    );
    notes.note(DIRECT, Verdict::Fail, evidence);
}

fn is_direct(name: &str, contract: &Contract) -> bool {
    let columns = contract.tables.iter().flat_map(|table| &table.columns);
    columns.filter(|c| matches!(c.content, Content::Direct | Content::Person(_))).any(|c| c.name.as_str() == name)
}

/// Number of rows with each kind of fault.
#[derive(Clone, Copy, Default)]
struct Faults {
    /// Rows outside the column's code list, type or range.
    value: u64,
    /// Rows dated outside the observation window.
    window: u64,
}

impl Add for Faults {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, window: self.window + other.window }
    }
}

/// Counts the faults of a table's columns while it is read.
pub(super) struct FaultCounter<'a> {
    table: &'a SubjectTable,
    /// Checked columns with their positions; none if the contract does not list the table.
    columns: Vec<(usize, Expected<'a>)>,
    window: Option<Days>,
    counted: Shared<Vec<Faults>>,
}

impl<'a> FaultCounter<'a> {
    /// Begins with `table` of a subject of this kind.
    pub fn new(table: &'a SubjectTable, kind: Kind, contract: Option<&'a Contract>) -> Self {
        let position = |expected: Expected<'a>| {
            let at = table.columns.iter().position(|column| column.name == expected.name)?;
            Some((at, expected))
        };
        let expected = contract.and_then(|contract| expected_of(table, kind, contract));
        let columns: Vec<_> = expected.into_iter().flatten().filter_map(position).collect();
        let counted = Shared::new(vec![Faults::default(); columns.len()]);
        Self { table, columns, window: contract.map(|contract| contract.study.window), counted }
    }

    /// Counts the faults of some rows.
    pub fn see(&self, rows: &Rows) {
        let Some(window) = self.window else { return };
        let of_column = |(at, expected): &(usize, Expected<'a>)| faults(&rows.columns[*at], expected, window);
        let found: Vec<Faults> = self.columns.iter().map(of_column).collect();
        self.counted.lock().iter_mut().zip(found).for_each(|(sum, faults)| *sum = *sum + faults);
    }

    /// Returns the faults. `is_whole` tells whether the table was read to the end.
    pub fn finish(self, is_whole: bool) -> ColumnFaults {
        let Self { table, columns, counted, .. } = self;
        let places = columns.iter().map(|(at, _)| Subject::place(table, *at));
        ColumnFaults {
            is_whole: is_whole || columns.is_empty(),
            checked: columns.len(),
            dated: columns.iter().filter(|(_, expected)| expected.in_window).count(),
            by_place: places.zip(counted.into_inner()).collect(),
        }
    }
}

/// Faults of the checked columns of a table, or of all tables of a subject.
pub(super) struct ColumnFaults {
    /// `true` if every table was read to the end.
    is_whole: bool,
    checked: usize,
    dated: usize,
    by_place: BTreeMap<String, Faults>,
}

impl ColumnFaults {
    /// Gathers the faults of all tables.
    fn of_tables(tables: &[Self]) -> Self {
        let places = tables.iter().flat_map(|table| &table.by_place);
        Self {
            is_whole: tables.iter().all(|table| table.is_whole),
            checked: tables.iter().map(|table| table.checked).sum(),
            dated: tables.iter().map(|table| table.dated).sum(),
            by_place: places.map(|(place, faults)| (place.clone(), *faults)).collect(),
        }
    }

    /// Returns the places with a fault of one kind, with their number of rows.
    fn faulty(&self, rows: fn(&Faults) -> u64) -> Vec<(&str, u64)> {
        let all = self.by_place.iter().map(|(place, faults)| (place.as_str(), rows(faults)));
        all.filter(|(_, rows)| *rows > 0).collect()
    }
}

/// Checks that codes and numbers are in range, and dates within the window.
fn contents(faults: &[ColumnFaults], contract: &Contract, notes: &mut Notes<'_>) {
    let found = ColumnFaults::of_tables(faults);
    if !found.is_whole {
        let evidence = Text::new("a table cannot be decoded", "taulua ei voi purkaa", "en tabell kan inte avkodas");
        notes.note(CODES, Verdict::Fail, evidence.clone());
        notes.note(WINDOW, Verdict::Fail, evidence);
        return;
    }
    let Days { first, last } = contract.study.window;
    let checked = found.checked;
    let passed = Text::new(format!("{checked} columns"), format!("{checked} saraketta"), format!("{checked} kolumner"));
    note_faults(CODES, checked, &found.faulty(|faults| faults.value), passed, notes);
    let passed = Text::new(
        format!("every row is dated {first} to {last}"),
        format!("jokainen rivi on välillä {first}–{last}"),
        format!("varje rad är daterad {first}–{last}"),
    );
    note_faults(WINDOW, found.dated, &found.faulty(|faults| faults.window), passed, notes);
}

/// Reports the faulty columns of the `checked` ones.
fn note_faults(name: &'static str, checked: usize, faulty: &[(&str, u64)], passed: Text, notes: &mut Notes<'_>) {
    if checked == 0 {
        let evidence = Text::new(
            "no such column in the contract",
            "sopimuksessa ei ole tällaista saraketta",
            "avtalet har ingen sådan kolumn",
        );
        notes.note(name, Verdict::NotApplicable, evidence);
    } else if faulty.is_empty() {
        notes.note(name, Verdict::Pass, passed);
    } else {
        let count = faulty.len();
        let evidence = Text::new(
            format!("{count} columns hold values that the contract does not allow; ask the holder for the data again"),
            format!("{count} sarakkeessa on arvoja, joita sopimus ei salli; pyydä aineisto uudelleen luovuttajalta"),
            format!(
                "{count} kolumner innehåller värden som avtalet inte tillåter; be utlämnaren om uppgifterna på nytt"
            ),
        );
        let headings = vec![Text::new("column", "sarake", "kolumn"), Text::new("rows", "rivejä", "rader")];
        let rows = faulty.iter().map(|(place, rows)| vec![Text::same(*place), Text::same(rows.to_string())]);
        let caption = Text::new("Rows by column", "Rivit sarakkeittain", "Rader per kolumn");
        notes.note(name, Verdict::Fail, evidence).with_table(Evidence { caption, headings, rows: rows.collect() });
    }
}

/// Counts the faults of some cells.
fn faults(cells: &Cells, expected: &Expected<'_>, window: Days) -> Faults {
    let range = expected.range;
    match (cells, &expected.value) {
        (Cells::Text(texts), ValueType::Code(codes)) => {
            value_faults(count_texts(texts, cells.len(), |text| codes.position(text).is_none()))
        }
        (Cells::Day(days), _) => days
            .iter()
            .flatten()
            .map(|day| Day::from_epoch_days(day).map_or(value_faults(1), |day| day_faults(day, expected, window)))
            .fold(Faults::default(), Faults::add),
        (Cells::Text(texts), value) if value.is_dated() => Faults {
            value: count_texts(texts, cells.len(), |text| {
                day_or_month(text).is_none_or(|day| day_faults(day, expected, window).value > 0)
            }),
            window: count_texts(texts, cells.len(), |text| {
                day_or_month(text).is_some_and(|day| day_faults(day, expected, window).window > 0)
            }),
        },
        (Cells::Integer(numbers), ValueType::Integer | ValueType::Decimal { .. }) => {
            value_faults(numbers.iter().flatten().filter(|&number| range.excludes(number as f64)).count() as u64)
        }
        (Cells::Number(numbers), _) => {
            value_faults(numbers.iter().flatten().filter(|&number| range.excludes(number)).count() as u64)
        }
        (Cells::Text(texts), value) if value.is_number() => value_faults(count_texts(texts, cells.len(), |text| {
            let number = text.trim().replace(',', ".").parse::<f64>().ok();
            !text.is_empty() && number.is_none_or(|number| range.excludes(number))
        })),
        _ => Faults::default(),
    }
}

fn value_faults(rows: u64) -> Faults {
    Faults { value: rows, window: 0 }
}

fn day_faults(day: Day, expected: &Expected<'_>, window: Days) -> Faults {
    // A month stands for its first day, which may lie before a window that begins within the month.
    let first = if expected.value == ValueType::Month { window.first.first_of_month() } else { window.first };
    let is_outside = expected.in_window && (day < first || day > window.last);
    Faults { value: u64::from(!PLAUSIBLE_YEARS.contains(&day.year())), window: u64::from(is_outside) }
}

fn day_or_month(text: &str) -> Option<Day> {
    Day::parse(text).or_else(|_| Day::parse(&format!("{text}-01"))).ok()
}

/// Counts the rows whose text is faulty. Each dictionary entry is tested once.
fn count_texts(texts: &Texts, rows: usize, is_faulty: impl Fn(&str) -> bool) -> u64 {
    let Some(keys) = texts.keys() else {
        return (0..rows).filter_map(|row| texts.get(row)).filter(|text| is_faulty(text)).count() as u64;
    };
    let entries: Vec<bool> = (0..texts.kept_len()).map(|at| texts.kept_at(at).is_some_and(&is_faulty)).collect();
    keys.iter().flatten().filter(|&key| entries[key as usize]).count() as u64
}

//! Purpose: is only there what the contract says, in the form and the range that it says?
//!
//! GDPR articles 5(1)(b) and (c): purpose limitation and minimisation against an allow-list.

use std::collections::BTreeMap;

use super::Options;
use super::check::{Check, Notes, Table as Rows, Verdict};
use super::subject::{Kind, Subject, Tabular, listed};
use crate::config::raw::release::Release;
use crate::config::{AnalysisColumn, AnalysisTable, Column, Content, Contract, Table};
use crate::table::{Cells, Texts, Transform, ValueType};
use crate::text::Text;
use salanimi_core::{Day, Days};

const COLUMNS: &str = "purpose.columns";
const DIRECT: &str = "purpose.direct";
const CODES: &str = "purpose.codes";
const WINDOW: &str = "purpose.window";
/// The years in which a date of a register can lie.
const PLAUSIBLE_YEARS: std::ops::RangeInclusive<i32> = 1850..=2150;

/// What the contract says of a column that is delivered or linked.
struct Expected<'a> {
    name: &'a str,
    value: ValueType,
    /// The smallest and largest number, in whole units.
    range: (Option<i32>, Option<i32>),
    /// Whether its dates must lie in the window.
    in_window: bool,
}

pub(super) fn check(subjects: &[Subject], options: &Options<'_>, checks: &mut Vec<Check>) {
    for subject in subjects.iter().filter(|subject| !subject.tables.is_empty()) {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let Some(contract) = options.contract else {
            for name in [COLUMNS, DIRECT, CODES, WINDOW] {
                let words = Text::new(
                    "needs the contract; give --contract FILE",
                    "tarvitsee sopimuksen; anna --contract TIEDOSTO",
                );
                notes.note(name, Verdict::NotChecked, words);
            }
            continue;
        };
        columns(subject, contract, &mut notes);
        direct(subject, contract, &mut notes);
        contents(subject, contract, &mut notes);
    }
}

fn expected(table: &Table, kind: Kind, table_has_person: bool) -> Vec<Expected<'_>> {
    let linked = kind == Kind::Linked || table_has_person;
    let mut expected = vec![Expected {
        name: if linked { "person" } else { &table.fields[0].name },
        value: if linked { ValueType::LinkedId } else { ValueType::Pseudonym },
        range: (None, None),
        in_window: false,
    }];
    for (position, field) in table.fields.iter().enumerate().skip(1) {
        let column = &table.columns[table.sources[position - 1]];
        let shown = table.linked[position - 1].as_ref();
        let value = match (linked, shown) {
            (false, _) => field.value.clone(),
            (true, None) => continue,
            (true, Some(_)) if field.value == ValueType::Pseudonym => ValueType::LinkedId,
            (true, Some(transform)) => transform.output(&field.value).unwrap_or_else(|_| field.value.clone()),
        };
        let kept = matches!(column.deliver, Some(Transform::Keep));
        let range = if kept { range(column) } else { (None, None) };
        expected.push(Expected { name: &field.name, value, range, in_window: table.window == Some(position) });
    }
    expected
}

fn range(column: &Column) -> (Option<i32>, Option<i32>) {
    match &column.content {
        Content::Value(rules) => (rules.min, rules.max),
        _ => (None, None),
    }
}

/// The tables of a subject that the contract knows, with what it says of their columns.
fn known<'a>(subject: &'a Subject, contract: &'a Contract) -> impl Iterator<Item = (&'a Tabular, Vec<Expected<'a>>)> {
    subject.tables.iter().filter_map(|table| {
        let has_person = table.columns.iter().any(|column| column.name == "person");
        let expected = match (table.contract, table.analysis) {
            (Some(position), _) => expected(&contract.tables[position], subject.kind, has_person),
            (None, analysis) => analysed(analysis?),
        };
        Some((table, expected))
    })
}

/// What the columns of an analysis table hold.
fn analysed(table: &'static AnalysisTable) -> Vec<Expected<'static>> {
    let column = |column: &'static AnalysisColumn| Expected {
        name: &column.name,
        value: match column.value.as_str() {
            "id" => ValueType::LinkedId,
            "month" => ValueType::Month,
            "integer" => ValueType::Integer,
            "flag" => ValueType::Flag,
            _ => ValueType::Text,
        },
        range: (None, None),
        in_window: column.value == "month",
    };
    table.columns.iter().map(column).collect()
}

/// Columns and types are the contract's. The persons of a linked dataset are the link's own table.
fn columns(subject: &Subject, contract: &Contract, notes: &mut Notes<'_>) {
    let mut wrong: Vec<Vec<Text>> = Vec::new();
    let mut row = |table: &Tabular, column: String, problem: Text| {
        wrong.push(vec![Text::same(table.label.clone()), Text::same(column), problem]);
    };
    for table in subject.tables.iter().filter(|table| table.contract.is_none() && table.analysis.is_none()) {
        let named = |name: &str| table.path.file_stem().is_some_and(|stem| stem == name);
        let agreed = match subject.kind {
            Kind::Linked => named("persons"),
            Kind::Released => contract.release.iter().flat_map(Release::names).any(|name| named(name.as_str())),
            _ => false,
        };
        if !agreed {
            row(table, "–".to_owned(), Text::new("the contract has no such table", "sopimuksessa ei ole tätä taulua"));
        }
    }
    for (table, expected) in known(subject, contract) {
        for (column, (name, found)) in table.columns.iter().zip(table.table.columns()) {
            let place = column.label.clone();
            match expected.iter().find(|e| e.name == name) {
                None => row(table, place, Text::new("not in the contract", "ei ole sopimuksessa")),
                Some(e) if table.table.is_parquet() && !fits(found, &e.value) => {
                    let problem = format!("of another type than {}", e.value.name());
                    row(table, place, Text::new(problem, format!("tyyppi ei ole {}", e.value.name())));
                }
                Some(_) => {}
            }
        }
        let there = |e: &&Expected<'_>| table.columns.iter().all(|column| column.name != e.name);
        for missing in expected.iter().filter(there) {
            row(table, missing.name.to_owned(), Text::new("missing", "puuttuu"));
        }
    }
    let (verdict, words) = match wrong.len() {
        0 => (
            Verdict::Pass,
            Text::new("tables, columns and types are the contract's", "taulut, sarakkeet ja tyypit ovat sopimuksen"),
        ),
        n => (
            Verdict::Fail,
            Text::new(
                format!("{n} differences from the contract; ask the holder for what was agreed"),
                format!("{n} poikkeamaa sopimuksesta; pyydä luovuttajalta sovittu aineisto"),
            ),
        ),
    };
    let note = notes.note(COLUMNS, verdict, words);
    if !wrong.is_empty() {
        let headings =
            vec![Text::new("table", "taulu"), Text::new("column", "sarake"), Text::new("what is wrong", "vika")];
        note.with_table(Rows { caption: Text::new("Differences", "Poikkeamat"), headings, rows: wrong });
    }
}

/// Whether a Parquet column of the Arrow type `found` can hold these values.
fn fits(found: &str, value: &ValueType) -> bool {
    let begins = |names: &[&str]| names.iter().any(|name| found.starts_with(name));
    match value {
        ValueType::Code(_) | ValueType::Text | ValueType::LinkedId => begins(&["Utf8", "LargeUtf8", "Dictionary"]),
        ValueType::Date | ValueType::Month => begins(&["Date"]),
        ValueType::Decimal { .. } => begins(&["Decimal"]),
        ValueType::Integer => begins(&["Int", "UInt"]),
        ValueType::Flag => begins(&["Boolean"]),
        ValueType::Pseudonym => found == "FixedSizeBinary(16)",
    }
}

/// No column is one that the contract calls a direct identifier, or the identity code itself.
fn direct(subject: &Subject, contract: &Contract, notes: &mut Notes<'_>) {
    let is_direct = |name: &str| {
        let columns = contract.tables.iter().flat_map(|table| &table.columns);
        columns.filter(|c| matches!(c.content, Content::Direct | Content::Person(_))).any(|c| c.name.as_str() == name)
    };
    let columns = subject.tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    let found: Vec<String> = columns
        .filter(|(_, column)| is_direct(&column.name.to_lowercase()))
        .map(|(table, column)| format!("{}: {}", table.label, column.label))
        .collect();
    let (verdict, words) = if found.is_empty() {
        (Verdict::Pass, Text::new("no direct identifier has a column", "suorilla tunnisteilla ei ole saraketta"))
    } else {
        let names = listed(&found);
        let en = format!("the contract lets these never leave a holder: {}", names.en);
        (Verdict::Fail, Text::new(en, format!("sopimuksen mukaan nämä eivät saa lähteä luovuttajalta: {}", names.fi)))
    };
    notes.note(DIRECT, verdict, words);
}

/// Rows that break a rule, by place.
#[derive(Default)]
struct Broken {
    codes: BTreeMap<String, u64>,
    window: BTreeMap<String, u64>,
    unreadable: bool,
}

/// Codes and numbers are in range, dates in the window.
fn contents(subject: &Subject, contract: &Contract, notes: &mut Notes<'_>) {
    let window = contract.study.window;
    let mut broken = Broken::default();
    let (mut checked, mut dated) = (0, 0);
    for (table, expected) in known(subject, contract) {
        let columns: Vec<(usize, &Expected<'_>)> = expected
            .iter()
            .filter_map(|e| table.columns.iter().position(|column| column.name == e.name).map(|at| (at, e)))
            .collect();
        let wanted: Vec<usize> = columns.iter().map(|(at, _)| *at).collect();
        checked += columns.len();
        dated += columns.iter().filter(|(_, e)| e.in_window).count();
        let count = |rows: crate::table::Rows| -> Vec<(u64, u64)> {
            rows.columns.iter().zip(&columns).map(|(cells, (_, e))| faults(cells, e, window)).collect()
        };
        let Ok(parts) = table.table.map(&wanted, count) else {
            broken.unreadable = true;
            continue;
        };
        for (index, (at, _)) in columns.iter().enumerate() {
            let sum = |part: fn(&(u64, u64)) -> u64| parts.iter().map(|counts| part(&counts[index])).sum::<u64>();
            let place = Subject::place(table, *at);
            let counts = [(&mut broken.codes, sum(|c| c.0)), (&mut broken.window, sum(|c| c.1))];
            counts.into_iter().filter(|(_, n)| *n > 0).for_each(|(by, n)| {
                by.insert(place.clone(), n);
            });
        }
    }
    if broken.unreadable {
        let words = Text::new("a table cannot be decoded", "taulua ei voi purkaa");
        notes.note(CODES, Verdict::Fail, words.clone());
        notes.note(WINDOW, Verdict::Fail, words);
        return;
    }
    let (first, last) = (window.first, window.last);
    let good = Text::new(format!("{checked} columns"), format!("{checked} saraketta"));
    result(CODES, checked, &broken.codes, good, notes);
    let good =
        Text::new(format!("every row lies in {first} to {last}"), format!("jokainen rivi on välillä {first}–{last}"));
    result(WINDOW, dated, &broken.window, good, notes);
}

fn result(name: &'static str, checked: usize, broken: &BTreeMap<String, u64>, good: Text, notes: &mut Notes<'_>) {
    if checked == 0 {
        let words = Text::new("no such column that the contract knows", "sopimuksessa ei ole tällaista saraketta");
        notes.note(name, Verdict::NotApplicable, words);
    } else if broken.is_empty() {
        notes.note(name, Verdict::Pass, good);
    } else {
        let words = Text::new(
            format!(
                "{} columns hold what the contract does not allow; ask the holder for the data again",
                broken.len()
            ),
            format!("{} sarakkeessa on, mitä sopimus ei salli; pyydä aineisto uudelleen", broken.len()),
        );
        let headings = vec![Text::new("column", "sarake"), Text::new("rows", "rivejä")];
        let rows = broken.iter().map(|(place, n)| vec![Text::same(place.clone()), Text::same(n.to_string())]);
        let caption = Text::new("Where, and how often", "Missä ja kuinka usein");
        notes.note(name, Verdict::Fail, words).with_table(Rows { caption, headings, rows: rows.collect() });
    }
}

/// Cells that are not of the column's list, type or range, and dates outside the window.
fn faults(cells: &Cells, expected: &Expected<'_>, window: Days) -> (u64, u64) {
    // A month stands for its first day, which may lie before a window that begins within the month.
    let first = if expected.value == ValueType::Month { window.first.first_of_month() } else { window.first };
    let outside = |day: Day| expected.in_window && (day < first || day > window.last);
    let day_faults = |day: Day| (u64::from(!PLAUSIBLE_YEARS.contains(&day.year())), u64::from(outside(day)));
    let number = |units: f64| {
        let (low, high) = expected.range;
        u64::from(low.is_some_and(|low| units < f64::from(low)) || high.is_some_and(|high| units > f64::from(high)))
    };
    match (cells, &expected.value) {
        (Cells::Text(texts), ValueType::Code(codes)) => {
            (count_texts(texts, cells.len(), |text| codes.position(text).is_none()), 0)
        }
        (Cells::Day(days), _) => days.iter().flatten().fold((0, 0), |sum, day| {
            let faults = Day::from_epoch_days(day).map_or((1, 0), day_faults);
            (sum.0 + faults.0, sum.1 + faults.1)
        }),
        (Cells::Text(texts), value) if value.is_dated() => {
            let parsed = |text: &str| Day::parse(text).or_else(|_| Day::parse(&format!("{text}-01"))).ok();
            let form = count_texts(texts, cells.len(), |text| parsed(text).is_none_or(|day| day_faults(day).0 > 0));
            (form, count_texts(texts, cells.len(), |text| parsed(text).is_some_and(|day| day_faults(day).1 > 0)))
        }
        (Cells::Integer(numbers), ValueType::Integer | ValueType::Decimal { .. }) => {
            (numbers.iter().flatten().map(|n| number(n as f64)).sum(), 0)
        }
        (Cells::Number(numbers), _) => (numbers.iter().flatten().map(number).sum(), 0),
        (Cells::Text(texts), value) if value.is_number() => {
            let parsed = |text: &str| text.trim().replace(',', ".").parse::<f64>().ok();
            (count_texts(texts, cells.len(), |text| !text.is_empty() && parsed(text).is_none_or(|n| number(n) > 0)), 0)
        }
        _ => (0, 0),
    }
}

/// Rows whose text is `wrong`; a text that is kept once for many rows is looked at once.
fn count_texts(texts: &Texts, rows: usize, wrong: impl Fn(&str) -> bool) -> u64 {
    let Some(keys) = texts.keys() else {
        return (0..rows).filter_map(|row| texts.get(row)).filter(|text| wrong(text)).count() as u64;
    };
    let verdicts: Vec<bool> = (0..texts.kept_len()).map(|at| texts.kept_at(at).is_some_and(&wrong)).collect();
    keys.iter().flatten().filter(|&key| verdicts.get(key as usize).copied().unwrap_or(true)).count() as u64
}

//! Purpose: tables, columns, types, codes and dates are those of the contract.
//!
//! GDPR articles 5(1)(b) and (c): purpose limitation and data minimisation, against an allow-list.

mod columns;
mod expected;
mod faults;

use super::check::{Check, Notes, Table as Evidence, Verdict};
use super::options::Options;
use super::subject::Subject;
use crate::config::Contract;
use crate::text::Text;
use salanimi_core::Days;

pub(super) use self::faults::{ColumnFaults, FaultCounter};

const COLUMNS: &str = "purpose.columns";
const DIRECT: &str = "purpose.direct";
const CODES: &str = "purpose.codes";
const WINDOW: &str = "purpose.window";

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
        columns::columns(subject, contract, &mut notes);
        columns::direct(subject, contract, &mut notes);
        contents(faults, contract, &mut notes);
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

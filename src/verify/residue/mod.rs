//! Residue: identity codes and other direct identifiers that were left in pseudonymised data, in any disguise.
//!
//! GDPR articles 4(5) and 25; EDPB Guidelines 01/2025: what is pseudonymised holds nothing that attributes it to a person.

mod addresses;
mod birth;
mod bytes;
mod cell;
mod codes;
mod coordinates;
mod decode;
mod emails;
mod fold;
mod found;
mod ibans;
mod kind;
mod labels;
mod metadata;
mod names;
mod numbers;
mod other_files;
mod phones;
mod plates;
mod secrets;
mod split;
mod table;
#[cfg(test)]
mod tests;
mod verdict;
mod words;

use super::Options;
use super::check::{Check, Notes, Verdict};
use super::subject::{Subject, listed};
use crate::progress::Progress;
use crate::text::Text;

/// The checks of cells, in their order.
const OF_CELLS: [&str; 10] = [
    "residue.identity_codes",
    "residue.disguised",
    "residue.split",
    "residue.numbers",
    "residue.phones",
    "residue.emails",
    "residue.ibans",
    "residue.addresses",
    "residue.names",
    "residue.coordinates",
];
const PLATES: &str = "residue.plates";
const REPORT: &str = "residue.report";

/// Whether a name itself tells who someone is, so that evidence must withhold it.
pub(super) fn is_revealing(name: &str) -> bool {
    labels::is_revealing(name)
}

/// Looks for what was left in each subject; for each, the tables that could not be read to the end or line by line.
pub(super) fn check(
    subjects: &[Subject],
    options: &Options<'_>,
    checks: &mut Vec<Check>,
    progress: &dyn Progress,
) -> Vec<Vec<String>> {
    let mut unread = Vec::new();
    for subject in subjects {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let rows = subject.tables.iter().filter_map(|table| table.table.rows()).sum();
        progress.begin("residue", rows);
        let scans = subject.tables.iter().map(|table| table::scan(table, options, progress));
        let mut scans: Vec<table::Scan> = scans.collect();
        let unused = scans.iter_mut().flat_map(|scan| std::mem::take(&mut scan.unused)).collect();
        cells(subject, &mut scans, &mut notes);
        labels::check(subject, &mut notes);
        metadata::check(subject, unused, &mut notes);
        let malformed = scans.iter().enumerate().filter(|(_, scan)| scan.malformed || scan.error.is_some());
        let malformed: Vec<usize> = malformed.map(|(position, _)| position).collect();
        other_files::check(subject, &malformed, &mut notes, progress);
        unread.push(malformed.into_iter().map(|position| subject.tables[position].label.clone()).collect());
    }
    unread
}

/// Notes what the cells of all tables hold.
fn cells(subject: &Subject, scans: &mut [table::Scan], notes: &mut Notes<'_>) {
    let findings = scans.iter_mut().flat_map(|scan| std::mem::take(&mut scan.findings)).collect();
    let judged = verdict::judge(findings);
    let broken = scans.iter().zip(&subject.tables).filter(|(scan, _)| scan.error.is_some());
    let broken: Vec<String> = broken.map(|(_, table)| table.label.clone()).collect();
    let columns: usize = subject.tables.iter().map(|table| table.columns.len()).sum();
    for name in OF_CELLS.into_iter().chain([PLATES]) {
        if subject.tables.is_empty() {
            notes.note(name, Verdict::NotApplicable, Text::new("no table", "ei taulua"));
            continue;
        }
        let own: Vec<&verdict::Judged> = judged.iter().filter(|one| one.finding.kind.check() == name).collect();
        let found = own.iter().filter(|one| one.verdict > Verdict::Pass).count();
        let least = if broken.is_empty() { Verdict::Pass } else { Verdict::NotChecked };
        let check = notes.note(name, verdict::worst(&own).max(least), said(found, columns, &broken));
        check.tables.extend(verdict::table(&own));
    }
}

fn said(found: usize, columns: usize, broken: &[String]) -> Text {
    let mut words = match found {
        0 => Text::new(format!("nothing in {columns} columns"), format!("ei mitään, {columns} saraketta")),
        found => Text::new(
            format!("{found} findings in {columns} columns"),
            format!("{found} löydöstä, {columns} saraketta"),
        ),
    };
    if !broken.is_empty() {
        let tables = listed(broken);
        words.en += &format!("; not read to the end: {}", tables.en);
        words.fi += &format!("; ei luettu loppuun: {}", tables.fi);
    }
    words
}

/// Looks through what is to be reported, and withholds whatever holds something like an identifier: a message that names
/// a file or table, where someone chose the name.
pub(super) fn check_report(checks: &mut Vec<Check>) {
    let withheld = checks.iter_mut().filter_map(withhold).count();
    let (verdict, evidence) = match withheld {
        0 => (Verdict::Pass, Text::new("nothing was found in it", "siitä ei löytynyt mitään")),
        n => (
            Verdict::Warn,
            Text::new(
                format!("{n} results held something like an identifier and were withheld; rename files and tables"),
                format!(
                    "{n} tuloksessa oli jotakin tunnisteen näköistä, ja ne salattiin; nimeä tiedostot ja taulut uudelleen"
                ),
            ),
        ),
    };
    Notes { about: "report".to_owned(), checks }.note(REPORT, verdict, evidence);
}

/// Withholds the words of a check that hold something like an identifier; nothing if none does.
fn withhold(check: &mut Check) -> Option<()> {
    let tells = |text: &str| scan_text(text) > Verdict::Pass;
    let said = serde_json::to_string(check).unwrap_or_default();
    tells(&said).then(|| {
        check.evidence =
            Text::new("withheld: it held something like an identifier", "salattu: siinä oli tunnisteen näköistä");
        check.tables.clear();
        check.pictures.clear();
        if tells(&check.about) {
            "withheld".clone_into(&mut check.about);
        }
    })
}

/// The worst verdict on what a text holds.
fn scan_text(text: &str) -> Verdict {
    let (mut found, mut tallies) = (found::Found::default(), found::Tallies::default());
    bytes::find(text.as_bytes(), cell::Form::Prose, &mut found);
    tallies.add(&found.sightings, Some(0), usize::MAX);
    let judged = verdict::judge(tallies.close("text").0);
    let judged: Vec<&verdict::Judged> = judged.iter().collect();
    verdict::worst(&judged)
}

//! Findings in the cells of all tables, check by check.

use super::metadata::UnusedDictionaryHits;
use super::table;
use super::verdict::{self, FindingVerdict};
use crate::progress::Progress;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::options::Options;
use crate::verify::subject::{Subject, listed};

/// Checks of cells, in their order.
const CHECKS: [&str; 11] = [
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
    "residue.plates",
];

/// Results of the checks of cells that other checks use.
pub(super) struct Outcome {
    /// Hits in dictionaries that no row has.
    pub unused: Vec<UnusedDictionaryHits>,
    /// Positions of the tables that were not read to the end or line by line.
    pub malformed: Vec<usize>,
}

/// Searches the cells of all tables of a subject.
pub(super) fn check(
    subject: &Subject,
    options: &Options<'_>,
    notes: &mut Notes<'_>,
    progress: &dyn Progress,
) -> Outcome {
    progress.begin("residue", subject.tables.iter().filter_map(|table| table.table.rows()).sum());
    let mut outcome = Outcome { unused: Vec::new(), malformed: Vec::new() };
    let mut findings = Vec::new();
    let mut broken = Vec::new();
    for (position, table) in subject.tables.iter().enumerate() {
        let scan = table::scan(table, options, progress);
        findings.extend(scan.findings);
        outcome.unused.extend(scan.unused);
        if scan.error.is_some() {
            broken.push(table.label.clone());
        }
        if scan.is_malformed || scan.error.is_some() {
            outcome.malformed.push(position);
        }
    }
    let judged = verdict::judge(findings);
    for name in CHECKS {
        let own: Vec<&FindingVerdict> = judged.iter().filter(|one| one.finding.kind.check() == name).collect();
        note(name, subject, &own, &broken, notes);
    }
    outcome
}

fn note(name: &'static str, subject: &Subject, judged: &[&FindingVerdict], broken: &[String], notes: &mut Notes<'_>) {
    if subject.tables.is_empty() {
        notes.note(name, Verdict::NotApplicable, Text::new("no table", "ei taulua", "ingen tabell"));
        return;
    }
    let columns = subject.tables.iter().map(|table| table.columns.len()).sum();
    let least = if broken.is_empty() { Verdict::Pass } else { Verdict::NotChecked };
    let evidence = evidence(verdict::count(judged), columns, broken);
    let check = notes.note(name, verdict::worst(judged).max(least), evidence);
    check.tables.extend(verdict::table(judged));
}

fn evidence(found: usize, columns: usize, broken: &[String]) -> Text {
    let mut evidence = match found {
        0 => Text::new(
            format!("nothing in {columns} columns"),
            format!("ei löydöksiä, {columns} saraketta"),
            format!("inga fynd i {columns} kolumner"),
        ),
        found => Text::new(
            format!("{found} findings in {columns} columns"),
            format!("{found} löydöstä, {columns} saraketta"),
            format!("{found} fynd i {columns} kolumner"),
        ),
    };
    if !broken.is_empty() {
        let tables = listed(broken);
        evidence.en += &format!("; not read to the end: {}", tables.en);
        evidence.fi += &format!("; ei luettu loppuun: {}", tables.fi);
    }
    evidence
}

//! Findings in the cells of all tables, check by check.

use super::cell_notes::{CONTRACT, note, note_contract};
use super::contract_identifiers::Patterns;
use super::metadata::UnusedDictionaryHits;
use super::table;
use super::verdict::{self, FindingVerdict};
use crate::progress::Progress;
use crate::verify::check::Notes;
use crate::verify::options::Options;
use crate::verify::subject::Subject;

/// Checks of cells without a contract, in their order.
const CHECKS: [&str; 13] = [
    "residue.identity_codes",
    "residue.disguised",
    "residue.split",
    "residue.numbers",
    "residue.birth_dates",
    "residue.other_identifiers",
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
    /// Number of rows of each table; `None` if it was not read to the end.
    pub rows: Vec<Option<u64>>,
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
    let mut outcome = Outcome { unused: Vec::new(), rows: Vec::new(), malformed: Vec::new() };
    let patterns = options.contract.map(Patterns::of);
    let none = Patterns::default();
    let mut findings = Vec::new();
    let mut broken = Vec::new();
    for (position, table) in subject.tables.iter().enumerate() {
        let scan = table::scan(table, patterns.as_ref().unwrap_or(&none), options, progress);
        findings.extend(scan.findings);
        outcome.rows.push(scan.rows);
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
    let own: Vec<&FindingVerdict> = judged.iter().filter(|one| one.finding.kind.check() == CONTRACT).collect();
    note_contract(patterns.as_ref(), subject, &own, &broken, notes);
    outcome
}

//! Findings in the cells of all tables, check by check.

use super::cell_notes::{CONTRACT, note, note_contract};
use super::contract_identifiers::Patterns;
use super::metadata::UnusedDictionaryHits;
use super::table::Scan;
use super::verdict::{self, FindingVerdict};
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

/// Judges what the search of a subject's tables found.
pub(super) fn check(subject: &Subject, scans: Vec<Scan>, options: &Options<'_>, notes: &mut Notes<'_>) -> Outcome {
    let mut outcome = Outcome { unused: Vec::new(), rows: Vec::new(), malformed: Vec::new() };
    let patterns = options.contract.map(Patterns::of);
    let mut findings = Vec::new();
    let mut broken = Vec::new();
    for (position, (table, scan)) in subject.tables.iter().zip(scans).enumerate() {
        findings.extend(scan.findings);
        outcome.rows.push(scan.rows);
        outcome.unused.extend(scan.unused);
        if scan.rows.is_none() {
            broken.push(table.label.clone());
        }
        if scan.is_malformed || scan.rows.is_none() {
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

//! The verification: runs every family of checks and collects the results.

use serde::Serialize;

use super::check::{Check, Verdict};
use super::options::Options;
use super::subject::{Kind, Subject, SubjectTable};
use super::{accounting, attack, catalogue, integrity, linkage, pass, pseudonym, purpose, released, residue, risk};
use crate::progress::Progress;
use crate::text::Text;

/// Result of a verification.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// Verified folders and files, in the order of the paths.
    pub subjects: Vec<SubjectSummary>,
    /// Results, in the order of the catalogue.
    pub checks: Vec<Check>,
    /// What the dictionary attack left out; `None` if nothing.
    pub left_out: Option<Text>,
}

/// A verified folder or file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubjectSummary {
    /// Name in the evidence.
    pub label: String,
    /// `delivery`, `closed_delivery`, `linked`, `released` or `tables`.
    pub kind: Kind,
    /// `true` if the tables were judged as meant for release.
    pub released: bool,
    /// Tables of the subject.
    pub tables: Vec<TableSummary>,
}

/// A verified table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableSummary {
    /// Name in the evidence.
    pub label: String,
    /// Number of rows; `None` if the file does not state it and was not read to the end.
    pub rows: Option<u64>,
    /// Number of columns.
    pub columns: usize,
}

impl Verification {
    /// Returns the worst verdict of all checks; [`Verdict::NotChecked`] if no check applied, or there was nothing to
    /// check.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.subjects.is_empty() {
            return Verdict::NotChecked;
        }
        match self.checks.iter().map(|check| check.verdict).max() {
            None | Some(Verdict::NotApplicable) => Verdict::NotChecked,
            Some(worst) => worst,
        }
    }
}

/// Runs every check on the paths of `options`, and reports to `progress`.
///
/// A check without the contract or key that it needs is reported as [`Verdict::NotChecked`] or omitted. An unreadable
/// path fails `integrity.readable`; the function itself returns no error.
#[must_use]
pub fn verify(options: &Options<'_>, progress: &dyn Progress) -> Verification {
    let mut checks = Vec::new();
    let subjects = integrity::check(options, &mut checks, progress);
    let seen = pass::read(&subjects, options, progress);
    purpose::check(&subjects, &seen.faults, options, &mut checks);
    released::check(&subjects, options, &mut checks);
    pseudonym::check(&subjects, &mut checks);
    linkage::check_similarity(&subjects, &mut checks);
    accounting::check(&subjects, &mut checks);
    let read = residue::check(&subjects, seen.scans, options, &mut checks, progress);
    integrity::unread(&subjects, &read, &mut checks);
    risk::check(&subjects, &seen.profiles, options, &mut checks, progress);
    let left_out = attack::check(&subjects, options, &mut checks, progress);
    integrity::closed(&subjects, &mut checks);
    catalogue::sort(&mut checks);
    // Last, because it searches the evidence of all other checks.
    residue::check_report(&mut checks);
    let subjects = subjects.iter().zip(&read).map(|(subject, read)| summary(subject, &read.rows));
    Verification { subjects: subjects.collect(), checks, left_out }
}

fn summary(subject: &Subject, rows: &[Option<u64>]) -> SubjectSummary {
    SubjectSummary {
        label: subject.label.clone(),
        kind: subject.kind,
        released: subject.released,
        tables: subject.tables.iter().zip(rows).map(|(table, rows)| table_summary(table, *rows)).collect(),
    }
}

/// Summarises a table. A file that does not state its rows has those that were read.
fn table_summary(table: &SubjectTable, read: Option<u64>) -> TableSummary {
    TableSummary { label: table.label.clone(), rows: table.table.rows().or(read), columns: table.columns.len() }
}

//! The officer's stage: what can be said of data from evidence, without the project key.
//!
//! One file or folder a family of checks. `integrity` opens what is verified; the others look at the tables in it.

mod accounting;
mod attack;
mod catalogue;
mod check;
mod contents;
mod distinct;
mod integrity;
mod mutex;
mod pseudonym;
mod purpose;
mod residue;
mod risk;
mod roles;
mod statistics;
mod subject;

use std::path::PathBuf;

pub use attack::{Depth, Rate, rates};
pub use catalogue::{Catalogue, CheckText, FamilyText, catalogue};
pub use check::{Bar, Check, Picture, Table, Verdict};
pub use subject::Kind;

use self::subject::Subject;
use crate::config::Contract;
use crate::crypto::Unlock;
use crate::progress::Progress;

/// What is verified, and how.
pub struct Options<'a> {
    /// Deliveries, linked datasets, folders or files.
    pub paths: &'a [PathBuf],
    /// What the parties agreed on, if it is given.
    pub contract: Option<&'a Contract>,
    /// What opens sealed deliveries.
    pub unlock: &'a Unlock,
    /// Whether the tables are meant to leave the study's environment: risk then fails where it else warns.
    pub released: bool,
    /// How much of the dictionary attack is run.
    pub depth: Depth,
    /// Tells the time since some moment, for rates; it never goes back.
    pub clock: &'a (dyn Fn() -> std::time::Duration + Sync),
    /// The most memory that is used, in bytes.
    pub memory: usize,
}

/// Everything that was checked.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Verification {
    /// What was looked at.
    pub subjects: Vec<Looked>,
    /// In the order of the catalogue.
    pub checks: Vec<Check>,
}

/// A thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Looked {
    /// How the checks name it.
    pub label: String,
    /// `delivery`, `closed_delivery`, `linked`, `released` or `tables`.
    pub kind: Kind,
    /// Whether it was judged as meant for release.
    pub released: bool,
    /// Its tables.
    pub tables: Vec<LookedTable>,
}

/// A table that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LookedTable {
    /// How the checks name it.
    pub label: String,
    /// Rows, if the file says how many.
    pub rows: Option<u64>,
    /// Columns.
    pub columns: usize,
}

impl Verification {
    /// The worst verdict of all.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let worst = self.checks.iter().map(|check| check.verdict).max();
        worst.filter(|verdict| *verdict != Verdict::NotApplicable).unwrap_or(Verdict::NotChecked)
    }
}

/// Runs every check. What cannot be checked without a contract, or without something that opens it, is said.
#[must_use]
pub fn verify(options: &Options<'_>, progress: &dyn Progress) -> Verification {
    let mut checks = Vec::new();
    let subjects = integrity::check(options, &mut checks, progress);
    purpose::check(&subjects, options, &mut checks);
    pseudonym::check(&subjects, &mut checks);
    accounting::check(&subjects, &mut checks);
    let unread = residue::check(&subjects, options, &mut checks, progress);
    integrity::unread(&subjects, &unread, &mut checks);
    risk::check(&subjects, options, &mut checks, progress);
    attack::check(&subjects, options, &mut checks, progress);
    catalogue::sort(&mut checks);
    // What is found is to disclose nothing: it is looked through as the data was.
    residue::check_report(&mut checks);
    Verification { subjects: subjects.iter().map(looked).collect(), checks }
}

fn looked(subject: &Subject) -> Looked {
    let tables = subject.tables.iter().map(|table| LookedTable {
        label: table.label.clone(),
        rows: table.table.rows(),
        columns: table.columns.len(),
    });
    Looked { label: subject.label.clone(), kind: subject.kind, released: subject.released, tables: tables.collect() }
}

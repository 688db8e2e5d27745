//! A run that needs no key and writes nothing: what would be read, and what is wrong with it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::ExtractError;
use super::prepare::{Inputs, Naming, Prepared};
use super::tally::Tally;
use crate::exchange::Filtered;
use crate::progress::Progress;
use salanimi_core::{Day, Reason};

/// Rows that a finding names at most.
const EXAMPLES: usize = 10;

/// What a dry run found.
#[derive(Debug, Serialize)]
pub struct DryRun {
    /// The holder.
    pub holder: String,
    /// By table.
    pub tables: Vec<TableFindings>,
}

/// What a dry run found in the sources of one table.
#[derive(Debug, Serialize)]
pub struct TableFindings {
    /// The table.
    pub table: String,
    /// Rows of the source files.
    pub source_rows: u64,
    /// Records after the reshape.
    pub records: u64,
    /// Records that would be delivered, before repeats are left out.
    pub kept: u64,
    /// Records that would be left out by a rule; repeats are found in a real run only.
    pub filtered: Filtered,
    /// First and last day of the window column.
    pub days: Option<(Day, Day)>,
    /// Records that would be rejected, and whether they are too many.
    pub rejected: u64,
    /// Whether a real run would stop at this table.
    pub too_many_rejects: bool,
    /// What is wrong, by column and reason.
    pub findings: Vec<Finding>,
}

/// One kind of fault in one column of one file.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// The source file.
    pub file: String,
    /// The contract's column; empty if rows could not be read at all.
    pub column: String,
    /// Why.
    pub reason: Reason,
    /// How many records.
    pub records: u64,
    /// Lines of the first of them (rows of a Parquet file).
    pub rows: Vec<u64>,
}

/// Reads all sources of `inputs` as a real run would, and reports.
///
/// # Errors
/// An input cannot be read at all. Rejected records are findings, however many.
pub fn dry_run(inputs: &Inputs, progress: &dyn Progress) -> Result<DryRun, ExtractError> {
    let prepared = Prepared::read(inputs)?;
    progress.begin("dry run", prepared.source_bytes());
    let mut tables = Vec::new();
    for position in prepared.tables() {
        let tally = prepared.run(position, Naming::Nothing, progress, |_| Ok(()))?;
        tables.push(findings(&prepared, position, &tally));
    }
    Ok(DryRun { holder: prepared.holder.name.to_string(), tables })
}

fn findings(prepared: &Prepared, position: usize, tally: &Tally) -> TableFindings {
    let table = &prepared.contract.tables[position];
    let files = prepared.file_names(position);
    let mut grouped: BTreeMap<_, (u64, Vec<u64>)> = BTreeMap::new();
    for rejected in &tally.rejected {
        let (records, rows) = grouped.entry((rejected.file, rejected.column, rejected.reason)).or_default();
        *records += 1;
        // A row of the wide layout is several records.
        if rows.len() < EXAMPLES && rows.last() != Some(&rejected.row) {
            rows.push(rejected.row);
        }
    }
    let name = |column: Option<u32>| column.map_or_else(String::new, |c| table.columns[c as usize].name.to_string());
    let findings = grouped.into_iter().map(|((file, column, reason), (records, rows))| {
        let file = files[file as usize].clone();
        Finding { file, column: name(column), reason, records, rows }
    });
    TableFindings {
        table: table.name.to_string(),
        source_rows: tally.source_rows,
        records: tally.records,
        kept: tally.kept,
        filtered: tally.filtered,
        days: tally.days,
        rejected: tally.rejected.len() as u64,
        too_many_rejects: tally.has_too_many_rejects(prepared.contract.limits.max_reject_share),
        findings: findings.collect(),
    }
}

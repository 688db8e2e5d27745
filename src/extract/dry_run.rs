//! A dry run: reads all sources without a key, writes nothing, and reports faults.

use std::collections::BTreeMap;

use serde::Serialize;

use super::codeless::survey;
use super::error::ExtractError;
use super::prepare::{Inputs, Mode, Prepared};
use super::tally::Tally;
use super::warnings::measured;
use crate::exchange::{Filtered, Level, Warning, judged};
use crate::progress::Progress;
use salanimi_core::{Day, KEY_BYTES, Key, ProjectKey, ProjectKeys, Reason};

/// Tells persons without an identifier apart in place of a key. No pseudonym leaves a dry run.
const NO_KEY: [u8; KEY_BYTES] = [0; KEY_BYTES];
/// Largest number of rows that a finding lists.
const MAX_ROWS: usize = 10;

/// Findings of a dry run.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct DryRun {
    /// Data holder.
    pub holder: String,
    /// Findings by table.
    pub tables: Vec<TableFindings>,
}

/// Findings of a dry run in the sources of one table.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct TableFindings {
    /// Table.
    pub table: String,
    /// Number of rows in the source files.
    pub source_rows: u64,
    /// Number of records after the reshape.
    pub records: u64,
    /// Number of records that would be delivered, before repeats are removed.
    pub kept: u64,
    /// Records that a rule would filter. Only a real run finds repeats.
    pub filtered: Filtered,
    /// First and last day of the window column.
    pub days: Option<(Day, Day)>,
    /// Number of records that would be kept without an identifier.
    pub without_code: u64,
    /// Number of records that would get the identifier of another row with the same client number.
    pub codes_by_client: u64,
    /// Columns that linkage without identifiers reads and some source does not have.
    pub unread: Vec<String>,
    /// Number of records that would be rejected.
    pub rejected: u64,
    /// `true` if a real run would stop at this table.
    pub too_many_rejects: bool,
    /// Values that would be emptied, by column and reason.
    pub emptied: Vec<Emptied>,
    /// Warnings. Only a real run finds repeats.
    pub warnings: Vec<Warning>,
    /// Faults by file, column and reason.
    pub findings: Vec<Finding>,
}

/// Invalid values of one column that would be emptied for one reason.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Emptied {
    /// The contract's column.
    pub column: String,
    /// Reason for which the values are invalid.
    pub reason: Reason,
    /// Number of values.
    pub values: u64,
}

impl DryRun {
    /// Returns true if a real run would stop.
    #[must_use]
    pub fn would_stop(&self) -> bool {
        self.tables.iter().any(|table| {
            table.too_many_rejects
                || table.records == 0
                || table.warnings.iter().any(|warning| warning.level == Level::Stops)
        })
    }
}

/// Faults of one kind in one column of one file.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Name of the source file.
    pub file: String,
    /// The contract's column; empty for unreadable rows.
    pub column: String,
    /// Reason for which the records would be rejected.
    pub reason: Reason,
    /// Number of records.
    pub records: u64,
    /// Lines of the first 10 of them; rows in a Parquet file.
    pub rows: Vec<u64>,
}

/// Reads all sources of `inputs` like a real run and reports their faults. Needs no key and writes nothing. With
/// `strict`, warnings that the contract does not explain would stop a real run.
///
/// # Errors
/// An input is unreadable. Faults are findings, whatever their number.
pub fn dry_run(inputs: &Inputs, strict: bool, progress: &dyn Progress) -> Result<DryRun, ExtractError> {
    let prepared = Prepared::read(inputs)?;
    progress.begin("dry run", prepared.source_bytes());
    let codeless = survey(&prepared, &ProjectKeys::new(&ProjectKey::from_bytes(NO_KEY), &prepared.contract.study.id))?;
    let mut tables = Vec::new();
    for position in prepared.tables() {
        let tally = prepared.run(position, Mode::DryRun(codeless.as_ref()), progress, |_, _| Ok(()))?;
        let measured = measured(&prepared, position, &tally, None);
        let warnings = judged(measured, &prepared.contract.warnings, strict);
        tables.push(findings(&prepared, position, &tally, warnings));
    }
    Ok(DryRun { holder: prepared.holder.name.to_string(), tables })
}

fn findings(prepared: &Prepared, position: usize, tally: &Tally, warnings: Vec<Warning>) -> TableFindings {
    let table = &prepared.contract.tables[position];
    let files = prepared.file_names(position);
    let mut grouped: BTreeMap<_, (u64, Vec<u64>)> = BTreeMap::new();
    for rejected in &tally.rejected {
        let (records, rows) = grouped.entry((rejected.file, rejected.column, rejected.reason)).or_default();
        *records += 1;
        // A row of the wide layout is several records.
        if rows.len() < MAX_ROWS && rows.last() != Some(&rejected.row) {
            rows.push(rejected.row);
        }
    }
    let findings = grouped.into_iter().map(|((file, column, reason), (records, rows))| Finding {
        file: files[file as usize].clone(),
        column: column.map_or_else(String::new, |column| table.columns[column as usize].name.to_string()),
        reason,
        records,
        rows,
    });
    let emptied = tally.emptied.iter().flat_map(|(column, reasons)| {
        reasons.iter().map(|(&reason, &values)| Emptied {
            column: table.columns[*column as usize].name.to_string(),
            reason,
            values,
        })
    });
    TableFindings {
        emptied: emptied.collect(),
        table: table.name.to_string(),
        source_rows: tally.source_rows,
        records: tally.records,
        kept: tally.kept,
        filtered: tally.filtered,
        days: tally.days,
        without_code: tally.without_code.len() as u64,
        codes_by_client: tally.codes_by_client,
        unread: prepared.unread_by_linkage(position),
        rejected: tally.rejected.len() as u64,
        too_many_rejects: tally.has_too_many_rejects(prepared.contract.limits.max_reject_share),
        warnings,
        findings: findings.collect(),
    }
}

//! A cohort list: the persons in one holder's tables, for extracts of other holders.

use std::path::{Path, PathBuf};

use super::error::ExtractError;
use super::prepare::{Inputs, Mode, Prepared};
use super::selection::CohortSelection;
use crate::crypto::{Digest, Recipient, Signatory};
use crate::exchange::{CohortHeader, CohortListError, write_cohort};
use crate::files::refuse_existing;
use crate::progress::Progress;
use crate::table::keys;
use salanimi_core::{Id, KeyId};

/// A cohort list that was written.
#[derive(Debug)]
#[non_exhaustive]
pub struct WrittenCohort {
    /// Path of the list.
    pub path: PathBuf,
    /// Header of the list.
    pub header: CohortHeader,
    /// SHA-256 of the encrypted file.
    pub digest: Digest,
    /// Public name of the key that signed it, if it is signed.
    pub signed_by: Option<KeyId>,
    /// Number of recipients.
    pub recipients: usize,
    /// Tables whose rows selected the persons.
    pub tables: Vec<Id>,
    /// Number of persons omitted because their codes are temporary.
    pub temporary: u64,
    /// Number of records omitted because they were rejected.
    pub rejected: u64,
}

/// Writes a cohort list to a new file at `out`, encrypted to `recipients`: the persons in the holder's population
/// tables. They pass the same rules as in an extract: the window, the lists, the newest code.
///
/// # Errors
/// An input is invalid, too many records are rejected, or the list cannot be written. Nothing is then at `out`.
pub fn cohort(
    inputs: &Inputs,
    recipients: &[Recipient],
    out: &Path,
    progress: &dyn Progress,
) -> Result<WrittenCohort, ExtractError> {
    let prepared = Prepared::read(inputs)?;
    prepared.holder.check_decided(&inputs.holder)?;
    let contract = &prepared.contract;
    let holder = &prepared.holder.name;
    let signatory = prepared.signatory(inputs)?;
    refuse_existing(out).map_err(CohortListError::File)?;
    let kind = prepared.only_kind()?.clone();
    let mut tables = prepared.tables();
    tables.retain(|table| contract.population.contains(table));
    if tables.is_empty() {
        return Err(ExtractError::NoPopulation { holder: holder.clone() });
    }
    progress.begin("cohort", prepared.source_bytes());
    let selection = CohortSelection::default();
    let mut rejected = 0;
    for &table in &tables {
        let tally = prepared.run(table, Mode::Select(&selection), progress, |columns, _| {
            selection.select(&keys(&columns[0]));
            Ok(())
        })?;
        rejected += prepared.check_rejects(table, &tally, None)?;
    }
    let selected = selection.finish();
    let header = CohortHeader {
        study: contract.study.id.clone(),
        holder: holder.clone(),
        kind,
        persons: selected.identifiers.len() as u64,
        made: inputs.today,
    };
    if selected.identifiers.is_empty() {
        return Err(ExtractError::EmptyCohort);
    }
    let identifiers = selected.identifiers.iter().map(Vec::as_slice);
    let digest = write_cohort(out, &header, recipients, signatory.as_ref(), identifiers)?;
    Ok(WrittenCohort {
        path: out.to_owned(),
        header,
        digest,
        signed_by: signatory.as_ref().map(Signatory::key_id),
        recipients: recipients.len(),
        tables: tables.iter().map(|&table| contract.tables[table].name.clone()).collect(),
        temporary: selected.temporary,
        rejected,
    })
}

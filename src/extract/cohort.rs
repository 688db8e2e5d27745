//! A list of the persons whom a holder chooses, for other holders to extract by.

use std::path::{Path, PathBuf};

use super::chosen::Chosen;
use super::error::ExtractError;
use super::prepare::{Inputs, Naming, Prepared};
use crate::crypto::{Digest, KeyId, Recipient, Signatory};
use crate::exchange::{CohortHeader, CohortListError, write_cohort};
use crate::files::refuse_existing;
use crate::progress::Progress;
use crate::table::keys;
use salanimi_core::Id;

/// What was written.
#[derive(Debug)]
pub struct CohortMade {
    /// Where the list lies.
    pub path: PathBuf,
    /// What it says of itself.
    pub header: CohortHeader,
    /// SHA-256 of the encrypted file.
    pub digest: Digest,
    /// The public name of the key whose signature lies beside it, if one does.
    pub signed_by: Option<KeyId>,
    /// To how many recipients it is encrypted.
    pub recipients: usize,
    /// The tables that the persons were chosen from.
    pub tables: Vec<Id>,
    /// Persons left out because their codes are temporary.
    pub temporary: u64,
    /// Records left out because they were rejected.
    pub rejected: u64,
}

/// Writes the persons of the holder's tables that bring a person into the linked dataset to a new file at `out`,
/// encrypted to `recipients`. The same rules choose them as an extract: the window, the lists, the newest code.
///
/// # Errors
/// An input is bad, too many records are rejected, or the list cannot be written. Nothing is then at `out`.
pub fn cohort(
    inputs: &Inputs,
    recipients: &[Recipient],
    out: &Path,
    progress: &dyn Progress,
) -> Result<CohortMade, ExtractError> {
    let prepared = Prepared::read(inputs)?;
    let (contract, holder) = (&prepared.contract, &prepared.holder.name);
    let signatory = prepared.signatory(inputs)?;
    refuse_existing(out).map_err(CohortListError::File)?;
    let kind = prepared.only_kind()?.clone();
    let tables: Vec<usize> = prepared.tables().into_iter().filter(|t| contract.population.contains(t)).collect();
    if tables.is_empty() {
        return Err(ExtractError::NoPopulation { holder: holder.clone() });
    }
    progress.begin("cohort", prepared.source_bytes());
    let chosen = Chosen::default();
    let mut rejected = 0;
    for &table in &tables {
        let tally = prepared.run(table, Naming::Numbers(&chosen), progress, |columns| {
            chosen.choose(&keys(&columns[0]));
            Ok(())
        })?;
        rejected += prepared.check_rejects(table, &tally, None)?;
    }
    let (persons, temporary) = chosen.finish();
    let header = CohortHeader {
        study: contract.study.id.clone(),
        holder: holder.clone(),
        kind,
        persons: persons.len() as u64,
        made: inputs.today,
    };
    if persons.is_empty() {
        return Err(ExtractError::EmptyCohort);
    }
    let digest = write_cohort(out, &header, recipients, signatory.as_ref(), persons.iter().map(Vec::as_slice))?;
    Ok(CohortMade {
        path: out.to_owned(),
        header,
        digest,
        signed_by: signatory.as_ref().map(Signatory::key_id),
        recipients: recipients.len(),
        tables: tables.iter().map(|&table| contract.tables[table].name.clone()).collect(),
        temporary,
        rejected,
    })
}

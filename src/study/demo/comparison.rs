//! The linked persons against the truth that the synthetic registers were made from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use arrow::array::AsArray;
use serde::Serialize;

use crate::config::Contract;
use crate::crypto::{LinkKey, LinkKeys, ProjectKey, ProjectKeys};
use crate::link::Linked;
use crate::table::{Field, ParquetTable, SourceError, ValueType};
use salanimi_core::{Id, IdError, PersonId, PersonScope, Pseudonymiser};

/// Persons of the truth against persons of the linked dataset.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Persons who should be in the linked dataset.
    pub persons: u64,
    /// Of them, those in several registers.
    pub in_several: u64,
    /// Found, with exactly the tables that they occur in.
    pub linked_rightly: u64,
    /// Not found.
    pub missed: u64,
    /// Found, but with other tables.
    pub linked_falsely: u64,
    /// In the linked dataset, but nobody.
    pub invented: u64,
}

/// The linked dataset cannot be compared with the truth.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message names its fields")]
pub enum TruthError {
    #[error("{path}: not a truth file of `synth`")]
    Format { path: PathBuf },
    #[error("a holder's name: {0}")]
    Holder(#[from] IdError),
    #[error(transparent)]
    Persons(#[from] SourceError),
}

/// Person ids as written, each with the tables that the person occurs in as bits.
type Occurrence = HashMap<String, u64>;

impl Comparison {
    pub(super) fn new(
        contract: &Contract,
        project: &ProjectKey,
        link: &LinkKey,
        truth: &Path,
        linked: &Linked,
    ) -> Result<Self, TruthError> {
        let expected = expected(contract, project, link, truth)?;
        let found = found(contract, linked)?;
        let mut comparison = Self { persons: expected.len() as u64, ..Self::default() };
        for (id, tables) in &expected {
            comparison.in_several += u64::from(tables.count_ones() > 1);
            match found.get(id) {
                None => comparison.missed += 1,
                Some(linked) if linked == tables => comparison.linked_rightly += 1,
                Some(_) => comparison.linked_falsely += 1,
            }
        }
        comparison.invented = found.keys().filter(|id| !expected.contains_key(*id)).count() as u64;
        Ok(comparison)
    }

    /// Returns true if every person is linked correctly and no one falsely.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.linked_rightly == self.persons && self.linked_falsely == 0 && self.invented == 0
    }

    pub(super) fn in_words(&self) -> String {
        format!(
            "Against the truth (synthetic, so exact): {} persons should be linked, {} of them occur in several \
             tables\n  linked correctly {}, missed {}, linked falsely {}, invented {}\n",
            self.persons, self.in_several, self.linked_rightly, self.missed, self.linked_falsely, self.invented
        )
    }
}

/// Who should be in the linked dataset: every person of the truth file whom the population rule lets in.
fn expected(contract: &Contract, project: &ProjectKey, link: &LinkKey, path: &Path) -> Result<Occurrence, TruthError> {
    let format = || TruthError::Format { path: path.to_owned() };
    let study = &contract.study.id;
    let kind = contract.tables.first().map(|t| t.kind().clone()).ok_or_else(format)?;
    let (keys, person) = (ProjectKeys::new(project, study), LinkKeys::new(link, study).person());
    let syntax = &contract.identifiers[&kind];
    // The pseudonym of a registered code does not depend on the holder.
    let registered = Pseudonymiser::new(&keys, PersonScope { kind: &kind, holder: study }, syntax.clone());
    let population: u64 = contract.population.iter().map(|&t| 1 << t).sum();
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_path(path).map_err(|_| format())?;
    let headers = reader.headers().map_err(|_| format())?.clone();
    let position = |name: &str| headers.iter().position(|h| h == name).ok_or_else(format);
    let (code, temporary) = (position("code")?, position("temporary")?);
    let columns = contract.tables.iter().map(|t| position(t.name.as_str())).collect::<Result<Vec<_>, _>>()?;
    let mut expected = Occurrence::new();
    for record in reader.records() {
        let record = record.map_err(|_| format())?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let tables = columns.iter().enumerate().filter(|(_, at)| cell(**at) == "1").map(|(t, _)| 1 << t).sum::<u64>();
        if tables & population == 0 {
            continue;
        }
        let pseudonym = match cell(temporary) {
            "" => registered.pseudonymise(cell(code).as_bytes()),
            holder => {
                let scope = PersonScope { kind: &kind, holder: &Id::new(holder)? };
                Pseudonymiser::new(&keys, scope, syntax.clone()).pseudonymise(cell(code).as_bytes())
            }
        };
        let pseudonym = pseudonym.map_err(|_| format())?.0;
        let mut text = [0; PersonId::TEXT_LENGTH];
        PersonId(person.leftmost(&pseudonym)).encode_into(&mut text);
        *expected.entry(String::from_utf8_lossy(&text).into_owned()).or_default() |= tables;
    }
    Ok(expected)
}

/// Who is in the linked dataset, read from the table of persons as any reader would.
fn found(contract: &Contract, linked: &Linked) -> Result<Occurrence, TruthError> {
    let person = Field { name: "person".to_owned(), value: ValueType::LinkedId };
    let flags = contract.tables.iter().map(|t| Field { name: format!("in_{}", t.name), value: ValueType::Flag });
    let fields: Vec<Field> = std::iter::once(person).chain(flags).collect();
    let file = ParquetTable::open(&linked.path.join("persons.parquet"), &fields, None)?;
    let mut found = Occurrence::new();
    for batch in file.all_batches()? {
        let batch = batch?;
        for (row, id) in batch.column(0).as_string::<i32>().iter().enumerate() {
            let occurs = |table: &usize| batch.column(table + 1).as_boolean().value(row);
            let tables = (0..contract.tables.len()).filter(occurs).map(|t| 1 << t).sum();
            found.insert(id.unwrap_or_default().to_owned(), tables);
        }
    }
    Ok(found)
}

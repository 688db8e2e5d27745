//! The linked dataset of a release, opened and checked.

use std::path::{Path, PathBuf};

use super::error::ReleaseError;
use crate::config::raw::release::Curve;
use crate::config::{Contract, CurveSource, Role};
use crate::crypto::Digest;
use crate::exchange::{LinkedManifest, LinkedTable};
use crate::table::AnyTable;
use salanimi_core::Id;

/// The column of persons in every linked table.
const PERSON_COLUMN: &str = "person";

/// A linked dataset whose files match its manifest, and whose manifest matches the contract.
pub(super) struct Dataset<'a> {
    pub(super) path: PathBuf,
    pub(super) manifest: LinkedManifest,
    /// SHA-256 of the manifest's bytes.
    pub(super) digest: Digest,
    contract: &'a Contract,
    /// Bytes that may be needed to decode one part of a table.
    memory: usize,
}

impl<'a> Dataset<'a> {
    pub(super) fn open(path: &Path, contract: &'a Contract, memory: usize) -> Result<Self, ReleaseError> {
        let manifest = LinkedManifest::read(path).ok_or_else(|| ReleaseError::NotLinked { path: path.to_owned() })?;
        if manifest.study != contract.study.id {
            let expected = contract.study.id.clone();
            return Err(ReleaseError::Study { path: path.to_owned(), found: manifest.study, expected });
        }
        if manifest.exchange_digest != contract.exchange_digest {
            let expected = contract.exchange_digest;
            return Err(ReleaseError::Exchange { path: path.to_owned(), found: manifest.exchange_digest, expected });
        }
        manifest.check_files(path)?;
        Ok(Self { path: path.to_owned(), manifest, digest: LinkedManifest::digest(path)?, contract, memory })
    }

    /// Returns the source table `table` of the release `name`.
    pub(super) fn table(&self, name: &Id, table: &str) -> Result<&LinkedTable, ReleaseError> {
        let known = self.manifest.tables.iter().find(|known| known.name == table);
        known.ok_or_else(|| ReleaseError::NoTable { name: name.clone(), table: table.to_owned() })
    }

    /// Returns the position of a source column of the release `name`. The column must not identify persons.
    pub(super) fn releasable(&self, name: &Id, table: &LinkedTable, column: &str) -> Result<usize, ReleaseError> {
        if matches!(self.role(&table.name, column), Role::Person | Role::Reference | Role::Direct) {
            return Err(ReleaseError::Identifier { name: name.clone(), column: column.to_owned() });
        }
        let position = table.columns.iter().position(|(known, ..)| known == column);
        position.ok_or_else(|| ReleaseError::NoColumn {
            name: name.clone(),
            table: table.name.clone(),
            column: column.to_owned(),
        })
    }

    /// Returns why the link omitted an analysis table; `None` if the table is in the dataset or unknown.
    pub(super) fn omission(&self, table: &str) -> Option<&str> {
        self.manifest.left_out.iter().find(|left| left.table == table).map(|left| left.reason.as_str())
    }

    /// Returns the source of a curve.
    pub(super) fn curve_source(&self, spec: &Curve) -> Result<CurveSource, ReleaseError> {
        let source = self.contract.analysis.as_deref().and_then(|analysis| analysis.curve(spec.of.as_str()));
        source.ok_or_else(|| ReleaseError::NoTable { name: spec.name.clone(), table: spec.of.to_string() })
    }

    /// Opens a table of the dataset.
    pub(super) fn open_table(&self, table: &LinkedTable) -> Result<AnyTable, ReleaseError> {
        Ok(AnyTable::parquet(&self.path.join(&table.file), None, self.memory)?)
    }

    /// Returns the role of a column.
    pub(super) fn role(&self, table: &str, column: &str) -> Role {
        let analysis = self.contract.analysis.as_deref().and_then(|analysis| analysis.table(table));
        if let Some(known) = analysis.and_then(|known| known.column(column)) {
            return known.role;
        }
        if let Some(role) = self.role_in_contract(table, column) {
            return role;
        }
        // The contract does not list the columns of persons, nor the flags of the table of persons.
        if column == PERSON_COLUMN { Role::Person } else { Role::Sensitive }
    }

    fn role_in_contract(&self, table: &str, column: &str) -> Option<Role> {
        let (_, table) = self.contract.table(table)?;
        Some(table.columns[table.column(column)?].role)
    }
}

//! The linked dataset that is released from, checked.

use std::path::{Path, PathBuf};

use super::error::ReleaseError;
use crate::config::raw::release::Curve;
use crate::config::{Contract, CurveSource, Role};
use crate::crypto::Digest;
use crate::exchange::{LinkedManifest, LinkedTable};
use crate::table::AnyTable;
use salanimi_core::Id;

/// A linked dataset whose files are, byte for byte, those of its manifest, and which was linked under the contract.
pub(super) struct Dataset<'a> {
    pub(super) path: PathBuf,
    pub(super) manifest: LinkedManifest,
    /// SHA-256 of the manifest's bytes.
    pub(super) digest: Digest,
    contract: &'a Contract,
    /// Bytes that a part of a table may need at once.
    memory: usize,
}

impl<'a> Dataset<'a> {
    pub(super) fn open(path: &Path, contract: &'a Contract, memory: usize) -> Result<Self, ReleaseError> {
        let not_linked = || ReleaseError::NotLinked { path: path.to_owned() };
        let manifest = LinkedManifest::read(path).ok_or_else(not_linked)?;
        if manifest.study != contract.study.id {
            let (found, expected) = (manifest.study, contract.study.id.clone());
            return Err(ReleaseError::Study { path: path.to_owned(), found, expected });
        }
        if manifest.exchange_digest != contract.exchange_digest {
            let (found, expected) = (manifest.exchange_digest, contract.exchange_digest);
            return Err(ReleaseError::Exchange { path: path.to_owned(), found, expected });
        }
        manifest.check_files(path)?;
        Ok(Self { path: path.to_owned(), manifest, digest: LinkedManifest::digest(path)?, contract, memory })
    }

    /// The table that the release `of` is made from.
    pub(super) fn table(&self, of: &Id, name: &str) -> Result<&LinkedTable, ReleaseError> {
        let missing = || ReleaseError::NoTable { name: of.clone(), table: name.to_owned() };
        self.manifest.tables.iter().find(|table| table.name == name).ok_or_else(missing)
    }

    /// The position of a column that the release `of` is made from, which must not tell who a person is.
    pub(super) fn releasable(&self, of: &Id, table: &LinkedTable, column: &str) -> Result<usize, ReleaseError> {
        let (name, of_column) = (|| of.clone(), || column.to_owned());
        if matches!(self.role(&table.name, column), Role::Person | Role::Reference | Role::Direct) {
            return Err(ReleaseError::Identifier { name: name(), column: of_column() });
        }
        let missing = || ReleaseError::NoColumn { name: name(), table: table.name.clone(), column: of_column() };
        table.columns.iter().position(|(known, ..)| known == column).ok_or_else(missing)
    }

    /// Why an analysis table could not be made; none if it is there, or if there is no such table.
    pub(super) fn why_not(&self, name: &str) -> Option<&str> {
        self.manifest.left_out.iter().find(|left| left.table == name).map(|left| left.reason.as_str())
    }

    /// The source of a curve. The contract was refused if it has none.
    pub(super) fn curve_source(&self, spec: &Curve) -> Result<CurveSource, ReleaseError> {
        let source = self.contract.analysis.as_deref().and_then(|analysis| analysis.curve(spec.of.as_str()));
        source.ok_or_else(|| ReleaseError::NoTable { name: spec.name.clone(), table: spec.of.to_string() })
    }

    /// A table of the dataset, open to be read.
    pub(super) fn open_table(&self, table: &LinkedTable) -> Result<AnyTable, ReleaseError> {
        Ok(AnyTable::parquet(&self.path.join(&table.file), None, self.memory)?)
    }

    /// What a column is to a person.
    pub(super) fn role(&self, table: &str, column: &str) -> Role {
        let analysis = self.contract.analysis.as_deref().and_then(|analysis| analysis.table(table));
        if let Some(known) = analysis.and_then(|known| known.column(column)) {
            return known.role;
        }
        let of_contract =
            self.contract.table(table).and_then(|(_, known)| Some(known.columns[known.column(column)?].role));
        // What stands for persons in every linked table; flags of occurrence are nobody's secret to the table of persons.
        of_contract.unwrap_or(if column == "person" { Role::Person } else { Role::Sensitive })
    }
}

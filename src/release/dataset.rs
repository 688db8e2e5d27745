//! The linked dataset of a release, opened and checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::ReleaseError;
use crate::config::{Contract, Role};
use crate::crypto::Digest;
use crate::exchange::{LinkedManifest, LinkedTable};
use crate::table::{AnyTable, ValueType};
use salanimi_core::Id;

/// Hundredths of a unit.
const HUNDREDTHS: i64 = 100;

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

/// Means of the bands of a column.
pub(super) struct Means {
    width: i64,
    /// In hundredths, by lower edge.
    of_bands: BTreeMap<i64, i64>,
}

impl Means {
    /// Returns the mean of a band in hundredths; the middle of one that has none.
    pub(super) fn of(&self, lower: i64) -> i64 {
        self.of_bands.get(&lower).map_or(lower * HUNDREDTHS + self.width * HUNDREDTHS / 2, |mean| *mean)
    }
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

    /// Returns the digest of the dataset's tables and of the means of its bands, from which sums are made. Whatever
    /// else is in the manifest, the same tables and means are one dataset.
    pub(super) fn content(&self) -> Digest {
        let tables = self.manifest.tables.iter().map(|table| format!("{} {}\n", table.name, table.file_digest));
        let bands = self.manifest.bands.iter().flat_map(|(column, bands)| {
            bands.iter().map(move |band| format!("{column} {} {}\n", band.lower, band.mean_hundredths))
        });
        Digest::of(tables.chain(bands).collect::<String>().as_bytes())
    }

    /// Returns the source table `table` of the release `name`.
    pub(super) fn table(&self, name: &Id, table: &str) -> Result<&LinkedTable, ReleaseError> {
        let known = self.manifest.tables.iter().find(|known| known.name == table);
        known.ok_or_else(|| ReleaseError::NoTable { name: name.clone(), table: table.to_owned() })
    }

    /// Returns the digits after the decimal mark in a column; 0 if it holds no decimals.
    pub(super) fn scale(&self, table: &str, column: &str) -> i8 {
        match self.contract.linked_type(table, column) {
            Ok(ValueType::Decimal { scale }) => scale,
            _ => 0,
        }
    }

    /// Returns the means of a banded column of the release `name`; `None` if it is not banded.
    ///
    /// # Errors
    /// The column was not summed when the dataset was linked.
    pub(super) fn means(&self, name: &Id, table: &str, column: &str) -> Result<Option<Means>, ReleaseError> {
        let Some(width) = self.contract.band_width(table, column) else { return Ok(None) };
        match self.manifest.bands.get(&format!("{table}.{column}")) {
            Some(bands) => {
                let of_bands = bands.iter().map(|band| (band.lower, band.mean_hundredths)).collect();
                Ok(Some(Means { width: width.into(), of_bands }))
            }
            None => Err(ReleaseError::NoMeans { name: name.clone(), column: column.to_owned() }),
        }
    }

    /// Returns why the link omitted an analysis table; `None` if the table is in the dataset or unknown.
    pub(super) fn omission(&self, table: &str) -> Option<&str> {
        self.manifest.left_out.iter().find(|left| left.table == table).map(|left| left.reason.as_str())
    }

    /// Opens a table of the dataset.
    pub(super) fn open_table(&self, table: &LinkedTable) -> Result<AnyTable, ReleaseError> {
        Ok(AnyTable::parquet(&self.path.join(&table.file), None, self.memory)?)
    }

    /// Returns the role of a column.
    pub(super) fn role(&self, table: &str, column: &str) -> Role {
        self.contract.linked_role(table, column)
    }
}

/// Returns the position of a column of the release `name`.
pub(super) fn position(name: &Id, table: &LinkedTable, column: &str) -> Result<usize, ReleaseError> {
    let position = table.columns.iter().position(|(known, ..)| known == column);
    position.ok_or_else(|| ReleaseError::NoColumn {
        name: name.clone(),
        table: table.name.clone(),
        column: column.to_owned(),
    })
}

//! Analysis tables, as the stages know them without knowing the study that defines them.
//!
//! A study implements [`AnalysisKind`] and [`Analysis`]. The contract names it (`[analysis] kind = "…"`), and every
//! stage works with the [`Analysis`] that the contract then holds.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use arrow::array::ArrayRef;
use serde::{Deserialize, Serialize};

use super::error::Problem;
use super::raw::contract::Role;
use super::raw::holder::Coverage;
use super::raw::release::Known;
use super::table::Table;
use crate::table::{BandTally, CodeMap, Codes, Field, Sorter, Spills, StoreError};
use salanimi_core::{Days, Id, LinkKeys, LinkedId};

/// A kind of analysis that a contract can name.
pub trait AnalysisKind: Sync {
    /// Returns the name that `[analysis] kind` gives.
    fn name(&self) -> &'static str;

    /// Resolves the other keys of `[analysis]`.
    ///
    /// # Errors
    /// A key is unknown, missing or wrong.
    fn configure(&self, settings: &toml::Table, contract: &ContractParts<'_>) -> Result<Box<dyn Analysis>, Problem>;
}

/// The parts of a contract that the settings of an analysis may refer to.
pub struct ContractParts<'a> {
    /// Tables of the sources.
    pub tables: &'a [Table],
    /// Mapping files, by name.
    pub mappings: &'a BTreeMap<Id, CodeMap>,
}

/// The source tables of a contract.
#[derive(Clone, Copy)]
pub struct SourceTables<'a> {
    /// The study's observation window.
    pub window: Days,
    /// The tables, in the contract's order.
    pub tables: &'a [Table],
}

impl<'a> SourceTables<'a> {
    /// Returns the table `name` and its position.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<(usize, &'a Table)> {
        self.tables.iter().enumerate().find(|(_, table)| table.name.as_str() == name)
    }
}

/// The analysis tables of one contract.
pub trait Analysis: Debug + Send + Sync {
    /// Returns the tables, in the order in which they are written. Their names are reserved.
    fn tables(&self) -> &'static [AnalysisTable];

    /// Returns the fields of the table `name`, the person first; `None` if there is no such table.
    fn fields(&self, sources: &SourceTables<'_>, name: &str) -> Option<Vec<Field>>;

    /// Returns the width of the bands of a column, in whole units; `None` if it is not banded.
    fn band_width(&self, table: &str, column: &str) -> Option<u32>;

    /// Returns the mapping from the areas in `codes` to the regions by which the linkage report counts them.
    fn regions(&self, codes: &Codes) -> Option<Regions<'_>>;

    /// Returns the tables that cannot be computed when only the tables at the positions `delivered` in `sources` are
    /// delivered, each with the reason.
    fn omitted(&self, sources: &SourceTables<'_>, delivered: &[usize]) -> Vec<OmittedTable>;

    /// Starts the tables of one link: all that can be computed.
    ///
    /// # Errors
    /// The folder for waiting rows cannot be used.
    fn begin<'a>(&'a self, link: &LinkSetup<'a>) -> Result<Box<dyn AnalysisTables + 'a>, StoreError>;

    /// Returns the table `name`; `None` if there is no such table.
    fn table(&self, name: &str) -> Option<&'static AnalysisTable> {
        self.tables().iter().find(|table| table.name == name)
    }
}

/// Definition of an analysis table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalysisTable {
    /// The name, also of its file.
    pub name: String,
    /// Columns that together identify a row.
    pub key: Vec<String>,
    /// From when on its times count. Default: the start.
    #[serde(default)]
    pub time_zero: Known,
    /// The columns, in order.
    pub columns: Vec<AnalysisColumn>,
}

impl AnalysisTable {
    /// Returns the column `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&AnalysisColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Definition of a column of an analysis table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalysisColumn {
    /// The name.
    pub name: String,
    /// The name of its type: `id`, `code`, `month`, `integer` or `flag`.
    #[serde(rename = "type")]
    pub value: String,
    /// Its role.
    pub role: Role,
    /// When its values are known; `None` for identifiers.
    pub known: Option<Known>,
}

/// A mapping from areas to regions, and the list of words that labels the regions.
#[derive(Debug, Clone, Copy)]
pub struct Regions<'a> {
    /// Areas to regions.
    pub map: &'a CodeMap,
    /// The list of code labels in the words file.
    pub labels: &'a str,
}

/// Inputs of the analysis tables of one link.
pub struct LinkSetup<'a> {
    /// The source tables of the contract.
    pub sources: SourceTables<'a>,
    /// The days for which the deliveries together are complete.
    pub coverage: &'a [Coverage],
    /// Positions of the contract's tables that a delivery has.
    pub delivered: Vec<usize>,
    /// Subkeys for references.
    pub keys: &'a LinkKeys<'a>,
    /// Fewest persons whose mean is told.
    pub least: u32,
    /// Bytes for rows that wait to be written, over all tables.
    pub memory: usize,
    /// The folder for rows that wait on disk.
    pub folder: &'a Path,
    /// How they are written there.
    pub spills: Spills,
}

/// Delivered rows of some persons, from one table of one delivery, sorted by person.
#[derive(Clone, Copy)]
pub struct SourceRows<'a> {
    /// Position of the contract's table.
    pub table: usize,
    /// The delivered columns in memory form; the first holds the pseudonyms.
    pub columns: &'a [ArrayRef],
    /// For each row, the position of its person.
    pub persons: &'a [u32],
}

/// Analysis tables that are being computed, person by person.
pub trait AnalysisTables: Sync {
    /// Adds the rows of some persons. `ids` has the linked id of each person; `None` if the person is not linked.
    ///
    /// No other call may have rows of the same persons.
    ///
    /// # Errors
    /// Rows that wait cannot be written.
    fn add(&self, sources: &[SourceRows<'_>], ids: &[Option<LinkedId>]) -> Result<(), StoreError>;

    /// Returns the finished tables, still to be sorted and written.
    fn finish(self: Box<Self>) -> FinishedTables;
}

/// Rows of all analysis tables of a link.
#[derive(Default)]
pub struct FinishedTables {
    /// The tables, in the order in which they are written.
    pub tables: Vec<FinishedTable>,
    /// Exact sums of banded columns, by table and column.
    pub bands: Vec<ColumnBands>,
    /// Persons who could have been found outside the population, by property and value: found, and not found.
    pub comparable: Vec<Comparable>,
    /// Answers on the very day of what they answer.
    pub same_day: Option<SameDay>,
}

/// Exact sums of a banded column.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnBands {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The sums by band.
    pub tally: BandTally,
}

/// Answers on the very day of what they answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SameDay {
    /// Table of the sources that has the answers.
    pub table: String,
    /// Answers on that day.
    pub same_day: u64,
    /// All answers.
    pub all: u64,
}

/// Persons with a value of a property, of whom somebody would tell if they used a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparable {
    /// Place in the report: that of the property, then that of the value.
    pub place: (u8, Option<u16>),
    /// Property.
    pub by: String,
    /// Value; `None` if unknown.
    pub value: Option<String>,
    /// Persons whom a table outside the population has.
    pub found: u64,
    /// Persons whom none has.
    pub not_found: u64,
}

/// Rows of one analysis table.
pub struct FinishedTable {
    /// The name.
    pub name: &'static str,
    /// The fields, the person first.
    pub fields: Vec<Field>,
    /// The rows.
    pub sorter: Sorter,
}

/// A table that could not be computed, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OmittedTable {
    /// The name.
    pub table: String,
    /// The reason, in words.
    pub reason: String,
}

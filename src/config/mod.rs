//! The two configuration files, contract and holder file: as written ([`raw`]), then resolved into validated types.

mod analysis;
mod authority;
mod contract;
mod error;
mod holder;
mod linkage;
mod mapping;
mod parties;
pub mod raw;
mod release;
mod table;
mod toml_file;
mod warnings;
mod words;

pub use analysis::{
    Analysis, AnalysisColumn, AnalysisKind, AnalysisTable, AnalysisTables, ColumnBands, Comparable, ContractParts,
    FinishedTable, FinishedTables, LinkSetup, OmittedTable, Regions, SameDay, SourceRows, SourceTables,
};
pub use authority::{Authority, OwnOrganisers};
pub use contract::{Accounting, Contract, Contradiction, LINKED_PERSON, Limits, ListedHolder, Study};
pub use error::{ConfigError, DECIDE, Problem};
pub use holder::{Coverage, Delivery, Fillers, Format, Holder, OldCodes, Origin, Replaced, SYNTHETIC_MARKER, Source};
pub use linkage::{BY_EVIDENCE, EVIDENCE_PRECISION, Linkage, MATCH_KIND, PRECISION_SCALE, match_kinds};
pub(crate) use mapping::{beside, spans_lines};
pub use raw::contract::{Duplicates, FORMAT as CONTRACT_FORMAT, Invalid, Role};
pub(crate) use raw::holder::FORMAT as HOLDER_FORMAT;
pub use raw::linkage::{Include, LinkageSettings};
pub use raw::release::Known;
pub use raw::warnings::WarningCode;
pub use release::{ALL, Hierarchy, HierarchyError, LabelError, Value};
pub use table::{Column, Content, Derived, LinkageColumns, PSEUDONYM, Table};
pub(crate) use toml_file::read_toml;
pub use warnings::{Consequence, Warnings};
pub use words::{Break, ColumnWords, Label, PictureWords, Words};

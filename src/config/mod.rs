//! The two configuration files: as written (`raw`), then resolved once into validated types.

mod contract;
mod dictionary;
mod error;
mod holder;
mod mapping;
pub mod raw;
mod release;
mod table;

pub use contract::{Accounting, Analysis, Contract, Contradiction, HolderKeys, Limits, Study};
pub use dictionary::{
    AnalysisColumn, AnalysisTable, Break, ColumnWords, Words, analysis_table, breaks, code_label, column_words,
    labelled_codes, table_title,
};
pub use error::{ConfigError, Problem};
pub use holder::{Coverage, Delivery, Format, Holder, OldCodes, Origin, Replaced, SYNTHETIC_MARKER, Source};
pub use raw::contract::{Duplicates, FORMAT as CONTRACT_FORMAT, Invalid, Role};
pub use table::{Column, Content, Derived, PSEUDONYM, Table};

//! SAS data sets (`.sas7bdat`), read row by row. They are never mapped into memory.

mod cells;
mod columns;
mod format;
mod source;

pub use format::SasFormat;
pub(super) use source::SasSource;
pub use source::{is_sas, sas_columns};

//! Source formats, one folder each, and the two ways to read them.
//!
//! To add a format:
//!
//! 1. Add a folder here, next to [`csv`], [`parquet`] and [`sas`], that reads batches of columns from a file.
//! 2. Add a variant to [`SourceFile`] (`file.rs`), the reader of the columns that a holder file maps.
//! 3. Add a variant to [`AnyTable`] (`any.rs`) if `verify` should read the format too.
//! 4. Add a variant to `Format` in `config/raw/holder.rs` and `config/holder.rs`, with the keys that apply to it.
//! 5. Open it in `extract/sources.rs` and `extract/check.rs`.

mod any;
mod batch;
mod cells;
mod csv;
mod file;
mod guard;
mod headings;
mod kinds;
mod locate;
mod parquet;
mod reshape;
mod sas;

pub use any::{AnyTable, Rows};
pub use batch::{SourceBatch, SpecialMissing};
pub use cells::{Cells, Texts};
pub use csv::{CsvFormat, DELIMITER, ENCODING, Encoding};
pub use file::SourceFile;
pub use guard::is_guarded;
pub use kinds::check_plain_text;
pub(in crate::table) use locate::locate;
pub(in crate::table) use parquet::{Batches, OpenParquet};
pub use parquet::{Footer, PARQUET_MAGIC, ParquetDescription, PartFile, SEALED_MAGIC, describe_parquet};
pub use reshape::{MonthCells, Reshaped, months_to_rows};
pub use sas::{SasFormat, is_sas, sas_columns};

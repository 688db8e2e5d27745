//! Columns in, columns out: reading sources, converting, generalising, sorting, writing. No notion of persons.

mod any;
mod batch;
mod cells;
mod content_digest;
mod convert;
mod csv;
mod describe;
mod error;
mod headings;
mod notation;
mod parquet;
mod reshape;
mod sniff;
mod sort;
mod source;
mod spill;
mod transform;
mod unique;
mod value;
mod write;

pub use any::{AnyTable, PARQUET_MAGIC, Rows};
pub use batch::SourceBatch;
pub use cells::{Cells, Texts};
pub use content_digest::content_digest;
pub use convert::{Converted, Converter, Fault, Renames, Rules, is_text};
pub use csv::CsvFormat;
pub use describe::{Footer, ParquetDescription, describe_parquet};
pub use error::{SourceError, StoreError};
pub use notation::{DateForm, Encoding, Notation};
pub use parquet::{ParquetTable, SEALED_MAGIC};
pub use reshape::{MonthCells, Reshaped, months_to_rows};
pub use sort::{Group, SortedTable, Sorter, is_sorted};
pub use source::SourceFile;
pub use transform::{CodeMap, Groups, Transform, TypeMismatch};
pub use unique::first_of_each;
pub use value::{
    Codes, DECIMAL_DIGITS, Field, ValueType, carried, id_column, keys, number_column, pseudonym, pseudonym_column,
    written,
};
pub use write::{CREATED_BY, Written, write_table};

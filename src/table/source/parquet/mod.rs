//! Apache Parquet of any writer.

mod bounds;
mod footer;
mod open;
mod projection;
mod source;
mod whole;

pub use footer::{Footer, ParquetDescription, describe_parquet};
pub(in crate::table) use open::{Batches, OpenParquet};
pub use open::{PARQUET_MAGIC, PartFile, SEALED_MAGIC};
pub(super) use source::ParquetSource;
pub(super) use whole::WholeParquet;

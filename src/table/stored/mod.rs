//! Tables that this tool writes and reads again.

mod content_digest;
mod parts;
mod read;
mod write;

pub use content_digest::content_digest;
pub use parts::{Parts, PartsError};
pub use read::ParquetTable;
pub use write::{CREATED_BY, NewFile, WrittenFile, WrittenParts, WrittenTable, write_parts, write_table};

//! Tables that this tool writes and reads again.

mod content_digest;
mod read;
mod write;

pub use content_digest::content_digest;
pub use read::ParquetTable;
pub use write::{CREATED_BY, NewFile, WrittenFile, WrittenParts, WrittenTable, write_parts, write_table};

//! Tables that this tool writes and reads again.

mod content_digest;
mod file_writer;
mod read;
mod write;

pub use content_digest::content_digest;
pub use file_writer::{CREATED_BY, WrittenFile};
pub use read::ParquetTable;
pub use write::{NewFile, WrittenTable, content_of_files, join_parts, write_parts, write_table};

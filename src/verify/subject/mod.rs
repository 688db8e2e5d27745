//! Subjects of a verification: folders and files, the tables in them, and the role of each column.

mod column;
mod hints;
mod kind;
mod label;
mod open;
mod roles;
mod table;
mod walk;

pub(super) use column::ColumnRole;
pub use kind::Kind;
pub(super) use label::{label, listed};
pub(super) use open::Subject;
pub(super) use table::SubjectTable;
pub(super) use walk::SubjectFile;

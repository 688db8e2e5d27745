//! Tables of the contract, resolved into validated types.

mod linkage;
mod resolve;
mod types;

pub use linkage::LinkageColumns;
pub(super) use resolve::{Definitions, Located};
pub(super) use types::sexes;
pub use types::{Column, Content, Derived, PSEUDONYM, Table};

//! Tables of the contract, resolved into validated types.

mod resolve;
mod types;

pub(super) use resolve::{Definitions, Located};
pub use types::{Column, Content, Derived, PSEUDONYM, Table};

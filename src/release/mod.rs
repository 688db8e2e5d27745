//! Release: makes tables that may leave the secure environment from a linked dataset.
//!
//! The steps in order: open the dataset, read its columns, generalise them, make tables of counts, survival curves and
//! microdata under the contract's rules, and write them. A request that breaks the rules is refused.

mod column;
mod curve;
mod dataset;
mod error;
mod hierarchy;
mod microdata;
mod run;
mod sheet;
mod tables;
mod value;

pub use error::ReleaseError;
pub use hierarchy::HierarchyError;
pub use run::{Released, release};

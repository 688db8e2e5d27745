//! The research team's last stage: a linked dataset in, tables out that may leave the secure environment.
//!
//! Steps, in order: open the dataset (`dataset`), read columns (`column`) and how they generalise (`hierarchy`), make tables
//! (`tables`), curves (`curve`) and rows (`microdata`) that keep the contract's rules, write them (`sheet`, `run`). What does
//! not keep them is refused.

mod column;
mod curve;
mod dataset;
mod error;
mod hierarchy;
mod microdata;
mod run;
mod sheet;
mod tables;

pub use error::ReleaseError;
pub use hierarchy::HierarchyError;
pub use run::{Released, release};

use tables::TOTAL;

//! Release: makes results that may leave the secure environment from a linked dataset.
//!
//! The steps in order: read the questions from the contract (`item`), ask the register whether they may be answered
//! (`register`), count exactly (`contributions`), protect every count (`protect`), compute everything else from
//! protected counts (`table`, `curve`, `rates`, `flow`), charge the register, and publish. Rows of persons
//! (`microdata`) are generalised instead.

mod column;
mod contributions;
mod curve;
mod dataset;
mod error;
mod flow;
mod item;
mod microdata;
mod plan;
mod protect;
mod query;
mod rates;
mod register;
mod run;
mod sheet;
mod source;
mod summary;
mod table;

pub use error::{RegisterError, ReleaseError};
pub use plan::{Plan, PlannedItem};
pub use register::{REGISTER_ENDING, create_register};
pub use run::{Inputs, Previous, Released, StagedRelease, release, released_csv};

//! Link registers that hold personal identity codes, without the codes ever reaching the research environment.
//!
//! The modules stand here in the order in which data flows. Each uses only those before it, and the stages
//! never use each other: they meet in [`domain`] types and in [`exchange`]. `tests/architecture.rs` holds this.

pub mod files;

pub mod progress;

pub mod crypto;

pub mod text;

pub mod table;

pub mod config;

pub mod exchange;

pub mod audit;

// The stages.
pub mod extract;

pub mod link;

pub mod verify;

pub mod release;

pub mod report;

pub mod study;

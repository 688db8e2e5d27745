//! Link registers that hold personal identity codes, without the codes ever reaching the research environment.
//!
//! The modules stand in the order in which data flows; each uses only those before it.
pub mod cli;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod exchange;
pub mod extract;
pub mod link;
pub mod progress;
pub mod report;
pub mod table;

//! One study: its analysis tables, its synthetic registers and the demo.
//!
//! No other module names the study. The stages know it as a [`crate::config::Analysis`].

pub mod demo;
pub mod synth;
mod tables;
mod vocabulary;

use std::path::Path;

use crate::config::{AnalysisKind, ConfigError, Contract};
pub use tables::ToituAvain;

/// The kinds of analysis that a contract can name.
pub const KINDS: &[&dyn AnalysisKind] = &[&ToituAvain];

/// Reads and checks the contract at `path`, with every kind of analysis that the tool has.
///
/// # Errors
/// As [`Contract::read`].
pub fn read_contract(path: &Path) -> Result<Contract, ConfigError> {
    Contract::read(path, KINDS)
}

//! One study: its analysis tables, its synthetic registers and the demo.
//!
//! No other module names the study. The stages know it as a [`crate::config::Analysis`].

pub mod synth;
mod tables;

use crate::config::AnalysisKind;
pub use tables::ToituAvain;

/// The kinds of analysis that a contract can name.
pub const KINDS: &[&dyn AnalysisKind] = &[&ToituAvain];

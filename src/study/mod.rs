//! What belongs to one study: its analysis tables and its synthetic registers.

pub mod synth;
pub(crate) mod tables;

//! The configuration files as they are written. The comments here are the reference that a user reads.

pub mod contract;
pub mod holder;
pub mod release;

//! Options of the demo.

use std::path::Path;
use std::time::Duration;

use crate::verify::Depth;
use salanimi_core::Timestamp;

/// Size, place and circumstances of a demo.
pub struct Options<'a> {
    /// People in the synthetic population.
    pub persons: u64,
    /// The same seed gives the same registers.
    pub seed: u64,
    /// The folder to make, which must not exist.
    pub out: &'a Path,
    /// Depth of the dictionary attack in the verification at the end.
    pub depth: Depth,
    /// The time of the run.
    pub now: Timestamp,
    /// Time since some fixed moment; it never goes back.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
}

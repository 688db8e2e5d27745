//! Progress of a long step.

/// Receiver of a step's progress. The unit, bytes or rows, is the step's own.
pub trait Progress: Sync {
    /// Begins a step of `total` units.
    fn begin(&self, step: &str, total: u64);
    /// Adds `units` that are done.
    fn advance(&self, units: u64);
}

/// Receiver that shows nothing.
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
}

//! How a long step tells how far it is.

/// Told what is being done and how much of it is done. The unit, bytes or rows, is the step's.
pub trait Progress: Sync {
    /// A step of `total` units begins.
    fn begin(&self, step: &str, total: u64);
    /// `units` more are done.
    fn advance(&self, units: u64);
}

/// Tells no one.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
}

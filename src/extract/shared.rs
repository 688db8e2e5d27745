//! A value that worker threads update in turn.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A value behind a lock. A panic in a worker ends the run, so poison carries no information.
#[derive(Default)]
pub(super) struct Shared<T>(Mutex<T>);

impl<T> Shared<T> {
    /// Waits for the lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the value at the end.
    pub(super) fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

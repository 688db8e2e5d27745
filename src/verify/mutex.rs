//! Mutexes whose content stays valid when another thread panics.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`. The panic of another thread ends the run anyway, so its poison is ignored.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the content of `mutex`. Poison is ignored, as in [`lock`].
pub(super) fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

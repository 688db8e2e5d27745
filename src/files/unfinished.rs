use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often a folder is removed that other threads still write into.
const REMOVE_TRIES: usize = 100;

/// Files and folders in the making, for [`remove_unfinished`].
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// What is in the making. While this is held the process is not stopped.
pub(crate) fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all that is in the making, for a process that is told to stop. Holds all others that would make or name
/// something until the process ends.
pub fn remove_unfinished() {
    let unfinished = unfinished();
    for path in unfinished.iter() {
        // A thread may put another file into a folder meanwhile; a few tries see it off.
        for _ in 0..REMOVE_TRIES {
            if fs::remove_dir_all(path).is_ok() || fs::remove_file(path).is_ok() || !path.exists() {
                break;
            }
        }
        let _ = fs::remove_file(path.with_extension("lock"));
    }
    // Never unlocked again: the caller ends the process.
    std::mem::forget(unfinished);
}

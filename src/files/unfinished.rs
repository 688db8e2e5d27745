//! Unfinished output of this process, and its removal when the process is stopped.

use std::fs;
use std::path::PathBuf;
use std::sync::MutexGuard;

use crate::shared::Shared;

/// Number of attempts to remove a folder while other threads write into it.
const REMOVE_TRIES: usize = 100;

/// Unfinished files and folders.
static UNFINISHED: Shared<Vec<PathBuf>> = Shared::new(Vec::new());

/// Locks the list of unfinished files and folders. [`remove_unfinished`] waits for the lock, so a rename under it is
/// never interrupted.
pub(crate) fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock()
}

/// Removes all unfinished output, for a process that must stop. Other threads can neither start nor finish output until
/// the process ends.
pub fn remove_unfinished() {
    let unfinished = unfinished();
    for path in unfinished.iter() {
        // A thread may write another file into the folder meanwhile.
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

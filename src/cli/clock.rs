//! The machine's clock. Stages receive the day as an argument.

use std::time::{SystemTime, UNIX_EPOCH};

use salanimi_core::Timestamp;

/// Returns the current time, in whole seconds.
pub(super) fn now() -> Timestamp {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_secs().cast_signed(),
        Err(before) => -before.duration().as_secs().cast_signed(),
    };
    Timestamp::from_epoch_seconds(seconds)
}

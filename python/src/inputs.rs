//! What callers give by paths: the contract, keys and identities.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::prelude::*;
use salanimi::crypto::Unlock;
use salanimi_core::{Day, Timestamp};

use crate::errors::refused;

/// Returns the day on this machine's clock, in universal time.
pub(crate) fn today() -> Day {
    now().day()
}

/// Returns the time on this machine's clock, in whole seconds.
pub(crate) fn now() -> Timestamp {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_secs().cast_signed(),
        Err(before) => -before.duration().as_secs().cast_signed(),
    };
    Timestamp::from_epoch_seconds(seconds)
}

/// Reads the age identity that opens sealed files, if one is given.
pub(crate) fn unlock(identity: Option<PathBuf>) -> PyResult<Unlock> {
    let identities: Vec<PathBuf> = identity.into_iter().collect();
    Unlock::read(Vec::new(), &identities).map_err(refused)
}

/// Turns a value into what Python's `json` makes of its JSON.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &impl serde::Serialize) -> PyResult<Bound<'py, PyAny>> {
    let text = serde_json::to_string(value).map_err(refused)?;
    py.import("json")?.call_method1("loads", (text,))
}

//! Warnings about runs that may have gone wrong, on the screen.

use crate::exchange::{Level, Warning};

/// Returns the warnings, one a line.
#[must_use]
pub(super) fn warnings(warnings: &[Warning]) -> String {
    warnings.iter().map(line).collect()
}

fn line(warning: &Warning) -> String {
    let level = match warning.level {
        Level::Accepted => "explained in the contract",
        Level::Warns => "WARNING",
        Level::Stops => "WOULD STOP",
    };
    format!("  {level}: {warning}\n")
}

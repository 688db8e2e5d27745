//! Options of a verification: the paths, the keys, the scope and the limits.

use std::path::PathBuf;
use std::time::Duration;

use super::depth::Depth;
use crate::config::Contract;
use crate::crypto::Unlock;

/// Memory limit of a verification, in bytes, unless the caller sets another: 1 GiB.
pub const DEFAULT_MEMORY: usize = 1 << 30;

/// Options of a verification.
///
/// [`Options::new`] sets a documented default for each optional field; assign to a field to change it.
///
/// ```
/// use std::path::PathBuf;
/// use std::time::Instant;
///
/// use salanimi::crypto::Unlock;
/// use salanimi::progress::NoProgress;
/// use salanimi::verify::{Depth, Options, Verdict, verify};
///
/// let paths = [PathBuf::from("examples/verify")];
/// let unlock = Unlock::default();
/// let started = Instant::now();
/// let clock = || started.elapsed();
/// let mut options = Options::new(&paths, &unlock, &clock);
/// options.depth = Depth::None;
/// let verification = verify(&options, &NoProgress);
/// assert_eq!(verification.verdict(), Verdict::Fail); // no such folder
/// ```
pub struct Options<'a> {
    /// Deliveries, linked datasets, released tables, or any folders and files.
    pub paths: &'a [PathBuf],
    /// The study's contract. Checks that need one are not run without it. Default: none.
    pub contract: Option<&'a Contract>,
    /// Keys that open sealed deliveries. `Unlock::default()` opens none.
    pub unlock: &'a Unlock,
    /// `true` if the tables are meant for release: a risk then fails where it otherwise warns. Default: `false`.
    pub released: bool,
    /// Extent of the dictionary attack. Default: [`Depth::Standard`].
    pub depth: Depth,
    /// Returns the time since a fixed moment, to measure rates. It never decreases.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
    /// Memory limit, in bytes. Default: [`DEFAULT_MEMORY`].
    pub memory: usize,
}

impl<'a> Options<'a> {
    /// Returns the options for `paths` with a default for everything else.
    #[must_use]
    pub fn new(paths: &'a [PathBuf], unlock: &'a Unlock, clock: &'a (dyn Fn() -> Duration + Sync)) -> Self {
        Self { paths, contract: None, unlock, released: false, depth: Depth::default(), clock, memory: DEFAULT_MEMORY }
    }
}

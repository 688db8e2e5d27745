//! Keys of earlier versions, refused with the names of their successors.

use std::convert::Infallible;

use serde::de::{Error, IgnoredAny};
use serde::{Deserialize, Deserializer};

/// A key of earlier versions. It never has a value: where it is given, the contract is refused.
pub(super) type Retired = Option<Infallible>;

/// Refuses a key of earlier versions, with the name of its successor.
macro_rules! retired {
    ($($function:ident: $message:literal),* $(,)?) => {$(
        pub(super) fn $function<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Retired, D::Error> {
            IgnoredAny::deserialize(deserializer)?;
            Err(D::Error::custom($message))
        }
    )*};
}

retired! {
    retired_seed: "`seed` has no use any more: rounding is keyed by a release key; make one with `salanimi key new \
        --release`, and give its fingerprint as `key`",
    retired_rounding: "`rounding` is now `base`; rename it",
    retired_dominance: "`dominance` has no use any more: a sum has a `cap`, the most that one person adds; write \
        sum = { column = \"…\", cap = … }",
    retired_protect: "tables have no protection of their own any more: `protect` in [release] holds for all; remove \
        this line",
    retired_of: "a curve now names its columns: replace `of` by `table`, `time`, `event` and `last`",
    retired_max_suppressed: "no row is suppressed any more, so `max_suppressed` has no use; remove it, and give the \
        columns more levels if nothing can be released",
}

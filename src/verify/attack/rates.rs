//! How fast each hash is, for a benchmark.

use std::time::Duration;

use super::code_space::{CodeSpace, Part, Share};
use super::hashes::Kind;
use super::message::Form;
use super::scheme::{Added, Rounds, Scheme};

/// Codes that are hashed to measure.
const DAYS: std::ops::Range<usize> = 20_000..20_500;

/// The rate of a hash.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// The hash.
    pub hash: &'static str,
    /// Codes hashed in a second, on one core.
    pub per_second: f64,
}

/// The rate of each hash over the same codes, on one core, as `clock` tells the time.
#[must_use]
pub fn rates(clock: &dyn Fn() -> Duration) -> Vec<Rate> {
    let mut codes = Vec::new();
    CodeSpace::new().fill(Part::Usual, DAYS, Share::WHOLE, &mut codes);
    let rate = |&kind: &Kind| {
        let scheme = Scheme { kind, form: Form::CANONICAL, rounds: Rounds::Once, added: Added::Nothing };
        let (began, mut sum) = (clock(), 0_u8);
        scheme.hash(&codes, |digest| sum = sum.wrapping_add(digest[0]));
        let took = clock().saturating_sub(began).as_secs_f64();
        std::hint::black_box(sum);
        Rate { hash: kind.shown(), per_second: codes.len() as f64 / took }
    };
    Kind::ALL.iter().map(rate).collect()
}

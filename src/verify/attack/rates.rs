//! Rate of each hash function, for a benchmark.

use std::time::Duration;

use super::candidates::Candidates;
use super::code_space::{CodeSpace, LENGTH, Part, SIGN};
use super::hashes::Kind;
use super::hashing::hash;
use super::message::Form;
use super::scheme::{Added, Rounds, Scheme};
use super::share::Share;

/// Number of codes that are hashed.
const CODES: u64 = 500_000;

/// Rate of a hash function.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Name of the hash function.
    pub hash: &'static str,
    /// Codes hashed per second, on one core.
    pub per_second: f64,
}

/// Measures the rate of each hash function over the same codes, on one core. `clock` returns the time since a fixed
/// moment.
#[must_use]
pub fn rates(clock: &dyn Fn() -> Duration) -> Vec<Rate> {
    let mut codes = Candidates::new(LENGTH, Some(SIGN));
    CodeSpace::new().fill(Part::Usual, 0..CODES, Share::WHOLE, &mut codes);
    Kind::ALL.iter().map(|&kind| rate(kind, &codes, clock)).collect()
}

fn rate(kind: Kind, codes: &Candidates, clock: &dyn Fn() -> Duration) -> Rate {
    let scheme = Scheme { kind, form: Form::CANONICAL, rounds: Rounds::Once, added: Added::Nothing };
    let mut sum = 0_u8;
    let start = clock();
    hash(&scheme, codes, |digest| sum = sum.wrapping_add(digest[0]));
    let seconds = clock().saturating_sub(start).as_secs_f64();
    std::hint::black_box(sum);
    Rate { hash: kind.name(), per_second: codes.len() as f64 / seconds }
}

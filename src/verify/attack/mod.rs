use super::Options;
use super::check::Check;
use super::subject::Subject;
use crate::progress::Progress;

/// How much of the dictionary attack is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// What takes seconds.
    Quick,
    /// Unsalted schemes over the whole space of codes, salted ones over a share of it.
    #[default]
    Usual,
    /// Every scheme over the whole space.
    Exhaustive,
}

pub(super) fn check(_: &[Subject], _: &Options<'_>, _: &mut Vec<Check>, _: &dyn Progress) {}

use super::Options;
use super::check::Check;
use super::subject::Subject;
use crate::progress::Progress;

pub(super) fn check(_: &[Subject], _: &Options<'_>, _: &mut Vec<Check>, _: &dyn Progress) {}

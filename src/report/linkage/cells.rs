//! Counts of persons as the linkage report shows them.

pub(super) use crate::text::{Share, ShownCounts as Cells, grouped, standardised_difference};

//! Counts of a table's records: read, kept, filtered, rejected.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ledger::Rejected;
use super::profile::Profile;
use crate::exchange::Filtered;
use salanimi_core::{Day, Reason};

/// Counts of one batch, or of a whole table.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tally {
    pub(super) source_rows: u64,
    pub(super) records: u64,
    pub(super) kept: u64,
    pub(super) filtered: Filtered,
    pub(super) rejected: Vec<Rejected>,
    pub(super) temporary_rows: u64,
    pub(super) changed_rows: u64,
    /// Kept records without an identifier, with the reason.
    pub(super) without_code: Vec<Rejected>,
    pub(super) codes_by_client: u64,
    /// Invalid cells of kept rows that were emptied, by contract column and reason.
    pub(super) emptied: BTreeMap<u32, BTreeMap<Reason, u64>>,
    /// First and last day of the window column among the records that were read.
    pub(super) days: Option<(Day, Day)>,
    /// Counts behind the warnings.
    pub(super) profile: Profile,
}

impl Tally {
    /// Adds the counts of another batch.
    pub(super) fn add(&mut self, other: Self) {
        self.source_rows += other.source_rows;
        self.records += other.records;
        self.kept += other.kept;
        self.filtered.add(other.filtered);
        self.rejected.extend(other.rejected);
        self.temporary_rows += other.temporary_rows;
        self.changed_rows += other.changed_rows;
        self.without_code.extend(other.without_code);
        self.codes_by_client += other.codes_by_client;
        for (column, reasons) in other.emptied {
            let all = self.emptied.entry(column).or_default();
            for (reason, count) in reasons {
                *all.entry(reason).or_default() += count;
            }
        }
        self.profile.add(other.profile);
        if let Some((first, last)) = other.days {
            self.include_day(first);
            self.include_day(last);
        }
    }

    /// Returns true if more than `share` of the records were rejected; a share of 1 is all of them.
    pub(super) fn has_too_many_rejects(&self, share: f64) -> bool {
        self.rejected.len() as f64 > share * self.records as f64
    }

    /// Extends the range of days by a day of the window column.
    pub(super) fn include_day(&mut self, day: Day) {
        self.days = Some(self.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
    }

    /// Counts the rejected records by reason.
    pub(super) fn rejected_by_reason(&self) -> BTreeMap<Reason, u64> {
        by_reason(&self.rejected)
    }

    /// Counts the kept records without an identifier by reason.
    pub(super) fn without_code_by_reason(&self) -> BTreeMap<Reason, u64> {
        by_reason(&self.without_code)
    }
}

fn by_reason(records: &[Rejected]) -> BTreeMap<Reason, u64> {
    let mut counts = BTreeMap::new();
    for record in records {
        *counts.entry(record.reason).or_default() += 1;
    }
    counts
}

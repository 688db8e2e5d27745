//! What the holders state of their records, the references between the sources, and persons who could be found.

use serde::Serialize;

use super::persons::{Forest, Group};
use super::view::View;
use crate::exchange::{Provision, ReferenceCount};
use crate::text::{grouped, rounded};

/// Decimals of shares of records.
const DECIMALS: usize = 2;

/// A delivered table as its holder states it.
#[derive(Serialize)]
pub(super) struct ProvisionRow {
    holder: String,
    table: String,
    records: String,
    rows: String,
    outside: String,
    repeats: String,
    rejected: String,
    /// Reasons, each with its share of the records.
    reasons: Vec<String>,
    changed: String,
    temporary: String,
}

/// References of one table.
#[derive(Serialize)]
pub(super) struct ReferenceRow {
    table: String,
    label: String,
    all: String,
    found: String,
    other: String,
}

impl View<'_> {
    pub(super) fn provision(&self) -> Vec<ProvisionRow> {
        self.accounting.provision.iter().map(|entry| self.provision_row(entry)).collect()
    }

    fn provision_row(&self, entry: &Provision) -> ProvisionRow {
        let number = |count: u64| grouped(rounded(count));
        let share = |count: u64| {
            let percent = 100.0 * count as f64 / entry.records.max(1) as f64;
            self.cells.language().percentage(percent, DECIMALS)
        };
        ProvisionRow {
            holder: entry.holder.to_string(),
            table: self.title(entry.table.as_str()),
            records: number(entry.records),
            rows: number(entry.rows),
            outside: number(entry.filtered.window),
            repeats: number(entry.filtered.duplicate),
            rejected: share(entry.rejected.values().sum()),
            reasons: entry.rejected.iter().map(|(reason, count)| format!("{reason} {}", share(*count))).collect(),
            changed: number(entry.changed_rows),
            temporary: number(entry.temporary_rows),
        }
    }

    pub(super) fn references(&self) -> Vec<ReferenceRow> {
        self.accounting.references.iter().map(|count| self.reference_row(count)).collect()
    }

    fn reference_row(&self, count: &ReferenceCount) -> ReferenceRow {
        let percent = 100.0 * count.in_population as f64 / count.references.max(1) as f64;
        ReferenceRow {
            table: self.title(count.table.as_str()),
            label: count.label.to_string(),
            all: grouped(rounded(count.references)),
            found: self.cells.language().percentage(percent, 1),
            other: grouped(rounded(count.other_person)),
        }
    }

    /// Returns the comparable persons who are found, by property; `None` without an analysis that tells.
    pub(super) fn comparable(&self) -> Option<Forest> {
        let groups = &self.accounting.comparable;
        let first = groups.first()?;
        let of_first = groups.iter().filter(|group| group.by == first.by);
        let sums = of_first.fold([0, 0], |sums, group| [sums[0] + group.found, sums[1] + group.not_found]);
        let everyone = Group { label: self.word("everyone"), part: sums[0], whole: sums[0] + sums[1] };
        let by_property = groups.iter().map(|group| Group {
            label: self.comparable_label(&group.by, group.value.as_deref()),
            part: group.found,
            whole: group.found + group.not_found,
        });
        let groups: Vec<Group> = std::iter::once(everyone).chain(by_property).collect();
        Some(self.forest_titled(self.word("comparable"), groups.into_iter()))
    }

    fn comparable_label(&self, by: &str, value: Option<&str>) -> String {
        match (by, value) {
            ("sex", value) => self.sex(value),
            ("age_group", value) => self.age(value),
            (_, None) => self.word("unknown"),
            (list, Some(value)) => {
                let label = self.text(&self.contract.words.code_or_itself(list, value));
                // Without a label it is a band of months.
                let is_band = label == value && label.starts_with(|first: char| first.is_ascii_digit());
                if is_band { format!("{} {}", label.replace('-', "–"), self.word("months_of")) } else { label }
            }
        }
    }
}

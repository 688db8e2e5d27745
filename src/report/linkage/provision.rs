//! What the holders state of their records, the references between the sources, and persons who could be found.

use serde::Serialize;

use super::persons::{Forest, Group};
use super::view::View;
use crate::exchange::{Provision, ReferenceCount};
use crate::text::{grouped, rounded};

/// The smallest share that is shown as a number, in per cent.
const LEAST_PERCENT: f64 = 0.1;

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
        ProvisionRow {
            holder: entry.holder.to_string(),
            table: self.title(entry.table.as_str()),
            records: in_steps(entry.records),
            rows: in_steps(entry.rows),
            outside: self.cells.persons(entry.filtered.window),
            repeats: self.cells.persons(entry.filtered.duplicate),
            rejected: self.share(entry.rejected.values().sum(), entry.records),
            reasons: entry
                .rejected
                .iter()
                .map(|(reason, count)| format!("{reason} {}", self.share(*count, entry.records)))
                .collect(),
            changed: self.cells.persons(entry.changed_rows),
            temporary: self.cells.persons(entry.temporary_rows),
        }
    }

    /// Returns a share of rounded counts; a small count stands for itself.
    fn share(&self, count: u64, whole: u64) -> String {
        let (Some(count), Some(whole)) = (self.cells.count(count), self.cells.count(whole)) else {
            return self.cells.persons(count);
        };
        let percent = 100.0 * count as f64 / whole as f64;
        let language = self.cells.language();
        if percent < LEAST_PERCENT / 2.0 {
            // A no-break space keeps the sign with its number.
            return format!("<\u{a0}{}", language.percentage(LEAST_PERCENT, 1));
        }
        language.percentage(percent, 1)
    }

    pub(super) fn references(&self) -> Vec<ReferenceRow> {
        self.accounting.references.iter().map(|count| self.reference_row(count)).collect()
    }

    fn reference_row(&self, count: &ReferenceCount) -> ReferenceRow {
        ReferenceRow {
            table: self.title(count.table.as_str()),
            label: count.label.to_string(),
            all: in_steps(count.references),
            found: self.share(count.in_population, count.references),
            other: self.cells.persons(count.other_person),
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
                let unit = if label == "1" { "month_of" } else { "months_of" };
                if is_band { format!("{} {}", label.replace('-', "–"), self.word(unit)) } else { label }
            }
        }
    }
}

/// Returns a count, rounded as all counts of the page are.
fn in_steps(count: u64) -> String {
    grouped(rounded(count))
}

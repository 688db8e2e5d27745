//! Sealed deliveries that were not opened: what could not be checked.

use super::super::check::{Check, Notes, Verdict};
use super::super::subject::{Kind, Subject};
use super::evidence::sealed;

/// Checks of other families that are made only where there are tables.
const OF_TABLES: [&str; 10] = [
    "purpose.columns",
    "purpose.direct",
    "purpose.codes",
    "purpose.window",
    "pseudonym.form",
    "pseudonym.nulls",
    "pseudonym.uniform",
    "pseudonym.order",
    "pseudonym.row_order",
    "pseudonym.sequence",
];

/// Reports as not checked whatever would need the tables of a sealed delivery that was not opened.
pub(in crate::verify) fn closed(subjects: &[Subject], checks: &mut Vec<Check>) {
    for subject in subjects.iter().filter(|subject| subject.kind == Kind::ClosedDelivery) {
        let label = &subject.label;
        for check in checks.iter_mut().filter(|check| check.about == *label) {
            if check.verdict == Verdict::NotApplicable {
                check.verdict = Verdict::NotChecked;
                check.evidence = sealed();
            }
        }
        for name in OF_TABLES {
            if checks.iter().all(|check| check.about != *label || check.name != name) {
                Notes { about: label.clone(), checks }.note(name, Verdict::NotChecked, sealed());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::catalogue;
    use super::*;

    #[test]
    fn the_checks_of_tables_are_in_the_catalogue() {
        for name in OF_TABLES {
            assert!(catalogue().check.iter().any(|text| text.name == name), "{name}");
        }
    }
}

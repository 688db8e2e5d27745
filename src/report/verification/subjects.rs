//! Subjects of results: short names, and one phrase for all subjects of a kind.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::report::plain::on_one_line;
use crate::verify::{Kind, SubjectSummary};

/// Part of a list of subjects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum SubjectPart {
    /// Every subject of a kind that has several.
    All { kind: Kind, number: usize },
    /// A subject, or several that were checked together.
    One { name: String },
}

/// Names of the subjects of a report.
pub(super) struct SubjectNames<'a> {
    subjects: &'a [SubjectSummary],
    /// `true` if the last parts of the labels differ, so that they can stand for the labels.
    is_short: bool,
}

impl<'a> SubjectNames<'a> {
    pub(super) fn new(subjects: &'a [SubjectSummary]) -> Self {
        let last_parts: BTreeSet<&str> = subjects.iter().map(|subject| last_part(&subject.label)).collect();
        Self { subjects, is_short: last_parts.len() == subjects.len() }
    }

    /// Lists the subjects of results, each once, in the order of first occurrence.
    pub(super) fn parts<'b>(&self, abouts: impl IntoIterator<Item = &'b str>) -> Vec<SubjectPart> {
        let in_order: Vec<&str> = abouts.into_iter().collect();
        let all: BTreeSet<&str> = in_order.iter().copied().collect();
        let mut parts = Vec::new();
        for about in in_order {
            let part = self.part(about, &all);
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts
    }

    fn part(&self, about: &str, all: &BTreeSet<&str>) -> SubjectPart {
        let Some(subject) = self.subjects.iter().find(|subject| subject.label == about) else {
            return SubjectPart::One { name: on_one_line(about) };
        };
        let kind = subject.kind;
        let of_kind: Vec<&SubjectSummary> = self.subjects.iter().filter(|other| other.kind == kind).collect();
        if of_kind.len() > 1 && of_kind.iter().all(|other| all.contains(other.label.as_str())) {
            return SubjectPart::All { kind, number: of_kind.len() };
        }
        let name = if self.is_short { last_part(about) } else { about };
        SubjectPart::One { name: on_one_line(name) }
    }
}

/// Returns the last part of a path.
fn last_part(label: &str) -> &str {
    label.rsplit_once(['/', '\\']).map_or(label, |(_, last)| last)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn subject(label: &str, kind: Kind) -> SubjectSummary {
        SubjectSummary { label: label.to_owned(), kind, released: false, tables: Vec::new() }
    }

    fn one(name: &str) -> SubjectPart {
        SubjectPart::One { name: name.to_owned() }
    }

    #[test]
    fn all_subjects_of_a_kind_are_counted_and_some_are_listed() {
        let subjects =
            [subject("d/bureau", Kind::Delivery), subject("d/town", Kind::Delivery), subject("linked", Kind::Linked)];
        let names = SubjectNames::new(&subjects);
        let all = SubjectPart::All { kind: Kind::Delivery, number: 2 };
        assert_eq!(names.parts(["d/bureau", "linked", "d/town"]), [all, one("linked")]);
        assert_eq!(names.parts(["d/town", "d/town"]), [one("town")]);
        assert_eq!(names.parts(["2 deliveries together"]), [one("2 deliveries together")]);
    }

    #[test]
    fn labels_with_the_same_last_part_are_shown_whole() {
        let subjects = [subject("2024/bureau", Kind::Delivery), subject("2025/bureau", Kind::Delivery)];
        assert_eq!(SubjectNames::new(&subjects).parts(["2025/bureau"]), [one("2025/bureau")]);
    }
}

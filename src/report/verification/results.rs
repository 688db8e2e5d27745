//! Results in one language. Equal results of several subjects share a line.

use serde::Serialize;

use super::subjects::{SubjectNames, SubjectPart};
use crate::text::{Language, Text};
use crate::verify::{Check, catalogue};

/// Language of a page, and names of its subjects.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) names: &'a SubjectNames<'a>,
}

/// Subjects with the same evidence.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct ResultLine<'a> {
    about: Vec<SubjectPart>,
    evidence: &'a str,
}

impl<'a> View<'a> {
    pub(super) fn text(self, text: &'a Text) -> &'a str {
        text.in_language(self.language)
    }

    /// Returns the title of a check.
    pub(super) fn title(self, name: &'static str) -> &'a str {
        let text = catalogue().check.iter().find(|text| text.name == name);
        text.map_or(name, |text| text.title.in_language(self.language))
    }

    /// Returns the title of a family of checks.
    pub(super) fn family_title(self, name: &'static str) -> &'a str {
        let text = catalogue().family.iter().find(|text| text.name == name);
        text.map_or(name, |text| text.title.in_language(self.language))
    }

    /// Lists the subjects of results.
    pub(super) fn about(self, checks: &[&Check]) -> Vec<SubjectPart> {
        self.names.parts(checks.iter().map(|check| check.about.as_str()))
    }

    /// Returns a line for each different evidence of a check.
    pub(super) fn lines(self, checks: &[&'a Check]) -> Vec<ResultLine<'a>> {
        let groups = grouped(checks.iter().copied(), |check| &check.evidence);
        let lines = groups
            .into_iter()
            .map(|(evidence, checks)| ResultLine { about: self.about(&checks), evidence: self.text(evidence) });
        lines.collect()
    }
}

/// Returns the family in the name of a check.
pub(super) fn family(name: &'static str) -> &'static str {
    name.split_once('.').map_or(name, |(family, _)| family)
}

/// Groups items by a key. Groups and items keep their order.
pub(super) fn grouped<T: Copy, K: PartialEq>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(T) -> K,
) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for item in items {
        let key = key(item);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    groups
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::subjects::tests::subject;
    use super::*;
    use crate::verify::{Kind, Verdict};

    pub(in super::super) fn check(name: &'static str, about: &str, verdict: Verdict, evidence: &str) -> Check {
        let about = about.to_owned();
        Check { name, about, verdict, evidence: Text::same(evidence), tables: Vec::new(), pictures: Vec::new() }
    }

    #[test]
    fn equal_results_of_several_subjects_share_a_line() {
        let subjects = [subject("bureau", Kind::Delivery), subject("town", Kind::Delivery)];
        let names = SubjectNames::new(&subjects);
        let view = View { language: Language::English, names: &names };
        let checks = [("bureau", "2 tables"), ("town", "2 tables")]
            .map(|(about, evidence)| check("integrity.readable", about, Verdict::Pass, evidence));
        let all = SubjectPart::All { kind: Kind::Delivery, number: 2 };
        let lines = view.lines(&checks.iter().collect::<Vec<_>>());
        assert_eq!(lines, [ResultLine { about: vec![all], evidence: "2 tables" }]);
    }
}

//! Checks that were not made, by reason.

use serde::Serialize;

use super::results::{View, family, grouped};
use super::subjects::SubjectPart;
use crate::text::Text;
use crate::verify::{Check, Verdict};

/// Most characters of evidence that serves as a reason. A fixed text of the family stands for longer evidence.
const LONGEST_REASON: usize = 100;

/// Checks that were not made for one reason.
#[derive(Serialize)]
pub(super) struct Unchecked<'a> {
    /// The reason; `None` if the text of the family states it.
    reason: Option<&'a str>,
    family: &'static str,
    about: Vec<SubjectPart>,
    checks: Vec<CheckTitle<'a>>,
}

#[derive(Serialize)]
struct CheckTitle<'a> {
    name: &'static str,
    title: &'a str,
}

/// Reason for which a check was not made.
#[derive(Clone, Copy)]
enum Reason<'a> {
    Stated(&'a Text),
    OfFamily(&'static str),
}

impl<'a> Reason<'a> {
    fn of(check: &'a Check) -> Self {
        if check.evidence.en.chars().count() > LONGEST_REASON {
            Self::OfFamily(family(check.name))
        } else {
            Self::Stated(&check.evidence)
        }
    }

    /// Returns the reason that covers both, if they are the same. One may add a remedy after a semicolon.
    fn merged(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Stated(a), Self::Stated(b)) if is_beginning(&b.en, &a.en) => Some(self),
            (Self::Stated(a), Self::Stated(b)) if is_beginning(&a.en, &b.en) => Some(other),
            (Self::OfFamily(a), Self::OfFamily(b)) if a == b => Some(self),
            _ => None,
        }
    }
}

fn is_beginning(part: &str, whole: &str) -> bool {
    whole.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with(';'))
}

/// Returns the checks that were not made, in the order of the report.
pub(super) fn unchecked<'a>(view: View<'a>, checks: &'a [Check]) -> Vec<Unchecked<'a>> {
    let mut reasons: Vec<(Reason<'a>, Vec<&'a Check>)> = Vec::new();
    for check in checks.iter().filter(|check| check.verdict == Verdict::NotChecked) {
        let reason = Reason::of(check);
        let known = reasons.iter_mut().find_map(|(known, checks)| Some((known.merged(reason)?, known, checks)));
        match known {
            Some((merged, known, checks)) => {
                *known = merged;
                checks.push(check);
            }
            None => reasons.push((reason, vec![check])),
        }
    }
    reasons.into_iter().map(|(reason, checks)| line(view, reason, &checks)).collect()
}

fn line<'a>(view: View<'a>, reason: Reason<'a>, checks: &[&'a Check]) -> Unchecked<'a> {
    let names = grouped(checks.iter().copied(), |check| check.name);
    Unchecked {
        reason: match reason {
            Reason::Stated(text) => Some(view.text(text)),
            Reason::OfFamily(_) => None,
        },
        family: family(checks[0].name),
        about: view.about(checks),
        checks: names.into_iter().map(|(name, _)| CheckTitle { name, title: view.title(name) }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::check;
    use super::super::subjects::SubjectNames;
    use super::*;
    use crate::text::Language;

    fn not_checked(name: &'static str, evidence: &str) -> Check {
        check(name, "bureau", Verdict::NotChecked, evidence)
    }

    /// Returns reason and number of checks of each line.
    fn lines(checks: &[Check]) -> Vec<(Option<String>, usize)> {
        let names = SubjectNames::new(&[]);
        let lines = unchecked(View { language: Language::English, names: &names }, checks);
        lines.iter().map(|line| (line.reason.map(str::to_owned), line.checks.len())).collect()
    }

    #[test]
    fn checks_with_the_same_reason_share_a_line_with_the_remedy() {
        let checks = [
            not_checked("integrity.contents", "sealed"),
            not_checked("residue.names", "sealed; give the --identity of a recipient"),
            not_checked("residue.phones", "sealed"),
            not_checked("residue.split", "sealed off"),
        ];
        let remedy = "sealed; give the --identity of a recipient".to_owned();
        assert_eq!(lines(&checks), [(Some(remedy), 3), (Some("sealed off".to_owned()), 1)]);
    }

    #[test]
    fn long_evidence_is_one_line_for_each_family() {
        let long = ["a", "b"].map(|letter| letter.repeat(LONGEST_REASON + 1));
        let checks = [
            not_checked("attack.salted", &long[0]),
            not_checked("attack.keyed", &long[1]),
            not_checked("risk.subsets", &long[1]),
        ];
        assert_eq!(lines(&checks), [(None, 2), (None, 1)]);
    }
}

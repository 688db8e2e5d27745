//! Decisions that the findings ask for: failed checks first, then warnings. Findings with the same next step are one.

use serde::Serialize;

use super::results::{ResultLine, View, family, grouped};
use super::subjects::SubjectPart;
use crate::verify::{Check, Verdict};

/// Findings with the same verdict and next step.
#[derive(Serialize)]
pub(super) struct Decision<'a> {
    verdict: Verdict,
    /// Key of the step in the fixed texts: name of the check or of its family.
    next: &'static str,
    family: &'a str,
    about: Vec<SubjectPart>,
    checks: Vec<Finding<'a>>,
}

/// Results of a check that led to a decision.
#[derive(Serialize)]
struct Finding<'a> {
    name: &'static str,
    title: &'a str,
    results: Vec<ResultLine<'a>>,
}

/// Returns the decisions. `words` are the fixed texts with the next steps.
pub(super) fn decisions<'a>(view: View<'a>, checks: &'a [Check], words: &toml::Table) -> Vec<Decision<'a>> {
    let mut decisions = Vec::new();
    for verdict in [Verdict::Fail, Verdict::Warn] {
        let found = checks.iter().filter(|check| check.verdict == verdict);
        for (next, found) in grouped(found, |check| step_of(check.name, words)) {
            decisions.push(decision(view, verdict, next, &found));
        }
    }
    decisions
}

/// Returns the key of the next step: the check if it has one of its own, or else its family.
fn step_of(check: &'static str, words: &toml::Table) -> &'static str {
    let steps = words.get("next").and_then(toml::Value::as_table);
    if steps.is_some_and(|steps| steps.contains_key(check)) { check } else { family(check) }
}

fn decision<'a>(view: View<'a>, verdict: Verdict, next: &'static str, found: &[&'a Check]) -> Decision<'a> {
    let by_check = grouped(found.iter().copied(), |check| check.name);
    let findings = by_check.into_iter().map(|(name, results)| Finding {
        name,
        title: view.title(name),
        results: view.lines(&results),
    });
    Decision {
        verdict,
        next,
        family: view.family_title(family(next)),
        about: view.about(found),
        checks: findings.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::check;
    use super::super::subjects::SubjectNames;
    use super::*;
    use crate::text::Language;

    #[test]
    fn failed_checks_come_first_and_checks_with_the_same_step_are_one_decision() {
        let checks = [
            check("risk.k_anonymity", "linked", Verdict::Warn, "small"),
            check("risk.l_diversity", "linked", Verdict::Warn, "few"),
            check("risk.small_cells", "linked", Verdict::Warn, "cells"),
            check("residue.names", "linked", Verdict::Fail, "names"),
            check("residue.phones", "linked", Verdict::Pass, "none"),
        ];
        let words = toml::from_str("[next]\nrisk = 'a'\nresidue = 'b'\n'risk.small_cells' = 'c'").unwrap();
        let names = SubjectNames::new(&[]);
        let view = View { language: Language::English, names: &names };
        let decisions = decisions(view, &checks, &words);
        let steps: Vec<_> = decisions.iter().map(|decision| (decision.verdict, decision.next)).collect();
        let warned = [(Verdict::Warn, "risk"), (Verdict::Warn, "risk.small_cells")];
        assert_eq!(steps, [[(Verdict::Fail, "residue")].as_slice(), &warned].concat());
        assert_eq!(decisions[1].checks.len(), 2);
    }
}

//! Report of a verification, for JSON and as text.

use std::collections::BTreeMap;

use serde::Serialize;

use super::plain::on_one_line;
use super::table::TextTable;
use crate::exchange::tool;
use crate::text::Text;
use crate::verify::{Catalogue, Check, SubjectSummary, Verdict, Verification, catalogue};

/// Format of the JSON report, defined by `config/schemas/verification-1.json`.
const FORMAT: &str = "salanimi-verification/1";

/// Every verdict, from the best to the worst.
const VERDICTS: [Verdict; 5] =
    [Verdict::NotApplicable, Verdict::Pass, Verdict::NotChecked, Verdict::Warn, Verdict::Fail];

/// A verification with the context that a reader needs.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// Always `salanimi-verification/1`.
    pub format: &'static str,
    /// Name and version of the tool.
    pub tool: String,
    /// Time of the verification.
    pub made: String,
    /// Study and permit; `None` without a contract.
    pub study: Option<String>,
    /// The worst of all results.
    pub verdict: Verdict,
    /// What the dictionary attack left out; `None` if nothing. It belongs to the verdict.
    pub left_out: Option<&'a Text>,
    /// Number of results by verdict.
    pub counts: BTreeMap<Verdict, usize>,
    /// Deliveries, datasets and other tables that were checked.
    pub subjects: &'a [SubjectSummary],
    /// The results.
    pub checks: &'a [Check],
    /// Subject and reason of each check.
    pub catalogue: &'static Catalogue,
}

impl<'a> Report<'a> {
    /// Creates the report of a verification.
    #[must_use]
    pub fn new(verification: &'a Verification, made: String, study: Option<String>) -> Self {
        let mut counts: BTreeMap<Verdict, usize> = VERDICTS.into_iter().map(|verdict| (verdict, 0)).collect();
        verification.checks.iter().for_each(|check| *counts.entry(check.verdict).or_default() += 1);
        Self {
            format: FORMAT,
            tool: tool(),
            made,
            study,
            verdict: verification.verdict(),
            left_out: verification.left_out.as_ref(),
            counts,
            subjects: &verification.subjects,
            checks: &verification.checks,
            catalogue: catalogue(),
        }
    }
}

/// Returns a verification as text, the verdict first.
#[must_use]
pub fn verification(report: &Report<'_>) -> String {
    let verdict = match report.verdict {
        Verdict::Pass | Verdict::NotApplicable => "every check passed",
        Verdict::NotChecked => "nothing failed, but not everything could be checked",
        Verdict::Warn => "nothing failed, but see the warnings",
        Verdict::Fail => "a check FAILED",
    };
    let mut text = format!("Verdict: {verdict}\n");
    if let Some(left_out) = report.left_out {
        text += &format!("{}\n", left_out.en);
    }
    for subject in subjects(report.checks) {
        let checks: Vec<&Check> = report.checks.iter().filter(|check| check.about == subject).collect();
        text += &format!("{}\n", on_one_line(subject));
        let mut table = TextTable::new(&["check", "verdict"]);
        checks.iter().for_each(|check| table.row([check.name.to_owned(), verdict_text(check.verdict).to_owned()]));
        let lines = table.render();
        for (line, check) in lines.lines().skip(1).zip(checks) {
            text += &format!("{line}  {}\n", on_one_line(&check.evidence.en));
        }
    }
    text
}

/// Returns the subject of each check, each once, in the order of first occurrence.
fn subjects(checks: &[Check]) -> Vec<&str> {
    let mut subjects: Vec<&str> = Vec::new();
    for check in checks {
        if !subjects.contains(&check.about.as_str()) {
            subjects.push(&check.about);
        }
    }
    subjects
}

fn verdict_text(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotApplicable => "not applicable",
        Verdict::Pass => "pass",
        Verdict::NotChecked => "not checked",
        Verdict::Warn => "warn",
        Verdict::Fail => "FAIL",
    }
}

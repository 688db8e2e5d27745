use std::collections::BTreeMap;

use serde::Serialize;

use super::plain::on_one_line;
use super::table::TextTable;
use crate::exchange::tool;
use crate::verify::{Catalogue, Check, Looked, Verdict, Verification, catalogue};

/// Format of the report as JSON; `config/schemas/verification-1.json` describes it.
const FORMAT: &str = "salanimi-verification/1";

/// A verification with what a reader needs beside it.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// Always `salanimi-verification/1`.
    pub format: &'static str,
    /// The tool that made it.
    pub tool: String,
    /// When it was made.
    pub made: String,
    /// The study, if a contract was given.
    pub study: Option<String>,
    /// The worst of all results.
    pub verdict: Verdict,
    /// How many results came to what.
    pub counts: BTreeMap<Verdict, usize>,
    /// What was looked at.
    pub subjects: &'a [Looked],
    /// The results.
    pub checks: &'a [Check],
    /// What each check looks for and why.
    pub catalogue: &'static Catalogue,
}

impl<'a> Report<'a> {
    /// The report of a verification that was made at a moment, for a study.
    #[must_use]
    pub fn new(verification: &'a Verification, made: String, study: Option<String>) -> Self {
        let verdicts =
            [Verdict::NotApplicable, Verdict::Pass, Verdict::NotChecked, Verdict::Warn, Verdict::Fail].into_iter();
        let count = |verdict| verification.checks.iter().filter(|check| check.verdict == verdict).count();
        Self {
            format: FORMAT,
            tool: tool(),
            made,
            study,
            verdict: verification.verdict(),
            counts: verdicts.map(|verdict| (verdict, count(verdict))).collect(),
            subjects: &verification.subjects,
            checks: &verification.checks,
            catalogue: catalogue(),
        }
    }
}

/// What was verified, in words: the verdict first.
#[must_use]
pub fn verification(report: &Report<'_>) -> String {
    let verdict = match report.verdict {
        Verdict::Pass | Verdict::NotApplicable => "every check passed",
        Verdict::NotChecked => "nothing failed, but not everything could be checked",
        Verdict::Warn => "nothing failed, but see the warnings",
        Verdict::Fail => "a check FAILED",
    };
    let mut text = format!("Verdict: {verdict}\n");
    let mut abouts: Vec<&str> = Vec::new();
    report.checks.iter().for_each(|check| {
        if !abouts.contains(&check.about.as_str()) {
            abouts.push(&check.about);
        }
    });
    for about in abouts {
        let checks: Vec<&Check> = report.checks.iter().filter(|check| check.about == about).collect();
        text += &format!("{}\n", on_one_line(about));
        let mut table = TextTable::new(&["check", "verdict"]);
        checks.iter().for_each(|check| table.row([check.name.to_owned(), words(check.verdict).to_owned()]));
        let lines = table.render();
        for (line, check) in lines.lines().skip(1).zip(checks) {
            text += &format!("{line}  {}\n", on_one_line(&check.evidence.en));
        }
    }
    text
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotApplicable => "not applicable",
        Verdict::Pass => "pass",
        Verdict::NotChecked => "not checked",
        Verdict::Warn => "warn",
        Verdict::Fail => "FAIL",
    }
}

use super::plain::on_one_line;
use super::table::TextTable;
use crate::verify::{Verdict, Verification};

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotApplicable => "not applicable",
        Verdict::Pass => "pass",
        Verdict::NotChecked => "not checked",
        Verdict::Warn => "warn",
        Verdict::Fail => "FAIL",
    }
}

/// What was verified, in words: the verdict first.
#[must_use]
pub fn verification(verification: &Verification) -> String {
    let verdict = match verification.verdict() {
        Verdict::Pass | Verdict::NotApplicable => "every check passed",
        Verdict::NotChecked => "nothing failed, but not everything could be checked",
        Verdict::Warn => "nothing failed, but see the warnings",
        Verdict::Fail => "a check FAILED",
    };
    let mut text = format!("Verdict: {verdict}. Of integrity only: no other family of checks is made yet\n");
    for about in verification.checks.chunk_by(|a, b| a.about == b.about) {
        text += &format!("{}\n", on_one_line(&about[0].about));
        let mut table = TextTable::new(&["check", "verdict"]);
        about.iter().for_each(|check| table.row([check.name.to_owned(), words(check.verdict).to_owned()]));
        let lines = table.render();
        for (line, check) in lines.lines().skip(1).zip(about) {
            text += &format!("{line}  {}\n", on_one_line(&check.evidence.en));
        }
    }
    text
}

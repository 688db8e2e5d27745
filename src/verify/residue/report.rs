//! Findings in the report itself: a check whose evidence holds an identifier is withheld.

use serde_json::Value;

use super::tally::Tallies;
use super::verdict::{self, FindingVerdict};
use crate::text::Text;
use crate::verify::check::{Check, Notes, Verdict};
use crate::verify::detect::{Context, Sightings, find_in_bytes};

const NAME: &str = "residue.report";

/// Searches all results and withholds those that hold an identifier, such as a name of a file or table.
pub(crate) fn check_report(checks: &mut Vec<Check>) {
    let mut withheld = 0;
    for check in checks.iter_mut().filter(|check| has_identifier_in(check)) {
        withhold(check);
        withheld += 1;
    }
    let mut notes = Notes { about: "report".to_owned(), checks };
    if withheld == 0 {
        notes.note(
            NAME,
            Verdict::Pass,
            Text::new("no identifier in the report", "raportissa ei ole tunnisteita", "inga identifierare i rapporten"),
        );
    } else {
        let evidence = Text::new(
            format!("{withheld} results with a possible identifier were withheld; rename files and tables"),
            format!(
                "{withheld} tulosta, joissa saattoi olla tunniste, jätettiin näyttämättä; \
                 nimeä tiedostot ja taulut uudelleen"
            ),
            format!(
                "{withheld} resultat som kan innehålla en identifierare visas inte; byt namn på filer och tabeller"
            ),
        );
        notes.note(NAME, Verdict::Warn, evidence);
    }
}

/// Removes the evidence of a check.
fn withhold(check: &mut Check) {
    check.evidence = Text::new(
        "withheld: the evidence holds a possible identifier",
        "jätetty näyttämättä: tuloksessa saattaa olla tunniste",
        "visas inte: resultatet kan innehålla en identifierare",
    );
    check.tables.clear();
    check.pictures.clear();
    if has_identifier(&check.about) {
        "withheld".clone_into(&mut check.about);
    }
}

/// Returns true if the check has an identifier in any of its texts or numbers. Each is searched by itself: the name of
/// a field beside it is not part of it.
#[expect(clippy::expect_used, reason = "a check has neither maps nor fallible fields")]
fn has_identifier_in(check: &Check) -> bool {
    holds_identifier(&serde_json::to_value(check).expect("a check is plain data"))
}

fn holds_identifier(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Number(number) => has_identifier(&number.to_string()),
        Value::String(text) => has_identifier(text),
        Value::Array(values) => values.iter().any(holds_identifier),
        Value::Object(fields) => fields.values().any(holds_identifier),
    }
}

fn has_identifier(text: &str) -> bool {
    let mut found = Sightings::default();
    let mut tallies = Tallies::default();
    find_in_bytes(text.as_bytes(), Context::Prose, &mut found);
    tallies.add(&found.all, Some(0), usize::MAX);
    let judged = verdict::judge(tallies.findings("report"));
    let judged: Vec<&FindingVerdict> = judged.iter().collect();
    verdict::worst(&judged) > Verdict::Pass
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_with_a_name_that_tells_is_withheld_and_one_with_large_numbers_is_not() {
        let mut checks = Vec::new();
        for (about, evidence) in [
            ("delivery", "content digests hold: 1000000 rows of 123456 persons"),
            ("delivery/010594Y9032.parquet", "a file that no manifest lists"),
            ("delivery", "the column 010594Y9032"),
        ] {
            let mut notes = Notes { about: about.to_owned(), checks: &mut checks };
            notes.note("integrity.contents", Verdict::Pass, Text::same(evidence));
        }
        check_report(&mut checks);
        let shown: Vec<(&str, bool)> =
            checks[..3].iter().map(|check| (check.about.as_str(), check.evidence.en.starts_with("withheld"))).collect();
        assert_eq!(shown, [("delivery", false), ("withheld", true), ("delivery", true)]);
        assert_eq!((checks[3].name, checks[3].verdict), (NAME, Verdict::Warn));
    }
}

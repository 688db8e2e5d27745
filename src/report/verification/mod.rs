//! The verification report as one self-contained HTML page.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use super::verify::Report;
use crate::text::{FixedTexts, Language, Text};
use crate::verify::{Check, CheckText, FamilyText, Picture, SubjectSummary, Table, Verdict, catalogue};

/// Name of the template. Its ending turns on HTML escaping.
const TEMPLATE: &str = "page.html";
/// Style sheet of the tool's pages.
pub(super) const STYLE: &str = include_str!("style.css");

static WORDS: LazyLock<FixedTexts> = LazyLock::new(|| {
    FixedTexts::parse([include_str!("words.en.toml"), include_str!("words.fi.toml"), include_str!("words.sv.toml")])
});

/// Values for the template, in one language.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'static str,
    words: &'static toml::Table,
    style: &'static str,
    tool: &'a str,
    made: &'a str,
    study: Option<&'a str>,
    verdict: Verdict,
    left_out: Option<&'a str>,
    counts: &'a BTreeMap<Verdict, usize>,
    subjects: &'a [SubjectSummary],
    families: Vec<Family<'a>>,
}

#[derive(Serialize)]
struct Family<'a> {
    name: &'a str,
    title: &'a str,
    about: &'a str,
    verdict: Verdict,
    checks: Vec<CheckSection<'a>>,
}

#[derive(Serialize)]
struct CheckSection<'a> {
    name: &'a str,
    title: &'a str,
    looks_for: &'a str,
    why: &'a str,
    verdict: Verdict,
    results: Vec<ResultRow<'a>>,
}

#[derive(Serialize)]
struct ResultRow<'a> {
    about: String,
    verdict: Verdict,
    evidence: &'a str,
    tables: Vec<EvidenceTable<'a>>,
    pictures: Vec<Chart<'a>>,
}

#[derive(Serialize)]
struct EvidenceTable<'a> {
    caption: &'a str,
    headings: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
}

#[derive(Serialize)]
struct Chart<'a> {
    title: &'a str,
    caption: &'a str,
    unit: &'a str,
    bars: Vec<Bar<'a>>,
}

#[derive(Serialize)]
struct Bar<'a> {
    label: &'a str,
    value: f64,
    shown: &'a str,
}

/// Returns the page of a report as HTML.
///
/// # Errors
/// The template cannot be rendered, which is a bug in salanimi.
pub fn page(report: &Report<'_>, language: Language) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_template(TEMPLATE, include_str!("page.html"))?;
    environment.get_template(TEMPLATE)?.render(Serde(View { language }.page(report)))
}

/// Selects the texts of one language.
#[derive(Clone, Copy)]
struct View {
    language: Language,
}

impl View {
    fn page<'a>(self, report: &'a Report<'_>) -> Page<'a> {
        let families = catalogue().family.iter().map(|family| self.family(family, report.checks));
        Page {
            lang: self.language.code(),
            words: WORDS.in_language(self.language),
            style: STYLE,
            tool: &report.tool,
            made: &report.made,
            study: report.study.as_deref(),
            verdict: report.verdict,
            left_out: report.left_out.map(|text| self.text(text)),
            counts: &report.counts,
            subjects: report.subjects,
            families: families.filter(|family| !family.checks.is_empty()).collect(),
        }
    }

    fn family<'a>(self, family: &'a FamilyText, checks: &'a [Check]) -> Family<'a> {
        let of_family = catalogue().check.iter().filter(|text| text.name.split('.').next() == Some(&family.name));
        let sections = of_family.map(|text| self.check(text, checks));
        let checks: Vec<CheckSection<'_>> = sections.filter(|check| !check.results.is_empty()).collect();
        Family {
            name: &family.name,
            title: self.text(&family.title),
            about: self.text(&family.about),
            verdict: worst(checks.iter().map(|check| check.verdict)),
            checks,
        }
    }

    fn check<'a>(self, text: &'a CheckText, checks: &'a [Check]) -> CheckSection<'a> {
        let results: Vec<ResultRow<'_>> =
            checks.iter().filter(|check| check.name == text.name).map(|check| self.result(check)).collect();
        CheckSection {
            name: &text.name,
            title: self.text(&text.title),
            looks_for: self.text(&text.looks_for),
            why: self.text(&text.why),
            verdict: worst(results.iter().map(|result| result.verdict)),
            results,
        }
    }

    fn result(self, check: &Check) -> ResultRow<'_> {
        ResultRow {
            about: super::on_one_line(&check.about),
            verdict: check.verdict,
            evidence: self.text(&check.evidence),
            tables: check.tables.iter().map(|table| self.evidence(table)).collect(),
            pictures: check.pictures.iter().map(|picture| self.chart(picture)).collect(),
        }
    }

    fn evidence(self, table: &Table) -> EvidenceTable<'_> {
        EvidenceTable {
            caption: self.text(&table.caption),
            headings: table.headings.iter().map(|heading| self.text(heading)).collect(),
            rows: table.rows.iter().map(|row| row.iter().map(|cell| self.text(cell)).collect()).collect(),
        }
    }

    fn chart(self, picture: &Picture) -> Chart<'_> {
        Chart {
            title: self.text(&picture.title),
            caption: self.text(&picture.caption),
            unit: picture.unit,
            bars: picture.bars.iter().map(|bar| self.bar(bar)).collect(),
        }
    }

    fn bar(self, bar: &crate::verify::Bar) -> Bar<'_> {
        Bar { label: self.text(&bar.label), value: bar.value, shown: self.text(&bar.shown) }
    }

    fn text(self, text: &Text) -> &str {
        text.in_language(self.language)
    }
}

/// Returns the worst verdict. Without a result nothing applies.
fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.max().unwrap_or(Verdict::NotApplicable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_words() {
        let [english, others @ ..] = Language::ALL.map(|language| WORDS.keys(language));
        assert!(english.len() > 50);
        for other in others {
            assert_eq!(english, other);
        }
        for family in &catalogue().family {
            assert!(english.contains(&format!(".next.{}", family.name)), "no next step for {}", family.name);
        }
    }
}

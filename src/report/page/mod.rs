//! The officer's page: one HTML file that needs nothing else, in English or Finnish.

use std::collections::BTreeMap;

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use super::verify::Report;
use crate::text::{Language, Text};
use crate::verify::{Check, CheckText, FamilyText, Looked, Picture, Table, Verdict, catalogue};

/// The template's name ends so that what it shows is escaped.
const TEMPLATE: &str = "page.html";
/// What the tool's pages look like.
pub(super) const STYLE: &str = include_str!("style.css");

/// The page as the template sees it, in one language.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'static str,
    words: toml::Table,
    style: &'static str,
    tool: &'a str,
    made: &'a str,
    study: Option<&'a str>,
    verdict: Verdict,
    counts: &'a BTreeMap<Verdict, usize>,
    subjects: &'a [Looked],
    families: Vec<Family<'a>>,
}

#[derive(Serialize)]
struct Family<'a> {
    name: &'a str,
    title: &'a str,
    about: &'a str,
    verdict: Verdict,
    checks: Vec<Described<'a>>,
}

#[derive(Serialize)]
struct Described<'a> {
    name: &'a str,
    title: &'a str,
    looks_for: &'a str,
    why: &'a str,
    verdict: Verdict,
    results: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    about: String,
    verdict: Verdict,
    evidence: &'a str,
    tables: Vec<Evidence<'a>>,
    pictures: Vec<Chart<'a>>,
}

#[derive(Serialize)]
struct Evidence<'a> {
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

/// The page of a report, as HTML.
///
/// # Errors
/// The template cannot be rendered, which is a fault of the tool.
pub fn page(report: &Report<'_>, language: Language) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_template(TEMPLATE, include_str!("page.html"))?;
    environment.get_template(TEMPLATE)?.render(Serde(View { language }.page(report)))
}

/// Renders in one language.
#[derive(Clone, Copy)]
struct View {
    language: Language,
}

impl View {
    fn page<'a>(self, report: &'a Report<'_>) -> Page<'a> {
        let (lang, words) = match self.language {
            Language::English => ("en", include_str!("words.en.toml")),
            Language::Finnish => ("fi", include_str!("words.fi.toml")),
        };
        let families = catalogue().family.iter().map(|family| self.family(family, report.checks));
        Page {
            lang,
            // The text is part of the binary, and a test reads it.
            words: toml::from_str(words).unwrap_or_default(),
            style: STYLE,
            tool: &report.tool,
            made: &report.made,
            study: report.study.as_deref(),
            verdict: report.verdict,
            counts: &report.counts,
            subjects: report.subjects,
            families: families.filter(|family| !family.checks.is_empty()).collect(),
        }
    }

    fn family<'a>(self, family: &'a FamilyText, checks: &'a [Check]) -> Family<'a> {
        let of_family = |text: &&CheckText| text.name.split('.').next() == Some(&family.name);
        let described = catalogue().check.iter().filter(of_family).map(|text| self.described(text, checks));
        let checks: Vec<Described<'_>> = described.filter(|check| !check.results.is_empty()).collect();
        Family {
            name: &family.name,
            title: self.words(&family.title),
            about: self.words(&family.about),
            verdict: worst(checks.iter().map(|check| check.verdict)),
            checks,
        }
    }

    fn described<'a>(self, text: &'a CheckText, checks: &'a [Check]) -> Described<'a> {
        let results: Vec<Found<'_>> =
            checks.iter().filter(|check| check.name == text.name).map(|check| self.found(check)).collect();
        Described {
            name: &text.name,
            title: self.words(&text.title),
            looks_for: self.words(&text.looks_for),
            why: self.words(&text.why),
            verdict: worst(results.iter().map(|found| found.verdict)),
            results,
        }
    }

    fn found(self, check: &Check) -> Found<'_> {
        Found {
            about: super::on_one_line(&check.about),
            verdict: check.verdict,
            evidence: self.words(&check.evidence),
            tables: check.tables.iter().map(|table| self.rows(table)).collect(),
            pictures: check.pictures.iter().map(|picture| self.bars(picture)).collect(),
        }
    }

    fn rows(self, table: &Table) -> Evidence<'_> {
        Evidence {
            caption: self.words(&table.caption),
            headings: table.headings.iter().map(|heading| self.words(heading)).collect(),
            rows: table.rows.iter().map(|row| row.iter().map(|cell| self.words(cell)).collect()).collect(),
        }
    }

    fn bars(self, picture: &Picture) -> Chart<'_> {
        Chart {
            title: self.words(&picture.title),
            caption: self.words(&picture.caption),
            unit: picture.unit,
            bars: picture.bars.iter().map(|bar| self.bar(bar)).collect(),
        }
    }

    fn bar(self, bar: &crate::verify::Bar) -> Bar<'_> {
        Bar { label: self.words(&bar.label), value: bar.value, shown: self.words(&bar.shown) }
    }

    fn words(self, text: &Text) -> &str {
        text.in_language(self.language)
    }
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.max().unwrap_or(Verdict::NotApplicable)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of a table, and of the tables in it.
    fn keys(table: &toml::Table, before: &str, all: &mut Vec<String>) {
        for (key, value) in table {
            all.push(format!("{before}.{key}"));
            if let Some(inner) = value.as_table() {
                keys(inner, &format!("{before}.{key}"), all);
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let [english, finnish] = [include_str!("words.en.toml"), include_str!("words.fi.toml")].map(|words| {
            let mut all = Vec::new();
            keys(&toml::from_str(words).unwrap(), "", &mut all);
            all
        });
        assert!(english.len() > 50);
        assert_eq!(english, finnish);
        for family in &catalogue().family {
            assert!(english.contains(&format!(".next.{}", family.name)), "nothing to do next for {}", family.name);
        }
    }
}

//! The verification report as one self-contained HTML page.
//!
//! The first screen has the verdict, what to decide and what was not checked. Long evidence and lists of files are in
//! appendices.

mod decisions;
mod families;
mod results;
mod subjects;
mod unchecked;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use self::decisions::{Decision, decisions};
use self::families::{Family, families};
use self::results::View;
use self::subjects::SubjectNames;
use self::unchecked::{Unchecked, unchecked};
use super::verify::Report;
use crate::text::{FixedTexts, Language};
use crate::verify::{Kind, SubjectSummary, Verdict};

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
    decisions: Vec<Decision<'a>>,
    unchecked: Vec<Unchecked<'a>>,
    scope: Vec<Scope<'a>>,
    subjects: &'a [SubjectSummary],
    families: Vec<Family<'a>>,
}

/// A subject in the table of the scope.
#[derive(Serialize)]
struct Scope<'a> {
    label: &'a str,
    kind: Kind,
    released: bool,
    tables: usize,
    /// Rows of all tables; `None` if those of a table are not known.
    rows: Option<u64>,
}

impl<'a> Scope<'a> {
    fn of(subject: &'a SubjectSummary) -> Self {
        Self {
            label: &subject.label,
            kind: subject.kind,
            released: subject.released,
            tables: subject.tables.len(),
            rows: subject.tables.iter().map(|table| table.rows).sum(),
        }
    }
}

/// Returns the page of a report as HTML.
///
/// # Errors
/// The template cannot be rendered, which is a bug in salanimi.
pub fn page(report: &Report<'_>, language: Language) -> Result<String, minijinja::Error> {
    let names = SubjectNames::new(report.subjects);
    let view = View { language, names: &names };
    let words = WORDS.in_language(language);
    let page = Page {
        lang: language.code(),
        words,
        style: STYLE,
        tool: &report.tool,
        made: &report.made,
        study: report.study.as_deref(),
        verdict: report.verdict,
        left_out: report.left_out.map(|text| view.text(text)),
        counts: &report.counts,
        decisions: decisions(view, report.checks, words),
        unchecked: unchecked(view, report.checks),
        scope: report.subjects.iter().map(Scope::of).collect(),
        subjects: report.subjects,
        families: families(view, report.checks),
    };
    let mut environment = Environment::new();
    environment.add_template(TEMPLATE, include_str!("page.html"))?;
    environment.get_template(TEMPLATE)?.render(Serde(page))
}

#[cfg(test)]
mod tests {
    use super::results::tests::check;
    use super::subjects::tests::subject;
    use super::*;
    use crate::verify::{Check, TableSummary, Verification, catalogue};

    /// Returns the page of the results in English.
    fn page_of(checks: Vec<Check>) -> String {
        let mut bureau = subject("in/bureau", Kind::Delivery);
        let counted = |label: &str, rows| TableSummary { label: label.to_owned(), rows, columns: 2 };
        bureau.tables = vec![counted("a.parquet", Some(1200)), counted("b.parquet", Some(34))];
        let subjects = vec![bureau, subject("in/town", Kind::Delivery)];
        let verification = Verification { subjects, checks, left_out: None };
        page(&Report::new(&verification, "today".to_owned(), None), Language::English).unwrap()
    }

    /// Returns the first screen: everything before the table of contents.
    fn first_screen(page: &str) -> &str {
        page.split_once("<nav").unwrap().0
    }

    #[test]
    fn every_language_has_the_same_words() {
        let [english, others @ ..] = Language::ALL.map(|language| WORDS.keys(language));
        assert!(english.len() > 50);
        for other in others {
            assert_eq!(english, other);
        }
        for family in &catalogue().family {
            for texts in ["next", "long_reason"] {
                assert!(english.contains(&format!(".{texts}.{}", family.name)), "{texts} lacks {}", family.name);
            }
        }
        for kind in ["delivery", "closed_delivery", "linked", "released", "tables"] {
            assert!(english.contains(&format!(".all_of.{kind}")), "{kind} has no plural");
        }
    }

    #[test]
    fn the_first_screen_has_three_decisions_and_links_to_the_others() {
        let found = ["integrity.files", "purpose.codes", "residue.names", "accounting.balance"];
        let mut checks: Vec<Check> = found.map(|name| check(name, "in/bureau", Verdict::Warn, "some")).into();
        checks.push(check("pseudonym.form", "in/town", Verdict::Fail, "two forms"));
        let page = page_of(checks);
        let first = first_screen(&page);
        assert!(first.contains("FAILED"));
        let places = ["fail-pseudonym", "warn-integrity", "warn-purpose"].map(|id| first.find(&format!("#{id}")));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
        assert!(first.contains("(town): Ask the holder how it made the pseudonyms and sorted the rows.</li>"));
        assert!(first.contains("… and 2 more to decide"));
        assert!(!first.contains("#warn-residue") && page.contains("id=\"warn-residue\""));
    }

    #[test]
    fn the_first_screen_lists_what_was_not_checked_by_reason() {
        let names = ["integrity.signature", "integrity.recipients"];
        let of = |about: &'static str| {
            names.map(|name| check(name, about, Verdict::NotChecked, "needs the contract; give --contract FILE"))
        };
        let page = page_of([of("in/bureau"), of("in/town")].concat());
        let line = "<strong>needs the contract; give --contract FILE</strong>: 2 checks (all 2 deliveries)";
        assert!(first_screen(&page).contains(line));
        assert!(first_screen(&page).contains("Nothing: no check failed, and none gave a warning."));
    }

    #[test]
    fn files_are_in_an_appendix_and_rows_are_summed_in_the_scope() {
        let page = page_of(vec![check("integrity.files", "in/bureau", Verdict::Pass, "2 files")]);
        assert!(first_screen(&page).contains("Every check that applies was made."));
        let (report, appendices) = page.split_once("class=\"appendix\"").unwrap();
        assert!(report.contains("<td class=\"n\">1&nbsp;234</td>") && !report.contains("a.parquet"));
        assert!(appendices.contains("a.parquet") && appendices.contains("no table could be read"));
    }

    #[test]
    fn text_from_outside_is_escaped_once() {
        let page = page_of(vec![check("residue.names", "<b>&", Verdict::Fail, "<i>")]);
        assert!(page.contains("&lt;b&gt;&amp;") && page.contains("&lt;i&gt;"));
        assert!(!page.contains("&amp;amp;") && !page.contains("&amp;lt;") && !page.contains("<i>"));
    }
}

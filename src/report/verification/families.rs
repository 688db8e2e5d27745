//! All checks by family, with their evidence.

use std::collections::BTreeMap;

use serde::Serialize;

use super::results::{ResultLine, View, family, grouped};
use super::subjects::SubjectPart;
use crate::verify::{Bar, Check, CheckText, FamilyText, Picture, Table, Verdict, catalogue};

#[derive(Serialize)]
pub(super) struct Family<'a> {
    name: &'a str,
    title: &'a str,
    about: &'a str,
    verdict: Verdict,
    /// Number of results by verdict.
    counts: BTreeMap<Verdict, usize>,
    checks: Vec<CheckSection<'a>>,
}

#[derive(Serialize)]
struct CheckSection<'a> {
    name: &'a str,
    title: &'a str,
    looks_for: &'a str,
    why: &'a str,
    verdict: Verdict,
    /// Results, the worst verdict first.
    results: Vec<VerdictGroup<'a>>,
    tables: Vec<EvidenceTable<'a>>,
    pictures: Vec<Chart<'a>>,
}

/// Results of a check with one verdict.
#[derive(Serialize)]
struct VerdictGroup<'a> {
    verdict: Verdict,
    results: Vec<ResultLine<'a>>,
}

#[derive(Serialize)]
struct EvidenceTable<'a> {
    about: Vec<SubjectPart>,
    caption: &'a str,
    headings: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
}

#[derive(Serialize)]
struct Chart<'a> {
    about: Vec<SubjectPart>,
    title: &'a str,
    caption: &'a str,
    unit: &'a str,
    bars: Vec<ChartBar<'a>>,
}

#[derive(Serialize)]
struct ChartBar<'a> {
    label: &'a str,
    value: f64,
    shown: &'a str,
}

/// Returns the families that have results.
pub(super) fn families<'a>(view: View<'a>, checks: &'a [Check]) -> Vec<Family<'a>> {
    catalogue().family.iter().filter_map(|text| of_family(view, text, checks)).collect()
}

fn of_family<'a>(view: View<'a>, text: &'a FamilyText, checks: &'a [Check]) -> Option<Family<'a>> {
    let own: Vec<&Check> = checks.iter().filter(|check| family(check.name) == text.name).collect();
    let verdict = own.iter().map(|check| check.verdict).max()?;
    let mut counts = BTreeMap::new();
    own.iter().for_each(|check| *counts.entry(check.verdict).or_default() += 1);
    Some(Family {
        name: &text.name,
        title: view.text(&text.title),
        about: view.text(&text.about),
        verdict,
        counts,
        checks: catalogue().check.iter().filter_map(|text| section(view, text, &own)).collect(),
    })
}

fn section<'a>(view: View<'a>, text: &'a CheckText, checks: &[&'a Check]) -> Option<CheckSection<'a>> {
    let mut own: Vec<&Check> = checks.iter().copied().filter(|check| check.name == text.name).collect();
    let verdict = own.iter().map(|check| check.verdict).max()?;
    let tables = own.iter().flat_map(|check| check.tables.iter().map(|table| (*check, table)));
    let pictures = own.iter().flat_map(|check| check.pictures.iter().map(|picture| (*check, picture)));
    let tables = grouped(tables, |(_, table)| table);
    let pictures = grouped(pictures, |(_, picture)| picture);
    // The sort is stable: results with the same verdict keep their order.
    own.sort_by_key(|check| std::cmp::Reverse(check.verdict));
    let groups = grouped(own.iter().copied(), |check| check.verdict);
    Some(CheckSection {
        name: &text.name,
        title: view.text(&text.title),
        looks_for: view.text(&text.looks_for),
        why: view.text(&text.why),
        verdict,
        results: groups.into_iter().map(|(verdict, own)| VerdictGroup { verdict, results: view.lines(&own) }).collect(),
        tables: tables.into_iter().map(|(table, of)| evidence(view, table, &subjects(&of))).collect(),
        pictures: pictures.into_iter().map(|(picture, of)| chart(view, picture, &subjects(&of))).collect(),
    })
}

/// Returns the checks that have the same table or chart.
fn subjects<'a, T>(evidence: &[(&'a Check, T)]) -> Vec<&'a Check> {
    evidence.iter().map(|(check, _)| *check).collect()
}

fn evidence<'a>(view: View<'a>, table: &'a Table, checks: &[&Check]) -> EvidenceTable<'a> {
    EvidenceTable {
        about: view.about(checks),
        caption: view.text(&table.caption),
        headings: table.headings.iter().map(|heading| view.text(heading)).collect(),
        rows: table.rows.iter().map(|row| row.iter().map(|cell| view.text(cell)).collect()).collect(),
    }
}

fn chart<'a>(view: View<'a>, picture: &'a Picture, checks: &[&Check]) -> Chart<'a> {
    Chart {
        about: view.about(checks),
        title: view.text(&picture.title),
        caption: view.text(&picture.caption),
        unit: picture.unit,
        bars: picture.bars.iter().map(|bar| chart_bar(view, bar)).collect(),
    }
}

fn chart_bar<'a>(view: View<'a>, bar: &'a Bar) -> ChartBar<'a> {
    ChartBar { label: view.text(&bar.label), value: bar.value, shown: view.text(&bar.shown) }
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::check;
    use super::super::subjects::SubjectNames;
    use super::*;
    use crate::text::{Language, Text};

    #[test]
    fn equal_tables_of_several_subjects_are_one_and_the_worst_results_come_first() {
        let rows = vec![vec![Text::same("5")]];
        let table = Table { caption: Text::same("Classes"), headings: vec![Text::same("size")], rows };
        let mut checks = [
            check("risk.k_anonymity", "bureau", Verdict::Pass, "large"),
            check("risk.k_anonymity", "town", Verdict::Warn, "small"),
        ];
        checks.iter_mut().for_each(|check| check.tables.push(table.clone()));
        let names = SubjectNames::new(&[]);
        let families = families(View { language: Language::English, names: &names }, &checks);
        assert_eq!(families.len(), 1);
        assert_eq!(families[0].verdict, Verdict::Warn);
        assert_eq!(families[0].counts, BTreeMap::from([(Verdict::Pass, 1), (Verdict::Warn, 1)]));
        let section = &families[0].checks[0];
        let verdicts: Vec<Verdict> = section.results.iter().map(|group| group.verdict).collect();
        assert_eq!(verdicts, [Verdict::Warn, Verdict::Pass]);
        assert_eq!(section.tables.len(), 1);
        assert_eq!(section.tables[0].about.len(), 2);
    }
}

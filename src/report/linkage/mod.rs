//! The linkage report: deliveries, overlap, losses. One HTML file that needs nothing else.
//!
//! Counts of persons are rounded, small counts are suppressed, and shares are computed from the rounded counts.

mod evidence;
mod months;
mod persons;
mod provision;
mod regions;
#[cfg(test)]
mod tests;
mod view;

use std::sync::LazyLock;

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use self::evidence::Evidence;
use self::months::{BreakText, MonthRow, Plot};
use self::persons::{Comparison, Forest, TableSet};
use self::provision::{ProvisionRow, ReferenceRow};
use self::regions::RegionCounts;
use self::view::View;
use crate::config::{Contract, OmittedTable};
use crate::exchange::{Accounting, Count, Input, LinkedManifest, LinkedTable, TableAccount, Warning};
use crate::text::{FixedTexts, Language, Share, ShownCounts};

/// The template. The ending of its name makes the engine escape all values.
const TEMPLATE: &str = "linkage.html";

static WORDS: LazyLock<FixedTexts> = LazyLock::new(|| {
    FixedTexts::parse([include_str!("words.en.toml"), include_str!("words.fi.toml"), include_str!("words.sv.toml")])
});

/// The page as the template sees it, in one language.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'static str,
    words: &'a toml::Table,
    style: &'static str,
    study: &'a str,
    title: &'a str,
    permit: &'a str,
    tool: &'a str,
    synthetic: bool,
    link_key: Option<String>,
    /// The smallest number of persons that is shown.
    least: u64,
    persons: String,
    linked_persons: String,
    warnings: Vec<WarningRow>,
    inputs: &'a [Input],
    tables: Vec<TableRow>,
    omitted: Vec<OmittedRow<'a>>,
    covered: Vec<CoverageRow>,
    sources: Vec<SourceRows>,
    plots: Vec<Plot>,
    breaks: Vec<BreakText>,
    month_rows: Vec<MonthRow>,
    regions: RegionCounts,
    table_sets: Vec<TableSet>,
    by_group: Vec<Forest>,
    by_region: Vec<Forest>,
    comparisons: Vec<Comparison>,
    contradictions: Vec<ContradictionRow>,
    provision: Vec<ProvisionRow>,
    references: Vec<ReferenceRow>,
    comparable: Option<Forest>,
    evidence: Option<Evidence>,
}

/// A warning about a run that may have gone wrong. Numbers stand in the accounting file only.
#[derive(Serialize)]
struct WarningRow {
    code: &'static str,
    /// Holder, table, column, code and month that it is about.
    about: String,
    explanation: Option<String>,
}

/// A table of the dataset.
#[derive(Serialize)]
struct TableRow {
    file: String,
    title: String,
    columns: usize,
}

/// A table that could not be computed.
#[derive(Serialize)]
struct OmittedRow<'a> {
    title: String,
    reason: &'a str,
}

/// Days for which a table is complete, over all organisers.
#[derive(Serialize)]
struct CoverageRow {
    table: String,
    organisers: usize,
    first: String,
    last: String,
}

/// A source table and the counts of its holders.
#[derive(Serialize)]
struct SourceRows {
    table: String,
    population: bool,
    /// Holder, rows, linked rows, persons, linked persons; all holders together first.
    rows: Vec<[String; 5]>,
}

#[derive(Serialize)]
struct ContradictionRow {
    left: String,
    right: String,
    agree: String,
    contradict: String,
    share: Option<Share>,
}

/// Returns the linkage report as HTML.
///
/// # Errors
/// The template cannot be rendered, which is a bug in salanimi.
pub(super) fn page(
    contract: &Contract,
    manifest: &LinkedManifest,
    accounting: &Accounting,
    language: Language,
) -> Result<String, minijinja::Error> {
    let words = WORDS.in_language(language);
    let cells = ShownCounts::in_tables(u64::from(contract.limits.min_cell), language);
    let view = View { contract, manifest, accounting, cells, words };
    let mut environment = Environment::new();
    environment.add_template(TEMPLATE, include_str!("linkage.html"))?;
    environment.get_template(TEMPLATE)?.render(Serde(view.page()))
}

impl<'a> View<'a> {
    fn page(&self) -> Page<'a> {
        let study = &self.contract.study;
        let manifest = self.manifest;
        Page {
            lang: self.cells.language().code(),
            words: self.words,
            style: crate::report::verification::STYLE,
            study: study.id.as_str(),
            title: &study.title,
            permit: &study.permit,
            tool: &manifest.tool,
            synthetic: manifest.synthetic,
            link_key: manifest.link_key_id.map(|id| id.to_string()),
            least: self.cells.least(),
            persons: self.cells.persons(self.accounting.persons),
            linked_persons: self.cells.persons(self.accounting.linked_persons),
            warnings: self.warnings(),
            inputs: &manifest.inputs,
            tables: manifest.tables.iter().map(|table| self.table_row(table)).collect(),
            omitted: manifest.left_out.iter().map(|omitted| self.omitted_row(omitted)).collect(),
            covered: self.covered(),
            sources: self.sources(),
            plots: self.plots(),
            breaks: self.breaks(),
            month_rows: self.month_rows(),
            regions: self.regions(),
            table_sets: self.table_sets(),
            by_group: self.overlap_by_group(),
            by_region: self.overlap_by_region(),
            comparisons: self.comparisons(),
            contradictions: self.contradictions(),
            provision: self.provision(),
            references: self.references(),
            comparable: self.comparable(),
            evidence: self.evidence(),
        }
    }

    /// The warnings, those that the contract explains last.
    fn warnings(&self) -> Vec<WarningRow> {
        let mut rows: Vec<_> = self.accounting.warnings.iter().map(|warning| self.warning_row(warning)).collect();
        rows.sort_by_key(|row| row.explanation.is_some());
        rows
    }

    fn warning_row(&self, warning: &Warning) -> WarningRow {
        let holder = warning.holder.as_ref().map(ToString::to_string);
        let column = warning.column.as_ref().map(ToString::to_string);
        let month = warning.month.map(|month| month.to_string());
        let table = Some(self.title(warning.table.as_str()));
        let parts = [holder, table, column, warning.value.clone(), month];
        WarningRow {
            code: warning.code.name(),
            about: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            explanation: warning.explanation(&self.contract.warnings).map(str::to_owned),
        }
    }

    fn table_row(&self, table: &LinkedTable) -> TableRow {
        TableRow { file: table.file.clone(), title: self.title(&table.name), columns: table.columns.len() }
    }

    fn omitted_row(&self, omitted: &'a OmittedTable) -> OmittedRow<'a> {
        OmittedRow { title: self.title(&omitted.table), reason: &omitted.reason }
    }

    fn covered(&self) -> Vec<CoverageRow> {
        self.contract.tables.iter().filter_map(|table| self.coverage_row(table.name.as_str())).collect()
    }

    fn coverage_row(&self, table: &str) -> Option<CoverageRow> {
        let entries: Vec<_> = self.manifest.coverage.iter().filter(|entry| entry.table.as_str() == table).collect();
        let mut organisers: Vec<&str> = entries.iter().map(|entry| entry.organiser.as_str()).collect();
        organisers.dedup();
        Some(CoverageRow {
            table: self.title(table),
            organisers: organisers.len(),
            first: entries.iter().map(|entry| entry.first).min()?.to_string(),
            last: entries.iter().map(|entry| entry.last).max()?.to_string(),
        })
    }

    fn sources(&self) -> Vec<SourceRows> {
        let delivered = self.accounting.tables.iter().filter(|table| table.all.rows > 0);
        delivered.map(|table| self.source_rows(table)).collect()
    }

    fn source_rows(&self, table: &TableAccount) -> SourceRows {
        let mut rows = vec![self.source_row(self.word("all_holders"), &table.all)];
        rows.extend(table.by_holder.iter().map(|(holder, count)| self.source_row(holder.clone(), count)));
        SourceRows { table: self.title(&table.table), population: self.is_population(&table.table), rows }
    }

    fn source_row(&self, name: String, count: &Count) -> [String; 5] {
        let Count { rows, linked_rows, persons, linked_persons } = *count;
        let cells = self.cells;
        [
            name,
            cells.rows(rows, persons),
            cells.rows(linked_rows, linked_persons),
            cells.persons(persons),
            cells.persons(linked_persons),
        ]
    }

    fn contradictions(&self) -> Vec<ContradictionRow> {
        let pairs = self.accounting.contradictions.iter().map(|pair| ContradictionRow {
            left: pair.left.clone(),
            right: pair.right.clone(),
            agree: self.cells.persons(pair.agree),
            contradict: self.cells.persons(pair.contradict),
            share: self.cells.share(pair.contradict, pair.agree + pair.contradict),
        });
        pairs.collect()
    }
}

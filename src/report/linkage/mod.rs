//! The linkage report: what was linked, who occurs where, who is lost. One HTML file that needs nothing else.
//!
//! Every count of persons is rounded, shares are computed from the rounded counts, and small cells are not told.

mod cells;
mod counties;
mod months;
mod persons;
#[cfg(test)]
mod tests;

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use self::cells::{Cells, Share};
use self::counties::Counties;
use self::months::{Described, MonthRow, Plot};
use self::persons::{Comparison, Forest, Together};
use crate::config::{Contract, Words, table_title};
use crate::exchange::{Accounting, Count, LinkedManifest};
use crate::text::Language;

/// The template's name ends so that what it shows is escaped.
const TEMPLATE: &str = "linkage.html";

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
    /// Fewer persons than these are not told.
    least: u64,
    persons: String,
    linked_persons: String,
    inputs: &'a [crate::exchange::Input],
    made: Vec<Made>,
    left_out: Vec<LeftOut<'a>>,
    covered: Vec<Covered>,
    sources: Vec<Source>,
    plots: Vec<Plot>,
    breaks: Vec<Described<'a>>,
    month_rows: Vec<MonthRow>,
    counties: Counties,
    together: Vec<Together>,
    by_group: Vec<Forest>,
    by_county: Vec<Forest>,
    comparisons: Vec<Comparison>,
    contradictions: Vec<Contradicted>,
}

/// A table of the dataset.
#[derive(Serialize)]
struct Made {
    file: String,
    title: String,
    columns: usize,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    title: String,
    reason: &'a str,
}

/// For which days a table is complete, over all organisers.
#[derive(Serialize)]
struct Covered {
    table: String,
    organisers: usize,
    first: String,
    last: String,
}

/// A source table and the counts of its holders.
#[derive(Serialize)]
struct Source {
    table: String,
    brings_in: bool,
    /// Holder, rows, rows that entered, persons, persons who entered; everything first.
    rows: Vec<[String; 5]>,
}

#[derive(Serialize)]
struct Contradicted {
    left: String,
    right: String,
    agree: String,
    contradict: String,
    share: Option<Share>,
}

/// The linkage report as HTML.
///
/// # Errors
/// The template cannot be rendered, which is a fault of the tool.
pub(super) fn page(
    contract: &Contract,
    manifest: &LinkedManifest,
    accounting: &Accounting,
    language: Language,
) -> Result<String, minijinja::Error> {
    let words = match language {
        Language::English => include_str!("words.en.toml"),
        Language::Finnish => include_str!("words.fi.toml"),
    };
    // The text is part of the binary, and a test reads it.
    let words = toml::from_str(words).unwrap_or_default();
    let cells = Cells::in_tables(u64::from(contract.limits.min_cell), language);
    let view = View { contract, manifest, accounting, cells, words: &words };
    let mut environment = Environment::new();
    environment.add_template(TEMPLATE, include_str!("linkage.html"))?;
    environment.get_template(TEMPLATE)?.render(Serde(view.page()))
}

/// What the page is made of, and in which language.
struct View<'a> {
    contract: &'a Contract,
    manifest: &'a LinkedManifest,
    accounting: &'a Accounting,
    cells: Cells,
    words: &'a toml::Table,
}

impl<'a> View<'a> {
    fn page(&self) -> Page<'a> {
        let (study, manifest) = (&self.contract.study, self.manifest);
        Page {
            lang: self.pick("en", "fi"),
            words: self.words,
            style: crate::report::page::STYLE,
            study: study.id.as_str(),
            title: &study.title,
            permit: &study.permit,
            tool: &manifest.tool,
            synthetic: manifest.synthetic,
            link_key: manifest.link_key_id.map(|id| id.to_string()),
            least: self.cells.least(),
            persons: self.cells.persons(self.accounting.persons),
            linked_persons: self.cells.persons(self.accounting.linked_persons),
            inputs: &manifest.inputs,
            made: self.made(),
            left_out: self.left_out(),
            covered: self.covered(),
            sources: self.sources(),
            plots: self.plots(),
            breaks: self.breaks(),
            month_rows: self.month_rows(),
            counties: self.counties(),
            together: self.together(),
            by_group: self.overlap_by_group(),
            by_county: self.overlap_by_county(),
            comparisons: self.comparisons(),
            contradictions: self.contradictions(),
        }
    }

    /// Whichever is in the page's language.
    fn pick<'b>(&self, en: &'b str, fi: &'b str) -> &'b str {
        match self.cells.language() {
            Language::English => en,
            Language::Finnish => fi,
        }
    }

    /// A fixed word of the page.
    fn word(&self, key: &str) -> String {
        self.words.get(key).and_then(toml::Value::as_str).unwrap_or(key).to_owned()
    }

    fn title(&self, table: &str) -> String {
        let Words { en, fi } = table_title(table);
        self.pick(&en, &fi).to_owned()
    }

    /// Whether a table brings a person into the dataset.
    fn brings_in(&self, table: &str) -> bool {
        self.accounting.population.iter().any(|name| name == table)
    }

    fn made(&self) -> Vec<Made> {
        let tables = self.manifest.tables.iter();
        let made = |t: &crate::exchange::LinkedTable| Made {
            file: t.file.clone(),
            title: self.title(&t.name),
            columns: t.columns.len(),
        };
        tables.map(made).collect()
    }

    fn left_out(&self) -> Vec<LeftOut<'a>> {
        let left_out = self.manifest.left_out.iter();
        left_out.map(|left| LeftOut { title: self.title(&left.table), reason: &left.reason }).collect()
    }

    fn covered(&self) -> Vec<Covered> {
        let tables = self.contract.tables.iter().filter_map(|table| {
            let of_table: Vec<_> = self.manifest.coverage.iter().filter(|entry| entry.table == table.name).collect();
            let mut organisers: Vec<&str> = of_table.iter().map(|entry| entry.organiser.as_str()).collect();
            organisers.dedup();
            Some(Covered {
                table: self.title(table.name.as_str()),
                organisers: organisers.len(),
                first: of_table.iter().map(|entry| entry.first).min()?.to_string(),
                last: of_table.iter().map(|entry| entry.last).max()?.to_string(),
            })
        });
        tables.collect()
    }

    fn sources(&self) -> Vec<Source> {
        let tables = self.accounting.tables.iter().filter(|table| table.all.rows > 0);
        let source = |table: &crate::exchange::TableAccount| {
            let all = self.source_row(self.word("all_holders"), &table.all);
            let holders = table.by_holder.iter().map(|(holder, count)| self.source_row(holder.clone(), count));
            Source {
                table: self.title(&table.table),
                brings_in: self.brings_in(&table.table),
                rows: std::iter::once(all).chain(holders).collect(),
            }
        };
        tables.map(source).collect()
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

    fn contradictions(&self) -> Vec<Contradicted> {
        let pairs = self.accounting.contradictions.iter().map(|pair| Contradicted {
            left: pair.left.clone(),
            right: pair.right.clone(),
            agree: self.cells.persons(pair.agree),
            contradict: self.cells.persons(pair.contradict),
            share: self.cells.share(pair.contradict, pair.agree + pair.contradict),
        });
        pairs.collect()
    }
}

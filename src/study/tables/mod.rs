//! The study's analysis tables, computed person by person from delivered columns while deliveries are linked.
//!
//! The queries in `config/studies/toituavain/tables/` define each table. A test compares them with this code, cell by
//! cell. Exact dates and amounts end here.
//!
//! To add an analysis table:
//!
//! 1. Write the definition as one SQL query in `config/studies/toituavain/tables/`.
//! 2. Write the table in a file of its own in `by_table/`: it makes the rows of one person from that person's exact
//!    rows. Look columns and codes up in the contract.
//! 3. Add a variant to `Kind` in `by_table/mod.rs`, with its name, its fields, and the sources without which it is
//!    omitted.
//! 4. Add name, key and columns to `schema.toml`, and correct the count of tables in the test of `schema.rs`.
//! 5. Add titles and labels to `words.toml` of the study.

mod by_person;
mod by_table;
mod comparable;
mod context;
mod coverage;
mod found;
mod person_records;
mod relations;
mod rows;
mod schema;
mod settings;
mod source;
mod sources;
mod spells;
#[cfg(test)]
mod tests;
mod working_days;
mod writer;

use self::by_table::Kind;
use self::context::ColumnTypes;
use self::found::FoundSources;
use self::settings::Settings;
use self::writer::TableWriters;
use crate::config::{
    Analysis, AnalysisKind, AnalysisTable, AnalysisTables, ContractParts, LinkSetup, OmittedTable, Problem, Regions,
    SourceTables,
};
use crate::table::{Codes, Field, StoreError};

/// The name of the study, as `[analysis] kind` gives it.
const NAME: &str = "toituavain";
/// The list of words that labels counties.
const COUNTY_LABELS: &str = "county";

/// The analysis of the study `toituavain`.
#[derive(Debug)]
pub struct ToituAvain;

/// The analysis under the settings of one contract.
#[derive(Debug)]
struct Configured {
    settings: Settings,
}

impl AnalysisKind for ToituAvain {
    fn name(&self) -> &'static str {
        NAME
    }

    fn configure(&self, settings: &toml::Table, contract: &ContractParts<'_>) -> Result<Box<dyn Analysis>, Problem> {
        Ok(Box::new(Configured { settings: Settings::resolve(settings, contract)? }))
    }
}

impl Analysis for Configured {
    fn tables(&self) -> &'static [AnalysisTable] {
        schema::tables()
    }

    fn fields(&self, sources: &SourceTables<'_>, name: &str) -> Option<Vec<Field>> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name)?;
        Some(kind.fields(&ColumnTypes::new(sources, &self.settings)))
    }

    fn band_width(&self, table: &str, column: &str) -> Option<u32> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == table)?;
        kind.banded().contains(&column).then_some(self.settings.eur_band)
    }

    fn regions(&self, codes: &Codes) -> Option<Regions<'_>> {
        let maps = [&self.settings.municipalities, &self.settings.organisers];
        let map = maps.into_iter().find(|map| **map.from() == *codes)?;
        Some(Regions { map, labels: COUNTY_LABELS })
    }

    fn omitted(&self, sources: &SourceTables<'_>, delivered: &[usize]) -> Vec<OmittedTable> {
        FoundSources::of(&self.settings, sources, delivered).omitted()
    }

    fn begin<'a>(&'a self, link: &LinkSetup<'a>) -> Result<Box<dyn AnalysisTables + 'a>, StoreError> {
        Ok(Box::new(TableWriters::new(&self.settings, link)?))
    }
}

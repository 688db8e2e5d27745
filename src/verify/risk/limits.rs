//! Limits and scope that every risk check of a subject shares.

use super::shown;
use crate::config;
use crate::text::Text;
use crate::verify::check::Verdict;
use crate::verify::options::Options;
use crate::verify::subject::{Kind, Subject, listed};

/// Limits and scope of the risk checks of a subject.
pub(super) struct Limits {
    /// Limits of the contract, or the defaults of this tool.
    pub thresholds: config::Limits,
    /// `true` if the limits are those of a contract.
    pub has_contract: bool,
    /// `true` if the tables are meant for release.
    pub released: bool,
    /// Share of persons that is measured, 0 to 1.
    pub share: f64,
    /// Columns that are skipped because there are too many.
    pub skipped_columns: usize,
    /// `true` if the tables are meant for release and not made by this tool.
    pub is_foreign_release: bool,
    /// Rows that are not measured, because every quasi-identifier is suppressed.
    pub suppressed_rows: u64,
    /// Labels of tables that cannot be read.
    pub unread: Vec<String>,
}

impl Limits {
    /// Takes the limits of the contract. Without a contract, the defaults apply.
    pub(super) fn new(subject: &Subject, options: &Options<'_>) -> Self {
        Self {
            thresholds: options.contract.map_or_else(config::Limits::default, |contract| contract.limits.clone()),
            has_contract: options.contract.is_some(),
            released: subject.released,
            share: 1.0,
            skipped_columns: 0,
            is_foreign_release: subject.released && subject.kind == Kind::Tables,
            suppressed_rows: 0,
            unread: Vec::new(),
        }
    }

    /// Returns the verdict on a finding beyond the limits, or within them.
    pub(super) fn verdict(&self, is_beyond: bool) -> Verdict {
        match (is_beyond, self.released) {
            (true, true) => Verdict::Fail,
            (true, false) => Verdict::Warn,
            (false, _) => self.unless_unread(Verdict::Pass),
        }
    }

    /// Returns `verdict`, or `NotChecked` if a table cannot be read.
    pub(super) fn unless_unread(&self, verdict: Verdict) -> Verdict {
        if self.unread.is_empty() { verdict } else { Verdict::NotChecked }
    }

    /// Returns the evidence with its restrictions: default limits, a sample of persons, skipped columns and tables.
    pub(super) fn qualified(&self, evidence: Text) -> Text {
        let mut parts = vec![evidence];
        if !self.has_contract {
            parts.push(Text::new(
                "default limits, no contract given",
                "oletusrajat, sopimusta ei annettu",
                "standardgränser, inget avtal angavs",
            ));
        }
        if self.share < 1.0 {
            let share = shown::percent(self.share);
            parts.push(Text::new(
                format!("only a sample of {} of the persons fitted in memory; true classes are larger", share.en),
                format!("muisti riitti {} henkilöistä; luokat näyttävät todellista pienemmiltä", share.fi),
                format!("minnet räckte till {} av personerna; de verkliga klasserna är större", share.sv),
            ));
        }
        if self.skipped_columns > 0 {
            let columns = self.skipped_columns;
            parts.push(Text::new(
                format!("{columns} columns skipped, because there are too many"),
                format!("{columns} saraketta ohitettu, koska niitä on liikaa"),
                format!("{columns} kolumner hoppades över, eftersom de är för många"),
            ));
        }
        if self.suppressed_rows > 0 {
            let rows = shown::persons(self.suppressed_rows);
            parts.push(Text::new(
                format!("rows with every quasi-identifier suppressed, not measured: {}", rows.en),
                format!("mittaamatta rivejä, joiden kaikki epäsuorat tunnisteet on peitetty: {}", rows.fi),
                format!("rader vars alla kvasiidentifierare är undertryckta mättes inte: {}", rows.sv),
            ));
        }
        if !self.unread.is_empty() {
            let tables = listed(&self.unread);
            parts.push(Text::new(
                format!("cannot be read: {}", tables.en),
                format!("ei voida lukea: {}", tables.fi),
                format!("kan inte läsas: {}", tables.sv),
            ));
        }
        Text::join(&parts, "; ")
    }
}

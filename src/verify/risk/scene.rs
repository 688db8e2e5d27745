//! What holds for all checks of a subject: limits, what is left out, how bad a finding is.

use super::super::Options;
use super::super::check::Verdict;
use super::super::subject::{Subject, listed};
use super::words;
use crate::config::Limits;
use crate::text::Text;

/// By what a subject is judged.
pub(super) struct Scene {
    pub limits: Limits,
    /// Whether the limits are those of a contract.
    pub has_contract: bool,
    /// Whether the tables are meant to leave the study's environment.
    pub released: bool,
    /// The share of persons that was looked at.
    pub share: f64,
    /// Columns that were left out, being too many.
    pub left_out: usize,
    /// Labels of tables that could not be read.
    pub unread: Vec<String>,
}

impl Scene {
    pub(super) fn new(subject: &Subject, options: &Options<'_>) -> Self {
        Self {
            limits: options.contract.map(|contract| contract.limits.clone()).unwrap_or_default(),
            has_contract: options.contract.is_some(),
            released: subject.released,
            share: 1.0,
            left_out: 0,
            unread: Vec::new(),
        }
    }

    /// The verdict on a finding beyond the limits, or within them.
    pub(super) fn verdict(&self, is_beyond: bool) -> Verdict {
        match (is_beyond, self.released) {
            (true, true) => Verdict::Fail,
            (true, false) => Verdict::Warn,
            (false, _) => self.within(Verdict::Pass),
        }
    }

    /// `verdict`, unless some table was not looked at.
    pub(super) fn within(&self, verdict: Verdict) -> Verdict {
        if self.unread.is_empty() { verdict } else { Verdict::NotChecked }
    }

    /// The evidence, with what limits it.
    pub(super) fn said(&self, evidence: Text) -> Text {
        let mut said = vec![evidence];
        if !self.has_contract {
            said.push(Text::new(
                "limits: the tool's, no contract was given",
                "rajat: ohjelman oletukset, sopimusta ei annettu",
            ));
        }
        if self.share < 1.0 {
            let share = words::percent(self.share);
            said.push(Text::new(
                format!("memory sufficed for {} of the persons, so groups look smaller than they are", share.en),
                format!("muisti riitti {} henkilöistä, joten ryhmät näyttävät todellista pienemmiltä", share.fi),
            ));
        }
        said.extend(self.gaps());
        words::joined(&said, "; ")
    }

    /// What was not looked at.
    fn gaps(&self) -> Vec<Text> {
        let mut gaps = Vec::new();
        if self.left_out > 0 {
            let columns = self.left_out;
            gaps.push(Text::new(
                format!("{columns} columns left out, being too many"),
                format!("{columns} saraketta jätetty pois, koska niitä on liikaa"),
            ));
        }
        if !self.unread.is_empty() {
            let tables = listed(&self.unread);
            gaps.push(Text::new(format!("could not be read: {}", tables.en), format!("ei voitu lukea: {}", tables.fi)));
        }
        gaps
    }
}

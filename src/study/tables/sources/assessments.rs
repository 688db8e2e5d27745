//! Assessments of goals by the AVAIN indicator.

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::Int32Type;

use super::super::settings::Settings;
use super::{Columns, Finder, MissingColumn, Source, codes, dates, day, references, value};
use crate::config::Table;
use crate::table::ValueType;
use salanimi_core::Day;

/// Occasion of an assessment, in chronological order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::study::tables) enum Occasion {
    Beginning,
    FollowUp,
    End,
}

/// A row of `municipal_avain`.
#[derive(Debug, Clone)]
pub(in crate::study::tables) struct Assessment {
    /// The plan's delivered pseudonym, as a number.
    pub(in crate::study::tables) plan: i128,
    pub(in crate::study::tables) organiser: Option<u16>,
    pub(in crate::study::tables) goal: Option<u16>,
    pub(in crate::study::tables) occasion: Occasion,
    pub(in crate::study::tables) day: Day,
    pub(in crate::study::tables) aim: Option<u16>,
    pub(in crate::study::tables) outcome: Option<u16>,
    pub(in crate::study::tables) method: Option<u16>,
    pub(in crate::study::tables) service: Option<u16>,
    pub(in crate::study::tables) age_months: Option<i32>,
}

pub(in crate::study::tables) struct AssessmentColumns {
    plan: usize,
    organiser: usize,
    goal: usize,
    occasion: usize,
    /// Occasion of each of the contract's assessment codes.
    occasions: Vec<Option<Occasion>>,
    day: usize,
    aim: usize,
    outcome: usize,
    method: usize,
    service: usize,
    age_months: usize,
}

impl AssessmentColumns {
    const OCCASIONS: [(&str, Occasion); 3] =
        [("ALKU", Occasion::Beginning), ("SEURANTA", Occasion::FollowUp), ("LOPPU", Occasion::End)];

    fn occasion(code: &str) -> Option<Occasion> {
        Self::OCCASIONS.iter().find(|(name, _)| *name == code).map(|(_, occasion)| *occasion)
    }
}

impl Columns for AssessmentColumns {
    const SOURCE: Source = Source::Assessments;
    type Record = Assessment;

    fn find(table: &Table, settings: &Settings) -> Result<Self, MissingColumn> {
        let finder = Finder(table);
        let occasion = finder.code("assessment")?;
        let ValueType::Code(occasions) = &table.fields[occasion].value else { return Err(MissingColumn("assessment")) };
        Ok(Self {
            plan: finder.reference("plan_id")?,
            organiser: finder.code_of("organiser_code", settings.organisers.from())?,
            goal: finder.code("goal_category")?,
            occasion,
            occasions: occasions.values().iter().map(|code| Self::occasion(code)).collect(),
            day: finder.date("assessment_date")?,
            aim: finder.code("aim")?,
            outcome: finder.code("outcome")?,
            method: finder.code("method")?,
            service: finder.code("service")?,
            age_months: finder.integer("age_months")?,
        })
    }

    fn read(&self, columns: &[ArrayRef], mut record: impl FnMut(usize, Assessment)) {
        let plans = references(&columns[self.plan]);
        let days = dates(&columns[self.day]);
        let [organisers, goals, occasions, aims, outcomes, methods, services] =
            [self.organiser, self.goal, self.occasion, self.aim, self.outcome, self.method, self.service]
                .map(|at| codes(&columns[at]));
        let ages = columns[self.age_months].as_primitive::<Int32Type>();
        for row in 0..days.len() {
            let occasion = value(occasions, row).and_then(|occasion| self.occasions[usize::from(occasion)]);
            let (Some(plan), Some(day), Some(occasion)) = (value(plans, row), day(days, row), occasion) else {
                continue;
            };
            record(
                row,
                Assessment {
                    plan,
                    organiser: value(organisers, row),
                    goal: value(goals, row),
                    occasion,
                    day,
                    aim: value(aims, row),
                    outcome: value(outcomes, row),
                    method: value(methods, row),
                    service: value(services, row),
                    age_months: value(ages, row),
                },
            );
        }
    }
}

//! Rows of Kela's social assistance.

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::Int32Type;

use super::super::settings::Settings;
use super::{Columns, Finder, MissingColumn, Source, amounts, codes, dates, day, flag, references, value};
use crate::config::Table;
use crate::table::ValueType;
use salanimi_core::Month;

/// A row of `kela_social_assistance`. Codes are positions in the contract's lists.
#[derive(Debug, Clone)]
pub(in crate::study::tables) struct Assistance {
    pub(in crate::study::tables) month: Month,
    pub(in crate::study::tables) role: Option<u16>,
    /// `true` for the applicant and the spouse.
    pub(in crate::study::tables) is_adult: bool,
    pub(in crate::study::tables) is_applicant: bool,
    /// The household's delivered pseudonym, as a number.
    pub(in crate::study::tables) household: Option<i128>,
    /// `true` if anything was paid. The annual layout has no amounts, but lists paid months only.
    pub(in crate::study::tables) paid: bool,
    /// Amount paid to the household, in the smallest unit of the column.
    pub(in crate::study::tables) amount: Option<i64>,
    pub(in crate::study::tables) reduction: Option<u16>,
    pub(in crate::study::tables) household_type: Option<u16>,
    pub(in crate::study::tables) activity: Option<u16>,
    pub(in crate::study::tables) primary: Option<bool>,
    pub(in crate::study::tables) municipality: Option<u16>,
    pub(in crate::study::tables) sex: Option<u16>,
    pub(in crate::study::tables) age_months: Option<i32>,
}

pub(in crate::study::tables) struct AssistanceColumns {
    month: usize,
    role: usize,
    applicant: Option<u16>,
    spouse: Option<u16>,
    household: usize,
    decision: usize,
    granted: Option<u16>,
    amount: usize,
    reduction: usize,
    household_type: usize,
    activity: usize,
    primary: usize,
    municipality: usize,
    sex: usize,
    age_months: usize,
}

impl Columns for AssistanceColumns {
    const SOURCE: Source = Source::Assistance;
    type Record = Assistance;

    fn find(table: &Table, settings: &Settings) -> Result<Self, MissingColumn> {
        let finder = Finder(table);
        let decision = finder.code("decision")?;
        let role = finder.code("role")?;
        Ok(Self {
            role,
            applicant: finder.position(role, "hakija"),
            spouse: finder.position(role, "puoliso"),
            household: finder.reference("household_id")?,
            month: finder.find("benefit_month", |value| *value == ValueType::Month)?,
            decision,
            granted: finder.position(decision, "myönnetty"),
            amount: finder.amount("paid_eur")?,
            reduction: finder.code("reduction_pct")?,
            household_type: finder.code("household_type")?,
            activity: finder.code("main_activity")?,
            primary: finder.find("sa_primary_income", |value| *value == ValueType::Flag)?,
            municipality: finder.code_of("municipality", settings.municipalities.from())?,
            sex: finder.code("sex")?,
            age_months: finder.integer("age_months")?,
        })
    }

    fn read(&self, columns: &[ArrayRef], mut record: impl FnMut(usize, Assistance)) {
        let months = dates(&columns[self.month]);
        let decisions = codes(&columns[self.decision]);
        let amounts = amounts(&columns[self.amount]);
        let primary = columns[self.primary].as_boolean();
        let households = references(&columns[self.household]);
        let [roles, reductions, types, activities, municipalities, sexes] =
            [self.role, self.reduction, self.household_type, self.activity, self.municipality, self.sex]
                .map(|at| codes(&columns[at]));
        let ages = columns[self.age_months].as_primitive::<Int32Type>();
        for row in 0..months.len() {
            let Some(day) = day(months, row) else { continue };
            let decision = value(decisions, row);
            let amount = value(amounts, row);
            let role = value(roles, row);
            let is_applicant = role.is_some() && role == self.applicant;
            record(
                row,
                Assistance {
                    month: Month::of(day),
                    role,
                    is_adult: is_applicant || (role.is_some() && role == self.spouse),
                    is_applicant,
                    household: value(households, row),
                    paid: decision.is_some() && decision == self.granted && amount.is_none_or(|amount| amount > 0),
                    amount,
                    reduction: value(reductions, row),
                    household_type: value(types, row),
                    activity: value(activities, row),
                    primary: flag(primary, row),
                    municipality: value(municipalities, row),
                    sex: value(sexes, row),
                    age_months: value(ages, row),
                },
            );
        }
    }
}

//! What every analysis table is made with: the contract's settings and code lists, coverage, and the calendar.

use super::coverage::Covered;
use super::rows::{Cell, IntoCell};
use super::sources::Source;
use super::working_days::WorkingDays;
use crate::config::{Analysis, Contract, Coverage};
use crate::crypto::{KeyedHash, LinkKeys};
use crate::table::{Codes, Field, ValueType, pseudonym};
use salanimi_core::{Day, Id, Month, PersonId};

/// What the analysis tables are made with.
pub(super) struct Study<'a> {
    pub(super) analysis: &'a Analysis,
    pub(super) covered: Covered,
    pub(super) working_days: WorkingDays,
    pub(super) codes: SourceCodes,
    references: References,
    scales: Scales,
    /// For each home municipality, its position among the organisers.
    home_organisers: Vec<Option<u16>>,
    /// For each organiser, the position of its county among the organisers.
    county_organisers: Vec<Option<u16>>,
    /// For each organiser, the position of its county among those of homes.
    organiser_home_counties: Vec<Option<u16>>,
}

/// The types of source columns that tables pass on as they are.
pub(super) struct SourceCodes {
    pub(super) sex: ValueType,
    pub(super) household_type: ValueType,
    pub(super) reduction: ValueType,
    pub(super) kind: ValueType,
    pub(super) reason: ValueType,
    pub(super) urgency: ValueType,
    pub(super) goal: ValueType,
    pub(super) aim: ValueType,
    pub(super) outcome: ValueType,
}

/// What re-keys the references that tables have; none where the contract has no such column.
struct References {
    notification: Option<KeyedHash>,
    plan: Option<KeyedHash>,
}

/// How many of the smallest unit of a column of money are one euro.
struct Scales {
    assistance: i128,
    events: i128,
}

impl<'a> Study<'a> {
    pub(super) fn new(contract: &Contract, analysis: &'a Analysis, coverage: &[Coverage], keys: &LinkKeys<'_>) -> Self {
        let organisers = analysis.organisers.from();
        let counties = analysis.organisers.to();
        let county =
            |organiser: u16| Some(counties.values()[usize::from(analysis.organisers.position(organiser)?)].as_str());
        let positions = |codes: &Codes| 0..codes.values().len() as u16;
        let window = contract.study.window;
        Self {
            covered: Covered::new(analysis, coverage),
            working_days: WorkingDays::new(window.first, window.last, analysis.saturdays),
            codes: SourceCodes::new(contract),
            references: References::new(contract, keys),
            scales: Scales {
                assistance: unit(contract, Source::Assistance, "paid_eur"),
                events: unit(contract, Source::Events, "eur"),
            },
            home_organisers: analysis
                .municipalities
                .from()
                .values()
                .iter()
                .map(|code| organisers.position(code))
                .collect(),
            county_organisers: positions(organisers).map(|at| organisers.position(county(at)?)).collect(),
            organiser_home_counties: positions(organisers)
                .map(|at| analysis.municipalities.to().position(county(at)?))
                .collect(),
            analysis,
        }
    }

    /// Columns of an analysis table.
    pub(super) fn fields(columns: &[(&str, ValueType)]) -> Vec<Field> {
        columns.iter().map(|(name, value)| Field { name: (*name).to_owned(), value: value.clone() }).collect()
    }

    pub(super) fn age_groups(&self) -> ValueType {
        ValueType::Code(self.analysis.age_groups.codes().clone())
    }

    pub(super) fn home_counties(&self) -> ValueType {
        ValueType::Code(self.analysis.municipalities.to().clone())
    }

    pub(super) fn organiser_counties(&self) -> ValueType {
        ValueType::Code(self.analysis.organisers.to().clone())
    }

    pub(super) fn county_of_home(&self, municipality: u16) -> Option<u16> {
        self.analysis.municipalities.position(municipality)
    }

    pub(super) fn county_of_organiser(&self, organiser: u16) -> Option<u16> {
        self.analysis.organisers.position(organiser)
    }

    pub(super) fn home_county_of_organiser(&self, organiser: u16) -> Option<u16> {
        self.organiser_home_counties.get(usize::from(organiser)).copied().flatten()
    }

    /// Who organises, from the reform on, what `organiser` did before: its county; a county itself.
    pub(super) fn successor(&self, organiser: Option<u16>) -> Option<u16> {
        self.county_organisers.get(usize::from(organiser?)).copied().flatten()
    }

    /// Who organises social services for people who live in `municipality`, on `day`.
    pub(super) fn organiser_of_home(&self, municipality: Option<u16>, day: Day) -> Option<u16> {
        let organiser = self.home_organisers.get(usize::from(municipality?)).copied().flatten();
        if day < self.analysis.counties_since { organiser } else { self.successor(organiser) }
    }

    /// Whether any day is covered of who organises social services for people who live in `municipality`.
    pub(super) fn is_covered_anywhere(&self, municipality: Option<u16>) -> bool {
        let reform = self.analysis.counties_since;
        [reform.plus(-1), reform]
            .into_iter()
            .any(|day| !self.covered.of(self.organiser_of_home(municipality, day)).is_empty())
    }

    /// Whether the whole of `month` is covered of who organises social services for people who live in `municipality`.
    pub(super) fn is_covered_month(&self, municipality: Option<u16>, month: Month) -> bool {
        let organiser = self.organiser_of_home(municipality, month.first_day());
        self.covered.around(organiser, month.first_day()).is_some_and(|days| days.contains(month.last_day()))
    }

    /// The lower edge of the band of the mean of `number` amounts of assistance, in whole euros.
    pub(super) fn assistance_band(&self, sum: i128, number: usize) -> Cell {
        self.band(sum, number, self.scales.assistance)
    }

    /// The lower edge of the band of what an organiser paid, in whole euros; none where nothing is told.
    pub(super) fn paid_band(&self, amounts: impl Iterator<Item = i64>) -> Cell {
        let sum = amounts.map(i128::from).reduce(|a, b| a + b)?;
        self.band(sum, 1, self.scales.events)
    }

    fn band(&self, sum: i128, number: usize, unit: i128) -> Cell {
        let width = i128::from(self.analysis.eur_band);
        let whole = sum.checked_div_euclid(i128::try_from(number).ok()? * width * unit)?;
        i64::try_from(whole * width).ok()
    }

    pub(super) fn notification(&self, number: i128) -> Cell {
        rekeyed(self.references.notification.as_ref(), number)
    }

    pub(super) fn plan(&self, plan: i128) -> Cell {
        rekeyed(self.references.plan.as_ref(), plan)
    }
}

fn rekeyed(hash: Option<&KeyedHash>, reference: i128) -> Cell {
    hash.map(|hash| PersonId(hash.leftmost(&pseudonym(reference).0))).cell()
}

impl SourceCodes {
    fn new(contract: &Contract) -> Self {
        let code = |source: Source, column: &str| {
            let field = contract.table(source.name()).and_then(|(_, table)| Some(&table.fields[table.field(column)?]));
            field.map_or(ValueType::Text, |field| field.value.clone())
        };
        Self {
            sex: code(Source::Assistance, "sex"),
            household_type: code(Source::Assistance, "household_type"),
            reduction: code(Source::Assistance, "reduction_pct"),
            kind: code(Source::Notices, "type"),
            reason: code(Source::Notices, "reason"),
            urgency: code(Source::Notices, "urgency"),
            goal: code(Source::Assessments, "goal_category"),
            aim: code(Source::Assessments, "aim"),
            outcome: code(Source::Assessments, "outcome"),
        }
    }
}

impl References {
    fn new(contract: &Contract, keys: &LinkKeys<'_>) -> Self {
        let hash = |source: Source, column: &str| {
            let (_, table) = contract.table(source.name())?;
            label(table, column).map(|label| keys.reference(label))
        };
        Self { notification: hash(Source::Notices, "notification_id"), plan: hash(Source::Assessments, "plan_id") }
    }
}

/// The label of a reference of a table.
fn label<'t>(table: &'t crate::config::Table, column: &str) -> Option<&'t Id> {
    match &table.columns[table.column(column)?].content {
        crate::config::Content::Reference(label, _) => Some(label),
        _ => None,
    }
}

/// How many of the smallest unit of a column are one.
fn unit(contract: &Contract, source: Source, column: &str) -> i128 {
    let Some((_, table)) = contract.table(source.name()) else { return 1 };
    match table.field(column).map(|field| &table.fields[field].value) {
        Some(ValueType::Decimal { scale }) => 10_i128.pow(u32::try_from(*scale).unwrap_or(0)),
        _ => 1,
    }
}

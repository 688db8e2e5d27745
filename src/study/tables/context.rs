//! Settings, code lists, coverage and calendar that the analysis tables share.

use super::coverage::Covered;
use super::rows::{Banded, Cell, IntoCell};
use super::settings::Settings;
use super::source::{Source, code_position};
use super::working_days::WorkingDays;
use crate::config::{Content, LinkSetup, SourceTables, Table};
use crate::table::{Codes, Field, ValueType, pseudonym};
use salanimi_core::{Day, Id, KeyedHash, LinkKeys, LinkedId, Month};

/// The code of an outcome that was not assessed.
const NOT_ASSESSED: &str = "ei_arvioitu";
/// The code of the activity of people without work.
const UNEMPLOYED: &str = "unemployed";

/// Everything that the rows of a person are computed with, besides the person's records.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Settings,
    pub(super) covered: Covered,
    pub(super) working_days: WorkingDays,
    references: References,
    units: Units,
    /// The outcome of a goal that was not assessed.
    pub(super) outcome_not_assessed: Option<u16>,
    /// The activity of people without work.
    pub(super) unemployed: Option<u16>,
    /// For each home municipality, its position among the organisers.
    home_organisers: Vec<Option<u16>>,
    /// For each organiser, the position of its county among the organisers.
    county_organisers: Vec<Option<u16>>,
    /// For each organiser, the position of its county among those of homes.
    organiser_home_counties: Vec<Option<u16>>,
}

/// Types of columns that come from the contract: source columns that tables pass on, age groups and counties.
pub(super) struct ColumnTypes {
    pub(super) sex: ValueType,
    pub(super) household_type: ValueType,
    pub(super) role: ValueType,
    pub(super) activity: ValueType,
    pub(super) reduction: ValueType,
    pub(super) kind: ValueType,
    pub(super) reason: ValueType,
    pub(super) urgency: ValueType,
    pub(super) goal: ValueType,
    pub(super) aim: ValueType,
    pub(super) outcome: ValueType,
    pub(super) age_group: ValueType,
    pub(super) home_county: ValueType,
    pub(super) organiser_county: ValueType,
}

/// Keyed hashes of references; `None` where the contract has no such column.
struct References {
    household: Option<KeyedHash>,
    notification: Option<KeyedHash>,
    plan: Option<KeyedHash>,
}

/// The number of smallest units in one euro, by source column.
struct Units {
    assistance: i128,
    events: i128,
}

impl<'a> Context<'a> {
    pub(super) fn new(settings: &'a Settings, link: &LinkSetup<'_>) -> Self {
        let organisers = settings.organisers.from();
        let window = link.sources.window;
        Self {
            covered: Covered::new(settings, link.coverage),
            working_days: WorkingDays::new(window.first, window.last, settings.saturdays),
            references: References::new(&link.sources, link.keys),
            outcome_not_assessed: code_position(link.sources.tables, Source::Assessments, "outcome", NOT_ASSESSED),
            unemployed: code_position(link.sources.tables, Source::Assistance, "main_activity", UNEMPLOYED),
            units: Units {
                assistance: unit(&link.sources, Source::Assistance, "paid_eur"),
                events: unit(&link.sources, Source::Events, "eur"),
            },
            home_organisers: positions_in(settings.municipalities.from().values(), organisers),
            county_organisers: county_positions(settings, organisers),
            organiser_home_counties: county_positions(settings, settings.municipalities.to()),
            settings,
        }
    }

    pub(super) fn county_of_home(&self, municipality: u16) -> Option<u16> {
        self.settings.municipalities.position(municipality)
    }

    pub(super) fn county_of_organiser(&self, organiser: u16) -> Option<u16> {
        self.settings.organisers.position(organiser)
    }

    pub(super) fn home_county_of_organiser(&self, organiser: u16) -> Option<u16> {
        self.organiser_home_counties.get(usize::from(organiser)).copied().flatten()
    }

    /// Returns the organiser that follows `organiser` from the reform on: its county. A county follows itself.
    pub(super) fn successor(&self, organiser: Option<u16>) -> Option<u16> {
        self.county_organisers.get(usize::from(organiser?)).copied().flatten()
    }

    /// Returns the organiser of social services for residents of `municipality` on `day`.
    pub(super) fn organiser_of_home(&self, municipality: Option<u16>, day: Day) -> Option<u16> {
        let organiser = self.home_organisers.get(usize::from(municipality?)).copied().flatten();
        if day < self.settings.counties_since { organiser } else { self.successor(organiser) }
    }

    /// Returns true if any day is covered by the organiser of social services for residents of `municipality`.
    pub(super) fn is_covered_anywhere(&self, municipality: Option<u16>) -> bool {
        let reform = self.settings.counties_since;
        let organisers = [reform.plus(-1), reform].map(|day| self.organiser_of_home(municipality, day));
        organisers.iter().any(|organiser| !self.covered.of(*organiser).is_empty())
    }

    /// Returns true if all of `month` is covered by the organiser of social services for residents of `municipality`.
    pub(super) fn is_covered_month(&self, municipality: Option<u16>, month: Month) -> bool {
        let organiser = self.organiser_of_home(municipality, month.first_day());
        self.covered.around(organiser, month.first_day()).is_some_and(|days| days.contains(month.last_day()))
    }

    /// Returns the last day for which assessments by the organiser, or by the county that follows it, are complete.
    pub(super) fn assessed_until(&self, organiser: Option<u16>) -> Option<Day> {
        let organisers = [organiser, self.successor(organiser)];
        organisers.into_iter().filter_map(|organiser| self.covered.assessed_until(organiser?)).max()
    }

    /// Returns the lower edge of the band of the mean of `number` amounts of assistance, in whole euros.
    pub(super) fn assistance_band(&self, sum: i128, number: usize) -> Option<Banded> {
        self.band(sum, number, self.units.assistance)
    }

    /// Returns the lower edge of the band of the sum that an organiser paid, in whole euros; `None` if no amount is
    /// known.
    pub(super) fn paid_band(&self, amounts: impl Iterator<Item = i64>) -> Option<Banded> {
        let sum = amounts.map(i128::from).reduce(|a, b| a + b)?;
        self.band(sum, 1, self.units.events)
    }

    fn band(&self, sum: i128, number: usize, unit: i128) -> Option<Banded> {
        if number == 0 {
            return None;
        }
        let width = i128::from(self.settings.eur_band);
        let bands = sum.div_euclid(number as i128 * width * unit);
        // Null would say that no amount is known.
        let Ok(lower) = i64::try_from(bands * width) else { unreachable!("a sum of euros fits 64 bits") };
        Some(Banded { lower, exact: sum.div_euclid(number as i128), unit })
    }

    pub(super) fn household(&self, number: i128) -> Option<LinkedId> {
        self.references.household.as_ref().map(|hash| LinkedId(hash.leftmost(&pseudonym(number).0)))
    }

    pub(super) fn notification(&self, number: i128) -> Cell {
        rekeyed(self.references.notification.as_ref(), number)
    }

    pub(super) fn plan(&self, plan: i128) -> Cell {
        rekeyed(self.references.plan.as_ref(), plan)
    }
}

fn rekeyed(hash: Option<&KeyedHash>, reference: i128) -> Cell {
    hash.map(|hash| LinkedId(hash.leftmost(&pseudonym(reference).0))).cell()
}

impl ColumnTypes {
    pub(super) fn new(sources: &SourceTables<'_>, settings: &Settings) -> Self {
        Self {
            sex: source_type(sources, Source::Assistance, "sex"),
            household_type: source_type(sources, Source::Assistance, "household_type"),
            role: source_type(sources, Source::Assistance, "role"),
            activity: source_type(sources, Source::Assistance, "main_activity"),
            reduction: source_type(sources, Source::Assistance, "reduction_pct"),
            kind: source_type(sources, Source::Notices, "type"),
            reason: source_type(sources, Source::Notices, "reason"),
            urgency: source_type(sources, Source::Notices, "urgency"),
            goal: source_type(sources, Source::Assessments, "goal_category"),
            aim: source_type(sources, Source::Assessments, "aim"),
            outcome: source_type(sources, Source::Assessments, "outcome"),
            age_group: ValueType::Code(settings.age_groups.codes().clone()),
            home_county: ValueType::Code(settings.municipalities.to().clone()),
            organiser_county: ValueType::Code(settings.organisers.to().clone()),
        }
    }
}

/// Returns the fields of an analysis table.
pub(super) fn fields(columns: &[(&str, ValueType)]) -> Vec<Field> {
    columns.iter().map(|(name, value)| Field { name: (*name).to_owned(), value: value.clone() }).collect()
}

/// Returns the type of a column with a fixed list of codes.
#[expect(clippy::expect_used, reason = "fixed lists have few codes")]
pub(super) fn fixed_codes(names: &[&str]) -> ValueType {
    let codes = Codes::new(names.iter().map(|name| (*name).to_owned()));
    ValueType::Code(codes.expect("a list of few codes"))
}

/// Returns the type of a source column. A contract without the table gets no analysis table that passes the column on,
/// so any type does.
fn source_type(sources: &SourceTables<'_>, source: Source, column: &str) -> ValueType {
    let table = sources.table(source.name()).map(|(_, table)| table);
    let field = table.and_then(|table| Some(&table.fields[table.field(column)?]));
    field.map_or(ValueType::Text, |field| field.value.clone())
}

/// Returns the position in `list` of each of `codes`.
fn positions_in(codes: &[String], list: &Codes) -> Vec<Option<u16>> {
    codes.iter().map(|code| list.position(code)).collect()
}

/// Returns the position in `counties` of each organiser's county.
fn county_positions(settings: &Settings, counties: &Codes) -> Vec<Option<u16>> {
    let map = &settings.organisers;
    let organisers = 0..map.from().values().len() as u16;
    organisers.map(|organiser| counties.position(&map.to().values()[usize::from(map.position(organiser)?)])).collect()
}

impl References {
    fn new(sources: &SourceTables<'_>, keys: &LinkKeys<'_>) -> Self {
        Self {
            household: reference_hash(sources, keys, Source::Assistance, "household_id"),
            notification: reference_hash(sources, keys, Source::Notices, "notification_id"),
            plan: reference_hash(sources, keys, Source::Assessments, "plan_id"),
        }
    }
}

/// Returns the keyed hash of a reference column; `None` if the contract has no such column.
fn reference_hash(sources: &SourceTables<'_>, keys: &LinkKeys<'_>, source: Source, column: &str) -> Option<KeyedHash> {
    let (_, table) = sources.table(source.name())?;
    label(table, column).map(|label| keys.reference(label))
}

/// Returns the label of a reference of a table.
fn label<'t>(table: &'t Table, column: &str) -> Option<&'t Id> {
    match &table.columns[table.column(column)?].content {
        Content::Reference(label, _) => Some(label),
        _ => None,
    }
}

/// Returns the number of smallest units of a column of money in one euro; 1 if the contract has no such column.
fn unit(sources: &SourceTables<'_>, source: Source, column: &str) -> i128 {
    let Some((_, table)) = sources.table(source.name()) else { return 1 };
    match table.field(column).map(|field| &table.fields[field].value) {
        Some(ValueType::Decimal { scale }) => 10_i128.pow(u32::from(scale.unsigned_abs())),
        _ => 1,
    }
}

//! Settings of the analysis tables: the keys of `[analysis]` beside `kind = "toituavain"`.

use serde::Deserialize;

use crate::config::{ContractParts, Problem};
use crate::table::{CodeMap, Groups};
use salanimi_core::{Day, Id};

/// Months of a year: ages are counted in months.
const MONTHS: i32 = 12;
/// `eur_band` when the contract does not give it.
const EUR_BAND: u32 = 50;
/// `prior_coverage_months` when the contract does not give it.
const PRIOR_COVERAGE_MONTHS: u16 = 12;

/// The keys as they are written. The definitions of the tables are `config/studies/toituavain/tables/*.sql`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The mapping from home municipalities to counties.
    municipalities: Id,
    /// The mapping from organisers of social services, municipalities and counties, to counties.
    organisers: Id,
    /// The ages in years at which groups begin.
    age_groups: Vec<i32>,
    /// The width of bands of money, in whole euros.
    #[serde(default = "eur_band")]
    eur_band: u32,
    /// Months of complete data before a notice that it takes to know whether the person was a client already.
    #[serde(default = "prior_coverage_months")]
    prior_coverage_months: u16,
    /// The day from which counties organise social services instead of municipalities.
    counties_since: Day,
    /// `true` if Saturdays count as working days.
    #[serde(default)]
    saturdays: bool,
}

fn eur_band() -> u32 {
    EUR_BAND
}

fn prior_coverage_months() -> u16 {
    PRIOR_COVERAGE_MONTHS
}

/// The settings, resolved.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Home municipalities to counties.
    pub(super) municipalities: CodeMap,
    /// Organisers of social services to counties.
    pub(super) organisers: CodeMap,
    /// Groups of ages in months.
    pub(super) age_groups: Groups,
    /// The width of bands of money, in whole euros.
    pub(super) eur_band: u32,
    /// Months of complete data before a notice that it takes to know whether the person was a client already.
    pub(super) prior_coverage_months: u16,
    /// The day from which counties organise social services instead of municipalities.
    pub(super) counties_since: Day,
    /// `true` if Saturdays count as working days.
    pub(super) saturdays: bool,
}

impl Settings {
    /// Resolves the keys `settings` against the contract's mappings.
    pub(super) fn resolve(settings: &toml::Table, contract: &ContractParts<'_>) -> Result<Self, Problem> {
        let keys: Keys =
            settings.clone().try_into().map_err(|error: toml::de::Error| Problem::setting(error.message()))?;
        if keys.eur_band == 0 {
            return Err(Problem::Band);
        }
        Ok(Self {
            municipalities: mapping(contract, &keys.municipalities)?,
            organisers: mapping(contract, &keys.organisers)?,
            age_groups: Groups::new(keys.age_groups, MONTHS).ok_or(Problem::Groups)?,
            eur_band: keys.eur_band,
            prior_coverage_months: keys.prior_coverage_months,
            counties_since: keys.counties_since,
            saturdays: keys.saturdays,
        })
    }
}

fn mapping(contract: &ContractParts<'_>, name: &Id) -> Result<CodeMap, Problem> {
    contract.mappings.get(name).cloned().ok_or_else(|| Problem::Unknown { name: name.to_string() })
}

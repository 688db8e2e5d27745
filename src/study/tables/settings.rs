//! Settings of the analysis tables: the keys of `[analysis]` beside `kind = "toituavain"`.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::source::{Source, code_position};
use crate::config::{ContractParts, Problem};
use crate::table::{CodeMap, Groups};
use salanimi_core::{Day, Id, Month};

/// Months of a year: ages are counted in months.
const MONTHS: i32 = 12;
/// Numbers of months without payment that can end a spell, and the default.
const EXIT_RULES: RangeInclusive<i32> = 1..=2;
const EXIT_RULE: i32 = 2;
/// Paid months before a landmark, and months of waiting, that a contract may ask for; the defaults.
const MONTHS_OF_LANDMARKS: RangeInclusive<usize> = 1..=60;
const LANDMARK_MONTHS: usize = 4;
const WAITS: RangeInclusive<i32> = 0..=12;
const WAIT: i32 = 1;
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
    /// Months without payment that end a spell, 1 or 2, in `person_month` and `landmark`.
    #[serde(default = "exit_rule")]
    exit_rule: i32,
    /// The landmarks.
    #[serde(default = "landmarks")]
    landmarks: Vec<LandmarkKeys>,
}

/// `[[analysis.landmarks]]`: a landmark and the rule of notices that it looks at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LandmarkKeys {
    /// Paid months in a row after which the rule applies.
    months: usize,
    /// Months after the last of them in which a notice may still be sent; the landmark is the last of these.
    #[serde(default = "wait")]
    wait: i32,
    /// The type of notice that the rule sends.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The first day on which the rule is in force.
    since: Option<Day>,
}

fn eur_band() -> u32 {
    EUR_BAND
}

fn prior_coverage_months() -> u16 {
    PRIOR_COVERAGE_MONTHS
}

fn exit_rule() -> i32 {
    EXIT_RULE
}

fn wait() -> i32 {
    WAIT
}

fn landmarks() -> Vec<LandmarkKeys> {
    vec![LandmarkKeys { months: LANDMARK_MONTHS, wait: WAIT, kind: None, since: None }]
}

/// A landmark: a month of a spell from which on outcomes are counted.
#[derive(Debug, Clone)]
pub(super) struct Landmark {
    /// Paid months in a row after which the rule applies.
    pub(super) months: usize,
    /// Months from the last of these to the landmark.
    pub(super) wait: i32,
    /// The type of notice that the rule sends.
    pub(super) kind: Option<u16>,
    /// The first day on which the rule is in force.
    pub(super) since: Option<Day>,
}

impl Landmark {
    /// Returns true if the rule is in force on all days from the rule month to the landmark, false if on none; `None`
    /// between, or if the contract does not tell.
    pub(super) fn is_in_force(&self, rule_month: Month, landmark: Month) -> Option<bool> {
        let since = self.since?;
        if rule_month.first_day() >= since { Some(true) } else { (landmark.last_day() < since).then_some(false) }
    }
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
    /// Months without payment that end a spell.
    pub(super) exit_rule: i32,
    pub(super) landmarks: Vec<Landmark>,
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
            exit_rule: checked_exit_rule(keys.exit_rule)?,
            landmarks: resolved(&keys.landmarks, contract)?,
        })
    }
}

fn resolved(landmarks: &[LandmarkKeys], contract: &ContractParts<'_>) -> Result<Vec<Landmark>, Problem> {
    let mut resolved: Vec<Landmark> = Vec::new();
    for LandmarkKeys { months, wait, kind, since } in landmarks {
        if !MONTHS_OF_LANDMARKS.contains(months) || !WAITS.contains(wait) {
            let message = "a landmark has 1 to 60 `months`, and 0 to 12 months of `wait`".to_owned();
            return Err(Problem::Setting { message });
        }
        if resolved.iter().any(|landmark| landmark.months == *months) {
            return Err(Problem::Twice { name: format!("landmark of {months} months") });
        }
        let kind = match kind {
            None => None,
            Some(kind) => Some(
                code_position(contract.tables, Source::Notices, "type", kind)
                    .ok_or_else(|| Problem::Unknown { name: kind.clone() })?,
            ),
        };
        resolved.push(Landmark { months: *months, wait: *wait, kind, since: *since });
    }
    Ok(resolved)
}

fn checked_exit_rule(months: i32) -> Result<i32, Problem> {
    if EXIT_RULES.contains(&months) {
        return Ok(months);
    }
    Err(Problem::Setting { message: "`exit_rule` is 1 or 2, the months without payment that end a spell".to_owned() })
}

fn mapping(contract: &ContractParts<'_>, name: &Id) -> Result<CodeMap, Problem> {
    contract.mappings.get(name).cloned().ok_or_else(|| Problem::Unknown { name: name.to_string() })
}

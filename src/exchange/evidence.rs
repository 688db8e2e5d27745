//! Account of persons without an identifier: who was linked by evidence, and how precise that is.

use serde::{Deserialize, Serialize};
use statrs::function::beta::inv_beta_reg;

use crate::config::Include;
use salanimi_core::Id;

/// Distance between classes of agreements from which a measured precision may not carry over.
pub const FAR_CLASSES: f64 = 0.1;

/// Probability below the lower bound of a precision.
const BELOW: f64 = 0.05;

/// Returns the estimate of a precision from the number of links and of those that are right (Jeffreys).
#[must_use]
pub fn precision(right: u64, links: u64) -> f64 {
    (right as f64 + 0.5) / (links as f64 + 1.0)
}

/// Returns the lower bound of a precision: the true one is smaller with a probability of 5 % (Jeffreys interval, Brown,
/// Cai and `DasGupta` 2001).
#[must_use]
pub fn precision_bound(right: u64, links: u64) -> f64 {
    let Some(wrong) = links.checked_sub(right) else { unreachable!("no more links are right than there are") };
    inv_beta_reg(right as f64 + 0.5, wrong as f64 + 0.5, BELOW)
}

/// Account of linkage without identifiers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceAccount {
    /// The set of rules.
    pub rules: String,
    /// Treatment of linked persons in the dataset.
    pub include: Include,
    /// Smallest lower bound of the precision of a class that links.
    pub min_class_precision: f64,
    /// Fewest persons of a holder on whom precision is measured.
    pub min_calibration: u64,
    /// `false` if every holder has too few of them, so that nobody is linked without an identifier.
    pub is_calibrated: bool,
    /// Classes of agreements by holder, the strongest first.
    pub classes: Vec<EvidenceClass>,
    /// Persons without an identifier by holder.
    pub holders: Vec<CodelessCount>,
    /// The same persons by holder, sex, age group and area.
    pub groups: Vec<CodelessGroup>,
    /// Expected precision of the links; `None` if there are none, or nobody to measure it on.
    pub precision: Option<Estimate>,
    /// The same without pairs of two identifiers that may be one person.
    pub precision_without_two_codes: Option<Estimate>,
    /// Share of the persons with hidden identifiers that was found. Persons without an identifier have worse names, so
    /// theirs is at most this.
    pub recall_at_most: Option<f64>,
    /// Distance, 0 to 1, between the classes of links of persons without an identifier and of those with hidden ones
    /// (total variation). A large one means that the precision was measured on other agreements.
    pub class_distance: Option<f64>,
    /// Pairs of two identifiers that may be one person: they agree as only one person does, and neither has a partner.
    pub possibly_two_codes: u64,
    /// Persons of the dataset with and without links by evidence: in all, then in each table.
    pub effect: Vec<EvidenceEffect>,
}

/// Persons of the dataset or of one of its tables, with and without rows by evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceEffect {
    /// Source table; `None` for the dataset.
    pub table: Option<String>,
    /// Persons, by all rows.
    pub persons: u64,
    /// Persons, if rows by evidence are left out.
    pub persons_by_identifier: u64,
}

/// A class of agreements.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceClass {
    /// Holder of the records without an identifier.
    pub holder: Id,
    /// Names: 4 a given name and a surname, 3 both in similar spelling, 2 a given name, 1 a surname.
    pub name: u8,
    /// Birth date: 3 the whole date, 2 two of its parts, 1 the year.
    pub date: u8,
    /// Address: 2 street and number, 1 the area.
    pub place: u8,
    /// Further names: 2 two given names and a surname, 1 two given names in similar spelling.
    pub more: u8,
    /// `true` if another pair is nearly as strong.
    pub has_rival: bool,
    /// Links among persons with hidden identifiers.
    pub measured: u64,
    /// Those that are right.
    pub right: u64,
    /// Estimate of the precision.
    pub precision: f64,
    /// Its lower bound: the true precision is smaller with a probability of 5 %.
    pub lower_bound: f64,
    /// `true` if the class links.
    pub links: bool,
    /// Persons without an identifier who agree with somebody in this class.
    pub codeless: u64,
}

/// Persons without an identifier by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    /// Linked to a person with an identifier.
    pub linked: u64,
    /// Several persons agree equally well, or the best one is taken.
    pub ambiguous: u64,
    /// The agreement is in a class that does not link.
    pub too_weak: u64,
    /// Nobody agrees well enough.
    pub no_candidate: u64,
}

impl EvidenceAccount {
    /// Returns the holders with persons without an identifier and too few persons to measure the precision on: nobody
    /// of them is linked.
    pub fn uncalibrated(&self) -> impl Iterator<Item = &CodelessCount> {
        let has_codeless = |count: &&CodelessCount| count.outcomes.total() > 0;
        self.holders.iter().filter(has_codeless).filter(|count| count.measured_on < self.min_calibration)
    }
}

impl Outcomes {
    /// Returns the number of persons.
    #[must_use]
    pub fn total(&self) -> u64 {
        [self.linked, self.ambiguous, self.too_weak, self.no_candidate].into_iter().fold(0, u64::saturating_add)
    }
}

/// Persons without an identifier at a holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodelessCount {
    /// Holder.
    pub holder: Id,
    /// Persons without an identifier.
    pub codeless: u64,
    /// Persons with a temporary identifier, which means nothing to others.
    pub temporary: u64,
    /// Persons with an identifier whom another holder has too. On them precision was measured, while their identifiers
    /// were hidden; 0 if the holder has nobody without an identifier.
    pub measured_on: u64,
    /// What became of both.
    pub outcomes: Outcomes,
}

/// Persons without an identifier of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodelessGroup {
    /// Holder.
    pub holder: Id,
    /// `female` or `male`; `None` if unknown.
    pub sex: Option<String>,
    /// Age group at the first row with an age; `None` if unknown.
    pub age_group: Option<String>,
    /// Area of the first row with one; `None` if unknown.
    pub area: Option<String>,
    /// What became of them.
    pub outcomes: Outcomes,
}

/// An estimate with the half-width of its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Half of the width of the interval.
    pub within: f64,
}

impl EvidenceAccount {
    /// Returns the number of persons without an identifier who are linked.
    #[must_use]
    pub fn linked(&self) -> u64 {
        self.holders.iter().map(|holder| holder.outcomes.linked).sum()
    }

    /// Returns true if every person without an identifier is accounted for, by holder and by group, and no row by
    /// evidence takes a person away.
    #[must_use]
    pub fn balances(&self) -> bool {
        let adds_persons = |effect: &EvidenceEffect| effect.persons_by_identifier <= effect.persons;
        self.effect.iter().all(adds_persons)
            && self.holders.iter().all(|holder| {
                let groups = self.groups.iter().filter(|group| group.holder == holder.holder);
                let of_groups: u64 = groups.map(|group| group.outcomes.total()).sum();
                let persons = holder.codeless.saturating_add(holder.temporary);
                holder.outcomes.total() == persons && of_groups == persons
            })
    }
}

//! The parts of the contract about linkage of persons without an identifier, as they are written.

use serde::{Deserialize, Serialize};

use salanimi_core::Id;

/// Default of `min_class_precision`, a share of links.
const MIN_CLASS_PRECISION: f64 = 0.95;
/// Default of `min_calibration`, in persons.
const MIN_CALIBRATION: u64 = 2000;

/// Linkage of persons without an identifier, by keyed tokens of names, birth date and address.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Linkage {
    /// The set of rules; `fi-16/1` is the only one.
    pub rules: String,
    /// The kind of identifier that persons lack.
    pub kind: Id,
    /// The legal ground: the section of the permit, and for whom it holds.
    pub ground: String,
    /// `true` if an extract under a cohort list also has the persons without an identifier. Default: `false`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_cohorts: bool,
}

/// Columns of a table that linkage reads, by meaning. All have the role `direct`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LinkageColumns {
    /// Given names. Needs `surname`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<Id>,
    /// Surname. Needs `given`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<Id>,
    /// Birth date. Default: that of the identity code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth: Option<Id>,
    /// Sex, which tells records of one holder apart. Default: that of the identity code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Id>,
    /// Postcode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Id>,
    /// Street address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<Id>,
    /// The holder's own number of the person, which says which rows are one person. Needed without names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Id>,
}

/// Thresholds of linkage without identifiers.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinkageSettings {
    /// Smallest lower bound of the measured precision of a class of agreements that links, 0 to below 1. Default: 0.95.
    pub min_class_precision: f64,
    /// Fewest persons of a holder with identifiers whom another holder has too: precision is measured on them. With
    /// fewer, none of the holder's persons without an identifier is linked. Default: 2000.
    pub min_calibration: u64,
    /// Treatment of linked persons without an identifier: `flag` or `accounting_only`. Default: `flag`.
    pub include: Include,
}

impl Default for LinkageSettings {
    fn default() -> Self {
        Self { min_class_precision: MIN_CLASS_PRECISION, min_calibration: MIN_CALIBRATION, include: Include::default() }
    }
}

/// Treatment of persons who are linked without an identifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// The linked dataset has their rows, each with a flag.
    #[default]
    Flag,
    /// The accounting counts them, and the linked dataset does not have them.
    AccountingOnly,
}

//! Kinds of identifiers and of disguises. `kinds.toml` has a row for each.

use std::sync::LazyLock;

use serde::Deserialize;

use super::data;
use crate::text::Text;

static KINDS: LazyLock<Vec<Row>> = LazyLock::new(|| data::table::<Table>(include_str!("kinds.toml")).kind);

/// Kind of an identifier; for an identity code also its disguise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Code,
    Dash,
    FullWidth,
    Invisible,
    OddSign,
    Spaced,
    LowerCase,
    Escaped,
    Hex,
    Base64,
    Base32,
    Reversed,
    Signless,
    LongYear,
    Split,
    Number,
    BareNumber,
    IsoNumber,
    Cut,
    LearnerNumber,
    LearnerForm,
    Satu,
    SatuCell,
    SwedishNumber,
    SwedishDigits,
    EstonianNumber,
    Passport,
    PassportCell,
    Card,
    CardCell,
    Ipv4,
    Ipv6,
    NamedBirthDates,
    SpreadBirthDates,
    ContractIdentifier,
    WideContractIdentifier,
    Phone,
    PhoneCell,
    PhoneNumber,
    Email,
    SharedEmail,
    Iban,
    Street,
    PostalPlace,
    FullName,
    FirstName,
    Surname,
    ForeignFullName,
    ForeignName,
    Coordinates,
    CoordinateText,
    Plate,
    PlateCell,
    Secret,
}

/// Rule that turns the hits of a place into a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rule {
    /// One string in N passes its check digits by chance: more hits than chance explains fail, any others warn.
    OneIn(u32),
    /// N different hits fail; fewer warn.
    Count(u64),
    /// Any hit warns, and none fails.
    Warns,
    /// The share of hits among all strings in a column decides.
    Share(ShareRule),
}

/// Rule for a column: it fails if all limits are reached.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareRule {
    /// Least number of different hits.
    pub hits: u64,
    /// Least share of hits among the strings of the shape.
    pub share: f64,
    /// Least number of features; fewer pass.
    #[serde(default)]
    pub features: u32,
    /// Fewer features than this warn instead of failing; without it a column never fails.
    pub sure: Option<u32>,
    /// `true` if very many different hits fail although their share is small.
    #[serde(default)]
    pub many: bool,
    /// `true` if the features must grow with the hits.
    #[serde(default)]
    pub varied: bool,
    /// `true` if the share alone warns where there are too few hits to fail.
    #[serde(default)]
    pub share_warns: bool,
}

/// The file `kinds.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    kind: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: Kind,
    check: String,
    rule: Rule,
    #[serde(default)]
    pooled: bool,
    #[serde(default)]
    common: bool,
    #[serde(default)]
    certain_in_names: bool,
    words: Text,
}

impl Kind {
    #[expect(clippy::expect_used, reason = "a test finds the row of every kind")]
    fn row(self) -> &'static Row {
        KINDS.iter().find(|row| row.name == self).expect("kinds.toml has a row for every kind")
    }

    /// Returns the name of the check that the kind belongs to.
    pub fn check(self) -> &'static str {
        &self.row().check
    }

    /// Returns the rule for a verdict.
    pub fn rule(self) -> Rule {
        self.row().rule
    }

    /// Returns the probability that a string of the shape passes its check digits by chance.
    pub fn chance(self) -> Option<f64> {
        match self.rule() {
            Rule::OneIn(tries) => Some(1.0 / f64::from(tries)),
            _ => None,
        }
    }

    /// Returns true if one hit identifies a person: kinds that are no share of a column.
    pub fn is_revealing(self) -> bool {
        !matches!(self.rule(), Rule::Share(_) | Rule::Warns)
    }

    /// Returns true if few strings have the shape, so that the counts of several kinds and places can be added.
    pub fn is_pooled(self) -> bool {
        self.row().pooled
    }

    /// Returns true if many strings have the shape by accident, so that a few hits mean nothing.
    pub fn is_common(self) -> bool {
        self.row().common
    }

    /// Returns true if a hit in the name of a file or column is beyond doubt.
    pub fn is_certain_in_names(self) -> bool {
        self.row().certain_in_names
    }

    /// Returns the kind in the words of the report.
    pub fn words(self) -> &'static Text {
        &self.row().words
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_one_row() {
        const LAST: Kind = Kind::Secret;
        let kinds: HashSet<Kind> = KINDS.iter().map(|row| row.name).collect();
        assert_eq!((kinds.len(), KINDS.len()), (LAST as usize + 1, LAST as usize + 1));
    }

    #[test]
    fn words_differ() {
        let words: HashSet<&str> = KINDS.iter().map(|row| &*row.words.en).collect();
        assert_eq!(words.len(), KINDS.len());
    }
}

//! The table of linkage tokens in a delivery, and what its holder states of it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::config::PSEUDONYM;
use crate::crypto::Digest;
use crate::table::{Codes, Field, ValueType};
use salanimi_core::{RULE_SET, Rule, rule_set_text};

/// Name of the table of linkage tokens.
pub const LINKAGE: &str = "linkage";
/// File of the table of linkage tokens.
pub const LINKAGE_FILE: &str = "linkage.parquet";
/// Name of the column with the stratum of a person.
pub const STRATUM: &str = "stratum";
/// Position of the first column with tokens, after pseudonym and stratum.
const FIRST_TOKEN: usize = 2;
/// Position of persons with an identifier among the strata.
pub const CODED: u16 = 0;
/// Position of rows of nobody among the strata, which round the number of rows.
pub const PADDING: u16 = 1;
/// Position of persons without an identifier among the strata.
pub const CODELESS: u16 = 2;
/// Position of persons with a temporary identifier among the strata.
pub const TEMPORARY: u16 = 3;
/// Names of the strata, in the order in which a list of codes keeps them. Their lengths are equal, so that the length
/// of a page says nothing about the rows.
const STRATA: [&str; 4] = ["code", "fill", "none", "temp"];

/// Returns the fields of the table of linkage tokens: pseudonym, stratum, and a token for each place of each rule,
/// named `r01_1` to `r16_4`.
#[must_use]
pub fn linkage_fields() -> Vec<Field> {
    static CODES: LazyLock<Arc<Codes>> = LazyLock::new(|| match Codes::new(STRATA.map(str::to_owned)) {
        Some(codes) => codes,
        None => unreachable!("four codes fit any list"),
    });
    let mut fields = vec![
        Field { name: PSEUDONYM.to_owned(), value: ValueType::Pseudonym },
        Field { name: STRATUM.to_owned(), value: ValueType::Code(CODES.clone()) },
    ];
    for (number, rule) in (1..).zip(Rule::ALL) {
        let names = (1..=rule.slots()).map(|slot| format!("r{number:02}_{slot}"));
        fields.extend(names.map(|name| Field { name, value: ValueType::Token }));
    }
    fields
}

/// Returns the positions of the columns with the tokens of a rule.
#[must_use]
pub fn token_columns(rule: Rule) -> Vec<usize> {
    rule.places().map(|place| FIRST_TOKEN + place).collect()
}

/// What everyone can read of the linkage of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkageStatement {
    /// Name of the set of rules.
    pub rules: String,
    /// SHA-256 of the description of the rules.
    pub rules_digest: Digest,
    /// Keyed hashes of published persons, equal for holders with the same key and the same rules.
    pub canaries: Vec<String>,
}

impl LinkageStatement {
    /// Returns the statement of this tool's rules.
    #[must_use]
    pub fn new(canaries: Vec<String>) -> Self {
        Self { rules: RULE_SET.to_owned(), rules_digest: Digest::of(rule_set_text().as_bytes()), canaries }
    }

    /// Returns true if the rules are those of this tool.
    #[must_use]
    pub fn has_known_rules(&self) -> bool {
        let Self { rules, rules_digest, canaries } = self;
        let known = Self::new(canaries.clone());
        *rules == known.rules && *rules_digest == known.rules_digest
    }
}

/// Account of the table of linkage tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkageEntry {
    /// SHA-256 of the content, independent of the encoding.
    pub content_digest: Digest,
    /// Number of rows, padding included.
    pub rows: u64,
    /// Persons with an identifier.
    pub coded: u64,
    /// Persons without one.
    pub codeless: u64,
    /// Persons with a temporary identifier.
    pub temporary: u64,
    /// Records without an identifier that were joined with another of the same holder.
    pub joined: u64,
    /// Client numbers without an identifier that stand for several persons. Their rows are rejected.
    pub refused: u64,
    /// Persons without an identifier who share a token with a person who has one.
    pub like_coded: u64,
    /// Persons whose names have no letter a–z.
    pub without_names: u64,
    /// Tokens that were replaced because two persons share them.
    pub shared: u64,
    /// Share of places with a token, by rule, in per cent.
    pub filled: BTreeMap<String, u8>,
}

impl LinkageEntry {
    /// Returns the number of persons.
    #[must_use]
    pub fn persons(&self) -> u64 {
        self.coded.saturating_add(self.codeless).saturating_add(self.temporary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::SLOTS;

    #[test]
    fn strata_stand_at_their_positions() {
        let strata = linkage_fields()[1].value.clone();
        let positions = STRATA.map(|name| strata.codes().unwrap().position(name));
        assert_eq!(positions, [CODED, PADDING, CODELESS, TEMPORARY].map(Some));
    }

    #[test]
    fn the_table_has_a_column_for_each_place() {
        let fields = linkage_fields();
        assert_eq!(fields.len(), 2 + SLOTS);
        assert_eq!(fields[2].name, "r01_1");
        assert_eq!(fields[SLOTS + 1].name, "r16_4");
        let of_fourth: Vec<&str> = token_columns(Rule::ALL[3]).into_iter().map(|at| fields[at].name.as_str()).collect();
        assert_eq!(of_fourth, ["r04_1", "r04_2"]);
    }
}

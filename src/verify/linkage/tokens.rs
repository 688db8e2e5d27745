//! Tokens of a delivery, rule by rule.

use arrow::array::{Array, AsArray};
use arrow::datatypes::UInt16Type;
use rayon::slice::ParallelSliceMut;

use crate::crypto::Digest;
use crate::exchange::{Delivery, DeliveryError, linkage_fields, token_columns};
use crate::table::{ParquetTable, SourceError, ValueType, decode_column, keys};
use crate::verify::contents::digest_of;
use salanimi_core::Rule;

/// A table of tokens that cannot be checked, or has another form than `extract` gives it.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub(in crate::verify) enum TokensError {
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("the table of linkage tokens has {fact}; do not use the delivery, and ask the holder for a new one")]
    Form { fact: &'static str },
}

/// Tokens of a delivery.
pub(in crate::verify) struct TokenTable {
    /// By rule, in ascending order.
    rules: Vec<Vec<u64>>,
    /// Position of the stratum of each row.
    pub(super) strata: Vec<u16>,
    /// Digest of the content; `None` if it cannot be computed.
    pub(super) content: Option<Digest>,
}

impl TokenTable {
    /// Reads the tokens of `delivery`, and checks their form.
    pub(super) fn read(delivery: &Delivery) -> Result<Self, TokensError> {
        let Some(file) = delivery.linkage_table()? else { return Err(TokensError::Form { fact: "no rows" }) };
        let strata = strata(&file)?;
        let rules = Rule::ALL.into_iter().map(|rule| tokens(&file, rule)).collect::<Result<_, _>>()?;
        Ok(Self { rules, strata, content: digest_of(&file, &linkage_fields()) })
    }

    /// Creates a table of tokens for tests.
    #[cfg(test)]
    pub(super) fn of(rules: Vec<Vec<u64>>) -> Self {
        Self { rules, strata: Vec::new(), content: None }
    }

    pub(super) fn rows(&self) -> usize {
        self.strata.len()
    }

    /// Returns the tokens of a rule, in ascending order.
    pub(super) fn of_rule(&self, rule: Rule) -> &[u64] {
        &self.rules[rule.position()]
    }

    /// Returns the number of tokens that equal the one before them under the same rule.
    pub(super) fn repeats(&self) -> usize {
        self.rules.iter().map(|tokens| tokens.windows(2).filter(|pair| pair[0] == pair[1]).count()).sum()
    }
}

/// Reads the strata. Pseudonyms must ascend, so that the order of rows says nothing.
fn strata(file: &ParquetTable) -> Result<Vec<u16>, TokensError> {
    let fields = linkage_fields();
    let mut strata = Vec::new();
    let mut last = None;
    for batch in file.column_batches(0..file.row_groups(), &[0, 1]) {
        let batch = batch?;
        let columns = batch.columns().iter().zip(&fields).map(|(column, field)| decode_column(column, &field.value));
        let columns: Option<Vec<_>> = columns.collect();
        let columns = columns.ok_or(TokensError::Form { fact: "other columns than it should" })?;
        if columns.iter().any(|column| column.null_count() > 0) {
            return Err(TokensError::Form { fact: "empty cells" });
        }
        for pseudonym in keys(&columns[0]) {
            if last.is_some_and(|last| last >= pseudonym) {
                return Err(TokensError::Form { fact: "rows that are not in the order of their pseudonyms" });
            }
            last = Some(pseudonym);
        }
        strata.extend_from_slice(columns[1].as_primitive::<UInt16Type>().values());
    }
    Ok(strata)
}

/// Reads the tokens of a rule. Those of a row must ascend, so that their places say nothing.
fn tokens(file: &ParquetTable, rule: Rule) -> Result<Vec<u64>, TokensError> {
    let columns = token_columns(rule);
    let mut all = Vec::with_capacity(file.rows() as usize * rule.slots());
    for batch in file.column_batches(0..file.row_groups(), &columns) {
        let batch = batch?;
        let decoded: Option<Vec<_>> =
            batch.columns().iter().map(|column| decode_column(column, &ValueType::Token)).collect();
        let decoded = decoded.ok_or(TokensError::Form { fact: "other columns than it should" })?;
        if decoded.iter().any(|column| column.null_count() > 0) {
            return Err(TokensError::Form { fact: "empty cells" });
        }
        let places: Vec<&[u64]> = decoded
            .iter()
            .map(|column| column.as_primitive::<arrow::datatypes::UInt64Type>().values().as_ref())
            .collect();
        for row in 0..batch.num_rows() {
            if places.windows(2).any(|pair| pair[0][row] >= pair[1][row]) {
                return Err(TokensError::Form { fact: "tokens that are not in order within a row" });
            }
        }
        places.iter().for_each(|values| all.extend_from_slice(values));
    }
    all.par_sort_unstable();
    Ok(all)
}

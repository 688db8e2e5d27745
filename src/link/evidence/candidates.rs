//! Candidates: records of two holders that share a token. Tokens are sorted and merged; nothing is compared pairwise.

use std::ops::Range;

use arrow::array::{Array, AsArray};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::register::{NOBODY, Register, TokenTable};
use crate::exchange::token_columns;
use crate::link::error::LinkError;
use salanimi_core::{Agreement, LEAST_WEIGHT, Rule};

/// Pairs that are gathered before equal ones are joined.
const MOST_PAIRS: usize = 8 << 20;

/// A record and a person of another holder who agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    /// Position of the record.
    pub(super) record: u32,
    /// Position of the person with an identifier.
    pub(super) person: u32,
    pub(super) agreement: Agreement,
}

/// A token of a record, in the table at this position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Token {
    pub(super) value: u64,
    pub(super) record: u32,
    pub(super) table: u32,
}

/// Returns the pairs of a record of a holder in `wanted` and a person whom another holder knows by an identifier, whose
/// agreement is not too weak. Sorted by record and person. Holds about `memory` bytes of tokens.
pub(super) fn candidates(
    tables: &[TokenTable],
    register: &Register,
    wanted: &[bool],
    memory: usize,
) -> Result<Vec<Pair>, LinkError> {
    let mut pairs = Vec::new();
    for rule in Rule::ALL {
        let rows: u64 = tables.iter().map(|table| table.file.rows()).sum();
        // While the parts are joined, tokens are in memory twice.
        let bytes = 2 * rows as usize * rule.slots() * size_of::<Token>();
        let parts = bytes.div_ceil(memory.max(1)).max(1) as u128;
        for part in 0..parts {
            // Tokens are uniform, so equal parts of their range have about as many.
            let edge = |part: u128| (part << u64::BITS).div_ceil(parts);
            let mut tokens = read(tables, rule, &(edge(part)..edge(part + 1)))?;
            tokens.par_sort_unstable();
            for run in tokens.chunk_by(|a, b| a.value == b.value).filter(|run| run.len() > 1) {
                check_run(run, tables)?;
                add_pairs(&mut pairs, run, register, wanted, rule);
            }
            if pairs.len() > MOST_PAIRS {
                pairs = joined(pairs);
            }
        }
    }
    let mut pairs = joined(pairs);
    pairs.retain(|pair| pair.agreement.class().weight() >= LEAST_WEIGHT);
    Ok(pairs)
}

/// Reads the tokens of a rule whose values lie in `range`.
fn read(tables: &[TokenTable], rule: Rule, range: &Range<u128>) -> Result<Vec<Token>, LinkError> {
    let columns = token_columns(rule);
    let groups: Vec<(usize, usize)> = tables
        .iter()
        .enumerate()
        .flat_map(|(at, table)| (0..table.file.row_groups()).map(move |group| (at, group)))
        .collect();
    let read: Result<Vec<Vec<Token>>, LinkError> =
        groups.into_par_iter().map(|(at, group)| read_group(&tables[at], at as u32, group, &columns, range)).collect();
    Ok(read?.concat())
}

fn read_group(
    table: &TokenTable,
    at: u32,
    group: usize,
    columns: &[usize],
    range: &Range<u128>,
) -> Result<Vec<Token>, LinkError> {
    let mut tokens = Vec::new();
    let mut row = table.file.first_row(group);
    for batch in table.file.column_batches(group..group + 1, columns) {
        let batch = batch?;
        for column in batch.columns() {
            let values = column.as_fixed_size_binary_opt().filter(|values| values.null_count() == 0);
            let values = values.ok_or_else(|| table.content_error())?;
            let records = table.records.get(row..).ok_or_else(|| table.content_error())?;
            for (bytes, &record) in values.iter().flatten().zip(records) {
                let value = bytes.try_into().map(u64::from_be_bytes).map_err(|_| table.content_error())?;
                if record != NOBODY && range.contains(&u128::from(value)) {
                    tokens.push(Token { value, record, table: at });
                }
            }
        }
        row += batch.num_rows();
    }
    Ok(tokens)
}

/// Refuses a token that two rows of one delivery share.
fn check_run(run: &[Token], tables: &[TokenTable]) -> Result<(), LinkError> {
    for (at, token) in run.iter().enumerate() {
        if run[at + 1..].iter().any(|other| other.table == token.table) {
            return Err(LinkError::TokenTwice { title: tables[token.table as usize].title.clone() });
        }
    }
    Ok(())
}

/// Adds the pairs of records that share a token.
fn add_pairs(pairs: &mut Vec<Pair>, run: &[Token], register: &Register, wanted: &[bool], rule: Rule) {
    let mut records: Vec<u32> = run.iter().map(|token| token.record).collect();
    records.sort_unstable();
    records.dedup();
    // Deliveries of one holder for different times can share a token between two persons. It then tells nothing.
    let holder = |record: u32| register.records[record as usize].holder;
    let is_alone = |record: &u32| records.iter().filter(|other| holder(**other) == holder(*record)).count() == 1;
    let alone: Vec<u32> = records.iter().copied().filter(is_alone).collect();
    for &record in alone.iter().filter(|record| wanted[usize::from(holder(**record))]) {
        for &other in alone.iter().filter(|other| holder(**other) != holder(record)) {
            let found = &register.records[other as usize];
            if found.is_coded() {
                pairs.push(Pair { record, person: found.person, agreement: Agreement::NONE.with(rule) });
            }
        }
    }
}

/// Sorts pairs and joins the agreements of equal ones.
fn joined(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.par_sort_unstable();
    pairs.dedup_by(|next, kept| {
        let is_same = (next.record, next.person) == (kept.record, kept.person);
        if is_same {
            kept.agreement = kept.agreement.and(next.agreement);
        }
        is_same
    });
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_pairs_are_joined() {
        let pair = |record, person, rule| Pair { record, person, agreement: Agreement::NONE.with(rule) };
        let all = vec![
            pair(2, 1, Rule::NameStreet),
            pair(1, 1, Rule::SurnameBirth),
            pair(2, 1, Rule::SurnameBirth),
            pair(2, 3, Rule::SurnameBirth),
        ];
        let joined = joined(all);
        let both = Agreement::NONE.with(Rule::NameStreet).with(Rule::SurnameBirth);
        assert_eq!(joined.len(), 3);
        assert_eq!(joined[1], Pair { record: 2, person: 1, agreement: both });
    }
}

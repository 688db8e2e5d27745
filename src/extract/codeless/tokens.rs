//! The table of linkage tokens: one row for each delivered person, each with the same number of tokens.
//!
//! Within a delivery no token occurs twice: a token that two persons share is replaced by fill in both. So the table
//! shows neither frequencies nor lengths nor who resembles whom.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, AsArray, Int32Array, UInt16Array, UInt64Array};
use arrow::datatypes::Int32Type;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::rows::{LinkageRows, fields_of};
use crate::crypto::TableSeal;
use crate::exchange::{PADDING, linkage_fields, padded};
use crate::extract::people::Stratum;
use crate::shared::Shared;
use crate::table::{
    Field, RANGES, SortedTable, Sorter, StoreError, ValueType, WrittenTable, groups_of, key_within, keys,
    pseudonym_column, range_of, write_table,
};
use salanimi_core::{LinkageFields, LinkageHashes, Pseudonym, Rule, SLOTS, Tokens};

/// The most rows of a group: each has 57 tokens.
const GROUP_ROWS: u64 = 32 << 10;
/// Fewest rows between two lengths of a group.
const PADDING_STEP: u64 = 20;

/// The table of tokens, written.
pub(in crate::extract) struct WrittenTokens {
    pub(in crate::extract) table: WrittenTable,
    pub(in crate::extract) persons: BTreeMap<Stratum, u64>,
    /// Tokens that were replaced by fill, because two persons share them.
    pub(in crate::extract) shared: u64,
    /// Persons without an identifier who share a token with a person who has one.
    pub(in crate::extract) like_coded: u64,
    /// Persons whose names have no letter a–z.
    pub(in crate::extract) without_names: u64,
    /// Share of places with a token by rule, in per cent.
    pub(in crate::extract) filled: BTreeMap<&'static str, u8>,
}

/// Writes the table of tokens of all `rows` to a new file at `path`.
pub(in crate::extract) fn write_tokens(
    rows: LinkageRows,
    hashes: &LinkageHashes,
    (memory, folder): (usize, &Path),
    path: &Path,
    seal: Option<TableSeal<'_>>,
) -> Result<WrittenTokens, StoreError> {
    let sorted = rows.finish()?;
    let writer = TokenWriter { sorted: &sorted, hashes, counts: Counts::default() };
    let found = writer.shared_tokens(memory, folder)?;
    // By persons, not by rows: how many rows a person has here depends on how the sources were cut into batches.
    let groups = groups_of(&found.persons, GROUP_ROWS);
    let table = write_table(path, &linkage_fields(), groups, seal, |ranges| writer.rows(ranges, &found.shared))?;
    Ok(writer.finish(table, &found))
}

/// A person with the fields to make tokens from, the newest first.
struct LinkagePerson {
    pseudonym: Pseudonym,
    stratum: Stratum,
    spellings: Vec<LinkageFields>,
}

impl LinkagePerson {
    /// Returns the tokens of a person. A person with an identifier has those of the newest spelling. Of persons without
    /// one, all spellings are used as far as there are places, because nothing tells which is right.
    fn tokens(&self, hashes: &LinkageHashes) -> Tokens {
        let mut all: Tokens = [None; SLOTS];
        let used = if self.stratum == Stratum::Codeless { self.spellings.len() } else { 1 };
        for spelling in self.spellings.iter().take(used) {
            let tokens = hashes.tokens(spelling);
            for rule in Rule::ALL {
                tokens[rule.places()].iter().flatten().for_each(|token| add(&mut all[rule.places()], *token));
            }
        }
        all
    }
}

/// Adds a token to the first empty place, unless it is there already.
fn add(places: &mut [Option<u64>], token: u64) {
    if !places.contains(&Some(token))
        && let Some(empty) = places.iter_mut().find(|place| place.is_none())
    {
        *empty = Some(token);
    }
}

/// Tokens that two persons of the delivery share.
#[derive(Default)]
struct SharedTokens {
    /// In order.
    tokens: Vec<u128>,
    like_coded: HashSet<u128>,
    /// Number of places that had one.
    places: u64,
}

/// Tokens to find others in. They are uniform, so a range of them has few.
struct TokenIndex {
    /// In order.
    tokens: Vec<u128>,
    /// Position of the first token of each range, then the number of tokens.
    starts: Vec<usize>,
}

/// Leading bits of a token that give its range.
const RANGE_BITS: u32 = 16;

impl TokenIndex {
    /// Returns the index of tokens in order.
    fn new(tokens: Vec<u128>) -> Self {
        let first = |range: u128| tokens.partition_point(|token| token >> (u128::BITS - RANGE_BITS) < range);
        let starts = (0..=1 << RANGE_BITS).map(first).collect();
        Self { tokens, starts }
    }

    fn has(&self, rule: Rule, token: u64) -> bool {
        let range = (token >> (u64::BITS - RANGE_BITS)) as usize;
        self.tokens[self.starts[range]..self.starts[range + 1]].binary_search(&token_key(rule, token)).is_ok()
    }
}

/// Returns the sort key of a token: the token, then its rule.
fn token_key(rule: Rule, token: u64) -> u128 {
    u128::from(token) << 64 | (rule.position() as u128) << 56
}

#[derive(Default)]
struct Counts {
    /// By number of the stratum.
    persons: [AtomicU64; 4],
    without_names: AtomicU64,
    filled: [AtomicU64; Rule::ALL.len()],
}

/// What a first pass over all persons finds.
struct FirstPass {
    /// Tokens that two persons share.
    shared: TokenIndex,
    /// Number of places that had one.
    shared_places: u64,
    /// Persons without an identifier who share a token with a person who has one.
    like_coded: u64,
    /// Persons by range of the pseudonym.
    persons: Vec<u64>,
}

struct TokenWriter<'a> {
    sorted: &'a SortedTable,
    hashes: &'a LinkageHashes,
    counts: Counts,
}

impl TokenWriter<'_> {
    /// Counts the persons, and finds the tokens that two of them share.
    fn shared_tokens(&self, memory: usize, folder: &Path) -> Result<FirstPass, StoreError> {
        let field = |name: &str, value| Field { name: name.to_owned(), value };
        let fields = [
            field("token", ValueType::Pseudonym),
            field("person", ValueType::Pseudonym),
            field("stratum", ValueType::Integer),
        ];
        let sorter = Sorter::new(&fields, memory, folder)?;
        let by_range: Vec<AtomicU64> = (0..RANGES).map(|_| AtomicU64::default()).collect();
        self.sorted.groups().par_iter().try_for_each(|group| {
            let persons = persons(&self.sorted.load(group.ranges.clone())?);
            for person in &persons {
                by_range[range_of(u128::from_be_bytes(person.pseudonym.0))].fetch_add(1, Ordering::Relaxed);
            }
            sorter.push(&self.token_rows(&persons))
        })?;
        let sorted = sorter.finish()?;
        let groups = sorted.groups();
        let found: Shared<BTreeMap<usize, SharedTokens>> = Shared::default();
        groups.par_iter().try_for_each(|group| {
            let shared = shared_runs(&sorted.load(group.ranges.clone())?);
            found.lock().insert(group.ranges.start, shared);
            Ok::<_, StoreError>(())
        })?;
        let mut all = SharedTokens::default();
        for part in found.into_inner().into_values() {
            all.tokens.extend(part.tokens);
            all.like_coded.extend(part.like_coded);
            all.places += part.places;
        }
        Ok(FirstPass {
            shared: TokenIndex::new(all.tokens),
            shared_places: all.places,
            like_coded: all.like_coded.len() as u64,
            persons: by_range.into_iter().map(AtomicU64::into_inner).collect(),
        })
    }

    fn token_rows(&self, persons: &[LinkagePerson]) -> [ArrayRef; 3] {
        let mut tokens = Vec::new();
        let mut owners = Vec::new();
        let mut strata = Vec::new();
        for person in persons {
            let of_person = person.tokens(self.hashes);
            for rule in Rule::ALL {
                for token in of_person[rule.places()].iter().flatten() {
                    tokens.push(Pseudonym(token_key(rule, *token).to_be_bytes()));
                    owners.push(person.pseudonym);
                    strata.push(person.stratum as i32);
                }
            }
        }
        [
            pseudonym_column(tokens.into_iter(), None),
            pseudonym_column(owners.into_iter(), None),
            Arc::new(Int32Array::from(strata)),
        ]
    }

    /// Returns the rows of a group: its persons, and padding.
    fn rows(&self, ranges: std::ops::Range<usize>, shared: &TokenIndex) -> Result<Vec<ArrayRef>, StoreError> {
        let persons = persons(&self.sorted.load(ranges.clone())?);
        let mut rows: Vec<(Pseudonym, u16, [u64; SLOTS])> =
            persons.iter().map(|person| self.row(person, shared)).collect();
        let padding = padded(rows.len() as u64, PADDING_STEP) - rows.len() as u64;
        rows.extend((0..padding).map(|number| {
            let key = key_within(&ranges, self.hashes.padding(ranges.start, number));
            let pseudonym = Pseudonym(key.to_be_bytes());
            (pseudonym, PADDING, self.hashes.filled(&pseudonym, &[None; SLOTS]))
        }));
        rows.sort_unstable_by_key(|(pseudonym, ..)| *pseudonym);
        let mut columns: Vec<ArrayRef> = vec![
            pseudonym_column(rows.iter().map(|(pseudonym, ..)| *pseudonym), None),
            Arc::new(UInt16Array::from_iter_values(rows.iter().map(|(_, stratum, _)| *stratum))),
        ];
        for slot in 0..SLOTS {
            columns.push(Arc::new(UInt64Array::from_iter_values(rows.iter().map(|(.., tokens)| tokens[slot]))));
        }
        Ok(columns)
    }

    fn row(&self, person: &LinkagePerson, shared: &TokenIndex) -> (Pseudonym, u16, [u64; SLOTS]) {
        let mut tokens = person.tokens(self.hashes);
        for rule in Rule::ALL {
            for place in &mut tokens[rule.places()] {
                *place = place.filter(|token| !shared.has(rule, *token));
                self.counts.filled[rule.position()].fetch_add(u64::from(place.is_some()), Ordering::Relaxed);
            }
        }
        let lacks_names = person.spellings.iter().all(LinkageFields::lack_names);
        self.counts.without_names.fetch_add(u64::from(lacks_names), Ordering::Relaxed);
        self.counts.persons[person.stratum as usize].fetch_add(1, Ordering::Relaxed);
        (person.pseudonym, person.stratum as u16, self.hashes.filled(&person.pseudonym, &tokens))
    }

    fn finish(self, table: WrittenTable, found: &FirstPass) -> WrittenTokens {
        let Counts { persons, without_names, filled } = self.counts;
        let persons = persons.map(AtomicU64::into_inner);
        let all: u64 = persons.iter().sum();
        let percent = |(rule, filled): (Rule, AtomicU64)| {
            let places = (all * rule.slots() as u64).max(1);
            (rule.name(), ((filled.into_inner() * 200 + places) / (2 * places)) as u8)
        };
        WrittenTokens {
            table,
            persons: Stratum::ALL.into_iter().map(|stratum| (stratum, persons[stratum as usize])).collect(),
            shared: found.shared_places,
            like_coded: found.like_coded,
            without_names: without_names.into_inner(),
            filled: Rule::ALL.into_iter().zip(filled).map(percent).collect(),
        }
    }
}

/// Returns the persons of rows that are sorted by pseudonym, stratum and day.
fn persons(columns: &[ArrayRef]) -> Vec<LinkagePerson> {
    let pseudonyms = keys(&columns[0]);
    let strata = columns[1].as_primitive::<Int32Type>();
    let texts = columns[3].as_string::<i32>();
    let mut persons = Vec::new();
    let mut start = 0;
    for run in pseudonyms.chunk_by(|a, b| a == b) {
        let rows = start..start + run.len();
        start = rows.end;
        let mut seen = BTreeSet::new();
        // Within a day the order is that of the text, so the newest spelling is the last row.
        let newest_first = rows.clone().rev().map(|row| texts.value(row)).filter(|text| seen.insert(*text));
        persons.push(LinkagePerson {
            pseudonym: Pseudonym(run[0].to_be_bytes()),
            stratum: Stratum::from_number(strata.value(rows.start)),
            spellings: newest_first.map(fields_of).collect(),
        });
    }
    persons
}

/// Returns the tokens of two or more persons among rows that are sorted by token.
fn shared_runs(columns: &[ArrayRef]) -> SharedTokens {
    let tokens = keys(&columns[0]);
    let persons = keys(&columns[1]);
    let strata = columns[2].as_primitive::<Int32Type>().values();
    let mut shared = SharedTokens::default();
    let mut start = 0;
    for run in tokens.chunk_by(|a, b| a == b) {
        let rows = start..start + run.len();
        start = rows.end;
        if run.len() < 2 {
            continue;
        }
        shared.tokens.push(run[0]);
        shared.places += run.len() as u64;
        if rows.clone().any(|row| strata[row] == Stratum::Coded as i32) {
            let codeless = rows.filter(|&row| strata[row] == Stratum::Codeless as i32);
            shared.like_coded.extend(codeless.map(|row| persons[row]));
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_with_an_identifier_has_the_tokens_of_the_newest_spelling_only() {
        use salanimi_core::{BirthDigits, Id, Key, ProjectKey, ProjectKeys, RawFields};
        let key = ProjectKey::from_bytes([3; 32]);
        let [study, holder] = ["example", "north"].map(|name| Id::new(name).unwrap());
        let hashes = LinkageHashes::new(&ProjectKeys::new(&key, &study), &holder);
        let fields = |surname| {
            let birth = BirthDigits::new("20010709");
            LinkageFields::new(&RawFields { given: "Aino", surname, birth, ..RawFields::default() })
        };
        let person = |stratum| LinkagePerson {
            pseudonym: Pseudonym([1; 16]),
            stratum,
            spellings: vec![fields("Virtanen"), fields("Mäkinen")],
        };
        let count = |tokens: Tokens| tokens.iter().flatten().count();
        assert_eq!(person(Stratum::Coded).tokens(&hashes), hashes.tokens(&fields("Virtanen")));
        assert_eq!(count(person(Stratum::Codeless).tokens(&hashes)), 2 * count(hashes.tokens(&fields("Virtanen"))));
    }
}

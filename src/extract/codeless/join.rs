//! Joining the records of one person within a holder, by the token rules that also link holders.
//!
//! Tokens that two persons of a delivery share are not delivered. Two records of one person would remove each other's.

use std::collections::BTreeMap;

use salanimi_core::{Agreement, LinkageFields, LinkageHashes, LocalPerson, Rule};

/// Smallest weight of an agreement by which records of one holder are joined. No precision is measured here, so it is
/// larger than the weight that makes records of two holders a candidate for a link.
const LEAST_WEIGHT: u32 = 24;
/// Most records of one person. More agree by a value that stands for a missing one, not by a person.
const MOST_RECORDS: usize = 8;

/// A record: a client number or names with a birth date, and the spellings under it.
pub(super) struct Record<'a> {
    pub(super) person: &'a LocalPerson,
    pub(super) spellings: Vec<&'a LinkageFields>,
    /// The sex as the holder writes it; empty if unknown or contradictory.
    pub(super) sex: &'a str,
}

/// Returns for each record the first record of its person.
pub(super) fn join(records: &[Record<'_>], hashes: &LinkageHashes) -> Vec<usize> {
    let mut groups = Groups::new(records.len());
    for ((a, b), agreement) in agreements(records, hashes) {
        if agreement.class().weight() >= LEAST_WEIGHT && may_be_one(&records[a], &records[b]) {
            groups.unite(a, b);
        }
    }
    groups.finish()
}

/// Returns false if two records differ in sex or client number.
fn may_be_one(a: &Record<'_>, b: &Record<'_>) -> bool {
    let both_clients = matches!((a.person, b.person), (LocalPerson::Client(_), LocalPerson::Client(_)));
    let differ = !a.sex.is_empty() && !b.sex.is_empty() && a.sex != b.sex;
    !both_clients && !differ
}

/// Returns the agreement of every two records that share a token.
fn agreements(records: &[Record<'_>], hashes: &LinkageHashes) -> BTreeMap<(usize, usize), Agreement> {
    let mut tokens: Vec<(u8, u64, u32)> = Vec::new();
    for (number, record) in (0..).zip(records) {
        for spelling in &record.spellings {
            let of_spelling = hashes.tokens(spelling);
            for rule in Rule::ALL {
                tokens.extend(
                    of_spelling[rule.places()].iter().flatten().map(|token| (rule.position() as u8, *token, number)),
                );
            }
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    let mut agreements: BTreeMap<(usize, usize), Agreement> = BTreeMap::new();
    for shared in tokens.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|run| run.len() <= MOST_RECORDS) {
        for (at, &(rule, _, a)) in shared.iter().enumerate() {
            for &(_, _, b) in &shared[at + 1..] {
                let pair = agreements.entry((a as usize, b as usize)).or_default();
                *pair = pair.with(Rule::ALL[usize::from(rule)]);
            }
        }
    }
    agreements
}

/// Disjoint groups of records.
struct Groups {
    parents: Vec<usize>,
}

impl Groups {
    fn new(records: usize) -> Self {
        Self { parents: (0..records).collect() }
    }

    fn root(&mut self, record: usize) -> usize {
        let mut root = record;
        while self.parents[root] != root {
            root = self.parents[root];
        }
        self.parents[record] = root;
        root
    }

    fn unite(&mut self, a: usize, b: usize) {
        let [a, b] = [self.root(a), self.root(b)];
        self.parents[a.max(b)] = a.min(b);
    }

    /// Returns the first record of each record's group. The records of too large a group stay apart.
    fn finish(mut self) -> Vec<usize> {
        let roots: Vec<usize> = (0..self.parents.len()).map(|record| self.root(record)).collect();
        let mut sizes = vec![0; roots.len()];
        roots.iter().for_each(|&root| sizes[root] += 1);
        let alone = |(record, root): (usize, usize)| if sizes[root] > MOST_RECORDS { record } else { root };
        roots.into_iter().enumerate().map(alone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::{BirthDigits, Id, Key, ProjectKey, ProjectKeys, RawFields};

    fn fields(given: &str, surname: &str, birth: &str) -> LinkageFields {
        let birth = BirthDigits::new(birth);
        LinkageFields::new(&RawFields { given, surname, birth, postcode: "33100", street: "" })
    }

    fn joined(people: &[(Option<&str>, &str, &str, &str, &str)]) -> Vec<usize> {
        let key = ProjectKey::from_bytes([3; 32]);
        let [study, holder] = ["example", "north"].map(|name| Id::new(name).unwrap());
        let hashes = LinkageHashes::new(&ProjectKeys::new(&key, &study), &holder);
        let all: Vec<(LocalPerson, LinkageFields, &str)> = people
            .iter()
            .map(|(client, given, surname, birth, sex)| {
                let fields = fields(given, surname, birth);
                let person = match client {
                    Some(number) => LocalPerson::Client((*number).to_owned()),
                    None => LocalPerson::Fields(fields.clone(), (*sex).to_owned()),
                };
                (person, fields, *sex)
            })
            .collect();
        let records: Vec<Record<'_>> =
            all.iter().map(|(person, fields, sex)| Record { person, spellings: vec![fields], sex }).collect();
        join(&records, &hashes)
    }

    #[test]
    fn records_that_agree_well_are_one_person() {
        let aino = (None, "Aino Maria", "Virtanen", "20010709", "2");
        let typed = (None, "Aino", "Virtanenn", "20010709", "2");
        let other = (None, "Eino", "Mäkinen", "19900101", "1");
        assert_eq!(joined(&[aino, other, typed]), [0, 1, 0]);
    }

    #[test]
    fn records_of_different_sex_or_client_number_stay_apart() {
        let twin = |client, given, sex| (client, given, "Virtanen", "20010709", sex);
        assert_eq!(joined(&[twin(None, "Aino", "2"), twin(None, "Aino", "1")]), [0, 1]);
        assert_eq!(joined(&[twin(Some("1"), "Aino", "2"), twin(Some("2"), "Aino", "2")]), [0, 1]);
        assert_eq!(joined(&[twin(Some("1"), "Aino", "2"), twin(None, "Aino", "")]), [0, 0]);
    }

    #[test]
    fn more_records_than_one_person_has_stay_apart() {
        let all: Vec<_> = (0..9).map(|_| (None, "Aino", "Virtanen", "20010709", "2")).collect();
        assert_eq!(joined(&all[..8]), [0; 8]);
        assert_eq!(joined(&all), (0..9).collect::<Vec<_>>());
    }
}

//! Similarity encodings: values that are more alike for people who are more alike, such as Bloom filters of names.
//!
//! Such encodings are reversed by graph matching (Vidanage et al. 2020; Schäfer and Armknecht 2026). Their distances
//! are not those of random bits, which is what gives them away, in any table of any tool.

use std::collections::BTreeSet;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

use crate::text::Text;
use crate::verify::check::{Check, Notes, Verdict};
use crate::verify::distinct::{DistinctCollector, Limits};
use crate::verify::statistics::FAILS_BELOW;
use crate::verify::subject::{ColumnRole, Subject, SubjectTable, listed};
use statrs::function::gamma::gamma_ur;

const SIMILARITY: &str = "linkage.similarity";
/// Values that are read. An encoding can be long.
const LIMITS: Limits = Limits { most: 1 << 15, longest: 4 << 10 };
/// Fewest bytes of an encoding. Shorter values are hashes.
const LEAST_BYTES: usize = 32;
/// Fewest different values of a column that are tested.
const LEAST_VALUES: usize = 50;
/// Pairs of values whose distances are tested.
const PAIRS: usize = 4_000;
/// Steps from a value to those that it is compared with.
const STEPS: [usize; 4] = [1, 7, 31, 127];

/// Checks that no column of any table holds similarity encodings.
pub(in crate::verify) fn check(subjects: &[Subject], checks: &mut Vec<Check>) {
    for subject in subjects.iter().filter(|subject| !subject.tables.is_empty()) {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let mut found = Vec::new();
        let mut tested = 0;
        for table in &subject.tables {
            for (place, values) in encodings(table) {
                tested += 1;
                if is_similarity(&values) {
                    found.push(place);
                }
            }
        }
        if tested == 0 {
            continue;
        }
        let (verdict, evidence) = if found.is_empty() {
            let passed = Text::new(
                format!("{tested} columns of long values, none with the distances of similarity encodings"),
                format!("{tested} pitkien arvojen saraketta, missään ei samankaltaisuuskoodausten etäisyyksiä"),
                format!("{tested} kolumner med långa värden, ingen med likhetskodningars avstånd"),
            );
            (Verdict::Pass, passed)
        } else {
            let names = listed(&found);
            let failed = Text::new(
                format!("alike for people who are alike, as Bloom filters of names: {}; do not use them", names.en),
                format!(
                    "samankaltaisia samankaltaisilla ihmisillä, kuten nimien Bloom-suodattimet: {}; älä käytä",
                    names.fi
                ),
                format!(
                    "lika för personer som liknar varandra, som Bloomfilter av namn: {}; använd dem inte",
                    names.sv
                ),
            );
            (Verdict::Fail, failed)
        };
        notes.note(SIMILARITY, verdict, evidence);
    }
}

/// Returns the columns of a table whose values are all bytes of one length, written in any usual way.
fn encodings(table: &SubjectTable) -> Vec<(String, Vec<Vec<u8>>)> {
    let wanted: Vec<usize> = (0..table.columns.len()).filter(|&at| may_be_long(table, at)).collect();
    let gathered = DistinctCollector::new(wanted.len(), LIMITS);
    // The integrity checks report a table that cannot be read.
    if wanted.is_empty() || table.table.map(&wanted, |rows| gathered.add(&rows.columns)).is_err() {
        return Vec::new();
    }
    let columns = wanted.into_iter().zip(gathered.finish()).filter_map(|(at, distinct)| {
        let is_binary = distinct.binary;
        let values = distinct.finish().0;
        let decoded: Vec<Vec<u8>> = values.iter().map(|value| decoded(value, is_binary)).collect::<Option<_>>()?;
        let length = decoded.first()?.len();
        let is_long = length >= LEAST_BYTES && decoded.iter().all(|value| value.len() == length);
        (is_long && decoded.len() >= LEAST_VALUES).then(|| (Subject::place(table, at), decoded))
    });
    columns.collect()
}

/// Returns true if a column can hold values of so many bytes: by its type, and unless it holds this tool's own ids.
fn may_be_long(table: &SubjectTable, at: usize) -> bool {
    let data_type = table.table.columns()[at].1.as_str();
    let width =
        data_type.strip_prefix("FixedSizeBinary(").and_then(|rest| rest.strip_suffix(')')?.parse::<usize>().ok());
    let is_own_id = table.is_known && matches!(table.columns[at].role, ColumnRole::Person | ColumnRole::Reference);
    let is_bytes_or_text =
        ["text", "Utf8", "LargeUtf8", "Binary", "LargeBinary"].iter().any(|name| data_type.starts_with(name));
    !is_own_id && width.map_or(is_bytes_or_text, |width| width >= LEAST_BYTES)
}

/// Reads bytes, hexadecimal digits, base64, or bits written as digits.
fn decoded(value: &[u8], is_binary: bool) -> Option<Vec<u8>> {
    if is_binary {
        return Some(value.to_vec());
    }
    let is_bits = value.len() >= 8 * LEAST_BYTES && value.iter().all(|byte| matches!(byte, b'0' | b'1'));
    if is_bits {
        let bytes = value.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0')));
        return Some(bytes.collect());
    }
    HEXLOWER_PERMISSIVE.decode(value).or_else(|_| BASE64.decode(value)).ok()
}

/// Returns true if the distances of pairs of values differ from those of random bits.
///
/// The distance of two random values of n bits has the mean n/2 and the variance n/4, so the squared standardised
/// distances of pairs sum to a chi-square.
fn is_similarity(values: &[Vec<u8>]) -> bool {
    let distinct: Vec<&Vec<u8>> = values.iter().collect::<BTreeSet<_>>().into_iter().collect();
    // Distinct values come in a fixed random order from the collector, in that of their bytes from here on: the steps
    // mix near ones and far ones.
    let bits = (distinct[0].len() * 8) as f64;
    let mut pairs = 0;
    let mut statistic = 0.0;
    'steps: for step in STEPS.into_iter().filter(|step| *step < distinct.len()) {
        for at in 0..distinct.len() - step {
            if pairs == PAIRS {
                break 'steps;
            }
            // The first bits of neighbours agree because of the order, so they do not count.
            let distance = distance(&distinct[at][IGNORED..], &distinct[at + step][IGNORED..]);
            let left = bits - (8 * IGNORED) as f64;
            statistic += (f64::from(distance) - left / 2.0).powi(2) / (left / 4.0);
            pairs += 1;
        }
    }
    gamma_ur(pairs as f64 / 2.0, statistic / 2.0) < FAILS_BELOW
}

/// Bytes at the start that the order of values makes alike.
const IGNORED: usize = 8;

fn distance(a: &[u8], b: &[u8]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};
    use sha2::{Digest, Sha256};

    fn random(seed: u64, values: usize, bytes: usize) -> Vec<Vec<u8>> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut value = || (0..bytes).map(|_| random.next_u32() as u8).collect();
        (0..values).map(|_| value()).collect()
    }

    /// A Bloom filter of the pairs of letters of a name, of `bits` bits and ten hashes (Schnell et al. 2009).
    fn bloom(name: &str, bits: usize) -> Vec<u8> {
        let mut filter = vec![0_u8; bits / 8];
        for pair in name.as_bytes().windows(2) {
            for hash in 0..10_u8 {
                let digest = Sha256::digest([pair, &[hash]].concat());
                let bit = usize::from(u16::from_be_bytes([digest[0], digest[1]])) % bits;
                filter[bit / 8] |= 1 << (bit % 8);
            }
        }
        filter
    }

    #[test]
    fn a_thousand_columns_of_random_values_raise_no_alarm() {
        for seed in 0..1_000 {
            assert!(!is_similarity(&random(seed, 60 + seed as usize % 200, 32 + seed as usize % 3 * 16)), "{seed}");
        }
    }

    #[test]
    fn bloom_filters_of_names_are_found() {
        let given = ["aino", "eino", "maria", "johannes", "liisa", "antero", "kaarina", "mikael", "sofia", "matti"];
        let surnames = ["virtanen", "korhonen", "nieminen", "mäkelä", "hämäläinen", "laine", "koskinen", "heikkinen"];
        for bits in [256, 512, 1024] {
            let filters: Vec<Vec<u8>> = given
                .iter()
                .flat_map(|given| surnames.iter().map(move |surname| bloom(&format!("{given} {surname}"), bits)))
                .collect();
            assert!(is_similarity(&filters), "{bits}");
        }
    }

    #[test]
    fn encodings_are_read_in_any_notation() {
        let bytes = vec![0xab; 32];
        assert_eq!(decoded(&bytes, true), Some(bytes.clone()));
        assert_eq!(decoded(HEXLOWER_PERMISSIVE.encode(&bytes).as_bytes(), false), Some(bytes.clone()));
        assert_eq!(decoded(BASE64.encode(&bytes).as_bytes(), false), Some(bytes.clone()));
        assert_eq!(decoded("10101011".repeat(32).as_bytes(), false), Some(bytes));
        assert_eq!(decoded(b"Koivutie 3, 00100 Muu", false), None);
    }
}

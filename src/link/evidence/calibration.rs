//! Calibration: the precision of each class, measured on persons with identifiers while these are hidden.

use std::collections::BTreeMap;

use super::candidates::Pair;
use super::cascade::{CascadeLink, PairClass, cascade};
use super::register::Register;
use crate::exchange::{precision, precision_bound};
use salanimi_core::{KeyedHash, Pseudonym};

/// Most folds of one holder's persons.
const MOST_FOLDS: u64 = 50;
/// Smallest precision of a class of which pairs with two identifiers may be one person.
const TWO_CODES: f64 = 0.99;

/// Links of one class among persons with hidden identifiers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Measured {
    pub(super) links: u64,
    pub(super) right: u64,
    /// Wrong links of two persons neither of whom another holder has: they may be one person with two identifiers.
    pub(super) unmatched: u64,
}

impl Measured {
    pub(super) fn precision(self) -> f64 {
        precision(self.right, self.links)
    }

    pub(super) fn lower_bound(self) -> f64 {
        precision_bound(self.right, self.links)
    }

    /// Returns the variance of the estimate.
    pub(super) fn variance(self) -> f64 {
        let precision = self.precision();
        precision * (1.0 - precision) / (self.links as f64 + 1.0)
    }

    fn add(&mut self, other: Self) {
        self.links += other.links;
        self.right += other.right;
        self.unmatched += other.unmatched;
    }
}

/// Precision of every class for the records of one holder, and the persons on whom it was measured.
#[derive(Debug, Default)]
pub(super) struct Calibration {
    pub(super) classes: BTreeMap<PairClass, Measured>,
    /// Persons of the holder with identifiers whom another holder has, too.
    pub(super) persons: u64,
    /// The two persons of each wrong link that may be one person, with its class.
    unmatched: Vec<(PairClass, [u32; 2])>,
}

impl Calibration {
    /// Measures on the persons of `holder`. `pairs` are those of its records, sorted; `codeless` is the number of its
    /// persons without an identifier.
    pub(super) fn measure(
        register: &Register,
        pairs: &[Pair],
        holder: u16,
        codeless: u64,
        fold_key: &KeyedHash,
    ) -> Self {
        let coded: Vec<usize> = (0..register.records.len()).filter(|&at| is_coded_at(register, at, holder)).collect();
        // As many persons with hidden identifiers at a time as there are without one: rivals are then as frequent.
        let folds = ((coded.len() as f64 / codeless.max(1) as f64).round() as u64).clamp(1, MOST_FOLDS);
        let mut of_folds: Vec<Vec<Pair>> = vec![Vec::new(); folds as usize];
        for of_record in pairs.chunk_by(|a, b| a.record == b.record) {
            let record = register.records[of_record[0].record as usize];
            if record.is_coded() && record.holder == holder {
                let pseudonym = Pseudonym(record.pseudonym.to_be_bytes());
                let number = u64::from_be_bytes(fold_key.leftmost(&pseudonym.0));
                of_folds[(number % folds) as usize].extend_from_slice(of_record);
            }
        }
        let mut calibration = Self::default();
        for link in of_folds.iter().flat_map(|pairs| cascade(pairs)) {
            let measured = measured(register, &link);
            calibration.classes.entry(link.class).or_default().add(measured);
            if measured.unmatched > 0 {
                let mut persons = [register.records[link.pair.record as usize].person, link.pair.person];
                persons.sort_unstable();
                calibration.unmatched.push((link.class, persons));
            }
        }
        calibration.persons = coded.into_iter().filter(|&record| register.is_elsewhere(record)).count() as u64;
        calibration
    }

    /// Returns what was measured of a class.
    pub(super) fn of(&self, class: PairClass) -> Measured {
        self.classes.get(&class).copied().unwrap_or(Measured { links: 0, right: 0, unmatched: 0 })
    }

    /// Returns the pairs of persons with two identifiers that may be one person.
    pub(super) fn possibly_one(&self) -> impl Iterator<Item = [u32; 2]> {
        let is_certain = |class: &PairClass| without_unmatched(&self.of(*class)).precision() >= TWO_CODES;
        self.unmatched.iter().filter(move |(class, _)| is_certain(class)).map(|(_, persons)| *persons)
    }
}

/// Returns what remains if pairs that may be one person are left out.
pub(super) fn without_unmatched(measured: &Measured) -> Measured {
    Measured { links: measured.links - measured.unmatched, unmatched: 0, ..*measured }
}

fn is_coded_at(register: &Register, record: usize, holder: u16) -> bool {
    let record = &register.records[record];
    record.is_coded() && record.holder == holder
}

/// Judges a link of a person whose identifier was hidden.
fn measured(register: &Register, link: &CascadeLink) -> Measured {
    let record = link.pair.record as usize;
    let is_right = register.records[record].person == link.pair.person;
    let other = register.records.partition_point(|known| known.person < link.pair.person);
    let unmatched = !is_right && !register.is_elsewhere(record) && !register.is_elsewhere(other);
    Measured { links: 1, right: u64::from(is_right), unmatched: u64::from(unmatched) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `scipy.stats`: beta.ppf(0.05, right + 0.5, wrong + 0.5).
    #[test]
    fn the_lower_bound_is_that_of_jeffreys() {
        for (links, right, expected) in
            [(0, 0, 0.006_155_83), (10, 10, 0.829_226_89), (1000, 990, 0.983_720_53), (40, 20, 0.372_905_54)]
        {
            let bound = Measured { links, right, unmatched: 0 }.lower_bound();
            assert!((bound - expected).abs() < 1e-7, "{links} {right}: {bound}");
        }
    }
}

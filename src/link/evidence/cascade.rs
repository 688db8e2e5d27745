//! The cascade: pairs link from the strongest agreement to the weakest. A tie links nobody.

use std::collections::{HashMap, HashSet};

use super::candidates::Pair;
use salanimi_core::AgreementClass;

/// Difference of weights from which another pair of the same record or person is no rival.
const NO_RIVAL: u32 = 6;

/// Class of a pair: its agreement, and whether another pair of the record or the person is nearly as strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PairClass {
    pub(super) agreement: AgreementClass,
    pub(super) has_rival: bool,
}

/// A pair that links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CascadeLink {
    pub(super) pair: Pair,
    pub(super) class: PairClass,
}

/// Returns the pairs that link.
///
/// From the highest weight on, a pair links if its record and its person are free and neither has another free pair of
/// the same weight. Both of a tie are then taken: two equally good candidates are no link.
pub(super) fn cascade(pairs: &[Pair]) -> Vec<CascadeLink> {
    let weights: Vec<u32> = pairs.iter().map(|pair| pair.agreement.class().weight()).collect();
    let best = [Best::of(pairs, &weights, |pair| pair.record), Best::of(pairs, &weights, |pair| pair.person)];
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(weights[at]), at));
    let mut taken_records = HashSet::new();
    let mut taken_persons = HashSet::new();
    let mut links = Vec::new();
    for level in order.chunk_by(|&a, &b| weights[a] == weights[b]) {
        let free = |pair: &Pair| !taken_records.contains(&pair.record) && !taken_persons.contains(&pair.person);
        let free: Vec<usize> = level.iter().copied().filter(|&at| free(&pairs[at])).collect();
        let mut records: HashMap<u32, u32> = HashMap::new();
        let mut persons: HashMap<u32, u32> = HashMap::new();
        for &at in &free {
            *records.entry(pairs[at].record).or_default() += 1;
            *persons.entry(pairs[at].person).or_default() += 1;
        }
        for &at in &free {
            let pair = pairs[at];
            if records[&pair.record] == 1 && persons[&pair.person] == 1 {
                let rival = best[0].besides(pair.record, weights[at]).max(best[1].besides(pair.person, weights[at]));
                let has_rival = rival.is_some_and(|rival| weights[at] < rival + NO_RIVAL);
                links.push(CascadeLink { pair, class: PairClass { agreement: pair.agreement.class(), has_rival } });
            }
            taken_records.insert(pair.record);
            taken_persons.insert(pair.person);
        }
    }
    links.sort_unstable_by_key(|link| link.pair);
    links
}

/// The two highest weights by record or by person.
struct Best(HashMap<u32, (u32, Option<u32>)>);

impl Best {
    fn of(pairs: &[Pair], weights: &[u32], side: impl Fn(&Pair) -> u32) -> Self {
        let mut best: HashMap<u32, (u32, Option<u32>)> = HashMap::new();
        for (pair, &weight) in pairs.iter().zip(weights) {
            best.entry(side(pair))
                .and_modify(|(first, second)| {
                    if weight > *first {
                        *second = Some(*first);
                        *first = weight;
                    } else {
                        *second = (*second).max(Some(weight));
                    }
                })
                .or_insert((weight, None));
        }
        Self(best)
    }

    /// Returns the highest weight of another pair than one of this weight; `None` if there is no other.
    fn besides(&self, side: u32, weight: u32) -> Option<u32> {
        let &(first, second) = self.0.get(&side)?;
        if weight < first { Some(first) } else { second }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use salanimi_core::{Agreement, Rule};

    fn pair(record: u32, person: u32, rules: &[Rule]) -> Pair {
        let agreement = rules.iter().fold(Agreement::NONE, |agreement, rule| agreement.with(*rule));
        Pair { record, person, agreement }
    }

    const STRONG: &[Rule] = &[Rule::NameYearMonth, Rule::SkeletonBirth];
    const WEAK: &[Rule] = &[Rule::SurnameBirth];

    fn linked(pairs: &[Pair]) -> Vec<(u32, u32, bool)> {
        cascade(pairs).into_iter().map(|l| (l.pair.record, l.pair.person, l.class.has_rival)).collect()
    }

    #[test]
    fn the_stronger_pair_links_and_takes_both() {
        let pairs = [pair(1, 1, STRONG), pair(1, 2, WEAK), pair(2, 1, WEAK), pair(2, 2, WEAK)];
        assert_eq!(linked(&pairs), [(1, 1, false), (2, 2, true)]);
    }

    #[test]
    fn a_tie_links_nobody_and_blocks_all_in_it() {
        let pairs = [pair(1, 1, STRONG), pair(1, 2, STRONG), pair(2, 2, WEAK), pair(3, 3, WEAK)];
        assert_eq!(linked(&pairs), [(3, 3, false)]);
    }

    #[test]
    fn a_nearly_as_strong_pair_is_a_rival() {
        let nearly: &[Rule] = &[Rule::SkeletonBirth];
        let pairs = [pair(1, 1, STRONG), pair(1, 2, nearly), pair(2, 3, STRONG), pair(2, 4, WEAK)];
        assert_eq!(linked(&pairs), [(1, 1, true), (2, 3, false)]);
    }

    /// The cascade by comparison of everything with everything.
    fn slow(pairs: &[Pair]) -> Vec<(u32, u32, bool)> {
        let weight = |pair: &Pair| pair.agreement.class().weight();
        let mut levels: Vec<u32> = pairs.iter().map(weight).collect();
        levels.sort_unstable();
        levels.dedup();
        let mut taken: Vec<Pair> = Vec::new();
        let mut links = Vec::new();
        for level in levels.into_iter().rev() {
            let touches = |a: &Pair, b: &Pair| a.record == b.record || a.person == b.person;
            let free: Vec<Pair> = pairs
                .iter()
                .copied()
                .filter(|pair| weight(pair) == level && !taken.iter().any(|other| touches(pair, other)))
                .collect();
            for link in free.iter().filter(|pair| free.iter().filter(|other| touches(pair, other)).count() == 1) {
                let others = pairs.iter().filter(|other| *other != link && touches(link, other));
                let rival = others.map(weight).max();
                links.push((link.record, link.person, rival.is_some_and(|rival| level < rival + NO_RIVAL)));
            }
            taken.extend(free);
        }
        links.sort_unstable();
        links
    }

    proptest! {
        #[test]
        fn the_cascade_is_that_of_the_slow_oracle(
            raw in prop::collection::btree_map((0_u32..6, 0_u32..6), 1_u16..=u16::MAX, 0..20),
        ) {
            let pairs: Vec<Pair> = raw
                .into_iter()
                .map(|((record, person), bits)| Pair { record, person, agreement: Agreement::from_bits(bits) })
                .collect();
            prop_assert_eq!(linked(&pairs), slow(&pairs));
        }
    }
}

//! Persons without an identifier, linked by evidence whose precision is measured.
//!
//! 1. [`register`] lists the persons of all deliveries, [`candidates`] the pairs that share tokens.
//! 2. [`calibration`] hides the identifiers of persons who have one and measures how often each class of agreements is
//!    right; [`cascade`] links from the strongest agreement on.
//! 3. Classes whose precision was measured and is high enough link persons without an identifier ([`find_links`]). Each
//!    holder's persons are measured apart: a class is less precise where a holder lacks names or birth dates.
//! 4. [`moved`] gives the rows of linked persons the pseudonym of the person with an identifier, so that everything
//!    after it is as if they had the identifier.

mod calibration;
mod candidates;
mod cascade;
mod groups;
mod moved;
mod register;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use self::calibration::{Calibration, Measured, without_unmatched};
use self::candidates::{Pair, candidates};
use self::cascade::{CascadeLink, PairClass, cascade};
use self::register::{Register, TokenTable};
use super::error::LinkError;
use crate::config::{Contract, Include, Linkage};
use crate::exchange::{CodelessCount, Delivery, Estimate, EvidenceAccount, EvidenceClass, Outcomes, TEMPORARY};
use salanimi_core::{Id, LinkKeys, RULE_SET};

pub(super) use moved::{MovedRows, move_rows};

/// Part of the memory, as a divisor, for tokens that are sorted together.
const TOKENS_SHARE: usize = 2;
/// Standard errors on each side of an estimate in its 95 % interval.
const INTERVAL: f64 = 1.96;
/// Decimals of estimates in the accounting.
const DECIMALS: f64 = 1e4;

/// What became of a person without an identifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Outcome {
    /// The person is the one with this pseudonym, with this precision.
    Linked {
        to: u128,
        precision: f64,
    },
    Ambiguous,
    TooWeak,
    NoCandidate,
}

/// A person without an identifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CodelessPerson {
    /// Position of the holder's first delivery.
    pub(super) delivery: usize,
    pub(super) is_temporary: bool,
    pub(super) outcome: Outcome,
}

/// Everyone without an identifier, and the account of them.
pub(super) struct Evidence {
    /// By pseudonym at the holder.
    persons: HashMap<u128, CodelessPerson>,
    pub(super) account: EvidenceAccount,
    include: Include,
}

impl Evidence {
    /// Returns the person with an identifier under whom the rows of a pseudonym are, and the precision; `None` if they
    /// stay apart.
    pub(super) fn moves(&self, pseudonym: u128) -> Option<(u128, f64)> {
        match (self.include, self.persons.get(&pseudonym)?.outcome) {
            (Include::Flag, Outcome::Linked { to, precision }) => Some((to, precision)),
            _ => None,
        }
    }

    /// Returns the pseudonyms of persons without an identifier who stay apart. They are in no population.
    pub(super) fn apart(&self) -> HashSet<u128> {
        let apart =
            self.persons.iter().filter(|(pseudonym, person)| !person.is_temporary && self.moves(**pseudonym).is_none());
        apart.map(|(pseudonym, _)| *pseudonym).collect()
    }

    /// Returns the smallest precision by which rows were moved to each person.
    pub(super) fn precisions(&self) -> HashMap<u128, f64> {
        let mut precisions: HashMap<u128, f64> = HashMap::new();
        for (to, precision) in self.persons.keys().filter_map(|pseudonym| self.moves(*pseudonym)) {
            precisions.entry(to).and_modify(|least| *least = least.min(precision)).or_insert(precision);
        }
        precisions
    }

    /// Returns true if the holder of a delivery has persons without an identifier. `first` is the position of the
    /// holder's first delivery.
    fn has_codeless(&self, first: usize) -> bool {
        self.persons.values().any(|person| person.delivery == first)
    }
}

/// Finds the persons without an identifier among those with one; `None` if the contract does not allow it.
pub(super) fn find_links(
    contract: &Contract,
    deliveries: &[Delivery],
    keys: &LinkKeys<'_>,
    memory: usize,
) -> Result<Option<Evidence>, LinkError> {
    let Some(linkage) = &contract.linkage else { return Ok(None) };
    let mut tables = open_tables(deliveries)?;
    let register = Register::read(&mut tables)?;
    let codeless: Vec<u64> = (0..register.holders.len()).map(|holder| codeless_of(&register, holder)).collect();
    let wanted: Vec<bool> = codeless.iter().map(|persons| *persons > 0).collect();
    let pairs = candidates(&tables, &register, &wanted, memory / TOKENS_SHARE)?;
    let mut calibrations = BTreeMap::new();
    for (holder, &persons) in (0..).zip(&codeless).filter(|(_, persons)| **persons > 0) {
        let of_holder = of_holder(&register, &pairs, holder);
        calibrations.insert(holder, Calibration::measure(&register, &of_holder, holder, persons, &keys.fold()));
    }
    let search = Search { linkage, register: &register, calibrations: &calibrations };
    let mut found = Found::default();
    for &holder in calibrations.keys() {
        search.link(&of_holder(&register, &pairs, holder), holder, &mut found);
    }
    let account = search.account(deliveries, &found);
    Ok(Some(Evidence { persons: found.persons, account, include: linkage.settings.include }))
}

/// Opens the tables of linkage tokens. Deliveries are in the order of their holders.
fn open_tables(deliveries: &[Delivery]) -> Result<Vec<TokenTable>, LinkError> {
    let mut tables: Vec<TokenTable> = Vec::new();
    let mut holders: Vec<&Id> = Vec::new();
    for (delivery, opened) in deliveries.iter().enumerate() {
        let holder = &opened.manifest.holder;
        if holders.last() != Some(&holder) {
            holders.push(holder);
        }
        tables.extend(TokenTable::open(deliveries, delivery, holders.len() - 1)?);
    }
    Ok(tables)
}

fn codeless_of(register: &Register, holder: usize) -> u64 {
    let of_holder = register.records.iter().filter(|record| usize::from(record.holder) == holder);
    of_holder.filter(|record| !record.is_coded()).count() as u64
}

/// Returns the pairs of a holder's records.
fn of_holder(register: &Register, pairs: &[Pair], holder: u16) -> Vec<Pair> {
    let of_holder = |pair: &&Pair| register.records[pair.record as usize].holder == holder;
    pairs.iter().filter(of_holder).copied().collect()
}

/// A class of agreements of the records of the holder at this position.
type HolderClass = (u16, PairClass);

/// Links of all holders.
#[derive(Default)]
struct Found {
    persons: HashMap<u128, CodelessPerson>,
    /// Persons who agree with somebody.
    by_class: BTreeMap<HolderClass, u64>,
    /// Links of admitted classes.
    links: BTreeMap<HolderClass, u64>,
}

/// Search for the persons without an identifier of one holder after another.
struct Search<'a> {
    linkage: &'a Linkage,
    register: &'a Register,
    /// By the position of each holder with persons without an identifier.
    calibrations: &'a BTreeMap<u16, Calibration>,
}

impl Search<'_> {
    /// Returns the persons on whom precision was measured for a holder.
    fn measured_on(&self, holder: u16) -> u64 {
        self.calibrations.get(&holder).map_or(0, |calibration| calibration.persons)
    }

    fn is_calibrated(&self, holder: u16) -> bool {
        self.measured_on(holder) >= self.linkage.settings.min_calibration
    }

    /// Returns what was measured of a class.
    fn measured(&self, (holder, class): HolderClass) -> Measured {
        self.calibrations.get(&holder).map_or_else(Measured::default, |calibration| calibration.of(class))
    }

    /// Returns true if links of a class are precise enough.
    fn links(&self, of: HolderClass) -> bool {
        let bound = self.measured(of).lower_bound();
        self.is_calibrated(of.0) && bound >= self.linkage.settings.min_class_precision
    }

    fn link(&self, pairs: &[Pair], holder: u16, found: &mut Found) {
        let is_codeless = |pair: &&Pair| !self.register.records[pair.record as usize].is_coded();
        let pairs: Vec<Pair> = pairs.iter().filter(is_codeless).copied().collect();
        let mut outcomes: HashMap<u32, Outcome> = pairs.iter().map(|pair| (pair.record, Outcome::Ambiguous)).collect();
        for CascadeLink { pair, class } in cascade(&pairs) {
            let class = (holder, class);
            *found.by_class.entry(class).or_default() += 1;
            let outcome = if self.links(class) {
                *found.links.entry(class).or_default() += 1;
                let to = self.register.records.partition_point(|record| record.person < pair.person);
                let precision = self.measured(class).precision();
                Outcome::Linked { to: self.register.records[to].pseudonym, precision }
            } else {
                Outcome::TooWeak
            };
            outcomes.insert(pair.record, outcome);
        }
        for (number, record) in (0..).zip(&self.register.records) {
            if record.holder == holder && !record.is_coded() {
                let outcome = outcomes.get(&number).copied().unwrap_or(Outcome::NoCandidate);
                let delivery = self.register.holders[usize::from(holder)];
                let is_temporary = record.stratum == TEMPORARY;
                found.persons.insert(record.pseudonym, CodelessPerson { delivery, is_temporary, outcome });
            }
        }
    }

    fn account(&self, deliveries: &[Delivery], found: &Found) -> EvidenceAccount {
        let settings = &self.linkage.settings;
        let names = self.holder_names(deliveries);
        let holders = (0..).zip(&self.register.holders).map(|(holder, &delivery)| {
            let of_holder: Vec<&CodelessPerson> =
                found.persons.values().filter(|person| person.delivery == delivery).collect();
            let temporary = of_holder.iter().filter(|person| person.is_temporary).count() as u64;
            CodelessCount {
                holder: names[usize::from(holder)].clone(),
                codeless: codeless_of(self.register, usize::from(holder)) - temporary,
                temporary,
                measured_on: self.measured_on(holder),
                outcomes: outcomes(of_holder.into_iter().map(|person| person.outcome)),
            }
        });
        EvidenceAccount {
            rules: RULE_SET.to_owned(),
            include: settings.include,
            min_class_precision: settings.min_class_precision,
            min_calibration: settings.min_calibration,
            is_calibrated: self.calibrations.keys().any(|&holder| self.is_calibrated(holder)),
            classes: self.classes(&names, found),
            holders: holders.collect(),
            groups: Vec::new(),
            precision: self.precision(found, |measured| measured),
            precision_without_two_codes: self.precision(found, |measured| without_unmatched(&measured)),
            recall_at_most: self.recall(),
            class_distance: self.class_distance(found),
            possibly_two_codes: self.possibly_two_codes(),
            effect: Vec::new(),
        }
    }

    /// Returns the number of pairs of identifiers that may be one person's. Both holders may have found a pair.
    fn possibly_two_codes(&self) -> u64 {
        let pairs: BTreeSet<[u32; 2]> = self.calibrations.values().flat_map(Calibration::possibly_one).collect();
        pairs.len() as u64
    }

    fn holder_names(&self, deliveries: &[Delivery]) -> Vec<Id> {
        self.register.holders.iter().map(|&delivery| deliveries[delivery].manifest.holder.clone()).collect()
    }

    /// Returns every class that was measured or that somebody without an identifier is in, by holder.
    fn all_classes(&self, found: &Found) -> Vec<HolderClass> {
        let of_holder = |(holder, calibration): (&u16, &Calibration)| {
            calibration.classes.keys().map(|class| (*holder, *class)).collect::<Vec<_>>()
        };
        let mut all: Vec<HolderClass> =
            self.calibrations.iter().flat_map(of_holder).chain(found.by_class.keys().copied()).collect();
        all.sort_unstable_by_key(|&(holder, class)| (holder, std::cmp::Reverse(class.agreement.weight()), class));
        all.dedup();
        all
    }

    fn classes(&self, names: &[Id], found: &Found) -> Vec<EvidenceClass> {
        let classes = self.all_classes(found).into_iter().map(|of| {
            let (holder, class) = of;
            let measured = self.measured(of);
            EvidenceClass {
                holder: names[usize::from(holder)].clone(),
                name: class.agreement.name,
                date: class.agreement.date,
                place: class.agreement.place,
                more: class.agreement.more,
                has_rival: class.has_rival,
                measured: measured.links,
                right: measured.right,
                precision: rounded(measured.precision()),
                lower_bound: rounded(measured.lower_bound()),
                links: self.links(of),
                codeless: found.by_class.get(&of).map_or(0, |persons| *persons),
            }
        });
        classes.collect()
    }

    /// Returns the mean precision of the links, after `adjust`; `None` if there are none, or nothing was measured.
    fn precision(&self, found: &Found, adjust: impl Fn(Measured) -> Measured) -> Option<Estimate> {
        let all: u64 = found.links.values().sum();
        let shares = found.links.iter().map(|(class, links)| {
            let share = *links as f64 / all as f64;
            (share, adjust(self.measured(*class)))
        });
        let shares: Vec<(f64, Measured)> = shares.collect();
        let value: f64 = shares.iter().map(|(share, measured)| share * measured.precision()).sum();
        let variance: f64 = shares.iter().map(|(share, measured)| share * share * measured.variance()).sum();
        let is_known = all > 0 && found.links.keys().all(|(holder, _)| self.measured_on(*holder) > 0);
        is_known.then(|| Estimate { value: rounded(value), within: rounded(INTERVAL * variance.sqrt()) })
    }

    /// Returns the share of persons with hidden identifiers that classes which link found. Each holder counts by its
    /// persons without an identifier.
    fn recall(&self) -> Option<f64> {
        self.mean_by_holder(|holder, calibration| {
            let linking = calibration.classes.iter().filter(|(class, _)| self.links((holder, **class)));
            let right: u64 = linking.map(|(_, measured)| measured.right).sum();
            (calibration.persons > 0).then(|| right as f64 / calibration.persons as f64)
        })
    }

    /// Returns the distance between the classes of both kinds of links. Each holder counts by its persons without an
    /// identifier.
    fn class_distance(&self, found: &Found) -> Option<f64> {
        self.mean_by_holder(|holder, calibration| {
            let measured: u64 = calibration.classes.values().map(|measured| measured.links).sum();
            let of_holder = found.by_class.iter().filter(|((of, _), _)| *of == holder);
            let codeless: u64 = of_holder.map(|(_, persons)| persons).sum();
            let classes = self.all_classes(found).into_iter().filter(|(of, _)| *of == holder);
            let differences = classes.map(|of| {
                let of_codeless = found.by_class.get(&of).map_or(0, |persons| *persons) as f64 / codeless as f64;
                (self.measured(of).links as f64 / measured as f64 - of_codeless).abs()
            });
            (measured > 0 && codeless > 0).then(|| differences.sum::<f64>() / 2.0)
        })
    }

    /// Returns the mean of what is known of holders, each by its number of persons without an identifier.
    fn mean_by_holder(&self, of: impl Fn(u16, &Calibration) -> Option<f64>) -> Option<f64> {
        let mut sum = 0.0;
        let mut weights = 0.0;
        for (&holder, calibration) in self.calibrations {
            if let Some(value) = of(holder, calibration) {
                let weight = codeless_of(self.register, usize::from(holder)) as f64;
                sum += weight * value;
                weights += weight;
            }
        }
        (weights > 0.0).then(|| rounded(sum / weights))
    }
}

/// Counts outcomes.
fn outcomes(all: impl Iterator<Item = Outcome>) -> Outcomes {
    let mut counts = Outcomes::default();
    for outcome in all {
        let count = match outcome {
            Outcome::Linked { .. } => &mut counts.linked,
            Outcome::Ambiguous => &mut counts.ambiguous,
            Outcome::TooWeak => &mut counts.too_weak,
            Outcome::NoCandidate => &mut counts.no_candidate,
        };
        *count += 1;
    }
    counts
}

fn rounded(number: f64) -> f64 {
    (number * DECIMALS).round() / DECIMALS
}

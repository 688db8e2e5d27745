//! Persons without an identifier, linked by evidence whose precision is measured.
//!
//! 1. [`register`] lists the persons of all deliveries, [`candidates`] the pairs that share tokens.
//! 2. [`calibration`] hides the identifiers of persons who have one and measures how often each class of agreements is
//!    right; [`cascade`] links from the strongest agreement on.
//! 3. Classes whose precision was measured and is high enough link persons without an identifier ([`find_links`]). Each
//!    holder's persons are measured separately: a class is less precise where a holder lacks names or birth dates.
//! 4. `account` counts what was measured and what was linked.
//! 5. [`moved`] gives the rows of linked persons the pseudonym of the person with an identifier, so that everything
//!    after it is as if they had the identifier.

mod account;
mod calibration;
mod candidates;
mod cascade;
mod groups;
mod moved;
mod register;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::calibration::{Calibration, Measured};
use self::candidates::{Pair, candidates};
use self::cascade::{CascadeLink, PairClass, cascade};
use self::register::{Register, TokenTable};
use super::error::LinkError;
use crate::config::{Contract, Include, Linkage};
use crate::exchange::{Delivery, EvidenceAccount, TEMPORARY, check_linkage_persons};
use salanimi_core::{Id, LinkKeys};

pub(super) use moved::{MovedRows, move_rows};

/// Part of the memory, as a divisor, for tokens that are sorted together.
const TOKENS_SHARE: usize = 2;

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
    /// are not linked.
    pub(super) fn moves(&self, pseudonym: u128) -> Option<(u128, f64)> {
        match (self.include, self.persons.get(&pseudonym)?.outcome) {
            (Include::Flag, Outcome::Linked { to, precision }) => Some((to, precision)),
            _ => None,
        }
    }

    /// Returns the pseudonyms of persons without an identifier who are not linked. They are in no population.
    pub(super) fn unlinked(&self) -> HashSet<u128> {
        let unlinked =
            self.persons.iter().filter(|(pseudonym, person)| !person.is_temporary && self.moves(**pseudonym).is_none());
        unlinked.map(|(pseudonym, _)| *pseudonym).collect()
    }

    /// Returns the smallest precision by which rows were moved to each person.
    pub(super) fn precisions(&self) -> HashMap<u128, f64> {
        let mut precisions: HashMap<u128, f64> = HashMap::new();
        for (to, precision) in self.persons.keys().filter_map(|pseudonym| self.moves(*pseudonym)) {
            precisions.entry(to).and_modify(|least| *least = least.min(precision)).or_insert(precision);
        }
        precisions
    }

    /// Returns true if a pseudonym is that of a person without an identifier at the holder whose first delivery is at
    /// this position.
    fn is_codeless(&self, pseudonym: u128, first: usize) -> bool {
        self.persons.get(&pseudonym).is_some_and(|person| person.delivery == first)
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
    check_linkage_persons(contract, deliveries)?;
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
    let mut found = FoundLinks::default();
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
    for delivery in deliveries {
        let Some(file) = delivery.linkage_table()? else { continue };
        let holder = &delivery.manifest.holder;
        if holders.last() != Some(&holder) {
            holders.push(holder);
        }
        let first = deliveries.iter().take_while(|other| other.manifest.holder != *holder).count();
        tables.push(TokenTable::new(file, delivery.title(), holders.len() - 1, first));
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
struct FoundLinks {
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
    fn is_admitted(&self, class: HolderClass) -> bool {
        let bound = self.measured(class).lower_bound();
        self.is_calibrated(class.0) && bound >= self.linkage.settings.min_class_precision
    }

    fn link(&self, pairs: &[Pair], holder: u16, found: &mut FoundLinks) {
        let is_codeless = |pair: &&Pair| !self.register.records[pair.record as usize].is_coded();
        let pairs: Vec<Pair> = pairs.iter().filter(is_codeless).copied().collect();
        let mut outcomes: HashMap<u32, Outcome> = pairs.iter().map(|pair| (pair.record, Outcome::Ambiguous)).collect();
        for CascadeLink { pair, class } in cascade(&pairs) {
            let class = (holder, class);
            *found.by_class.entry(class).or_default() += 1;
            let outcome = if self.is_admitted(class) {
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
}

//! The account of the search: how precise each class is, how many links it made, and what became of everyone.

use std::collections::BTreeSet;

use super::calibration::{Calibration, Measured, without_unmatched};
use super::{CodelessPerson, FoundLinks, HolderClass, Outcome, Search, codeless_of};
use crate::exchange::{CodelessCount, Delivery, Estimate, EvidenceAccount, EvidenceClass, Outcomes};
use salanimi_core::{Id, RULE_SET};

/// Standard errors on each side of an estimate in its 95 % interval.
const INTERVAL: f64 = 1.96;
/// Decimals of estimates in the accounting.
const DECIMALS: f64 = 1e4;

impl Search<'_> {
    pub(super) fn account(&self, deliveries: &[Delivery], found: &FoundLinks) -> EvidenceAccount {
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
    fn all_classes(&self, found: &FoundLinks) -> Vec<HolderClass> {
        let of_holder = |(holder, calibration): (&u16, &Calibration)| {
            calibration.classes.keys().map(|class| (*holder, *class)).collect::<Vec<_>>()
        };
        let mut all: Vec<HolderClass> =
            self.calibrations.iter().flat_map(of_holder).chain(found.by_class.keys().copied()).collect();
        all.sort_unstable_by_key(|&(holder, class)| (holder, std::cmp::Reverse(class.agreement.weight()), class));
        all.dedup();
        all
    }

    fn classes(&self, names: &[Id], found: &FoundLinks) -> Vec<EvidenceClass> {
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
                links: self.is_admitted(of),
                codeless: found.by_class.get(&of).map_or(0, |persons| *persons),
            }
        });
        classes.collect()
    }

    /// Returns the mean precision of the links, after `adjust`; `None` if there are none, or nothing was measured.
    fn precision(&self, found: &FoundLinks, adjust: impl Fn(Measured) -> Measured) -> Option<Estimate> {
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
            let linking = calibration.classes.iter().filter(|(class, _)| self.is_admitted((holder, **class)));
            let right: u64 = linking.map(|(_, measured)| measured.right).sum();
            (calibration.persons > 0).then(|| right as f64 / calibration.persons as f64)
        })
    }

    /// Returns the distance between the classes of both kinds of links. Each holder counts by its persons without an
    /// identifier.
    fn class_distance(&self, found: &FoundLinks) -> Option<f64> {
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
pub(super) fn outcomes(all: impl Iterator<Item = Outcome>) -> Outcomes {
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

//! Persons without an identifier: who was linked by evidence, and how precise the links are.

use std::collections::BTreeMap;

use serde::Serialize;

use super::persons::{Forest, Group, age_order};
use super::view::View;
use crate::config::Include;
use crate::exchange::{
    CodelessCount, CodelessGroup, Estimate, EvidenceAccount, EvidenceClass, EvidenceEffect, FAR_CLASSES, precision,
    precision_bound,
};
use crate::text::grouped;

/// Decimals of the precision of all links.
const DECIMALS: usize = 3;
/// Decimals of shares in per cent.
const SHARE_DECIMALS: usize = 1;
/// Decimals of the precision of a class, as in the dataset, of recall and of the distance.
const CLASS_DECIMALS: usize = 2;
/// The highest precision of a class that is shown, as in the dataset: no measured one is certain.
const MOST_PRECISION: f64 = 0.99;

/// The section about persons without an identifier.
#[derive(Serialize)]
pub(super) struct Evidence {
    calibrated: bool,
    /// Holders with too few persons to measure the precision on.
    too_few: Vec<String>,
    in_dataset: bool,
    least_calibration: String,
    least_precision: String,
    precision: Option<String>,
    without_two_codes: Option<String>,
    two_codes: String,
    recall: Option<String>,
    distance: Option<String>,
    /// Persons without an identifier agree in other classes than those on whom precision was measured.
    far: bool,
    holders: Vec<HolderRow>,
    groups: Option<Forest>,
    classes: Vec<ClassRow>,
    effect: Vec<EffectRow>,
}

/// Persons of the dataset or of a table, with and without links by evidence.
#[derive(Serialize)]
struct EffectRow {
    /// `None` for the dataset.
    table: Option<String>,
    with: String,
    /// `None` if few persons make the difference.
    without: Option<String>,
    /// Shares of the dataset's persons in the same column, in per cent.
    shares: [Option<String>; 2],
}

/// A holder, its persons without an identifier, and what became of them.
#[derive(Serialize)]
struct HolderRow {
    holder: String,
    /// Measured on, without a code, with a temporary one, linked, ambiguous, too weak, no candidate.
    counts: [String; 7],
}

/// A class of agreements. Its levels are positions in lists of the fixed words.
#[derive(Serialize)]
struct ClassRow {
    holder: String,
    name: u8,
    date: u8,
    place: u8,
    more: u8,
    rival: bool,
    measured: String,
    /// Estimate and lower bound, from rounded numbers; `None` if it was measured on few persons.
    precision: Option<[String; 2]>,
    links: bool,
    codeless: String,
}

impl View<'_> {
    /// The section; `None` without linkage by evidence.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        self.accounting.evidence.as_ref().map(|account| self.evidence_of(account))
    }

    fn evidence_of(&self, account: &EvidenceAccount) -> Evidence {
        let decimal = |value: f64| self.cells.language().decimal(value, DECIMALS);
        let estimate = |of: Estimate| format!("{} ± {}", decimal(of.value), decimal(of.within));
        Evidence {
            calibrated: account.is_calibrated,
            too_few: account.uncalibrated().map(|count| count.holder.to_string()).collect(),
            in_dataset: account.include == Include::Flag,
            least_calibration: grouped(account.min_calibration),
            least_precision: self.cells.language().decimal(account.min_class_precision, CLASS_DECIMALS),
            precision: account.precision.map(estimate),
            without_two_codes: account.precision_without_two_codes.map(estimate),
            two_codes: self.cells.persons(account.possibly_two_codes),
            recall: account.recall_at_most.map(|recall| self.cells.language().decimal(recall, CLASS_DECIMALS)),
            distance: account.class_distance.map(|distance| self.cells.language().decimal(distance, CLASS_DECIMALS)),
            far: account.class_distance.is_some_and(|distance| distance > FAR_CLASSES),
            holders: account.holders.iter().map(|count| self.holder_row(count)).collect(),
            groups: (account.linked() > 0).then(|| self.linked_by_group(&account.groups)),
            classes: account.classes.iter().map(|class| self.class_row(class)).collect(),
            effect: self.effect_rows(account),
        }
    }

    fn holder_row(&self, count: &CodelessCount) -> HolderRow {
        let of = count.outcomes;
        let counts =
            [count.measured_on, count.codeless, count.temporary, of.linked, of.ambiguous, of.too_weak, of.no_candidate];
        HolderRow { holder: count.holder.to_string(), counts: counts.map(|persons| self.cells.persons(persons)) }
    }

    /// What the links change; nothing if their rows are not in the dataset.
    fn effect_rows(&self, account: &EvidenceAccount) -> Vec<EffectRow> {
        let Some(all) = account.effect.first().filter(|_| account.linked() > 0) else { return Vec::new() };
        if account.include == Include::AccountingOnly {
            return Vec::new();
        }
        account.effect.iter().map(|effect| self.effect_row(effect, all)).collect()
    }

    fn effect_row(&self, effect: &EvidenceEffect, all: &EvidenceEffect) -> EffectRow {
        let share = |part: u64, whole: u64| {
            let [part, whole] = [self.cells.count(part)?, self.cells.count(whole)?];
            Some(self.cells.language().decimal(100.0 * part as f64 / whole as f64, SHARE_DECIMALS))
        };
        // Two counts show their difference, which is suppressed like a count.
        let shown = self.cells.count(effect.persons.saturating_sub(effect.persons_by_identifier));
        let without = shown.map(|_| effect.persons_by_identifier);
        EffectRow {
            table: effect.table.as_deref().map(|table| self.title(table)),
            with: self.cells.persons(effect.persons),
            without: without.map(|persons| self.cells.persons(persons)),
            shares: [
                share(effect.persons, all.persons),
                without.and_then(|persons| share(persons, all.persons_by_identifier)),
            ],
        }
    }

    fn class_row(&self, class: &EvidenceClass) -> ClassRow {
        let shown = |precision: f64| self.cells.language().decimal(precision.min(MOST_PRECISION), CLASS_DECIMALS);
        // Estimate and bound together give both numbers back, so they are those of the rounded ones.
        let rounded = self.cells.count(class.measured).zip(self.cells.count(class.right));
        let rounded = rounded.map(|(measured, right)| (right.min(measured), measured));
        ClassRow {
            holder: class.holder.to_string(),
            name: class.name,
            date: class.date,
            place: class.place,
            more: class.more,
            rival: class.has_rival,
            measured: self.cells.persons(class.measured),
            precision: rounded
                .map(|(right, links)| [precision(right, links), precision_bound(right, links)].map(shown)),
            links: class.links,
            codeless: self.cells.persons(class.codeless),
        }
    }

    /// The share of persons without an identifier who are linked, by sex and age.
    fn linked_by_group(&self, groups: &[CodelessGroup]) -> Forest {
        let mut all = [0, 0];
        let mut by_sex: BTreeMap<(bool, Option<&str>), [u64; 2]> = BTreeMap::new();
        let mut by_age: BTreeMap<(u32, Option<&str>), [u64; 2]> = BTreeMap::new();
        for group in groups {
            let sex = by_sex.entry((group.sex.is_none(), group.sex.as_deref())).or_default();
            let age = by_age.entry(age_order(group.age_group.as_deref())).or_default();
            for counts in [&mut all, sex, age] {
                counts[0] += group.outcomes.linked;
                counts[1] += group.outcomes.total();
            }
        }
        let group = |(label, [part, whole]): (String, [u64; 2])| Group { label, part, whole };
        let sexes = by_sex.into_iter().map(|((_, sex), counts)| (self.sex(sex), counts));
        let ages = by_age.into_iter().map(|((_, age), counts)| (self.age(age), counts));
        let rows = std::iter::once((self.word("everyone"), all)).chain(sexes).chain(ages);
        self.forest_titled(self.word("without_code"), rows.map(group))
    }
}

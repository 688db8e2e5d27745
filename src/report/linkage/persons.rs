//! Who occurs where: overlap by sex and age, and how those who occur differ from those who do not.

use std::collections::BTreeMap;

use serde::Serialize;

use super::View;
use super::cells::{Share, standardised_difference};
use crate::config::{Words, code_label};
use crate::exchange::Overlap;

/// Beyond this a difference is marked, as is usual in comparisons of groups.
const REMARKABLE: f64 = 0.1;

/// Persons who occur in the same tables.
#[derive(Serialize)]
pub(super) struct Together {
    tables: Vec<String>,
    enters: bool,
    persons: String,
}

/// Shares of groups of persons with their confidence intervals.
#[derive(Serialize)]
pub(super) struct Forest {
    table: String,
    /// Where the scale ends, in per cent.
    top: f64,
    rows: Vec<ForestRow>,
}

#[derive(Serialize)]
struct ForestRow {
    label: String,
    persons: String,
    share: Option<Share>,
}

impl Forest {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| row.share.is_none())
    }
}

/// Persons of two kinds by sex and age.
#[derive(Serialize)]
pub(super) struct Comparison {
    /// Which comparison, as the words name it.
    name: &'static str,
    with: String,
    without: String,
    rows: Vec<Compared>,
    /// The largest difference, in words; none if no group can be told.
    largest: Option<Largest>,
}

#[derive(Serialize)]
struct Compared {
    label: String,
    with: Option<String>,
    without: Option<String>,
    difference: Option<String>,
    remarkable: bool,
}

#[derive(Serialize)]
struct Largest {
    label: String,
    difference: String,
    remarkable: bool,
}

/// A group's label and how many of its persons there are of each kind.
type Group = (String, [u64; 2]);

impl View<'_> {
    /// Persons by the set of tables that they occur in, most first.
    pub(super) fn together(&self) -> Vec<Together> {
        let mut sets: BTreeMap<&[String], u64> = BTreeMap::new();
        for part in &self.accounting.overlap {
            *sets.entry(&part.tables).or_default() += part.persons;
        }
        let mut sets: Vec<_> = sets.into_iter().collect();
        sets.sort_by_key(|(tables, _)| (tables.len(), *tables));
        let together = sets.into_iter().map(|(tables, persons)| Together {
            tables: tables.iter().map(|table| self.title(table)).collect(),
            enters: tables.iter().any(|table| self.brings_in(table)),
            persons: self.cells.persons(persons),
        });
        together.collect()
    }

    /// For each table that brings nobody in: of the persons who enter, the share who occur in it, by sex and age.
    pub(super) fn overlap_by_group(&self) -> Vec<Forest> {
        let outcomes = self.accounting.tables.iter().filter(|t| !self.brings_in(&t.table) && t.all.rows > 0);
        outcomes.map(|table| self.overlap_with(&table.table)).collect()
    }

    fn overlap_with(&self, table: &str) -> Forest {
        let groups = self.groups(|part| self.enters(part).then(|| part.tables.iter().any(|t| t == table)));
        let groups = groups.into_iter().map(|(label, [without, with])| (label, with, with + without));
        self.forest(table, groups)
    }

    /// A picture of groups: label, part, whole.
    pub(super) fn forest(&self, table: &str, groups: impl Iterator<Item = (String, u64, u64)>) -> Forest {
        let row = |(label, part, whole)| ForestRow {
            label,
            persons: self.cells.persons(whole),
            share: self.cells.share(part, whole),
        };
        let rows: Vec<ForestRow> = groups.map(row).collect();
        let highest = rows.iter().filter_map(|row| Some(row.share.as_ref()?.high)).fold(0.0, f64::max);
        let top = [5.0, 10.0, 25.0, 50.0].into_iter().find(|top| highest <= *top).unwrap_or(100.0);
        Forest { table: self.title(table), top, rows }
    }

    /// Those who enter with and without data of the tables that bring nobody in; and the persons of these tables who
    /// enter and who do not.
    pub(super) fn comparisons(&self) -> Vec<Comparison> {
        let elsewhere = |part: &Overlap| part.tables.iter().any(|table| !self.brings_in(table));
        let found = self.groups(|part| self.enters(part).then(|| elsewhere(part)));
        let entering = self.groups(|part| elsewhere(part).then(|| self.enters(part)));
        [("found", found), ("entering", entering)].map(|(name, groups)| self.compare(name, &groups)).into()
    }

    fn compare(&self, name: &'static str, groups: &[Group]) -> Comparison {
        // The first group is everyone.
        let all = groups.first().map_or([0, 0], |(_, persons)| *persons);
        let mut largest: Option<(f64, &str)> = None;
        let mut rows = Vec::new();
        for (label, persons) in groups.iter().skip(1) {
            let [without, with] = [0, 1].map(|kind| self.cells.share(persons[kind], all[kind]).map(|s| s.value));
            let difference = with.zip(without).map(|(w, o)| standardised_difference(w / 100.0, o / 100.0));
            let percent = |share: f64| format!("{} %", self.cells.language().decimal(share, 1));
            rows.push(Compared {
                label: label.clone(),
                with: with.map(percent),
                without: without.map(percent),
                difference: difference.map(|difference| self.signed(difference)),
                remarkable: difference.is_some_and(is_remarkable),
            });
            if let Some(difference) = difference.filter(|d| largest.is_none_or(|(most, _)| d.abs() > most.abs())) {
                largest = Some((difference, label));
            }
        }
        let largest = largest.map(|(difference, label)| Largest {
            label: label.to_owned(),
            difference: self.signed(difference),
            remarkable: is_remarkable(difference),
        });
        let [without, with] = all.map(|persons| self.cells.persons(persons));
        Comparison { name, with, without, rows, largest }
    }

    fn signed(&self, difference: f64) -> String {
        let text = self.cells.language().decimal(difference, 2);
        if difference > 0.0 { format!("+{text}") } else { text }
    }

    fn enters(&self, part: &Overlap) -> bool {
        part.tables.iter().any(|table| self.brings_in(table))
    }

    /// Everyone, then by sex, then by age: how many are not and are of a kind. `kind` gives none for whom is left out.
    fn groups(&self, kind: impl Fn(&Overlap) -> Option<bool>) -> Vec<Group> {
        let parts: Vec<(&Overlap, bool)> =
            self.accounting.overlap.iter().filter_map(|part| Some((part, kind(part)?))).collect();
        let mut all = [0, 0];
        let (mut by_sex, mut by_age) = (BTreeMap::new(), BTreeMap::new());
        for (part, of_kind) in parts {
            let sex: &mut [u64; 2] = by_sex.entry((part.sex.is_none(), part.sex.as_deref())).or_default();
            let age: &mut [u64; 2] = by_age.entry(age_order(part.age_group.as_deref())).or_default();
            for counts in [&mut all, sex, age] {
                counts[usize::from(of_kind)] += part.persons;
            }
        }
        let everyone = (self.word("everyone"), all);
        let sexes = by_sex.into_iter().map(|((_, sex), counts)| (self.sex(sex), counts));
        let ages = by_age.into_iter().map(|((_, age), counts)| (self.age(age), counts));
        std::iter::once(everyone).chain(sexes).chain(ages).collect()
    }

    fn sex(&self, code: Option<&str>) -> String {
        let Some(code) = code else { return self.word("unknown_sex") };
        let Words { en, fi } = code_label("sex", code).cloned().unwrap_or_else(|| Words::same(code));
        self.pick(&en, &fi).to_owned()
    }

    fn age(&self, code: Option<&str>) -> String {
        let Some(code) = code else { return self.word("unknown_age") };
        match code.strip_prefix('<') {
            Some(edge) => format!("{} {edge}", self.word("under")),
            None => code.replace('-', "–"),
        }
    }
}

fn is_remarkable(difference: f64) -> bool {
    difference.abs() > REMARKABLE
}

/// Where an age group stands among the others: by its lower edge, the unknown last.
fn age_order(code: Option<&str>) -> (u32, Option<&str>) {
    let Some(text) = code else { return (u32::MAX, None) };
    let digits = text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    (digits.parse().unwrap_or(0), Some(text))
}

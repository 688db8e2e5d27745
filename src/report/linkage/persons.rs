//! Overlap of the sources by sex and age, and comparisons of persons who are found with persons who are not.

use std::collections::BTreeMap;

use serde::Serialize;

use super::view::View;
use crate::exchange::Overlap;
use crate::text::{Share, standardised_difference};

/// A standardised difference beyond this is marked, as is usual in comparisons of groups.
const REMARKABLE: f64 = 0.1;
/// Ends of the scale of a forest plot, in per cent.
const SCALES: [f64; 4] = [5.0, 10.0, 25.0, 50.0];
/// End of the scale that holds every share.
const FULL_SCALE: f64 = 100.0;
/// Place of the youngest group, "<18", among the lower edges.
const NO_LOWER_EDGE: u32 = 0;
/// The list of words that labels sexes.
const SEX_LABELS: &str = "sex";

/// Persons who occur in the same tables.
#[derive(Serialize)]
pub(super) struct TableSet {
    tables: Vec<String>,
    linked: bool,
    persons: String,
}

/// Shares of groups of persons with their confidence intervals.
#[derive(Serialize)]
pub(super) struct Forest {
    table: String,
    /// End of the scale, in per cent.
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
    /// Returns true if no share can be shown.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| row.share.is_none())
    }
}

/// Persons of a group, and those of them with a property.
pub(super) struct Group {
    pub(super) label: String,
    pub(super) part: u64,
    pub(super) whole: u64,
}

/// Persons with and without a property, by sex and age.
#[derive(Serialize)]
pub(super) struct Comparison {
    /// Key of its texts in the fixed words.
    name: &'static str,
    with: String,
    without: String,
    rows: Vec<ComparisonRow>,
    /// The largest difference; `None` if every group is too small.
    largest: Option<LargestDifference>,
}

#[derive(Serialize)]
struct ComparisonRow {
    label: String,
    with: Option<String>,
    without: Option<String>,
    difference: Option<String>,
    remarkable: bool,
}

#[derive(Serialize)]
struct LargestDifference {
    label: String,
    difference: String,
    remarkable: bool,
}

/// Numbers of persons with and without a property.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    with: u64,
    without: u64,
}

impl Counts {
    fn add(&mut self, has_property: bool, persons: u64) {
        if has_property { self.with += persons } else { self.without += persons }
    }
}

/// Counts of everyone, and by sex and age with their labels.
struct GroupCounts {
    all: Counts,
    groups: Vec<(String, Counts)>,
}

impl View<'_> {
    /// Persons by the set of tables that they occur in; sets of few tables first.
    pub(super) fn table_sets(&self) -> Vec<TableSet> {
        let mut sets: BTreeMap<(usize, &[String]), u64> = BTreeMap::new();
        for part in &self.accounting.overlap {
            *sets.entry((part.tables.len(), &part.tables)).or_insert(0) += part.persons;
        }
        let rows = sets.into_iter().map(|((_, tables), persons)| TableSet {
            tables: tables.iter().map(|table| self.title(table)).collect(),
            linked: tables.iter().any(|table| self.is_population(table)),
            persons: self.cells.persons(persons),
        });
        rows.collect()
    }

    /// For each outcome table, the share of the dataset's persons who occur in it, by sex and age.
    pub(super) fn overlap_by_group(&self) -> Vec<Forest> {
        let tables = self.accounting.tables.iter();
        let outcomes = tables.filter(|table| !self.is_population(&table.table) && table.all.rows > 0);
        outcomes.map(|table| self.overlap_with(&table.table)).collect()
    }

    fn overlap_with(&self, table: &str) -> Forest {
        let GroupCounts { all, groups } =
            self.group_counts(|part| self.is_linked(part).then(|| part.tables.iter().any(|name| name == table)));
        let everyone = (self.word("everyone"), all);
        let groups = std::iter::once(everyone).chain(groups);
        let groups = groups.map(|(label, Counts { with, without })| Group { label, part: with, whole: with + without });
        self.forest(table, groups)
    }

    /// A forest plot of shares of groups of a table's persons.
    pub(super) fn forest(&self, table: &str, groups: impl Iterator<Item = Group>) -> Forest {
        self.forest_titled(self.title(table), groups)
    }

    pub(super) fn forest_titled(&self, title: String, groups: impl Iterator<Item = Group>) -> Forest {
        let row = |group: Group| ForestRow {
            label: group.label,
            persons: self.cells.persons(group.whole),
            share: self.cells.share(group.part, group.whole),
        };
        let rows: Vec<ForestRow> = groups.map(row).collect();
        let highest = rows.iter().filter_map(|row| Some(row.share.as_ref()?.high)).fold(0.0, f64::max);
        let top = SCALES.into_iter().find(|top| highest <= *top).unwrap_or(FULL_SCALE);
        Forest { table: title, top, rows }
    }

    /// Compares persons of the dataset with and without outcome tables, and persons of the outcome tables who are
    /// linked with those who are not.
    pub(super) fn comparisons(&self) -> Vec<Comparison> {
        let found = self.group_counts(|part| self.is_linked(part).then(|| self.has_outcome(part)));
        let entering = self.group_counts(|part| self.has_outcome(part).then(|| self.is_linked(part)));
        vec![self.compare("found", &found), self.compare("entering", &entering)]
    }

    fn compare(&self, name: &'static str, counts: &GroupCounts) -> Comparison {
        let mut largest: Option<(f64, &str)> = None;
        let mut rows = Vec::new();
        for (label, group) in &counts.groups {
            let with = self.cells.share(group.with, counts.all.with).map(|share| share.value);
            let without = self.cells.share(group.without, counts.all.without).map(|share| share.value);
            let difference = with.zip(without).map(|(w, o)| standardised_difference(w / 100.0, o / 100.0));
            rows.push(ComparisonRow {
                label: label.clone(),
                with: with.map(|share| self.percent(share)),
                without: without.map(|share| self.percent(share)),
                difference: difference.map(|difference| self.signed(difference)),
                remarkable: difference.is_some_and(is_remarkable),
            });
            if let Some(difference) = difference.filter(|d| largest.is_none_or(|(most, _)| d.abs() > most.abs())) {
                largest = Some((difference, label));
            }
        }
        let largest = largest.map(|(difference, label)| LargestDifference {
            label: label.to_owned(),
            difference: self.signed(difference),
            remarkable: is_remarkable(difference),
        });
        let with = self.cells.persons(counts.all.with);
        let without = self.cells.persons(counts.all.without);
        Comparison { name, with, without, rows, largest }
    }

    fn percent(&self, share: f64) -> String {
        self.cells.language().percentage(share, 1)
    }

    fn signed(&self, difference: f64) -> String {
        let text = self.cells.language().decimal(difference, 2);
        if difference > 0.0 { format!("+{text}") } else { text }
    }

    fn is_linked(&self, part: &Overlap) -> bool {
        part.tables.iter().any(|table| self.is_population(table))
    }

    fn has_outcome(&self, part: &Overlap) -> bool {
        part.tables.iter().any(|table| !self.is_population(table))
    }

    /// Counts persons with and without a property, by sex and by age. Persons for whom `property` is `None` do not
    /// count.
    fn group_counts(&self, property: impl Fn(&Overlap) -> Option<bool>) -> GroupCounts {
        let mut all = Counts::default();
        let mut by_sex: BTreeMap<(bool, Option<&str>), Counts> = BTreeMap::new();
        let mut by_age: BTreeMap<(u32, Option<&str>), Counts> = BTreeMap::new();
        for part in &self.accounting.overlap {
            let Some(has_property) = property(part) else { continue };
            let sex = by_sex.entry((part.sex.is_none(), part.sex.as_deref())).or_default();
            let age = by_age.entry(age_order(part.age_group.as_deref())).or_default();
            for counts in [&mut all, sex, age] {
                counts.add(has_property, part.persons);
            }
        }
        let sexes = by_sex.into_iter().map(|((_, sex), counts)| (self.sex(sex), counts));
        let ages = by_age.into_iter().map(|((_, age), counts)| (self.age(age), counts));
        GroupCounts { all, groups: sexes.chain(ages).collect() }
    }

    pub(super) fn sex(&self, code: Option<&str>) -> String {
        match code {
            Some(code) => self.text(&self.contract.words.code_or_itself(SEX_LABELS, code)),
            None => self.word("unknown_sex"),
        }
    }

    pub(super) fn age(&self, code: Option<&str>) -> String {
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

/// Sorts age groups by their lower edge: "<18" first, the unknown last.
pub(super) fn age_order(code: Option<&str>) -> (u32, Option<&str>) {
    let Some(text) = code else { return (u32::MAX, None) };
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let edge = match digits.parse() {
        Ok(edge) => edge,
        Err(_) => NO_LOWER_EDGE,
    };
    (edge, Some(text))
}

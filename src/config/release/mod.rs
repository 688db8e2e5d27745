//! Checks of the section `[release]`, and what follows from it: the values of columns and their generalisations.

mod hierarchy;
mod labels;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use super::error::Problem;
use super::raw::contract::Limits;
use super::raw::release::{
    Bound, Condition, Counted, Curve, Dimension, Flow, FrequencyTable, Hierarchy as RawHierarchy, MAX_DATASETS,
    MAX_ITEMS, Microdata, PictureKind, Rates, Release,
};
use super::table::Located;
use salanimi_core::{Id, KeyId};

pub use hierarchy::{ALL, Hierarchy, HierarchyError};
pub use labels::LabelError;
pub use value::Value;
use value::value_of;

impl Release {
    /// Returns the levels of generalisation of a column, if the contract gives any.
    #[must_use]
    pub fn hierarchy(&self, column: &str) -> Option<&RawHierarchy> {
        self.hierarchies.iter().find(|(known, _)| known.as_str() == column).map(|(_, raw)| raw)
    }

    /// Returns true if `key` names this release key: by its fingerprint, or by its key id.
    #[must_use]
    pub fn names_key(&self, id: KeyId) -> bool {
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        let named = self.key.as_deref().map(plain);
        named.is_some_and(|named| named == plain(&id.spoken()) || named == id.to_string())
    }
}

/// Returns the position of the value that a bound names.
fn position(texts: &[String], bound: &Bound) -> Option<usize> {
    texts.iter().position(|text| *text == value_of(bound).text())
}

impl Condition {
    /// Returns for each of a column's values whether the condition counts it; `None` if it names another.
    #[must_use]
    pub fn counted(&self, values: &[Value]) -> Option<Vec<bool>> {
        let texts: Vec<String> = values.iter().map(Value::text).collect();
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                let counted = position(&texts, from)?..=position(&texts, to)?;
                (!counted.is_empty()).then(|| (0..texts.len()).map(|at| counted.contains(&at)).collect())
            }
            _ if self.known => Some(vec![true; texts.len()]),
            _ if !self.is.iter().all(|is| texts.contains(is)) => None,
            _ => Some(texts.iter().map(|text| self.is.contains(text)).collect()),
        }
    }

    /// Returns the condition as released tables show it.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { column, is, from, to, .. } = self;
        match (from, to) {
            (Some(from), Some(to)) => format!("{column}: {} to {}", value_of(from).text(), value_of(to).text()),
            _ if self.known => format!("{column}: known"),
            _ => format!("{column}: {}", is.join(", ")),
        }
    }
}

/// Least and largest base of counts.
const BASES: std::ops::RangeInclusive<u32> = 3..=1_000;
/// Largest number of rows of one person that a cell counts.
const MAX_WEIGHT: u32 = 1_000;
/// Largest cap of a sum, in the column's unit.
const MAX_CAP: f64 = 1e9;
/// Largest standard deviation of noise, in persons.
const MAX_NOISE: f64 = 1e6;
/// Largest certainty that a contract may allow.
const MAX_CERTAINTY: f64 = 0.95;
/// Largest design effect.
const MAX_DESIGN_EFFECT: f64 = 100.0;
/// Largest number of flags of one item of rates.
const MAX_FLAGS: usize = 12;
/// Largest number of steps of a curve.
const MAX_STEPS: u32 = 1_000;

/// Returns the section unchanged, if every part of it is valid.
pub(super) fn release(raw: &Release, limits: &Limits) -> Result<Release, Located> {
    check_section(raw, limits).map_err(|problem| ("release".to_owned(), problem))?;
    for (column, listed) in &raw.labels {
        if !labels::is_list(listed) {
            return Err((format!("release, labels of '{column}'"), Problem::Labels));
        }
    }
    raw.tables.iter().try_for_each(|spec| located(&spec.name, check_table(spec)))?;
    raw.curves.iter().try_for_each(|spec| located(&spec.name, check_curve(spec)))?;
    raw.rates.iter().try_for_each(|spec| located(&spec.name, check_rates(spec)))?;
    raw.flows.iter().try_for_each(|spec| located(&spec.name, check_flow(raw, spec)))?;
    raw.microdata.iter().try_for_each(|spec| located(&spec.name, check_microdata(spec)))?;
    check_pictures(raw).map_err(|problem| ("release, pictures".to_owned(), problem))?;
    check_limits_of_persons(raw)?;
    Ok(raw.clone())
}

fn located(name: &Id, checked: Result<(), Problem>) -> Result<(), Located> {
    checked.map_err(|problem| (format!("release '{name}'"), problem))
}

fn check_section(raw: &Release, limits: &Limits) -> Result<(), Problem> {
    let least = limits.min_cell.max(*BASES.start());
    check(BASES.contains(&raw.base) && raw.base >= least, || Problem::Base { least, most: *BASES.end() })?;
    check(is_between(raw.noise, 0.0, MAX_NOISE), || Problem::Noise)?;
    check(raw.certainty > 0.5 && raw.certainty <= MAX_CERTAINTY, || Problem::Certainty)?;
    check((1.0..=MAX_DESIGN_EFFECT).contains(&raw.design_effect), || Problem::DesignEffect)?;
    check((1..=MAX_ITEMS).contains(&raw.max_items), || Problem::Most { key: "max_items", most: MAX_ITEMS })?;
    check((1..=MAX_DATASETS).contains(&raw.max_datasets), || Problem::Most { key: "max_datasets", most: MAX_DATASETS })
}

fn check_table(spec: &FrequencyTable) -> Result<(), Problem> {
    let counts_rows = spec.count == Counted::Rows || spec.sum.is_some();
    check(spec.weight.is_none() || counts_rows, || Problem::WeightWithoutRows)?;
    check_weight(spec.weight())?;
    if let Some(cap) = spec.sum.as_ref().and_then(|sum| sum.cap) {
        check(is_between(cap, 0.0, MAX_CAP) && cap.fract() == 0.0, || Problem::Cap)?;
    }
    check_dimensions(&spec.by)?;
    check_conditions(&spec.only)
}

fn check_curve(spec: &Curve) -> Result<(), Problem> {
    let steps = spec.last.checked_div(spec.interval);
    check(steps.is_some_and(|steps| (1..=MAX_STEPS).contains(&steps)), || Problem::Steps { most: MAX_STEPS })?;
    check_conditions(&spec.only)
}

fn check_rates(spec: &Rates) -> Result<(), Problem> {
    check((1..=MAX_FLAGS).contains(&spec.of.len()), || Problem::Flags { most: MAX_FLAGS })?;
    check_distinct(spec.of.iter().map(Id::as_str))?;
    check_weight(spec.weight())?;
    check_dimensions(&spec.by)?;
    check_conditions(&spec.only)
}

fn check_flow(raw: &Release, spec: &Flow) -> Result<(), Problem> {
    let is_curve = raw.curves.iter().any(|curve| curve.name == spec.like);
    check(is_curve, || Problem::not_among(&spec.like, raw.curves.iter().map(|curve| &curve.name)))
}

/// Checks that each picture is of a released table that it can draw.
fn check_pictures(raw: &Release) -> Result<(), Problem> {
    check_distinct(raw.pictures.iter().map(|picture| picture.name.as_str()))?;
    raw.pictures.iter().try_for_each(|picture| {
        let of = &picture.of;
        let table = raw.tables.iter().find(|spec| spec.name == *of);
        let rates = raw.rates.iter().find(|spec| spec.name == *of);
        let curve = raw.curves.iter().find(|spec| spec.name == *of);
        let fits = match picture.kind {
            PictureKind::Bars => table.is_some_and(|spec| (1..=2).contains(&spec.by.len())),
            PictureKind::Stacked => table.is_some_and(|spec| spec.by.len() == 2),
            PictureKind::Sums => table.is_some_and(|spec| spec.sum.is_some() && spec.by.len() == 1),
            PictureKind::Rates => rates.is_some_and(|spec| (1..=2).contains(&spec.by.len())),
            PictureKind::Threshold => rates.is_some_and(|spec| spec.by.len() == 1),
            PictureKind::Curve => curve.is_some(),
            PictureKind::Difference => curve.is_some_and(|spec| spec.by.is_some()),
            PictureKind::Flow => raw.flows.iter().any(|spec| spec.name == *of),
        };
        let is_curve = matches!(picture.kind, PictureKind::Curve | PictureKind::Difference);
        check(is_curve || picture.grey_from.is_none(), || Problem::DoesNotApply { key: "grey_from" })?;
        check(raw.names().any(|name| name == of), || Problem::not_among(of, raw.names()))?;
        check(fits, || Problem::Picture { name: picture.name.to_string() })
    })
}

fn check_microdata(spec: &Microdata) -> Result<(), Problem> {
    check(spec.sample.is_none_or(|sample| is_between(sample, 0.0, 1.0)), || Problem::Share)?;
    check(!spec.columns.is_empty(), || Problem::NoColumn)?;
    let lists = [Some(&spec.columns), spec.quasi.as_ref(), spec.sensitive.as_ref()];
    lists.into_iter().flatten().try_for_each(|list| check_distinct(list.iter().map(Id::as_str)))
}

/// Checks that a linked table has one weight, and a column one cap: several would be several thresholds on the same
/// persons.
fn check_limits_of_persons(raw: &Release) -> Result<(), Located> {
    let rows = raw.tables.iter().filter(|spec| spec.count == Counted::Rows || spec.sum.is_some());
    let of_tables = rows.map(|spec| (&spec.name, &spec.table, spec.weight()));
    let of_rates = raw.rates.iter().map(|spec| (&spec.name, &spec.table, spec.weight()));
    let mut weights: BTreeMap<&Id, u32> = BTreeMap::new();
    for (name, table, weight) in of_tables.chain(of_rates) {
        let known = *weights.entry(table).or_insert(weight);
        located(name, check(known == weight, || Problem::TwoWeights { table: table.to_string() }))?;
    }
    let mut caps: BTreeMap<(&Id, &Id), Option<f64>> = BTreeMap::new();
    for spec in &raw.tables {
        let Some(sum) = &spec.sum else { continue };
        let known = *caps.entry((&spec.table, &sum.column)).or_insert(sum.cap);
        located(&spec.name, check(known == sum.cap, || Problem::TwoCaps { column: sum.column.to_string() }))?;
    }
    Ok(())
}

fn check_weight(weight: u32) -> Result<(), Problem> {
    check((1..=MAX_WEIGHT).contains(&weight), || Problem::Weight { most: MAX_WEIGHT })
}

fn check_dimensions(by: &[Dimension]) -> Result<(), Problem> {
    check_distinct(by.iter().map(|by| by.parts().0))
}

fn check_conditions(only: &[Condition]) -> Result<(), Problem> {
    check_distinct(only.iter().map(|condition| condition.column.as_str()))?;
    only.iter().try_for_each(|condition| {
        let Condition { is, from, to, known, .. } = condition;
        let forms = [!is.is_empty(), from.is_some() && to.is_some(), *known];
        let is_one = forms.iter().filter(|given| **given).count() == 1 && from.is_some() == to.is_some();
        check(is_one, || Problem::Condition)?;
        check_distinct(is.iter().map(String::as_str))
    })
}

/// Returns the problem unless a condition holds.
fn check(holds: bool, problem: impl FnOnce() -> Problem) -> Result<(), Problem> {
    if holds { Ok(()) } else { Err(problem()) }
}

/// Returns true for a number above `low` and at most `high`; never for one that is no number.
fn is_between(number: f64, low: f64, high: f64) -> bool {
    number > low && number <= high
}

/// Checks that no name occurs twice.
fn check_distinct<'n>(names: impl Iterator<Item = &'n str>) -> Result<(), Problem> {
    let mut known = BTreeSet::new();
    for name in names {
        if !known.insert(name) {
            return Err(Problem::Twice { name: name.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "[[tables]]\nname = 't'\ntable = 'visits'\nby = ['type']\n";
    const ROWS: &str = "[[microdata]]\nname = 'm'\ntable = 'person'\ncolumns = ['sex']\n";
    const RATES: &str = "[[rates]]\nname = 'r'\ntable = 'visits'\nby = []\nof = ['cured']\n";
    const CURVE: &str = "[[curves]]\nname = 'c'\ntable = 'visits'\ntime = 'days'\nevent = 'cured'\nlast = 12\n";

    fn problem(section: &str) -> Option<String> {
        let raw: Release = match toml::from_str(section) {
            Ok(raw) => raw,
            Err(error) => return Some(error.to_string()),
        };
        release(&raw, &Limits::default()).err().map(|(place, problem)| format!("{place}: {problem}"))
    }

    #[test]
    fn a_section_that_protects_is_accepted() {
        assert_eq!(problem(""), None);
        assert_eq!(problem(&format!("base = 10\n{TABLE}{ROWS}sample = 0.5\n{RATES}{CURVE}")), None);
        assert_eq!(problem(&format!("protect = 'noise'\nnoise = 10\ncertainty = 0.95\n{TABLE}")), None);
    }

    #[test]
    fn numbers_that_protect_nothing_are_refused() {
        for (section, expected) in [
            ("base = 0".to_owned(), "from 5 to 1000"),
            ("base = 4".to_owned(), "from 5 to 1000"),
            ("base = 1001".to_owned(), "from 5 to 1000"),
            ("noise = 0".to_owned(), "standard deviation"),
            ("noise = -5.0".to_owned(), "standard deviation"),
            ("noise = nan".to_owned(), "standard deviation"),
            ("noise = inf".to_owned(), "standard deviation"),
            ("certainty = 0.5".to_owned(), "above 0.5"),
            ("certainty = 1.0".to_owned(), "above 0.5"),
            ("certainty = nan".to_owned(), "above 0.5"),
            ("max_items = 31".to_owned(), "`max_items` is from 1 to 30"),
            ("max_items = 0".to_owned(), "`max_items` is from 1 to 30"),
            ("max_datasets = 5".to_owned(), "`max_datasets` is from 1 to 4"),
            ("design_effect = 0.5".to_owned(), "`design_effect`"),
            (format!("{TABLE}count = 'rows'\nweight = 0"), "from 1 to 1000"),
            (format!("{TABLE}weight = 2"), "`count = \"rows\"`"),
            (format!("{TABLE}sum = {{ column = 'eur', cap = 0.0 }}"), "`cap`"),
            (format!("{TABLE}sum = {{ column = 'eur', cap = nan }}"), "`cap`"),
            (format!("{ROWS}sample = 0.0"), "between 0 and 1"),
            (CURVE.replace("12", "0"), "from 1 to 1000 steps"),
            (format!("{CURVE}interval = 0"), "from 1 to 1000 steps"),
            (RATES.replace("['cured']", "[]"), "from 1 to 12 flags"),
        ] {
            let message = problem(&section).unwrap();
            assert!(message.contains(expected), "{section}: {message}");
        }
    }

    #[test]
    fn a_linked_table_has_one_weight_and_a_column_one_cap() {
        let rows = |name: &str, weight: u32| {
            TABLE.replace("'t'", &format!("'{name}'")) + &format!("count = 'rows'\nweight = {weight}\n")
        };
        assert!(problem(&(rows("a", 2) + &rows("b", 3))).unwrap().contains("one weight"));
        assert!(problem(&(rows("a", 2) + RATES)).unwrap().contains("one weight"));
        let capped = |name: &str, cap: u32| {
            TABLE.replace("'t'", &format!("'{name}'")) + &format!("sum = {{ column = 'eur', cap = {cap} }}\n")
        };
        assert!(problem(&(capped("a", 20) + &capped("b", 30))).unwrap().contains("one cap"));
    }

    #[test]
    fn repeated_names_and_empty_lists_are_refused() {
        for (section, expected) in [
            (TABLE.replace("['type']", "['type', 'type']"), "'type' occurs twice"),
            (TABLE.replace("['type']", "['type', { column = 'type', level = 1 }]"), "'type' occurs twice"),
            (ROWS.replace("['sex']", "['sex', 'sex']"), "'sex' occurs twice"),
            (format!("{ROWS}quasi = ['sex', 'sex']"), "'sex' occurs twice"),
            (ROWS.replace("['sex']", "[]"), "name at least one"),
            (format!("{TABLE}only = [{{ column = 'a', is = [] }}]"), "one of"),
            (format!("{TABLE}only = [{{ column = 'a', from = 1 }}]"), "one of"),
            (format!("{TABLE}only = [{{ column = 'a', is = ['1'], known = true }}]"), "one of"),
            (format!("{CURVE}[[flows]]\nname = 'f'\nlike = 'd'"), "'d' is not known here"),
            ("[labels]\nx = ['a', 'a']".to_owned(), "each value once"),
            ("[labels]\nx = { from = 2, to = 1 }".to_owned(), "each value once"),
        ] {
            let message = problem(&section).unwrap();
            assert!(message.contains(expected), "{section}: {message}");
        }
    }

    #[test]
    fn keys_of_earlier_versions_name_their_successors() {
        for (section, expected) in [
            ("seed = 1".to_owned(), "key new --release"),
            ("rounding = 5".to_owned(), "`base`"),
            ("dominance = 0.85".to_owned(), "`cap`"),
            (format!("{TABLE}protect = 'round'"), "`protect` in [release]"),
            (format!("{TABLE}only = {{ column = 'a', is = 'b' }}"), "`only` is a list now"),
            (format!("{TABLE}sum = 'eur'"), "`sum` has a cap now"),
            (format!("{ROWS}max_suppressed = 0.05"), "no row is suppressed"),
            ("[[curves]]\nname = 'c'\nof = 'exit'".to_owned(), "replace `of`"),
        ] {
            let message = problem(&section).unwrap();
            assert!(message.contains(expected), "{section}: {message}");
        }
    }
}

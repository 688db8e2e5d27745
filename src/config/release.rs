//! Checks of the section `[release]`: settings that would protect nothing are refused.

use std::collections::BTreeSet;

use super::error::Problem;
use super::raw::contract::Limits;
use super::raw::release::{Dimension, FrequencyTable, Microdata, Protect, Release};
use super::table::Located;
use salanimi_core::Id;

/// The smallest base of rounding: with 1, every count stays itself.
const MIN_ROUNDING: u32 = 2;

/// Returns the section unchanged, if every part of it is valid.
pub(super) fn release(raw: &Release, limits: &Limits) -> Result<Release, Located> {
    check_section(raw, limits).map_err(|problem| ("release".to_owned(), problem))?;
    for spec in &raw.tables {
        check_table(spec).map_err(|problem| located(&spec.name, problem))?;
    }
    for spec in &raw.microdata {
        check_microdata(spec).map_err(|problem| located(&spec.name, problem))?;
    }
    Ok(raw.clone())
}

fn located(name: &Id, problem: Problem) -> Located {
    (format!("release '{name}'"), problem)
}

fn check_section(raw: &Release, limits: &Limits) -> Result<(), Problem> {
    check_share(raw.dominance)?;
    let rounds = raw.tables.iter().any(|table| table.protect == Protect::Round);
    // Below the minimum cell, a rounded count could show fewer people than a cell may count.
    let least = limits.min_cell.max(MIN_ROUNDING);
    if rounds && raw.rounding < least { Err(Problem::Rounding { least }) } else { Ok(()) }
}

fn check_table(spec: &FrequencyTable) -> Result<(), Problem> {
    check_distinct(spec.by.iter().map(|by| match by {
        Dimension::Column(column) => column.as_str(),
        Dimension::Level(level) => level.column.as_str(),
    }))
}

fn check_microdata(spec: &Microdata) -> Result<(), Problem> {
    check_share(spec.max_suppressed)?;
    if spec.columns.is_empty() {
        return Err(Problem::NoColumn);
    }
    let lists = [Some(&spec.columns), spec.quasi.as_ref(), spec.sensitive.as_ref()];
    lists.into_iter().flatten().try_for_each(|list| check_distinct(list.iter().map(Id::as_str)))
}

fn check_share(share: f64) -> Result<(), Problem> {
    if (0.0..=1.0).contains(&share) { Ok(()) } else { Err(Problem::Share) }
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

    const TABLE: &str = "[[tables]]\nname = 't'\ntable = 'visits'\nby = ['type']\nprotect = 'round'\n";
    const ROWS: &str = "[[microdata]]\nname = 'm'\ntable = 'person'\ncolumns = ['sex']\n";

    fn problem(section: &str) -> Option<String> {
        let raw: Release = toml::from_str(&format!("seed = 1\n{section}")).unwrap();
        release(&raw, &Limits::default()).err().map(|(place, problem)| format!("{place}: {problem}"))
    }

    #[test]
    fn a_section_that_protects_is_accepted() {
        assert_eq!(problem(""), None);
        assert_eq!(problem(&format!("rounding = 10\ndominance = 1.0\n{TABLE}{ROWS}max_suppressed = 1.0")), None);
        assert_eq!(problem(&format!("rounding = 1\n{}", TABLE.replace("round", "suppress"))), None);
    }

    #[test]
    fn rounding_to_less_than_the_minimum_cell_is_refused() {
        for rounding in 0..5 {
            let message = problem(&format!("rounding = {rounding}\n{TABLE}")).unwrap();
            assert!(message.contains("at least 5"), "{message}");
        }
    }

    #[test]
    fn no_share_a_repeated_name_and_an_empty_list_are_refused() {
        for (section, expected) in [
            (format!("dominance = nan\n{TABLE}"), "between 0 and 1"),
            (format!("dominance = 1.1\n{TABLE}"), "between 0 and 1"),
            (format!("{ROWS}max_suppressed = nan"), "between 0 and 1"),
            (format!("{ROWS}max_suppressed = -0.1"), "between 0 and 1"),
            (TABLE.replace("['type']", "['type', 'type']"), "'type' occurs twice"),
            (TABLE.replace("['type']", "['type', { column = 'type', level = 1 }]"), "'type' occurs twice"),
            (ROWS.replace("['sex']", "['sex', 'sex']"), "'sex' occurs twice"),
            (format!("{ROWS}quasi = ['sex', 'sex']"), "'sex' occurs twice"),
            (ROWS.replace("['sex']", "[]"), "name at least one"),
        ] {
            let message = problem(&section).unwrap();
            assert!(message.contains(expected), "{section}: {message}");
        }
    }
}

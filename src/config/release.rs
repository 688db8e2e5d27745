//! The section `[release]`, checked for what would make its protection none.

use super::error::Problem;
use super::raw::contract::Limits;
use super::raw::release::{Dimension, FrequencyTable, Microdata, Protect, Release};
use super::table::Located;
use salanimi_core::Id;

/// The section as it is written, if every part of it can be meant.
pub(super) fn release(raw: &Release, limits: &Limits) -> Result<Release, Located> {
    let located = |problem| ("release".to_owned(), problem);
    share(raw.dominance).map_err(located)?;
    let rounds = raw.tables.iter().any(|table| table.protect == Protect::Round);
    // A multiple of less could be shown for fewer people than a cell may count; of 1, every count is itself.
    if rounds && raw.rounding < limits.min_cell.max(2) {
        return Err(located(Problem::Rounding { least: limits.min_cell.max(2) }));
    }
    let named =
        |name: &Id, checked: Result<(), Problem>| checked.map_err(|problem| (format!("release '{name}'"), problem));
    raw.tables.iter().try_for_each(|spec| named(&spec.name, table(spec)))?;
    raw.microdata.iter().try_for_each(|spec| named(&spec.name, rows(spec)))?;
    Ok(raw.clone())
}

fn table(spec: &FrequencyTable) -> Result<(), Problem> {
    once(spec.by.iter().map(|by| match by {
        Dimension::Column(column) => column.as_str(),
        Dimension::Level(level) => level.column.as_str(),
    }))
}

fn rows(spec: &Microdata) -> Result<(), Problem> {
    share(spec.max_suppressed)?;
    if spec.columns.is_empty() {
        return Err(Problem::NoColumn);
    }
    let lists = [Some(&spec.columns), spec.quasi.as_ref(), spec.sensitive.as_ref()];
    lists.into_iter().flatten().try_for_each(|list| once(list.iter().map(Id::as_str)))
}

fn share(share: f64) -> Result<(), Problem> {
    if (0.0..=1.0).contains(&share) { Ok(()) } else { Err(Problem::Share) }
}

/// That no name occurs twice.
fn once<'n>(names: impl Iterator<Item = &'n str>) -> Result<(), Problem> {
    let mut known = std::collections::BTreeSet::new();
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

    const TABLE: &str = "[[tables]]\nname = 't'\ntable = 'notification'\nby = ['type']\nprotect = 'round'\n";
    const ROWS: &str = "[[microdata]]\nname = 'm'\ntable = 'person'\ncolumns = ['sex']\n";

    fn problem(section: &str) -> Option<String> {
        let raw: Release = toml::from_str(&format!("seed = 1\n{section}")).unwrap();
        release(&raw, &Limits::default()).err().map(|(place, problem)| format!("{place}: {problem}"))
    }

    #[test]
    fn what_protects_is_accepted() {
        assert_eq!(problem(""), None);
        assert_eq!(problem(&format!("rounding = 10\ndominance = 1.0\n{TABLE}{ROWS}max_suppressed = 1.0")), None);
        assert_eq!(problem(&format!("rounding = 1\n{}", TABLE.replace("round", "suppress"))), None);
    }

    #[test]
    fn rounding_to_less_than_the_minimum_cell_is_refused() {
        for rounding in 0..5 {
            let said = problem(&format!("rounding = {rounding}\n{TABLE}")).unwrap();
            assert!(said.contains("at least 5"), "{said}");
        }
    }

    #[test]
    fn what_is_no_share_or_named_twice_or_empty_is_refused() {
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
            let said = problem(&section).unwrap_or_default();
            assert!(said.contains(expected), "{section}: {said}");
        }
    }
}

//! Items that are also released without the rows of persons who were linked without an identifier.

use super::labels::PERSONS;
use crate::config::error::Problem;
use crate::config::raw::release::{Condition, Release};
use crate::config::{BY_EVIDENCE, MATCH_KIND};
use salanimi_core::Id;

/// Ending of the name of such an item.
const ENDING: &str = "_by_code";

/// Returns the section with an item more for each that `sensitivity` names.
pub(super) fn with_items(raw: &Release, has_evidence: bool) -> Result<Release, Problem> {
    if !raw.sensitivity.is_empty() && !has_evidence {
        return Err(Problem::MissingKey { key: "exchange.linkage" });
    }
    let mut all = raw.clone();
    for name in &raw.sensitivity {
        let added = name_of(name)?;
        let without = |table: &Id, only: &[Condition]| [only, &[by_code(table)]].concat();
        if let Some(spec) = raw.tables.iter().find(|spec| spec.name == *name) {
            let mut spec = spec.clone();
            (spec.only, spec.name) = (without(&spec.table, &spec.only), added);
            all.tables.push(spec);
        } else if let Some(spec) = raw.curves.iter().find(|spec| spec.name == *name) {
            let mut spec = spec.clone();
            (spec.only, spec.name) = (without(&spec.table, &spec.only), added);
            all.curves.push(spec);
        } else if let Some(spec) = raw.rates.iter().find(|spec| spec.name == *name) {
            let mut spec = spec.clone();
            (spec.only, spec.name) = (without(&spec.table, &spec.only), added);
            all.rates.push(spec);
        } else {
            let tables = raw.tables.iter().map(|spec| &spec.name);
            let others = raw.curves.iter().map(|spec| &spec.name).chain(raw.rates.iter().map(|spec| &spec.name));
            return Err(Problem::not_among(name, tables.chain(others)));
        }
    }
    Ok(all)
}

fn name_of(item: &Id) -> Result<Id, Problem> {
    Id::new(&format!("{item}{ENDING}")).map_err(|_| Problem::NameTooLong { name: item.to_string(), ending: ENDING })
}

/// Returns the condition of rows of persons who were linked by identifiers only.
fn by_code(table: &Id) -> Condition {
    let (column, is) = if table.as_str() == PERSONS { (MATCH_KIND, "code") } else { (BY_EVIDENCE, "false") };
    Condition { column: column.to_owned(), is: vec![is.to_owned()], from: None, to: None, known: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(sensitivity: &str) -> Release {
        let text = format!(
            "sensitivity = [\"{sensitivity}\"]\n[[tables]]\nname = \"reached\"\ntable = \"notification\"\nby = [\"type\"]\n"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn an_item_comes_once_more_without_rows_by_evidence() {
        let all = with_items(&section("reached"), true).unwrap();
        assert_eq!(all.tables.len(), 2);
        assert_eq!(all.tables[1].name.as_str(), "reached_by_code");
        assert_eq!(all.tables[1].only, [by_code(&all.tables[0].table)]);
        assert_eq!(all.tables[1].by, all.tables[0].by);
    }

    #[test]
    fn sensitivity_names_an_item_and_needs_linkage() {
        assert!(with_items(&section("other"), true).is_err());
        assert!(with_items(&section("reached"), false).is_err());
    }
}

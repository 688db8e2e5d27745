//! Definitions of the analysis tables: keys, types and roles.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::config::AnalysisTable;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    table: Vec<AnalysisTable>,
}

#[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| toml::from_str(include_str!("schema.toml")).expect("schema.toml defines the analysis tables"));

/// Returns the definitions, in the order in which the tables are written.
pub(super) fn tables() -> &'static [AnalysisTable] {
    &SCHEMA.table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Role;

    #[test]
    fn every_table_begins_with_the_person_and_has_its_key_among_its_columns() {
        assert_eq!(tables().len(), 6);
        for table in tables() {
            assert!(table.key.iter().all(|name| table.column(name).is_some()), "{}", table.name);
            assert_eq!(table.columns[0].role, Role::Person);
        }
    }
}

//! Columns, titles and breaks in time of all tables.

use super::*;

#[test]
fn every_table_has_the_columns_of_the_schema() {
    let setting = Setting::new();
    let types = ColumnTypes::new(&setting.contract.source_tables(), &setting.settings);
    for kind in Kind::ALL {
        let fields = kind.fields(&types);
        let made: Vec<(&str, &str)> = fields.iter().map(|f| (f.name.as_str(), f.value.name())).collect();
        let table = schema::tables().iter().find(|table| table.name == kind.name()).unwrap();
        let known: Vec<(&str, &str)> = table.columns.iter().map(|c| (c.name.as_str(), c.value.as_str())).collect();
        assert_eq!(made, known, "{}", kind.name());
    }
}

/// Returns true if a label is in every language of the reports.
fn has_every_language(label: &Label) -> bool {
    let translated: Vec<&str> = label.translations().map(|(code, _)| code).collect();
    Language::ALL.into_iter().skip(1).all(|language| translated.contains(&language.code()))
}

#[test]
fn every_column_that_the_study_shows_has_a_title_and_every_code_a_label() {
    let Setting { contract, .. } = Setting::new();
    let analysis = contract.analysis.as_ref().unwrap();
    let source = |table: &crate::config::Table| -> Vec<Field> {
        let shown = table.fields[1..]
            .iter()
            .filter_map(|field| Some(Field { name: field.name.clone(), value: table.linked_value(&field.name)? }));
        shown.collect()
    };
    let sources = contract.tables.iter().map(|table| (table.name.as_str(), source(table)));
    let made = analysis
        .tables()
        .iter()
        .map(|table| (table.name.as_str(), analysis.fields(&contract.source_tables(), &table.name).unwrap()));
    for (table, fields) in sources.chain(made) {
        let title = contract.words.table(table);
        assert!(has_every_language(&title), "{table} has no title");
        for Field { name, value } in fields {
            let words = contract.words.column(table, &name);
            assert!(words.is_some_and(|words| has_every_language(&words.title)), "{table}.{name} has no title");
            let ValueType::Code(codes) = value else { continue };
            let list = contract.words.code_list(table, &name);
            let is_bare = |code: &&String| !contract.words.code(list, code).is_some_and(has_every_language);
            let bare: Vec<_> = codes.values().iter().filter(is_bare).collect();
            assert!(bare.is_empty(), "{table}.{name}: {bare:?} have no label");
        }
    }
}

#[test]
fn breaks_in_time_are_in_order_and_concern_known_tables() {
    let Setting { contract, .. } = Setting::new();
    let breaks = contract.words.breaks();
    assert!(breaks.len() == 6 && breaks.is_sorted_by_key(|change| change.first));
    let analysis = contract.analysis.as_ref().unwrap();
    let is_known = |name: &Id| contract.table(name.as_str()).is_some() || analysis.table(name.as_str()).is_some();
    assert!(breaks.iter().flat_map(|change| &change.tables).all(is_known));
}

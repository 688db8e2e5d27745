//! Parquet, footers and pages: a delivered table, a holder's source, and a table of any writer.

#![no_main]

use libfuzzer_sys::fuzz_target;
use salanimi::table::{AnyTable, ParquetTable, SourceError, SourceFile, decode_column, describe_parquet, is_sorted};
use salanimi_fuzz::{CONTRACT, Folder, MEMORY, let_readers_catch};

fuzz_target!(init: let_readers_catch(), |data: &[u8]| {
    let folder = Folder::new();
    let path = folder.file("table.parquet", data);
    drop(describe_parquet(&path, None));
    if let Ok(table) = AnyTable::parquet(&path, None, MEMORY) {
        drop((table.nested_names(), table.footers().len()));
        let read = table.map(&table.all(), |rows| {
            for column in &rows.columns {
                (0..column.len().min(100)).for_each(|row| drop(column.text(row)));
            }
        });
        drop(read);
        let names: Vec<String> = table.columns().iter().map(|(name, _)| name.clone()).collect();
        if let Ok(source) = SourceFile::parquet(&path, &names, &vec![true; names.len()], &[]) {
            drop(source.for_each::<SourceError>(|_| Ok(())));
        }
    }
    for table in &CONTRACT.tables {
        let Ok(opened) = ParquetTable::open(&path, &table.fields, None) else { continue };
        drop(opened.first_keys());
        for batch in opened.all_batches().map_while(Result::ok) {
            let columns = batch.columns().iter().zip(&table.fields);
            let decoded = columns.map(|(column, field)| decode_column(column, &field.value));
            let _ = decoded.collect::<Option<Vec<_>>>().map(|columns| is_sorted(&columns));
        }
    }
});

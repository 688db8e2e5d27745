//! CSV: a holder's source with a known header and format, and a table of any writer whose layout is detected.

#![no_main]

use libfuzzer_sys::fuzz_target;
use salanimi::table::{AnyTable, Cells, CsvFormat, Encoding, SourceError, SourceFile};
use salanimi_fuzz::{Folder, choice};

const WANTED: [&str; 3] = ["person_code", "day", "eur"];
const KNOWN: [&str; 6] = ["organiser", "kind", "notice", "note", "first_name", "henkilotunnus"];

fuzz_target!(|data: &[u8]| {
    let (choice, text) = choice(data);
    let folder = Folder::new();
    let path = folder.file("source.csv", text);
    let delimiter = [b';', b',', b'\t', b'|'][usize::from(choice & 3)];
    let encoding = if choice & 4 == 0 { Encoding::Utf8 } else { Encoding::Latin1 };
    let [wanted, known] =
        [WANTED.as_slice(), KNOWN.as_slice()].map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>());
    if let Ok(source) = SourceFile::csv(&path, &CsvFormat { delimiter, encoding }, &wanted, &known) {
        let read = source.for_each::<SourceError>(|batch| {
            assert!(batch.columns.iter().all(|column| Cells::new(column).len() == batch.rows.len()));
            Ok(())
        });
        drop(read);
    }
    if let Ok(table) = AnyTable::csv(&path) {
        let read = table.map(&table.all(), |rows| {
            for column in &rows.columns {
                assert_eq!(column.len(), rows.len());
                (0..column.len()).for_each(|row| drop(column.text(row)));
            }
        });
        drop(read);
    }
});

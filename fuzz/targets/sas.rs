//! SAS data sets: a holder's source with a known header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use salanimi::table::{Cells, Encoding, SasFormat, SourceError, SourceFile};
use salanimi_fuzz::{Folder, choice, let_readers_catch};

const NAMES: [&str; 4] = ["code", "amount", "day", "time"];

fuzz_target!(init: let_readers_catch(), |data: &[u8]| {
    let (choice, bytes) = choice(data);
    let folder = Folder::new();
    let path = folder.file("source.sas7bdat", bytes);
    let names = NAMES.map(str::to_owned);
    let encoding = [None, Some(Encoding::Utf8), Some(Encoding::Latin1), None][usize::from(choice & 3)];
    let format = SasFormat { encoding, days: names[1..2].to_vec(), seconds: Vec::new() };
    let wanted = &names[..1 + usize::from(choice >> 2 & 3)];
    if let Ok(source) = SourceFile::sas(&path, &format, wanted, &names) {
        let read = source.for_each::<SourceError>(|batch| {
            assert!(batch.columns.iter().all(|column| Cells::new(column).len() == batch.rows.len()));
            Ok(())
        });
        drop(read);
    }
});

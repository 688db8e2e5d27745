//! Tests of reading CSV files.

use std::sync::Mutex;

use arrow::array::AsArray;
use proptest::prelude::*;
use regex::Regex;

use super::super::chunk::CHUNK_BYTES;
use super::super::format::Encoding;
use super::super::record::{last_record_end, reader};
use super::*;

fn source(
    text: &[u8],
    encoding: Encoding,
    wanted: &[&str],
    known: &[&str],
) -> Result<(tempfile::TempDir, CsvSource), SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source.csv");
    std::fs::write(&path, text).unwrap();
    let source = CsvSource::open(&path, &CsvFormat { delimiter: b';', encoding }, &owned(wanted), &owned(known))?;
    Ok((folder, source))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Returns cells of UTF-8 as texts.
fn texts(cells: &[&[u8]]) -> Vec<String> {
    cells.iter().map(|cell| String::from_utf8(cell.to_vec()).unwrap()).collect()
}

/// Line and cells of a row.
type Row = (u64, Vec<String>);

/// Returns all rows and the malformed lines, both in order.
fn read(text: &[u8], encoding: Encoding) -> Result<(Vec<Row>, Vec<u64>), SourceError> {
    let (_folder, source) = source(text, encoding, &["a", "b"], &["c"])?;
    let all = Mutex::new((Vec::new(), Vec::new()));
    source.for_each(|batch| -> Result<(), SourceError> {
        let mut all = all.lock().unwrap();
        all.0.extend(rows(&batch));
        all.1.extend(batch.malformed);
        Ok(())
    })?;
    let (mut rows, mut malformed) = all.into_inner().unwrap();
    rows.sort();
    malformed.sort_unstable();
    Ok((rows, malformed))
}

fn rows(batch: &SourceBatch) -> Vec<Row> {
    let lines = batch.rows.iter().enumerate();
    lines.map(|(at, line)| (*line, batch.columns.iter().map(|column| cell(column, at)).collect())).collect()
}

fn cell(column: &ArrayRef, row: usize) -> String {
    column.as_string::<i32>().value(row).to_owned()
}

fn row(line: u64, a: &str, b: &str) -> Row {
    (line, vec![a.to_owned(), b.to_owned()])
}

#[test]
fn columns_are_found_by_name_and_rows_by_line() {
    let text = b"\xEF\xBB\xBFb;c;a\r\n2;x;1\r\n\r\n4;\"x;\ny\";3\r\n6;x;5";
    let (rows, malformed) = read(text, Encoding::Utf8).unwrap();
    assert_eq!(rows, [row(2, "1", "2"), row(4, "3", "4"), row(6, "5", "6")]);
    assert!(malformed.is_empty());
}

#[test]
fn a_row_of_another_width_is_malformed_and_the_next_is_read() {
    let (rows, malformed) = read(b"a;b;c\n1;2\n1;2;3\n1;2;3;4\n", Encoding::Utf8).unwrap();
    assert_eq!((rows, malformed), (vec![row(3, "1", "2")], vec![2, 4]));
}

#[test]
fn a_malformed_record_counts_all_of_its_lines() {
    let (rows, malformed) = read(b"a;b;c\n1;\"2\n1;2;3\n1;2\";3;4\n5;6;7\n", Encoding::Utf8).unwrap();
    assert_eq!((rows, malformed), (vec![row(5, "5", "6")], vec![2, 3, 4]));
}

#[test]
fn latin_1_is_decoded_and_wrong_encodings_are_named() {
    assert_eq!(read(b"a;b;c\n\xE4;2;3\n", Encoding::Latin1).unwrap().0, [row(2, "ä", "2")]);
    assert!(matches!(read(b"a;b;c\n1;2;3\n\xE4;2;3\n", Encoding::Utf8), Err(SourceError::NotUtf8 { line: 3, .. })));
    assert!(matches!(read("a;b;c\nä;2;3\n".as_bytes(), Encoding::Latin1), Err(SourceError::LooksUtf8 { .. })));
    assert!(matches!(read(b"a\0;\0b\0", Encoding::Utf8), Err(SourceError::NotText { .. })));
}

fn open_error(text: &[u8]) -> SourceError {
    source(text, Encoding::Utf8, &["a", "b"], &[]).err().unwrap()
}

#[test]
fn a_wrong_header_is_one_clear_error() {
    assert!(matches!(open_error(b""), SourceError::Empty { .. }));
    assert!(matches!(open_error(b"a,b\n1,2\n"), SourceError::Delimiter { found: ',', .. }));
    assert!(matches!(open_error(b"a;x\n"), SourceError::MissingColumn { .. }));
    assert!(matches!(open_error(b"a;b;x\n"), SourceError::ExtraColumn { position: 3, .. }));
    assert!(matches!(open_error(b"a;b;a\n"), SourceError::DuplicateHeader { first: 1, second: 3, .. }));
}

#[test]
fn a_quotation_mark_that_is_never_closed_stops_the_run() {
    assert!(matches!(
        read(b"a;b;c\n1;2;3\n1;\"2;3\n1;2;3\n", Encoding::Utf8),
        Err(SourceError::OpenQuote { line: 3, .. })
    ));
}

#[test]
fn chunks_join_to_the_whole_file() {
    let rows_expected: Vec<_> = (0..300_000).map(|n| row(n + 2, &n.to_string(), "\"x\ny\"")).collect();
    let mut text = String::from("a;b;c\n");
    rows_expected.iter().for_each(|(_, cells)| text += &format!("{};{};filler filler\n", cells[0], cells[0]));
    assert!(text.len() > 2 * CHUNK_BYTES);
    let (rows, malformed) = read(text.as_bytes(), Encoding::Utf8).unwrap();
    assert!(malformed.is_empty() && rows.len() == 300_000);
    assert!(
        rows.iter().zip(&rows_expected).all(|(found, expected)| found.0 == expected.0 && found.1[0] == expected.1[0])
    );
}

proptest! {
    #[test]
    fn rows_are_those_of_the_csv_library(body in "[ab;\"\n]{0,60}", is_strict in any::<bool>()) {
        prop_assume!(!last_record_end(body.as_bytes(), b';').is_open);
        let (_folder, source) = source(b"a;b;c\n", Encoding::Utf8, &["a", "b"], &["c"]).unwrap();
        let source = CsvSource { is_strict, ..source };
        let mut found = BatchBuilder::new(&source, 0);
        source.parse_text(&body, 2, &mut found);
        let slow: Vec<_> = reader(body.as_bytes(), b';').into_byte_records().map(Result::unwrap).collect();
        let starts = slow.iter().map(|record| record.position().unwrap().byte() as usize);
        let ends = starts.clone().skip(1).chain([body.len()]);
        let raw = starts.zip(ends).map(|(start, end)| body[start..end].trim_matches('\n'));
        let well_quoted = Regex::new("^(?:(?:\"(?:[^\"]|\"\")*\"|[^\";][^;]*|)(?:;|$))*$").unwrap();
        let is_row = |raw: &str| !is_strict || well_quoted.is_match(raw);
        let slow = slow.iter().zip(raw).filter(|(record, raw)| record.len() == 3 && is_row(raw));
        let expected: Vec<Vec<String>> = slow.map(|(record, _)| texts(&[&record[0], &record[1]])).collect();
        prop_assert_eq!(rows(&found.finish(0)).into_iter().map(|(_, cells)| cells).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        latin1 in any::<bool>(),
    ) {
        let encoding = if latin1 { Encoding::Latin1 } else { Encoding::Utf8 };
        let _ = read(&[b"a;b;c\n".as_slice(), &body].concat(), encoding);
        let _ = read(&body, encoding);
    }
}

//! Rows of persons in which every quasi-identifier is suppressed: they disclose nothing.

use std::collections::HashSet;

use super::words::WORDS;
use crate::verify::risk::coded::{CodedColumn, CodedTable, is_value};
use crate::verify::risk::keys;

/// Most asterisks of a mark: each digit of a postal code may be masked.
const LONGEST_MARK: usize = 16;

/// Removes the rows in which the first `quasi` columns are all suppressed. Returns the other rows and the number of
/// removed ones; `None` if there is no such row.
pub(in crate::verify::risk) fn without_suppressed_rows(table: &CodedTable, quasi: usize) -> Option<(CodedTable, u64)> {
    if quasi == 0 {
        return None;
    }
    let marks = mark_keys();
    let hidden: Vec<HashSet<u32>> = table.columns[..quasi].iter().map(|column| hidden_codes(column, &marks)).collect();
    let is_shown = |row: &u32| {
        let mut columns = table.columns.iter().zip(&hidden);
        columns.any(|(column, hidden)| !hidden.contains(&column.codes[*row as usize]))
    };
    let all = table.rows() as u32;
    let kept: Vec<u32> = (0..all).filter(is_shown).collect();
    let removed = u64::from(all) - kept.len() as u64;
    (removed > 0).then(|| (table.with_rows(&kept), removed))
}

/// Returns the keys of all marks of suppressed values.
fn mark_keys() -> HashSet<u64> {
    let repeated = (1..=LONGEST_MARK).map(|length| "*".repeat(length));
    let marks = WORDS.marks.iter().chain(&WORDS.hidden).cloned().chain(repeated);
    marks.map(|mark| keys::plain(&mark)).collect()
}

/// Returns the codes of nulls and marks.
fn hidden_codes(column: &CodedColumn, marks: &HashSet<u64>) -> HashSet<u32> {
    let codes = 0..column.codes_below() as u32;
    codes.filter(|&code| !is_value(code) || marks.contains(&column.keys[code as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::risk::keys::Scale;

    #[test]
    fn rows_of_marks_alone_are_removed_and_persons_are_numbered_again() {
        let column = |texts: [&str; 3]| {
            let keys: Vec<u64> = std::iter::once(0).chain(texts.iter().map(|text| keys::plain(text))).collect();
            CodedColumn { codes: vec![1, 2, 3], keys, scale: Scale::Unordered }
        };
        let columns = vec![column(["*", "f", "*"]), column(["***", "*", "81***"])];
        let table = CodedTable::new(vec![vec![7, 8, 9]], columns);
        let (kept, removed) = without_suppressed_rows(&table, 2).unwrap();
        assert_eq!((removed, &kept.persons[..], &kept.person_keys[..]), (1, &[0, 1][..], &[8, 9][..]));
        assert_eq!(kept.columns[0].codes, [2, 3]);
        assert!(without_suppressed_rows(&kept, 2).is_none());
    }
}

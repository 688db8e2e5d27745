//! What a Parquet file holds around its data: statistics, key-value entries, indexes, filters, leftovers.

use std::ops::Range;

use super::super::check::{Notes, Verdict};
use super::super::subject::{Subject, Tabular};
use super::bytes;
use super::cell::Form;
use super::found::{Finding, Found, Tallies};
use super::kind::Kind;
use super::verdict::{self, Judged};
use crate::table::{Footer, PARQUET_MAGIC};
use crate::text::Text;

const NAME: &str = "residue.metadata";

/// Notes what the Parquet files of a subject hold around their data, and the dictionary values that no row has.
pub(super) fn check(subject: &Subject, unused: Vec<(String, Kind, u64)>, notes: &mut Notes<'_>) {
    let footers = subject.tables.iter().filter_map(|table| Some((table, table.table.footer()?)));
    let footers: Vec<(&Tabular, Footer)> = footers.collect();
    if footers.is_empty() {
        notes.note(NAME, Verdict::NotApplicable, Text::new("no Parquet file", "ei Parquet-tiedostoja"));
        return;
    }
    let mut findings: Vec<Finding> = unused.into_iter().map(unused_value).collect();
    let mut unread = 0;
    for (table, footer) in &footers {
        let (found, read) = look(table, footer);
        findings.extend(found);
        unread += usize::from(!read);
    }
    let judged = verdict::judge(findings);
    let judged: Vec<&Judged> = judged.iter().collect();
    let filters: usize = footers.iter().map(|(_, footer)| footer.filters).sum();
    let found = judged.iter().filter(|one| one.verdict > Verdict::Pass).count();
    let lowest = match (filters, unread) {
        (0, 0) => Verdict::Pass,
        (0, _) => Verdict::NotChecked,
        _ => Verdict::Warn,
    };
    let words = Text::new(
        format!(
            "{} Parquet files: {found} findings outside the data; {filters} bloom filters, which let anyone test \
             whether a value is there; {unread} files could not be read again",
            footers.len()
        ),
        format!(
            "{} Parquet-tiedostoa: {found} löydöstä datan ulkopuolella; {filters} bloom-suodatinta, joilla kuka tahansa \
             voi kokeilla, onko arvo mukana; {unread} tiedostoa jäi lukematta uudestaan",
            footers.len()
        ),
    );
    let check = notes.note(NAME, lowest.max(verdict::worst(&judged)), words);
    check.tables.extend(verdict::table(&judged));
}

/// Dictionary values that no row has: they were shaped and passed, and nobody meant to hand them over.
fn unused_value((place, kind, hits): (String, Kind, u64)) -> Finding {
    let place = format!("{place} (dictionary)");
    Finding { place, kind, shaped: hits, hits, features: 0, rows: Vec::new() }
}

/// What one file holds; whether its bytes could be read.
fn look(table: &Tabular, footer: &Footer) -> (Vec<Finding>, bool) {
    let (mut found, mut tallies) = (Found::default(), Tallies::default());
    for (values, form) in [(&footer.entries, Form::Prose), (&footer.statistics, Form::Cell)] {
        for value in values {
            bytes::find(value, form, &mut found);
            // A name in a minimum says nothing of a column.
            found.sightings.retain(|seen| seen.kind.reveals());
            tallies.add(&found.sightings, Some(0), usize::MAX);
            found.clear();
        }
    }
    let read = outside(table, &footer.chunks).and_then(|ranges| {
        let Some(ranges) = ranges else { return Ok(()) };
        bytes::scan(&table.path, &ranges, &mut tallies, &mut |_| ())
    });
    (tallies.close(&format!("{} (metadata)", table.label)).0, read.is_ok())
}

/// What lies outside the pages, unless the file is sealed.
fn outside(table: &Tabular, chunks: &[Range<u64>]) -> std::io::Result<Option<Vec<Range<u64>>>> {
    use std::io::Read;
    let mut file = std::fs::File::open(&table.path)?;
    let mut start = [0; 4];
    file.read_exact(&mut start)?;
    let length = file.metadata()?.len();
    Ok((start == *PARQUET_MAGIC).then(|| between(chunks, length)))
}

/// The parts of `0..length` that are in none of `chunks`.
fn between(chunks: &[Range<u64>], length: u64) -> Vec<Range<u64>> {
    let mut sorted = chunks.to_vec();
    sorted.sort_unstable_by_key(|chunk| chunk.start);
    let (mut parts, mut from) = (Vec::new(), 0);
    for chunk in sorted {
        parts.push(from..chunk.start.min(length).max(from));
        from = from.max(chunk.end);
    }
    parts.push(from.min(length)..length);
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_chunks_is_found() {
        assert_eq!(between(&[10..20, 4..8, 18..25], 30), [0..4, 8..10, 25..30]);
        assert_eq!(between(&[], 3), vec![0..3]);
        assert!(between(&[0..3, 1..100], 3).is_empty());
    }
}

//! Findings in a Parquet file around its data: statistics, key-value entries, indexes, filters, unused bytes.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use super::file;
use super::tally::{Finding, Tallies};
use super::verdict::{self, FindingVerdict};
use crate::table::{Footer, PARQUET_MAGIC};
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::detect::{Context, Kind, Sightings, find_in_bytes};
use crate::verify::subject::{Subject, SubjectTable};

const NAME: &str = "residue.metadata";

/// Hits in a dictionary that no row has.
pub(super) struct UnusedDictionaryHits {
    /// Label of the column.
    pub place: String,
    pub kind: Kind,
    pub hits: u64,
}

impl UnusedDictionaryHits {
    /// Returns the hits as a finding. These values passed their check digits and are not part of any row.
    fn finding(self) -> Finding {
        Finding::sure(format!("{} (dictionary)", self.place), self.kind, self.hits)
    }
}

/// Searches the Parquet files of a subject around their data, and reports the unused dictionary values.
pub(super) fn check(subject: &Subject, unused: Vec<UnusedDictionaryHits>, notes: &mut Notes<'_>) {
    let mut footers: Vec<(&SubjectTable, &Path, Footer)> = Vec::new();
    for table in &subject.tables {
        footers.extend(table.table.footers().into_iter().map(|(path, footer)| (table, path, footer)));
    }
    if footers.is_empty() {
        notes.note(
            NAME,
            Verdict::NotApplicable,
            Text::new("no Parquet file", "ei Parquet-tiedostoja", "inga Parquet-filer"),
        );
        return;
    }
    let mut findings: Vec<Finding> = unused.into_iter().map(UnusedDictionaryHits::finding).collect();
    let mut unread = 0;
    for (table, path, footer) in &footers {
        let mut tallies = Tallies::default();
        search_footer(footer, &mut tallies);
        unread += usize::from(search_outside(path, footer, &mut tallies).is_err());
        findings.extend(tallies.findings(&format!("{} (metadata)", table.label)));
    }
    let filters: usize = footers.iter().map(|(.., footer)| footer.filters).sum();
    let judged = verdict::judge(findings);
    let judged: Vec<&FindingVerdict> = judged.iter().collect();
    let verdict = least_verdict(filters, unread).max(verdict::worst(&judged));
    let check = notes.note(NAME, verdict, evidence(footers.len(), verdict::count(&judged), filters, unread));
    check.tables.extend(verdict::table(&judged));
}

fn least_verdict(filters: usize, unread: usize) -> Verdict {
    match (filters, unread) {
        (0, 0) => Verdict::Pass,
        (0, _) => Verdict::NotChecked,
        _ => Verdict::Warn,
    }
}

fn evidence(files: usize, found: usize, filters: usize, unread: usize) -> Text {
    Text::new(
        format!(
            "{files} Parquet files: {found} findings outside the data; {filters} Bloom filters, with which anyone can \
             test whether a value is present; {unread} files not readable again"
        ),
        format!(
            "{files} Parquet-tiedostoa, {found} löydöstä datan ulkopuolella; {filters} Bloom-suodatinta, joilla kuka \
             tahansa voi kokeilla, onko arvo mukana; {unread} tiedostoa, joita ei voitu lukea uudelleen"
        ),
        format!(
            "{files} Parquet-filer: {found} fynd utanför data; {filters} Bloom-filter, med vilka vem som helst \
                 kan pröva om ett värde finns med; {unread} filer som inte kunde läsas på nytt"
        ),
    )
}

fn search_footer(footer: &Footer, tallies: &mut Tallies) {
    footer.entries.iter().for_each(|entry| search_value(entry, Context::Prose, tallies));
    footer.statistics.iter().for_each(|value| search_value(value, Context::Cell, tallies));
}

fn search_value(value: &[u8], context: Context, tallies: &mut Tallies) {
    let mut found = Sightings::default();
    find_in_bytes(value, context, &mut found);
    // A smallest or largest value is no share of a column.
    found.all.retain(|sighting| sighting.kind.is_revealing());
    tallies.add(&found.all, Some(0), usize::MAX);
}

/// Searches the bytes outside the pages, unless the file is sealed.
fn search_outside(path: &Path, footer: &Footer, tallies: &mut Tallies) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut start = [0; 4];
    file.read_exact(&mut start)?;
    if start != *PARQUET_MAGIC {
        return Ok(());
    }
    let ranges = between(&footer.chunks, file.metadata()?.len());
    file::scan(path, &ranges, tallies, &mut |_| ())
}

/// Returns the parts of `0..length` outside all `chunks`.
fn between(chunks: &[Range<u64>], length: u64) -> Vec<Range<u64>> {
    let mut sorted = chunks.to_vec();
    sorted.sort_unstable_by_key(|chunk| chunk.start);
    let mut parts = Vec::new();
    let mut from = 0;
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
    fn parts_between_chunks_are_listed() {
        assert_eq!(between(&[10..20, 4..8, 18..25], 30), [0..4, 8..10, 25..30]);
        assert_eq!(between(&[], 3), vec![0..3]);
        assert!(between(&[0..3, 1..100], 3).is_empty());
    }
}

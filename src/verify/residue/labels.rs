//! Findings in the names of files, folders and columns.

use super::column_names::Suggested;
use super::tally::{Finding, Tallies};
use super::verdict::{self, FindingVerdict};
use crate::text::Text;
use crate::verify::check::{Notes, Table, Verdict};
use crate::verify::detect::{Context, Sightings, find_in_text};
use crate::verify::subject::{Subject, SubjectTable, label};

const NAME: &str = "residue.labels";
/// Columns that the table of suggestive names lists.
const MOST_LISTED: usize = 40;

/// A column with a suggestive name.
struct Suggestive {
    /// Label of the column.
    place: String,
    suggested: Suggested,
}

/// Checks the names in a subject: for identifiers, and for columns that suggest them.
pub(super) fn check(subject: &Subject, notes: &mut Notes<'_>) {
    let judged: Vec<FindingVerdict> = findings(subject).into_iter().map(judge).collect();
    let judged: Vec<&FindingVerdict> = judged.iter().collect();
    let suggestive: Vec<Suggestive> = subject.tables.iter().flat_map(suggestive_columns).collect();
    let headless = subject.tables.iter().filter(|table| !table.table.is_named()).count();
    let least = if suggestive.is_empty() && headless == 0 { Verdict::Pass } else { Verdict::Warn };
    let mut evidence = evidence(verdict::count(&judged), suggestive.len());
    if headless > 0 {
        let headless = headless_tables(headless);
        evidence.en += &headless.en;
        evidence.fi += &headless.fi;
        evidence.sv += &headless.sv;
    }
    let check = notes.note(NAME, least.max(verdict::worst(&judged)), evidence);
    check.tables.extend(verdict::table(&judged));
    if !suggestive.is_empty() {
        check.with_table(suggestive_table(&suggestive));
    }
}

fn evidence(revealing: usize, suggestive: usize) -> Text {
    Text::new(
        format!("{revealing} names hold an identifier; {suggestive} columns have a name that suggests one"),
        format!("{revealing} nimessä on tunniste; {suggestive} sarakkeen nimi viittaa tunnisteeseen"),
        format!("{revealing} namn innehåller en identifierare; {suggestive} kolumnnamn tyder på en identifierare"),
    )
}

fn headless_tables(count: usize) -> Text {
    Text::new(
        format!("; {count} tables have no line of column names: add one and verify again"),
        format!("; {count} taulusta puuttuu sarakkeiden nimirivi: lisää se ja tarkasta uudelleen"),
        format!("; {count} tabeller saknar en rad med kolumnnamn: lägg till den och kontrollera på nytt"),
    )
}

/// Returns the findings in all names, each name by itself.
fn findings(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(name) = subject.path.file_name() {
        findings.extend(in_name(&name.to_string_lossy(), &subject.label));
    }
    for file in &subject.files {
        let Ok(relative) = file.path.strip_prefix(&subject.path) else {
            unreachable!("the files of a subject lie at or below its path");
        };
        findings.extend(relative.iter().flat_map(|part| in_name(&part.to_string_lossy(), &file.label)));
    }
    for table in &subject.tables {
        for (position, column) in table.columns.iter().enumerate() {
            findings.extend(in_name(&column.name, &Subject::place(table, position)));
        }
        findings.extend(table.table.nested_names().iter().flat_map(|name| in_name(name, &table.label)));
    }
    findings
}

fn in_name(name: &str, place: &str) -> Vec<Finding> {
    let mut found = Sightings::default();
    let mut tallies = Tallies::default();
    find_in_text(name, Context::Name, &mut found);
    tallies.add(&found.all, Some(0), usize::MAX);
    let mut findings = tallies.findings(place);
    findings.retain(|finding| finding.hits > 0 && finding.kind.is_revealing());
    findings
}

/// Judges a finding in a name by its kind alone: a name is one string, so counts have no meaning.
fn judge(finding: Finding) -> FindingVerdict {
    let verdict = if finding.kind.is_certain_in_names() { Verdict::Fail } else { Verdict::Warn };
    FindingVerdict { finding, verdict }
}

/// Returns the columns and nested fields of a table with suggestive names. A flag holds no identifier.
fn suggestive_columns(table: &SubjectTable) -> Vec<Suggestive> {
    let columns = table.columns.iter().zip(table.table.columns()).enumerate();
    let columns = columns.filter(|(_, (_, (_, data_type)))| data_type != "Boolean");
    let columns = columns.filter_map(|(position, (column, _))| {
        let suggested = Suggested::by(&column.name)?;
        Some(Suggestive { place: Subject::place(table, position), suggested })
    });
    let nested = table.table.nested_names().into_iter().zip(1..).filter_map(|(name, number)| {
        let suggested = Suggested::by(&name)?;
        let label = label(&name, "nested field", number);
        Some(Suggestive { place: format!("{}: {label}", table.label), suggested })
    });
    columns.chain(nested).collect()
}

fn suggestive_table(columns: &[Suggestive]) -> Table {
    let rows = columns.iter().take(MOST_LISTED);
    Table {
        caption: Text::new(
            "Columns with a name that suggests a direct identifier",
            "Sarakkeet, joiden nimi viittaa suoraan tunnisteeseen",
            "Kolumner vars namn tyder på en direkt identifierare",
        ),
        headings: vec![Text::new("Column", "Sarake", "Kolumn"), Text::new("Suggests", "Viittaa", "Tyder på")],
        rows: rows.map(|column| vec![Text::same(column.place.clone()), column.suggested.words()]).collect(),
    }
}

//! Risk: re-identification of persons in the data without any key.
//!
//! GDPR recital 26: persons are identifiable if means reasonably likely to be used can single them out. Release rules
//! of registers forbid small cells. Counts are of persons where a column holds them, else of rows.

mod attribute_disclosure;
mod coded;
mod combinations;
mod equivalence_classes;
mod findings;
mod findings_classes;
mod findings_columns;
mod findings_persons;
mod frequency_tables;
mod history;
mod keys;
mod limits;
mod near_unique;
mod person_tally;
mod plan;
mod profile;
mod reader;
mod released;
mod shown;
mod sketch;
mod table_risk;
#[cfg(test)]
mod tests;
mod trajectories;

use self::coded::CodedTable;
use self::findings::{ALL, OF_RELEASED_TABLES, TableFindings};
use self::history::History;
use self::limits::Limits;
use self::near_unique::near_unique;
use self::plan::Plan;
pub(super) use self::profile::{Profile, Profiling};
use self::released::{ReleasedTables, without_suppressed_rows};
use self::table_risk::TableRisk;
use super::check::{Check, Notes, Verdict};
use super::options::Options;
use super::subject::{Subject, SubjectTable};
use crate::progress::Progress;
use crate::table::SourceError;
use crate::text::Text;

/// Measures the risk of every subject.
pub(super) fn check(
    subjects: &[Subject],
    profiles: &[Vec<Option<Profile>>],
    options: &Options<'_>,
    checks: &mut Vec<Check>,
    progress: &dyn Progress,
) {
    progress.begin("risk", subjects.iter().map(|subject| subject.tables.len() as u64).sum());
    for (subject, profiles) in subjects.iter().zip(profiles) {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let mut limits = Limits::new(subject, options);
        if subject.tables.is_empty() {
            let closed =
                Text::new("no table could be opened", "yhtään taulua ei voitu avata", "ingen tabell kunde öppnas");
            let released = OF_RELEASED_TABLES.into_iter().filter(|_| limits.is_foreign_release);
            for name in ALL.into_iter().chain(released) {
                notes.note(name, Verdict::NotChecked, closed.clone());
            }
            continue;
        }
        let released = limits.is_foreign_release.then(|| ReleasedTables::read(subject));
        let is_counted = |table: &SubjectTable| match &released {
            Some(released) => released.has(table),
            None => table.has_counts || frequency_tables::count_column(table).is_some(),
        };
        let tables = subject.tables.iter().zip(profiles).filter(|(table, _)| !is_counted(table));
        let tables: Vec<(&SubjectTable, &Option<Profile>)> = tables.collect();
        let mut found = measure(&tables, options, &mut limits, progress);
        let histories: Vec<History> = found.iter_mut().filter_map(|found| found.history.take()).collect();
        findings_classes::note(&found, &limits, &mut notes);
        findings_columns::note(&found, &limits, &mut notes);
        findings_persons::note(&histories, &limits, &mut notes);
        match &released {
            Some(released) => released.note(&limits, &mut notes),
            None => frequency_tables::note(subject.tables.iter(), &limits, &mut notes),
        }
    }
}

/// A table with its profile and the columns to measure.
struct Planned<'a> {
    table: &'a SubjectTable,
    profile: &'a Profile,
    plan: Plan,
}

/// Measures tables of a subject, none of which has rows of counts. Records in `limits` the parts that are not measured.
fn measure(
    tables: &[(&SubjectTable, &Option<Profile>)],
    options: &Options<'_>,
    limits: &mut Limits,
    progress: &dyn Progress,
) -> Vec<TableFindings> {
    let mut planned: Vec<Planned<'_>> = Vec::new();
    for &(table, profile) in tables {
        // A table that cannot be read is recorded below.
        if let Some(profile) = profile {
            let plan = Plan::new(table, profile, options);
            planned.push(Planned { table, profile, plan });
        }
    }
    limits.share = plan::share(planned.iter().map(|planned| (&planned.plan, planned.profile)), options.memory);
    let mut found: Vec<TableFindings> = Vec::new();
    for planned in &planned {
        limits.skipped_columns += planned.plan.skipped;
        found.extend(measure_table(planned, limits).ok());
        progress.advance(1);
    }
    limits.suppressed_rows = found.iter().map(|found| found.suppressed_rows).sum();
    let unread = tables.iter().filter(|(table, _)| found.iter().all(|found| found.label != table.label));
    limits.unread = unread.map(|(table, _)| table.label.clone()).collect();
    found
}

fn measure_table(planned: &Planned<'_>, limits: &Limits) -> Result<TableFindings, SourceError> {
    let Planned { table, profile, plan } = planned;
    let mut coded: CodedTable = reader::read(table, plan, limits.share)?;
    let dates = plan.event.and_then(|_| coded.columns.pop());
    let quasi = plan.quasi.len();
    let without = if limits.is_foreign_release { without_suppressed_rows(&coded, quasi) } else { None };
    let suppressed_rows = without.as_ref().map_or(0, |(_, removed)| *removed);
    let measured = without.as_ref().map_or(&coded, |(kept, _)| kept);
    let is_measured = quasi > 0 && measured.rows() > 0;
    let risk = is_measured.then(|| TableRisk::measure(measured, quasi, plan.sensitive.len(), &limits.thresholds));
    coded.columns.clear();
    let person_column = plan.person.map(|person| table.columns[person].name.as_str());
    Ok(TableFindings {
        label: table.label.clone(),
        has_person: plan.person.is_some(),
        is_known: table.is_known,
        quasi: labels(table, &plan.quasi),
        sensitive: labels(table, &plan.sensitive),
        suppressed_rows,
        risk,
        near_unique: near_unique(table, profile, &limits.thresholds),
        history: person_column.map(|name| History::new(&table.label, name, coded, dates)),
    })
}

fn labels(table: &SubjectTable, columns: &[usize]) -> Vec<String> {
    columns.iter().map(|&column| table.columns[column].label.clone()).collect()
}

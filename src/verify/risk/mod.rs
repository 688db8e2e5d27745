//! Risk: could someone be recognised in the data without any key, by what is known of them otherwise?
//!
//! GDPR recital 26: whoever can be singled out by means reasonably likely to be used is identifiable. Release rules of
//! registers: no small cells. Everything is counted in persons where a column stands for them, else in rows.

mod alike;
mod classes;
mod coded;
mod combinations;
mod counts;
mod history;
mod keys;
mod note_classes;
mod note_columns;
mod note_persons;
mod plan;
mod profile;
mod read;
mod scene;
mod sketch;
mod table;
#[cfg(test)]
mod tests;
mod trajectories;
mod words;

use self::coded::CodedTable;
use self::history::History;
use self::note_columns::Near;
use self::plan::Plan;
use self::profile::Profile;
use self::scene::Scene;
use self::table::Together;
use super::Options;
use super::check::{Check, Notes, Verdict};
use super::subject::{Subject, Tabular};
use crate::progress::Progress;
use crate::table::SourceError;
use crate::text::Text;

const K_ANONYMITY: &str = "risk.k_anonymity";
const L_DIVERSITY: &str = "risk.l_diversity";
const T_CLOSENESS: &str = "risk.t_closeness";
const SUBSETS: &str = "risk.subsets";
const NEAR_UNIQUE: &str = "risk.near_unique";
const TRAJECTORIES: &str = "risk.trajectories";
const REPEAT_COUNTS: &str = "risk.repeat_counts";
const SMALL_CELLS: &str = "risk.small_cells";
const ALL: [&str; 8] =
    [K_ANONYMITY, L_DIVERSITY, T_CLOSENESS, SUBSETS, NEAR_UNIQUE, TRAJECTORIES, REPEAT_COUNTS, SMALL_CELLS];

/// What was found in a table.
struct Found {
    /// How evidence names the table.
    label: String,
    /// Whether a column stands for persons.
    has_person: bool,
    /// Whether the contract has the table.
    is_known: bool,
    /// How evidence names the quasi-identifiers looked at.
    quasi: Vec<String>,
    /// The same for sensitive columns.
    sensitive: Vec<String>,
    /// What the quasi-identifiers do together, if there are any.
    together: Option<Together>,
    /// Columns that are nearly unique.
    near: Vec<Near>,
    /// What is told over time, if a column stands for persons.
    history: Option<History>,
}

/// Measures the risk of every subject.
pub(super) fn check(subjects: &[Subject], options: &Options<'_>, checks: &mut Vec<Check>, progress: &dyn Progress) {
    progress.begin("risk", subjects.iter().map(|subject| subject.tables.len() as u64).sum());
    for subject in subjects {
        let mut notes = Notes { about: subject.label.clone(), checks };
        if subject.tables.is_empty() {
            let closed = Text::new("no table could be opened", "yhtään taulua ei voitu avata");
            for name in ALL {
                notes.note(name, Verdict::NotChecked, closed.clone());
            }
            continue;
        }
        let (scene, mut found) = look(subject, options, progress);
        let histories: Vec<History> = found.iter_mut().filter_map(|found| found.history.take()).collect();
        note_classes::note(&found, &scene, &mut notes);
        note_columns::note(&found, &scene, &mut notes);
        note_persons::note(&histories, &scene, &mut notes);
        counts::note(subject, &scene, &mut notes);
    }
}

/// Looks at every table of a subject.
fn look(subject: &Subject, options: &Options<'_>, progress: &dyn Progress) -> (Scene, Vec<Found>) {
    let mut scene = Scene::new(subject, options);
    let of_persons = |table: &&Tabular| counts::column(table).is_none();
    let profiles = subject.tables.iter().filter(of_persons).map(|table| Some((table, profile::profile(table).ok()?)));
    let profiles: Vec<Option<(&Tabular, Profile)>> = profiles.collect();
    let planned = profiles.into_iter().flatten().map(|(table, profile)| {
        let plan = Plan::new(table, &profile, options);
        (table, profile, plan)
    });
    let planned: Vec<(&Tabular, Profile, Plan)> = planned.collect();
    scene.share = plan::share(planned.iter().map(|(_, profile, plan)| (plan, profile)), options.memory);
    let mut found = Vec::new();
    for (table, profile, plan) in &planned {
        scene.left_out += plan.quasi_left_out + plan.sensitive_left_out;
        found.extend(look_at(table, profile, plan, &scene).ok());
        progress.advance(1);
    }
    let read = |table: &&Tabular| !found.iter().any(|found| found.label == table.label);
    scene.unread = subject.tables.iter().filter(of_persons).filter(read).map(|table| table.label.clone()).collect();
    (scene, found)
}

fn look_at(table: &Tabular, profile: &Profile, plan: &Plan, scene: &Scene) -> Result<Found, SourceError> {
    let mut coded: CodedTable = read::read(table, plan, scene.share)?;
    let dates = plan.event.and_then(|_| coded.columns.pop());
    let (quasi, sensitive) = (plan.quasi.len(), plan.sensitive.len());
    let is_measured = quasi > 0 && coded.rows() > 0;
    let together = is_measured.then(|| table::together(&coded, quasi, sensitive, &scene.limits));
    let labels = |columns: &[usize]| columns.iter().map(|&column| table.columns[column].label.clone()).collect();
    let name = plan.person.map(|person| table.columns[person].name.as_str());
    coded.columns.clear();
    Ok(Found {
        label: table.label.clone(),
        has_person: plan.person.is_some(),
        is_known: table.is_known,
        quasi: labels(&plan.quasi),
        sensitive: labels(&plan.sensitive),
        together,
        near: note_columns::near_unique(table, profile, &scene.limits),
        history: name.map(|name| History::new(&table.label, name, coded, dates)),
    })
}

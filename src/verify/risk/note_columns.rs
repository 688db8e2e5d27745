//! What is said of columns: the smallest subsets that isolate someone, small cells, columns that are nearly unique.

use super::super::check::{Notes, Verdict};
use super::super::subject::{ColumnRole, Tabular, listed};
use super::combinations::Combination;
use super::note_classes::{measured, no_quasi, rows};
use super::profile::Profile;
use super::scene::Scene;
use super::table::Together;
use super::{Found, NEAR_UNIQUE, SMALL_CELLS, SUBSETS, words};
use crate::config::Limits;
use crate::text::Text;

/// Fewest values that a column must have to be called nearly unique.
const FEWEST_VALUES: f64 = 20.0;

/// A column that is nearly unique.
pub(super) struct Near {
    /// How evidence names the column.
    label: String,
    /// Different values by pairs of person and value: 1 where no two persons share one.
    share: f64,
}

pub(super) fn note(found: &[Found], scene: &Scene, notes: &mut Notes<'_>) {
    subsets(found, scene, notes);
    near(found, scene, notes);
    small_cells(found, scene, notes);
}

/// Columns that are no pseudonyms and whose values are nearly each of one person, or of one row.
pub(super) fn near_unique(table: &Tabular, profile: &Profile, limits: &Limits) -> Vec<Near> {
    let has_person = table.person().is_some();
    let columns = table.columns.iter().zip(&profile.columns);
    let others = columns.filter(|(column, _)| !matches!(column.role, ColumnRole::Person | ColumnRole::Reference));
    let shares = others.filter_map(|(column, profile)| {
        let held = profile.held(has_person);
        let share = (profile.distinct() / held.max(1.0)).min(1.0);
        let is_near = held >= FEWEST_VALUES && share > limits.max_distinct_share;
        is_near.then(|| Near { label: column.label.clone(), share })
    });
    shares.collect()
}

fn near(found: &[Found], scene: &Scene, notes: &mut Notes<'_>) {
    let columns: Vec<(&Found, &Near)> =
        found.iter().flat_map(|found| found.near.iter().map(move |near| (found, near))).collect();
    let most = words::percent(scene.limits.max_distinct_share);
    let places: Vec<String> = columns.iter().map(|(found, near)| format!("{}: {}", found.label, near.label)).collect();
    let listed = listed(&places);
    let evidence = if columns.is_empty() {
        Text::new(
            format!("no column has more than {} different values by person", most.en),
            format!("missään sarakkeessa ei ole yli {} eri arvoja henkilöittäin", most.fi),
        )
    } else {
        Text::new(format!("nearly unique: {}", listed.en), format!("lähes ainutkertaisia: {}", listed.fi))
    };
    let check = notes.note(NEAR_UNIQUE, scene.verdict(!columns.is_empty()), scene.said(evidence));
    if !columns.is_empty() {
        let headings = vec![
            Text::new("table", "taulu"),
            Text::new("column", "sarake"),
            Text::new("different values, of those that persons have", "eri arvoja henkilöiden arvoista"),
        ];
        let row = |(found, near): &(&Found, &Near)| {
            vec![Text::same(found.label.clone()), Text::same(near.label.clone()), words::percent(near.share)]
        };
        let caption = Text::new("Columns that are nearly unique", "Lähes ainutkertaiset sarakkeet");
        check.with_table(rows(caption, headings, columns.iter().map(row)));
    }
}

fn labels(found: &Found, columns: &[usize]) -> String {
    columns.iter().map(|&column| found.quasi[column].as_str()).collect::<Vec<_>>().join(" × ")
}

/// The smallest combination of a table that isolates someone: its columns, and how many persons it isolates.
fn isolating(found: &Found, together: &Together) -> Option<(usize, String, u64)> {
    let smallest = together.worst.iter().find(|combination| combination.isolated > 0);
    let smallest = smallest.map(|c| (c.columns.len(), labels(found, &c.columns), c.isolated as u64));
    let all = || (found.quasi.len(), labels(found, &(0..found.quasi.len()).collect::<Vec<_>>()), together.by_size[0]);
    smallest.or_else(|| (together.smallest == 1).then(all))
}

fn subsets(found: &[Found], scene: &Scene, notes: &mut Notes<'_>) {
    let measured = measured(found);
    if measured.is_empty() {
        return no_quasi(SUBSETS, scene, notes);
    }
    let worst = measured.iter().filter_map(|(found, together)| {
        let (size, columns, isolated) = isolating(found, together)?;
        Some((size, words::ratio(isolated, together.persons), found, columns, words::share(isolated, together.persons)))
    });
    let worst = worst.min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let evidence = match &worst {
        None => Text::new("no combination isolates anyone", "mikään yhdistelmä ei erota ketään"),
        Some((1, _, of, column, share)) => Text::new(
            format!("{}: {column} alone isolates someone ({})", of.label, share.en),
            format!("{}: jo {column} yksin erottaa jonkun ({})", of.label, share.fi),
        ),
        Some((size, _, of, columns, share)) => Text::new(
            format!("{}: {size} columns suffice to isolate someone: {columns} ({})", of.label, share.en),
            format!("{}: {size} saraketta riittää erottamaan jonkun: {columns} ({})", of.label, share.fi),
        ),
    };
    let headings = vec![
        Text::new("table", "taulu"),
        Text::new("columns", "sarakkeita"),
        Text::new("those that isolate most", "eniten erottavat"),
        Text::new("isolated persons", "erottuvat henkilöt"),
    ];
    let row = |found: &Found, together: &Together, columns: &[usize], isolated: u64| {
        vec![
            Text::same(found.label.clone()),
            Text::same(columns.len().to_string()),
            Text::same(labels(found, columns)),
            words::share(isolated, together.persons),
        ]
    };
    let of_table = |(found, together): &(&Found, &Together)| {
        let worst = together.worst.iter().map(|c| row(found, together, &c.columns, c.isolated as u64));
        let all: Vec<usize> = (0..found.quasi.len()).collect();
        let is_larger = together.worst.last().is_some_and(|c| c.columns.len() < all.len());
        let whole = is_larger.then(|| row(found, together, &all, together.by_size[0]));
        worst.chain(whole).collect::<Vec<_>>()
    };
    let caption = Text::new("Combinations that isolate persons", "Henkilöitä erottavat yhdistelmät");
    let table = rows(caption, headings, measured.iter().flat_map(of_table));
    notes.note(SUBSETS, scene.verdict(worst.is_some()), scene.said(evidence)).with_table(table);
}

fn small_cells(found: &[Found], scene: &Scene, notes: &mut Notes<'_>) {
    let measured = measured(found);
    if measured.is_empty() {
        return no_quasi(SMALL_CELLS, scene, notes);
    }
    let all = measured.iter().flat_map(|(found, together)| together.cells.iter().map(move |cells| (*found, cells)));
    let mut small: Vec<(&Found, &Combination)> = all.filter(|(_, cells)| cells.small > 0).collect();
    small.sort_by_key(|(_, cells)| std::cmp::Reverse(cells.small));
    let (total, least) = (small.iter().map(|(_, cells)| cells.small).sum::<u64>(), scene.limits.min_cell);
    let evidence = match small.first() {
        None => Text::new(
            format!("no cell of a one- or two-way table has fewer than {least} persons"),
            format!("missään yksi- tai kaksiulotteisen taulukon solussa ei ole alle {least} henkilöä"),
        ),
        Some((of, worst)) => {
            let (columns, label) = (labels(of, &worst.columns), &of.label);
            Text::new(
                format!("{total} cells with fewer than {least} persons, most in {label}: {columns}"),
                format!("{total} solua, joissa alle {least} henkilöä, eniten taulussa {label}: {columns}"),
            )
        }
    };
    let verdict = scene.verdict(!small.is_empty());
    let check = notes.note(SMALL_CELLS, verdict, scene.said(evidence));
    if verdict != Verdict::Pass && !small.is_empty() {
        let headings = vec![
            Text::new("table", "taulu"),
            Text::new("columns", "sarakkeet"),
            Text::new("cells", "soluja"),
            Text::new("small cells", "pieniä soluja"),
        ];
        let row = |(found, cells): &(&Found, &Combination)| {
            let counts = [cells.cells, cells.small].map(|count| Text::same(count.to_string()));
            let names = [found.label.clone(), labels(found, &cells.columns)].map(Text::same);
            names.into_iter().chain(counts).collect()
        };
        let caption = Text::new("Tables with small cells", "Taulukot, joissa on pieniä soluja");
        check.with_table(rows(caption, headings, small.iter().map(row)));
    }
}

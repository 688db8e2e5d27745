//! Reports on columns: smallest combinations that single someone out, nearly unique columns, small cells.

use super::combinations::Combination;
use super::findings::{NEAR_UNIQUE, SMALL_CELLS, SUBSETS, TableFindings, evidence_table, measured, note_no_quasi};
use super::limits::Limits;
use super::near_unique::NearUnique;
use super::shown;
use super::table_risk::TableRisk;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::subject::listed;

/// Reports combinations that single someone out, nearly unique columns and small cells.
pub(super) fn note(found: &[TableFindings], limits: &Limits, notes: &mut Notes<'_>) {
    isolating_combinations(found, limits, notes);
    near_unique(found, limits, notes);
    small_cells(found, limits, notes);
}

fn near_unique(found: &[TableFindings], limits: &Limits, notes: &mut Notes<'_>) {
    let columns: Vec<(&TableFindings, &NearUnique)> =
        found.iter().flat_map(|found| found.near_unique.iter().map(move |column| (found, column))).collect();
    let evidence = if columns.is_empty() {
        let most = shown::percent(limits.thresholds.max_distinct_share);
        Text::new(
            format!("no column has a share of distinct values above {}", most.en),
            format!("missään sarakkeessa eri arvojen osuus ei ole yli {}", most.fi),
            format!("ingen kolumn har en andel olika värden över {}", most.sv),
        )
    } else {
        let places: Vec<String> = columns.iter().map(|(found, c)| format!("{}: {}", found.label, c.label)).collect();
        let places = listed(&places);
        Text::new(
            format!("nearly unique: {}", places.en),
            format!("lähes yksilöiviä: {}", places.fi),
            format!("nästan unika: {}", places.sv),
        )
    };
    let check = notes.note(NEAR_UNIQUE, limits.verdict(!columns.is_empty()), limits.qualified(evidence));
    if !columns.is_empty() {
        let headings = vec![
            Text::new("table", "taulu", "tabell"),
            Text::new("column", "sarake", "kolumn"),
            Text::new(
                "distinct share of the persons' values",
                "eri arvojen osuus henkilöiden arvoista",
                "andel olika värden bland personernas värden",
            ),
        ];
        let rows = columns.iter().map(|(found, column)| {
            vec![Text::same(found.label.clone()), Text::same(column.label.clone()), shown::percent(column.share)]
        });
        let caption = Text::new("Nearly unique columns", "Lähes yksilöivät sarakkeet", "Nästan unika kolumner");
        check.with_table(evidence_table(caption, headings, rows));
    }
}

/// The smallest combination of a table's columns that singles someone out.
struct Isolating<'a> {
    found: &'a TableFindings,
    columns: Vec<usize>,
    isolated: u64,
    persons: u64,
}

impl<'a> Isolating<'a> {
    fn smallest(found: &'a TableFindings, risk: &TableRisk) -> Option<Self> {
        let persons = risk.persons;
        if let Some(smallest) = risk.most_isolating.iter().find(|combination| combination.isolated > 0) {
            return Some(Self {
                found,
                columns: smallest.columns.clone(),
                isolated: smallest.isolated as u64,
                persons,
            });
        }
        let columns = (0..found.quasi.len()).collect();
        (risk.smallest_class == 1).then(|| Self { found, columns, isolated: risk.by_class_size[0], persons })
    }

    fn share(&self) -> f64 {
        shown::ratio(self.isolated, self.persons)
    }
}

fn isolating_combinations(found: &[TableFindings], limits: &Limits, notes: &mut Notes<'_>) {
    let measured = measured(found);
    if measured.is_empty() {
        return note_no_quasi(SUBSETS, limits, notes);
    }
    let worst = measured
        .iter()
        .filter_map(|(found, risk)| Isolating::smallest(found, risk))
        .min_by(|a, b| a.columns.len().cmp(&b.columns.len()).then(b.share().total_cmp(&a.share())));
    let evidence = worst.as_ref().map_or_else(
        || {
            Text::new(
                "no combination singles anyone out",
                "mikään yhdistelmä ei erota ketään",
                "ingen kombination urskiljer någon",
            )
        },
        isolating_evidence,
    );
    let headings = vec![
        Text::new("table", "taulu", "tabell"),
        Text::new("columns", "sarakkeita", "antal kolumner"),
        Text::new("combination that singles out most", "eniten erottava yhdistelmä", "kombination som urskiljer flest"),
        Text::new("persons singled out", "erottuvat henkilöt", "urskilda personer"),
    ];
    let rows = measured.iter().flat_map(|(found, risk)| isolating_rows(found, risk));
    let caption = Text::new(
        "Combinations that single out persons",
        "Henkilöitä erottavat yhdistelmät",
        "Kombinationer som urskiljer personer",
    );
    let table = evidence_table(caption, headings, rows);
    notes.note(SUBSETS, limits.verdict(worst.is_some()), limits.qualified(evidence)).with_table(table);
}

fn isolating_evidence(worst: &Isolating<'_>) -> Text {
    let table = &worst.found.label;
    let columns = worst.found.quasi_labels(&worst.columns);
    let share = shown::share(worst.isolated, worst.persons);
    match worst.columns.len() {
        1 => Text::new(
            format!("{table}: {columns} alone singles someone out ({})", share.en),
            format!("{table}: jo {columns} yksin erottaa jonkun ({})", share.fi),
            format!("{table}: {columns} räcker ensam för att urskilja någon ({})", share.sv),
        ),
        size => Text::new(
            format!("{table}: {size} columns are enough to single someone out: {columns} ({})", share.en),
            format!("{table}: {size} saraketta riittää erottamaan jonkun: {columns} ({})", share.fi),
            format!("{table}: {size} kolumner räcker för att urskilja någon: {columns} ({})", share.sv),
        ),
    }
}

/// Returns a row for the combination of each size that singles out most persons, and one for all columns together.
fn isolating_rows(found: &TableFindings, risk: &TableRisk) -> Vec<Vec<Text>> {
    let mut combinations: Vec<(Vec<usize>, u64)> =
        risk.most_isolating.iter().map(|c| (c.columns.clone(), c.isolated as u64)).collect();
    let all: Vec<usize> = (0..found.quasi.len()).collect();
    if combinations.last().is_some_and(|(columns, _)| columns.len() < all.len()) {
        combinations.push((all, risk.by_class_size[0]));
    }
    let rows = combinations.into_iter().map(|(columns, isolated)| {
        vec![
            Text::same(found.label.clone()),
            Text::same(columns.len().to_string()),
            Text::same(found.quasi_labels(&columns)),
            shown::share(isolated, risk.persons),
        ]
    });
    rows.collect()
}

fn small_cells(found: &[TableFindings], limits: &Limits, notes: &mut Notes<'_>) {
    let measured = measured(found);
    if measured.is_empty() {
        return note_no_quasi(SMALL_CELLS, limits, notes);
    }
    let all = measured.iter().flat_map(|(found, risk)| risk.pairs.iter().map(move |cells| (*found, cells)));
    let mut small: Vec<(&TableFindings, &Combination)> = all.filter(|(_, cells)| cells.small_cells > 0).collect();
    small.sort_by_key(|(_, cells)| std::cmp::Reverse(cells.small_cells));
    let total: u64 = small.iter().map(|(_, cells)| cells.small_cells).sum();
    let min_cell = limits.thresholds.min_cell;
    let evidence = match small.first() {
        None => Text::new(
            format!("no cell of a one- or two-way table has fewer than {min_cell} persons"),
            format!("missään yksi- tai kaksiulotteisen taulukon solussa ei ole alle {min_cell} henkilöä"),
            format!("ingen cell i en en- eller tvådimensionell tabell har färre än {min_cell} personer"),
        ),
        Some((table, worst)) => {
            let columns = table.quasi_labels(&worst.columns);
            let label = &table.label;
            Text::new(
                format!("{total} cells with fewer than {min_cell} persons, most of them in {label}: {columns}"),
                format!("{total} solua, joissa alle {min_cell} henkilöä, eniten taulussa {label}: {columns}"),
                format!("{total} celler med färre än {min_cell} personer, flest i {label}: {columns}"),
            )
        }
    };
    let verdict = limits.verdict(!small.is_empty());
    let check = notes.note(SMALL_CELLS, verdict, limits.qualified(evidence));
    if verdict != Verdict::Pass && !small.is_empty() {
        let headings = vec![
            Text::new("table", "taulu", "tabell"),
            Text::new("columns", "sarakkeet", "kolumner"),
            Text::new("cells", "soluja", "celler"),
            Text::new("small cells", "pieniä soluja", "små celler"),
        ];
        let rows = small.iter().map(|(table, cells)| {
            vec![
                Text::same(table.label.clone()),
                Text::same(table.quasi_labels(&cells.columns)),
                Text::same(cells.cells.to_string()),
                Text::same(cells.small_cells.to_string()),
            ]
        });
        let caption =
            Text::new("Tables with small cells", "Taulukot, joissa on pieniä soluja", "Tabeller med små celler");
        check.with_table(evidence_table(caption, headings, rows));
    }
}

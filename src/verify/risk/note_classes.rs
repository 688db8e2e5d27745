//! What is said of classes: k-anonymity, l-diversity, t-closeness.

use super::super::check::{Bar, Notes, Picture, Table, Verdict};
use super::alike::Alike;
use super::scene::Scene;
use super::table::{SIZES, Together};
use super::{Found, K_ANONYMITY, L_DIVERSITY, T_CLOSENESS, words};
use crate::text::Text;

/// Rows of a table of evidence.
pub(super) const MOST_ROWS: usize = 100;

/// How sizes of classes are called.
const SIZE_NAMES: [&str; SIZES.len()] = ["1", "2–4", "5–9", "10–19", "20–99", "100+"];

pub(super) fn note(found: &[Found], scene: &Scene, notes: &mut Notes<'_>) {
    k_anonymity(found, scene, notes);
    l_diversity(found, scene, notes);
    t_closeness(found, scene, notes);
}

/// Tables that have quasi-identifiers, and what these do together.
pub(super) fn measured(found: &[Found]) -> Vec<(&Found, &Together)> {
    found.iter().filter_map(|found| Some((found, found.together.as_ref()?))).collect()
}

/// Notes that no table has a quasi-identifier.
pub(super) fn no_quasi(name: &'static str, scene: &Scene, notes: &mut Notes<'_>) {
    let none =
        Text::new("no column that could be a quasi-identifier", "ei saraketta, joka voisi olla epäsuora tunniste");
    notes.note(name, scene.within(Verdict::NotApplicable), scene.said(none));
}

/// A table of evidence.
pub(super) fn rows(caption: Text, headings: Vec<Text>, rows: impl Iterator<Item = Vec<Text>>) -> Table {
    Table { caption, headings, rows: rows.take(MOST_ROWS).collect() }
}

fn k_anonymity(found: &[Found], scene: &Scene, notes: &mut Notes<'_>) {
    let measured = measured(found);
    let share = |together: &Together| words::ratio(together.in_small, together.persons);
    let worst = measured.iter().max_by(|a, b| {
        let smaller = b.1.smallest.cmp(&a.1.smallest);
        share(a.1).total_cmp(&share(b.1)).then(smaller)
    });
    let Some((worst, together)) = worst else { return no_quasi(K_ANONYMITY, scene, notes) };
    let (k, smallest) = (scene.limits.min_k, words::persons(u64::from(together.smallest)));
    let (in_small, label) = (words::share(together.in_small, together.persons), &worst.label);
    let counted = if worst.has_person { ("persons", "henkilöä") } else { ("rows", "riviä") };
    let evidence = Text::new(
        format!("{label}: the smallest class has {} {}; in classes below {k}: {}", smallest.en, counted.0, in_small.en),
        format!("{label}: pienimmässä ryhmässä {} {}; alle {k}:n ryhmissä: {}", smallest.fi, counted.1, in_small.fi),
    );
    let is_beyond = measured.iter().any(|(_, together)| together.smallest < k);
    let check = notes.note(K_ANONYMITY, scene.verdict(is_beyond), scene.said(evidence));
    check.with_table(by_table(&measured, k)).with_picture(sizes(worst, together));
}

fn by_table(measured: &[(&Found, &Together)], k: u32) -> Table {
    let headings = vec![
        Text::new("table", "taulu"),
        Text::new("quasi-identifiers", "epäsuorat tunnisteet"),
        Text::new("persons", "henkilöitä"),
        Text::new("smallest class", "pienin ryhmä"),
        Text::new(format!("in classes below {k}"), format!("alle {k}:n ryhmissä")),
    ];
    let row = |(found, together): &(&Found, &Together)| {
        vec![
            Text::same(found.label.clone()),
            Text::same(found.quasi.join(", ")),
            words::persons(together.persons),
            words::persons(u64::from(together.smallest)),
            words::share(together.in_small, together.persons),
        ]
    };
    let caption = Text::new("Classes of alike quasi-identifiers", "Samanlaisten epäsuorien tunnisteiden ryhmät");
    rows(caption, headings, measured.iter().map(row))
}

fn sizes(found: &Found, together: &Together) -> Picture {
    let bar = |(name, &persons): (&&str, &u64)| Bar {
        label: Text::same(*name),
        value: words::bar(persons, together.persons),
        shown: words::share(persons, together.persons),
    };
    let label = &found.label;
    Picture {
        unit: "%",
        title: Text::new(format!("Persons by size of class, {label}"), format!("Henkilöt ryhmän koon mukaan, {label}")),
        caption: Text::new(
            "Share of persons; each counts in the smallest class that one of their rows is in",
            "Osuus henkilöistä; kukin on pienimmässä ryhmässä, jossa jokin hänen riveistään on",
        ),
        bars: SIZE_NAMES.iter().zip(&together.by_size).map(bar).collect(),
    }
}

/// A sensitive column of a table.
type Sensitive<'a> = (&'a Found, &'a Together, &'a str, &'a Alike);

/// Every sensitive column of a table with quasi-identifiers; if there is none, notes why.
fn sensitive<'a>(
    name: &'static str,
    found: &'a [Found],
    scene: &Scene,
    notes: &mut Notes<'_>,
) -> Option<Vec<Sensitive<'a>>> {
    let of_table = |(found, together): (&'a Found, &'a Together)| {
        let columns = found.sensitive.iter().zip(&together.alike);
        columns.map(move |(label, alike)| (found, together, label.as_str(), alike))
    };
    let columns: Vec<Sensitive<'a>> = measured(found).into_iter().flat_map(of_table).collect();
    if !columns.is_empty() {
        return Some(columns);
    }
    let (verdict, words) = if !scene.has_contract {
        (
            Verdict::NotChecked,
            Text::new(
                "which columns are sensitive only the contract says; give --contract FILE",
                "arkaluonteiset sarakkeet kertoo vain sopimus; anna --contract TIEDOSTO",
            ),
        )
    } else if !found.iter().any(|found| found.is_known) {
        (Verdict::NotChecked, Text::new("the contract has none of the tables", "sopimuksessa ei ole näitä tauluja"))
    } else {
        (
            scene.within(Verdict::NotApplicable),
            Text::new(
                "no table has both quasi-identifiers and sensitive columns",
                "missään taulussa ei ole sekä epäsuoria tunnisteita että arkaluonteisia sarakkeita",
            ),
        )
    };
    notes.note(name, verdict, words);
    None
}

fn l_diversity(found: &[Found], scene: &Scene, notes: &mut Notes<'_>) {
    let Some(columns) = sensitive(L_DIVERSITY, found, scene, notes) else { return };
    let l = scene.limits.min_l;
    let worst = columns.iter().max_by(|a, b| {
        let share = |of: &Sensitive<'_>| words::ratio(of.3.exposed, of.1.persons);
        share(a).total_cmp(&share(b)).then(b.3.fewest.cmp(&a.3.fewest))
    });
    let Some((of, _, label, alike)) = worst else { return };
    let fewest = alike.fewest.unwrap_or(0);
    let evidence = Text::new(
        format!("{}: {label} has {fewest} different values in the least varied class; asked for are {l}", of.label),
        format!("{}: {label} saa vähiten vaihtelevassa ryhmässä {fewest} eri arvoa; vaadittu {l}", of.label),
    );
    let is_beyond = columns.iter().any(|(.., alike)| alike.fewest.is_some_and(|fewest| fewest < l));
    let headings = vec![
        Text::new("table", "taulu"),
        Text::new("sensitive column", "arkaluonteinen sarake"),
        Text::new("fewest values in a class", "vähiten arvoja ryhmässä"),
        Text::new(format!("persons in classes below {l}"), format!("henkilöitä alle {l}:n ryhmissä")),
    ];
    let row = |(found, together, label, alike): &Sensitive<'_>| {
        vec![
            Text::same(found.label.clone()),
            Text::same(*label),
            Text::same(alike.fewest.map_or_else(|| "–".to_owned(), |fewest| fewest.to_string())),
            words::share(alike.exposed.min(together.persons), together.persons),
        ]
    };
    let caption = Text::new("Different values of sensitive columns", "Arkaluonteisten sarakkeiden eri arvot");
    let table = rows(caption, headings, columns.iter().map(row));
    notes.note(L_DIVERSITY, scene.verdict(is_beyond), scene.said(evidence)).with_table(table);
}

fn t_closeness(found: &[Found], scene: &Scene, notes: &mut Notes<'_>) {
    let Some(columns) = sensitive(T_CLOSENESS, found, scene, notes) else { return };
    let (k, most) = (scene.limits.min_k, words::number(scene.limits.max_t));
    let farthest = columns.iter().filter_map(|(of, _, label, alike)| Some((of, label, alike.farthest?)));
    let Some((of, label, distance)) = farthest.max_by(|a, b| a.2.total_cmp(&b.2)) else {
        let none = Text::new(format!("no class has {k} persons"), format!("missään ryhmässä ei ole {k} henkilöä"));
        notes.note(T_CLOSENESS, scene.within(Verdict::NotApplicable), scene.said(none));
        return;
    };
    let shown = words::number(distance);
    let evidence = Text::new(
        format!("{}: {label} is {} from the whole in the farthest class; allowed are {}", of.label, shown.en, most.en),
        format!("{}: {label} on etäisimmässä ryhmässä {} kokonaisuudesta; sallittu {}", of.label, shown.fi, most.fi),
    );
    let headings = vec![
        Text::new("table", "taulu"),
        Text::new("sensitive column", "arkaluonteinen sarake"),
        Text::new("largest distance, 0–1", "suurin etäisyys, 0–1"),
    ];
    let row = |(found, _, label, alike): &Sensitive<'_>| {
        let distance = alike.farthest.map_or_else(|| Text::same("–"), words::number);
        vec![Text::same(found.label.clone()), Text::same(*label), distance]
    };
    let caption = Text::new(
        format!("Distance of classes of {k} persons and more from the whole table"),
        format!("Vähintään {k} henkilön ryhmien etäisyys koko taulusta"),
    );
    let table = rows(caption, headings, columns.iter().map(row));
    let is_beyond = distance > scene.limits.max_t;
    notes.note(T_CLOSENESS, scene.verdict(is_beyond), scene.said(evidence)).with_table(table);
}

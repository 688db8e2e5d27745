//! Reports on equivalence classes: k-anonymity, l-diversity, t-closeness.

use super::attribute_disclosure::AttributeDisclosure;
use super::findings::{K_ANONYMITY, L_DIVERSITY, T_CLOSENESS, TableFindings, evidence_table, measured, note_no_quasi};
use super::limits::Limits;
use super::shown;
use super::table_risk::{SIZES, TableRisk};
use crate::text::Text;
use crate::verify::check::{Bar, Notes, Picture, Table, Verdict};

/// Names of the ranges of class sizes.
const SIZE_NAMES: [&str; SIZES.len()] = ["1", "2–4", "5–9", "10–19", "20–99", "100+"];

/// Printed where no class has a value, or none is large enough.
const NO_VALUE: &str = "–";

/// Reports k-anonymity, l-diversity and t-closeness.
pub(super) fn note(found: &[TableFindings], limits: &Limits, notes: &mut Notes<'_>) {
    k_anonymity(found, limits, notes);
    l_diversity(found, limits, notes);
    t_closeness(found, limits, notes);
}

fn k_anonymity(found: &[TableFindings], limits: &Limits, notes: &mut Notes<'_>) {
    let measured = measured(found);
    let worst = measured.iter().max_by(|(_, a), (_, b)| {
        let shares = small_class_share(a).total_cmp(&small_class_share(b));
        shares.then(b.smallest_class.cmp(&a.smallest_class))
    });
    let Some((worst, risk)) = worst else { return note_no_quasi(K_ANONYMITY, limits, notes) };
    let k = limits.thresholds.min_k;
    let label = &worst.label;
    let smallest = shown::persons(u64::from(risk.smallest_class));
    let in_small = shown::share(risk.in_small_classes, risk.persons);
    let unit = if worst.has_person {
        Text::new("persons", "henkilöä", "personer")
    } else {
        Text::new("rows", "riviä", "rader")
    };
    let evidence = Text::new(
        format!("{label}: the smallest class has {} {}; in classes below {k}: {}", smallest.en, unit.en, in_small.en),
        format!("{label}: pienimmässä luokassa {} {}; alle {k}:n luokissa: {}", smallest.fi, unit.fi, in_small.fi),
        format!("{label}: den minsta klassen har {} {}; i klasser under {k}: {}", smallest.sv, unit.sv, in_small.sv),
    );
    let is_beyond = measured.iter().any(|(_, risk)| risk.smallest_class < k);
    let check = notes.note(K_ANONYMITY, limits.verdict(is_beyond), limits.qualified(evidence));
    check.with_table(class_table(&measured, k)).with_picture(class_sizes(worst, risk));
}

fn small_class_share(risk: &TableRisk) -> f64 {
    shown::ratio(risk.in_small_classes, risk.persons)
}

fn class_table(measured: &[(&TableFindings, &TableRisk)], k: u32) -> Table {
    let headings = vec![
        Text::new("table", "taulu", "tabell"),
        Text::new("quasi-identifiers", "epäsuorat tunnisteet", "kvasiidentifierare"),
        Text::new("persons", "henkilöitä", "personer"),
        Text::new("smallest class", "pienin luokka", "minsta klass"),
        Text::new(format!("in classes below {k}"), format!("alle {k}:n luokissa"), format!("i klasser under {k}")),
    ];
    let rows = measured.iter().map(|(found, risk)| {
        vec![
            Text::same(found.label.clone()),
            Text::same(found.quasi.join(", ")),
            shown::persons(risk.persons),
            shown::persons(u64::from(risk.smallest_class)),
            shown::share(risk.in_small_classes, risk.persons),
        ]
    });
    let caption = Text::new(
        "Equivalence classes: rows with the same quasi-identifiers",
        "Ekvivalenssiluokat: rivit, joilla on samat epäsuorat tunnisteet",
        "Ekvivalensklasser: rader med samma kvasiidentifierare",
    );
    evidence_table(caption, headings, rows)
}

fn class_sizes(found: &TableFindings, risk: &TableRisk) -> Picture {
    let bars = SIZE_NAMES.iter().zip(&risk.by_class_size).map(|(name, &persons)| Bar {
        label: Text::same(*name),
        value: shown::bar(persons, risk.persons),
        shown: shown::share(persons, risk.persons),
    });
    let label = &found.label;
    Picture {
        unit: "%",
        title: Text::new(
            format!("Persons by class size, {label}"),
            format!("Henkilöt luokan koon mukaan, {label}"),
            format!("Personer efter klasstorlek, {label}"),
        ),
        caption: Text::new(
            "Share of persons; each person counts in the smallest of their classes",
            "Osuus henkilöistä; kukin henkilö on mukana pienimmässä luokistaan",
            "Andel av personerna; varje person räknas i den minsta av sina klasser",
        ),
        bars: bars.collect(),
    }
}

/// A sensitive column of a table with quasi-identifiers.
struct Sensitive<'a> {
    table: &'a TableFindings,
    risk: &'a TableRisk,
    label: &'a str,
    disclosure: &'a AttributeDisclosure,
}

impl Sensitive<'_> {
    fn exposed_share(&self) -> f64 {
        shown::ratio(self.disclosure.exposed_persons, self.risk.persons)
    }
}

/// Returns every sensitive column of a table with quasi-identifiers. If there is none, reports the reason.
fn sensitive<'a>(
    name: &'static str,
    found: &'a [TableFindings],
    limits: &Limits,
    notes: &mut Notes<'_>,
) -> Option<Vec<Sensitive<'a>>> {
    let mut columns = Vec::new();
    for (table, risk) in measured(found) {
        for (label, disclosure) in table.sensitive.iter().zip(&risk.disclosures) {
            columns.push(Sensitive { table, risk, label, disclosure });
        }
    }
    if !columns.is_empty() {
        return Some(columns);
    }
    if !limits.has_contract {
        let reason = Text::new(
            "only the contract lists the sensitive columns; give --contract FILE",
            "arkaluonteiset sarakkeet luetellaan vain sopimuksessa; anna --contract TIEDOSTO",
            "endast avtalet anger de känsliga kolumnerna; ange --contract FIL",
        );
        notes.note(name, Verdict::NotChecked, reason);
    } else if !found.iter().any(|found| found.is_known) {
        let reason = Text::new(
            "the contract lists none of the tables",
            "sopimuksessa ei ole näitä tauluja",
            "avtalet anger ingen av tabellerna",
        );
        notes.note(name, Verdict::NotChecked, reason);
    } else {
        let reason = Text::new(
            "no table has both quasi-identifiers and sensitive columns",
            "missään taulussa ei ole sekä epäsuoria tunnisteita että arkaluonteisia sarakkeita",
            "ingen tabell har både kvasiidentifierare och känsliga kolumner",
        );
        notes.note(name, limits.unless_unread(Verdict::NotApplicable), reason);
    }
    None
}

fn l_diversity(found: &[TableFindings], limits: &Limits, notes: &mut Notes<'_>) {
    let Some(columns) = sensitive(L_DIVERSITY, found, limits, notes) else { return };
    let l = limits.thresholds.min_l;
    let worst = columns.iter().max_by(|a, b| {
        let shares = a.exposed_share().total_cmp(&b.exposed_share());
        shares.then(b.disclosure.smallest_l.cmp(&a.disclosure.smallest_l))
    });
    let Some(worst) = worst else { return };
    let smallest_l = worst.disclosure.smallest_l.map_or(NO_VALUE.to_owned(), |l| l.to_string());
    let evidence = Text::new(
        format!(
            "{}: {} has {smallest_l} distinct values in its least diverse class; required: {l}",
            worst.table.label, worst.label
        ),
        format!(
            "{}: sarakkeessa {} on vähiten vaihtelevassa luokassa {smallest_l} eri arvoa; vaadittu {l}",
            worst.table.label, worst.label
        ),
        format!(
            "{}: {} har {smallest_l} olika värden i den klass där värdena varierar minst; krav: {l}",
            worst.table.label, worst.label
        ),
    );
    let is_beyond = columns.iter().any(|column| column.disclosure.smallest_l.is_some_and(|smallest| smallest < l));
    let headings = vec![
        Text::new("table", "taulu", "tabell"),
        Text::new("sensitive column", "arkaluonteinen sarake", "känslig kolumn"),
        Text::new("fewest values in a class", "vähiten arvoja luokassa", "minsta antal värden i en klass"),
        Text::new(
            format!("persons in classes below {l}"),
            format!("henkilöitä alle {l}:n luokissa"),
            format!("personer i klasser under {l}"),
        ),
    ];
    let rows = columns.iter().map(|column| {
        let persons = column.risk.persons;
        vec![
            Text::same(column.table.label.clone()),
            Text::same(column.label),
            Text::same(column.disclosure.smallest_l.map_or(NO_VALUE.to_owned(), |l| l.to_string())),
            shown::share(column.disclosure.exposed_persons.min(persons), persons),
        ]
    });
    let caption = Text::new(
        "Distinct values of sensitive columns",
        "Arkaluonteisten sarakkeiden eri arvot",
        "Olika värden i känsliga kolumner",
    );
    let table = evidence_table(caption, headings, rows);
    notes.note(L_DIVERSITY, limits.verdict(is_beyond), limits.qualified(evidence)).with_table(table);
}

fn t_closeness(found: &[TableFindings], limits: &Limits, notes: &mut Notes<'_>) {
    let Some(columns) = sensitive(T_CLOSENESS, found, limits, notes) else { return };
    let k = limits.thresholds.min_k;
    let farthest = columns
        .iter()
        .filter_map(|column| Some((column, column.disclosure.largest_t?)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b));
    let Some((farthest, distance)) = farthest else {
        let none = Text::new(
            format!("no class has {k} persons"),
            format!("missään luokassa ei ole {k} henkilöä"),
            format!("ingen klass har {k} personer"),
        );
        notes.note(T_CLOSENESS, limits.unless_unread(Verdict::NotApplicable), limits.qualified(none));
        return;
    };
    let allowed = shown::number(limits.thresholds.max_t);
    let largest = shown::number(distance);
    let evidence = Text::new(
        format!(
            "{}: the distribution of {} is at most {} from that of the whole table; allowed: {}",
            farthest.table.label, farthest.label, largest.en, allowed.en
        ),
        format!(
            "{}: sarakkeen {} jakauma poikkeaa koko taulusta enintään {}; sallittu {}",
            farthest.table.label, farthest.label, largest.fi, allowed.fi
        ),
        format!(
            "{}: fördelningen i {} avviker från hela tabellen med högst {}; tillåtet: {}",
            farthest.table.label, farthest.label, largest.sv, allowed.sv
        ),
    );
    let headings = vec![
        Text::new("table", "taulu", "tabell"),
        Text::new("sensitive column", "arkaluonteinen sarake", "känslig kolumn"),
        Text::new("largest distance, 0–1", "suurin etäisyys, 0–1", "största avstånd, 0–1"),
    ];
    let rows = columns.iter().map(|column| {
        let distance = column.disclosure.largest_t.map_or_else(|| Text::same(NO_VALUE), shown::number);
        vec![Text::same(column.table.label.clone()), Text::same(column.label), distance]
    });
    let caption = Text::new(
        format!("Distance of classes of {k} persons or more from the whole table"),
        format!("Vähintään {k} henkilön luokkien etäisyys koko taulusta"),
        format!("Avståndet mellan klasser med minst {k} personer och hela tabellen"),
    );
    let table = evidence_table(caption, headings, rows);
    let is_beyond = distance > limits.thresholds.max_t;
    notes.note(T_CLOSENESS, limits.verdict(is_beyond), limits.qualified(evidence)).with_table(table);
}

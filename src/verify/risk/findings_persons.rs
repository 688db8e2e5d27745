//! Reports on persons over time: uniqueness of trajectories, and rare numbers of rows.

use super::findings::{REPEAT_COUNTS, TRAJECTORIES, evidence_table};
use super::history::{self, History, JointTables, RowCounts};
use super::limits::Limits;
use super::shown;
use super::trajectories::{MOST_KNOWN, Uniqueness, uniqueness};
use crate::text::Text;
use crate::verify::check::{Bar, Notes, Picture, Verdict};
use crate::verify::subject::listed;

/// Reports the uniqueness of trajectories and rare numbers of rows.
pub(super) fn note(histories: &[History], limits: &Limits, notes: &mut Notes<'_>) {
    if histories.is_empty() {
        let none = Text::new(
            "no column holds persons",
            "mikään sarake ei edusta henkilöitä",
            "ingen kolumn motsvarar personer",
        );
        for name in [TRAJECTORIES, REPEAT_COUNTS] {
            notes.note(name, limits.unless_unread(Verdict::NotApplicable), limits.qualified(none.clone()));
        }
        return;
    }
    let joint = history::join(histories);
    trajectories(&joint, limits, notes);
    repeat_counts(histories, &joint, limits, notes);
}

impl Uniqueness {
    fn share(self) -> f64 {
        shown::ratio(self.unique as u64, self.tried as u64)
    }

    fn shown(self) -> Text {
        match self.tried {
            0 => Text::new(
                "no person has that many events",
                "kenelläkään ei ole niin montaa tapahtumaa",
                "ingen person har så många händelser",
            ),
            tried => shown::share(self.unique as u64, tried as u64),
        }
    }
}

fn largest_share(by_known: &[Uniqueness; MOST_KNOWN]) -> f64 {
    by_known.iter().map(|uniqueness| uniqueness.share()).fold(0.0, f64::max)
}

fn trajectories(joint: &[JointTables<'_>], limits: &Limits, notes: &mut Notes<'_>) {
    let mut found: Vec<(JointTables<'_>, [Uniqueness; MOST_KNOWN])> = Vec::new();
    for tables in joint.iter().map(JointTables::dated).filter(|dated| !dated.tables.is_empty()) {
        let by_known = uniqueness(&tables.events());
        found.push((tables, by_known));
    }
    let worst = found.iter().max_by(|(_, a), (_, b)| largest_share(a).total_cmp(&largest_share(b)));
    let Some((tables, by_known)) = worst else {
        let none = Text::new(
            "no table of persons has dates",
            "missään henkilöiden taulussa ei ole päivämääriä",
            "ingen tabell med personer har datum",
        );
        notes.note(TRAJECTORIES, limits.unless_unread(Verdict::NotApplicable), limits.qualified(none));
        return;
    };
    let tables = listed(&tables.labels());
    let allowed = shown::percent(limits.thresholds.max_unique_share);
    let shares = Text::join(&by_known.map(Uniqueness::shown), " · ");
    let evidence = Text::new(
        format!("unique given 1 · 2 · 3 · 4 own events: {} ({}); allowed: {}", shares.en, tables.en, allowed.en),
        format!(
            "ainutkertaisia, kun tunnetaan 1 · 2 · 3 · 4 omaa tapahtumaa: {} ({}); sallittu: {}",
            shares.fi, tables.fi, allowed.fi
        ),
        format!(
            "unika när 1 · 2 · 3 · 4 egna händelser är kända: {} ({}); tillåtet: {}",
            shares.sv, tables.sv, allowed.sv
        ),
    );
    let is_beyond = largest_share(by_known) > limits.thresholds.max_unique_share;
    let mut headings = vec![Text::new("tables", "taulut", "tabeller")];
    headings.extend((1..=MOST_KNOWN).map(|known| Text::same(known.to_string())));
    let rows = found.iter().map(|(tables, by_known)| {
        std::iter::once(listed(&tables.labels())).chain(by_known.map(Uniqueness::shown)).collect()
    });
    let caption = Text::new(
        "Unique persons by number of known events",
        "Ainutkertaiset henkilöt tunnettujen tapahtumien määrän mukaan",
        "Unika personer efter antalet kända händelser",
    );
    let table = evidence_table(caption, headings, rows);
    let check = notes.note(TRAJECTORIES, limits.verdict(is_beyond), limits.qualified(evidence));
    check.with_table(table).with_picture(picture(by_known));
}

fn picture(by_known: &[Uniqueness; MOST_KNOWN]) -> Picture {
    let bars = (1..).zip(by_known).map(|(known, uniqueness): (usize, _)| Bar {
        label: Text::new(format!("{known} known"), format!("{known} tunnettua"), format!("{known} kända")),
        value: shown::bar(uniqueness.unique as u64, uniqueness.tried as u64),
        shown: uniqueness.shown(),
    });
    Picture {
        unit: "%",
        title: Text::new(
            "Uniqueness of trajectories",
            "Tapahtumapolkujen ainutkertaisuus",
            "Händelseförloppens unikhet",
        ),
        caption: Text::new(
            "Share of persons who are unique by that many of their dated events, drawn at random",
            "Osuus henkilöistä, joiden satunnaisesti poimittuja omia päivättyjä tapahtumia ei ole kenelläkään muulla",
            "Andel av personerna som är unika genom så många av sina daterade händelser, valda slumpmässigt",
        ),
        bars: bars.collect(),
    }
}

fn repeat_counts(histories: &[History], joint: &[JointTables<'_>], limits: &Limits, notes: &mut Notes<'_>) {
    let k = limits.thresholds.min_k;
    let mut found: Vec<(Text, RowCounts)> = Vec::new();
    for history in histories {
        let alone = JointTables { tables: vec![history] };
        found.push((listed(&alone.labels()), alone.row_counts(k)));
    }
    for several in joint.iter().filter(|joint| joint.tables.len() > 1) {
        found.push((listed(&several.labels()), several.row_counts(k)));
    }
    let worst = found.iter().max_by(|(_, a), (_, b)| a.rare_share().total_cmp(&b.rare_share()));
    let Some((tables, worst)) = worst else { return };
    let share = shown::share(worst.rare, worst.persons);
    let evidence = Text::new(
        format!("numbers of rows shared by fewer than {k} persons: {} ({})", share.en, tables.en),
        format!("rivimäärä alle {k} henkilöllä: {} ({})", share.fi, tables.fi),
        format!("radantal som färre än {k} personer delar: {} ({})", share.sv, tables.sv),
    );
    // Every register has one person with the most rows. A release fails where such persons are no exception.
    let verdict = match worst.rare_share() {
        0.0 => limits.verdict(false),
        share if share > limits.thresholds.max_unique_share => limits.verdict(true),
        _ => Verdict::Warn,
    };
    let headings = vec![
        Text::new("joint tables", "taulut yhdessä", "tabeller tillsammans"),
        Text::new("persons", "henkilöitä", "personer"),
        Text::new(
            format!("numbers of rows shared by fewer than {k}"),
            format!("rivimäärä alle {k} henkilöllä"),
            format!("radantal som färre än {k} delar"),
        ),
    ];
    let rows = found.iter().map(|(tables, counts)| {
        vec![tables.clone(), shown::persons(counts.persons), shown::share(counts.rare, counts.persons)]
    });
    let caption = Text::new(
        "Persons with a rare number of rows",
        "Rivimäärästään erottuvat henkilöt",
        "Personer med ett ovanligt antal rader",
    );
    let table = evidence_table(caption, headings, rows);
    notes.note(REPEAT_COUNTS, verdict, limits.qualified(evidence)).with_table(table);
}

impl RowCounts {
    fn rare_share(self) -> f64 {
        shown::ratio(self.rare, self.persons)
    }
}

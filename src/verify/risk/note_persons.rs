//! What is said of persons over time: uniqueness of trajectories, repeat counts.

use super::super::check::{Bar, Notes, Picture, Verdict};
use super::super::subject::listed;
use super::history::{self, History, Joined};
use super::note_classes::rows;
use super::scene::Scene;
use super::trajectories::{Known, MOST_KNOWN, uniqueness};
use super::{REPEAT_COUNTS, TRAJECTORIES, words};
use crate::text::Text;

pub(super) fn note(histories: &[History], scene: &Scene, notes: &mut Notes<'_>) {
    if histories.is_empty() {
        let none = Text::new("no column stands for persons", "mikään sarake ei edusta henkilöitä");
        for name in [TRAJECTORIES, REPEAT_COUNTS] {
            notes.note(name, scene.within(Verdict::NotApplicable), scene.said(none.clone()));
        }
        return;
    }
    let joined = history::join(histories);
    trajectories(&joined, scene, notes);
    repeat_counts(histories, &joined, scene, notes);
}

impl Known {
    fn share(self) -> f64 {
        words::ratio(self.unique as u64, self.tried as u64)
    }

    fn shown(self) -> Text {
        match self.tried {
            0 => Text::new("no one has so many", "kenelläkään ei ole niin montaa"),
            tried => words::share(self.unique as u64, tried as u64),
        }
    }
}

fn largest(known: &[Known; MOST_KNOWN]) -> f64 {
    known.iter().map(|known| known.share()).fold(0.0, f64::max)
}

fn trajectories(joined: &[Joined<'_>], scene: &Scene, notes: &mut Notes<'_>) {
    let dated = joined.iter().map(Joined::dated).filter(|joined| !joined.tables.is_empty());
    let found: Vec<(Joined<'_>, [Known; MOST_KNOWN])> = dated
        .map(|joined| {
            let known = uniqueness(&joined.events());
            (joined, known)
        })
        .collect();
    let worst = found.iter().max_by(|a, b| largest(&a.1).total_cmp(&largest(&b.1)));
    let Some((worst, known)) = worst else {
        let none = Text::new("no table of persons has dates", "missään henkilöiden taulussa ei ole päivämääriä");
        notes.note(TRAJECTORIES, scene.within(Verdict::NotApplicable), scene.said(none));
        return;
    };
    let (tables, most) = (listed(&worst.labels()), words::percent(scene.limits.max_unique_share));
    let shares = known.map(Known::shown);
    let listed_shares = words::joined(&shares, " · ");
    let evidence = Text::new(
        format!("unique given 1 · 2 · 3 · 4 own events: {} ({}); allowed: {}", listed_shares.en, tables.en, most.en),
        format!(
            "ainutkertaisia, kun tunnetaan 1 · 2 · 3 · 4 omaa tapahtumaa: {} ({}); sallittu: {}",
            listed_shares.fi, tables.fi, most.fi
        ),
    );
    let is_beyond = largest(known) > scene.limits.max_unique_share;
    let headings = std::iter::once(Text::new("tables", "taulut"));
    let headings = headings.chain((1..=MOST_KNOWN).map(|known| Text::same(known.to_string()))).collect();
    let row = |(joined, known): &(Joined<'_>, [Known; MOST_KNOWN])| {
        std::iter::once(listed(&joined.labels())).chain(known.map(Known::shown)).collect()
    };
    let caption = Text::new(
        "Persons who are unique by number of known events",
        "Ainutkertaiset henkilöt tunnettujen tapahtumien määrän mukaan",
    );
    let table = rows(caption, headings, found.iter().map(row));
    let check = notes.note(TRAJECTORIES, scene.verdict(is_beyond), scene.said(evidence));
    check.with_table(table).with_picture(picture(known));
}

fn picture(known: &[Known; MOST_KNOWN]) -> Picture {
    let bar = |(events, known): (usize, &Known)| Bar {
        label: Text::new(format!("{events} known"), format!("{events} tunnettua")),
        value: words::bar(known.unique as u64, known.tried as u64),
        shown: known.shown(),
    };
    Picture {
        unit: "%",
        title: Text::new("Uniqueness of trajectories", "Tapahtumapolkujen ainutkertaisuus"),
        caption: Text::new(
            "Share of persons whom no one else matches in so many of their own dated events, drawn at random",
            "Osuus henkilöistä, joita kukaan muu ei vastaa näin monessa heidän omassa, satunnaisesti poimitussa päivätyssä tapahtumassaan",
        ),
        bars: (1..).zip(known).map(bar).collect(),
    }
}

fn repeat_counts(histories: &[History], joined: &[Joined<'_>], scene: &Scene, notes: &mut Notes<'_>) {
    let k = scene.limits.min_k;
    let alone = histories.iter().map(|history| Joined { tables: vec![history] });
    let several = joined.iter().filter(|joined| joined.tables.len() > 1);
    let several = several.map(|joined| Joined { tables: joined.tables.clone() });
    let found: Vec<(Text, (u64, u64))> =
        alone.chain(several).map(|joined| (listed(&joined.labels()), joined.odd_counts(k))).collect();
    let share = |(persons, odd): (u64, u64)| words::ratio(odd, persons);
    let Some((tables, worst)) = found.iter().max_by(|a, b| share(a.1).total_cmp(&share(b.1))) else { return };
    let shown = words::share(worst.1, worst.0);
    let evidence = Text::new(
        format!("numbers of rows shared by fewer than {k} persons: {} ({})", shown.en, tables.en),
        format!("rivimäärä alle {k} henkilöllä: {} ({})", shown.fi, tables.fi),
    );
    // The one person with the most rows is in any register; a release fails where that is no exception.
    let verdict = match share(*worst) {
        0.0 => scene.verdict(false),
        share if share > scene.limits.max_unique_share => scene.verdict(true),
        _ => Verdict::Warn,
    };
    let headings = vec![
        Text::new("tables together", "taulut yhdessä"),
        Text::new("persons", "henkilöitä"),
        Text::new(format!("numbers of rows shared by fewer than {k}"), format!("rivimäärä alle {k} henkilöllä")),
    ];
    let row = |(tables, (persons, odd)): &(Text, (u64, u64))| {
        vec![tables.clone(), words::persons(*persons), words::share(*odd, *persons)]
    };
    let caption = Text::new("Persons told by how many rows they have", "Rivimäärästään erottuvat henkilöt");
    let table = rows(caption, headings, found.iter().map(row));
    notes.note(REPEAT_COUNTS, verdict, scene.said(evidence)).with_table(table);
}

//! What the attack came to, in the officer's words.

use super::Depth;
use super::campaign::{Outcome, Reversed, Tried};
use super::scheme::Family;
use super::targets::{Column, Set};
use crate::text::Text;
use crate::verify::check::{Bar, Check, Notes, Picture, Table, Verdict};
use crate::verify::statistics::FAILS_BELOW;
use crate::verify::subject::listed;

const REVERSIBLE: &str = "attack.reversible";

/// What evidence is drawn from.
pub(super) struct Evidence<'a> {
    pub depth: Depth,
    pub columns: &'a [Column],
    pub sets: &'a [Set],
    /// For each column, the way in which codes are written in it, and how many are.
    pub written: &'a [Option<(Text, u64)>],
    pub outcome: &'a Outcome,
}

impl Evidence<'_> {
    /// The four checks of a subject.
    pub fn note(&self, subject: usize, about: &str, checks: &mut Vec<Check>) {
        let mut notes = Notes { about: about.to_owned(), checks };
        let columns: Vec<usize> = (0..self.columns.len()).filter(|&at| self.columns[at].subject == subject).collect();
        let attacked: Vec<usize> =
            columns.iter().copied().filter(|&column| self.sets.iter().any(|set| set.column == column)).collect();
        for family in Family::ALL {
            self.family(family, &attacked, &mut notes);
        }
        self.reversible(&columns, &mut notes);
    }

    fn family(&self, family: Family, columns: &[usize], notes: &mut Notes<'_>) {
        let hits: Vec<&Reversed> = self.outcome.reversed.iter().filter(|hit| hit.family == family).collect();
        let hits: Vec<&Reversed> = hits.into_iter().filter(|hit| columns.contains(&hit.column)).collect();
        if columns.is_empty() {
            notes.note(family.check(), Verdict::NotApplicable, no_column());
            return;
        }
        let (verdict, evidence) = if hits.is_empty() { self.not_hit(family, columns) } else { self.hit(&hits) };
        let check = notes.note(family.check(), verdict, evidence);
        if self.tried(family).schemes + self.tried(family).published > 0 {
            check.with_table(self.table(family));
        }
        if family == Family::Unkeyed {
            check.with_picture(self.picture());
        }
    }

    fn hit(&self, hits: &[&Reversed]) -> (Verdict, Text) {
        let say = |hit: &&Reversed| {
            let label = &self.columns[hit.column].label;
            let percent = 100.0 * hit.found as f64 / hit.of.max(1) as f64;
            let (en_whole, fi_whole) = if hit.whole {
                ("", "")
            } else {
                (" (at least: not every code was tried)", " (vähintään: kaikkia tunnuksia ei kokeiltu)")
            };
            let (found, of, words) = (hit.found, hit.of, &hit.words);
            Text::new(
                format!(
                    "{label} is {}: {found} of {of} distinct values turned back, {percent:.1} %{en_whole}",
                    words.en
                ),
                format!("{label}: {}; {found}/{of} eri arvosta palautettiin, {percent:.1} %{fi_whole}", words.fi),
            )
        };
        (Verdict::Fail, joined(hits.iter().map(say)))
    }

    /// A pass, with what was tried and what was not.
    fn not_hit(&self, family: Family, columns: &[usize]) -> (Verdict, Text) {
        let tried = self.tried(family);
        let open = |column: &&usize| {
            self.written[**column].is_none() && self.outcome.reversed.iter().all(|hit| hit.column != **column)
        };
        let left: Vec<String> = columns.iter().filter(open).map(|&column| self.columns[column].label.clone()).collect();
        if left.is_empty() || tried.schemes == 0 {
            let words = if left.is_empty() {
                Text::new(
                    "not tried on: the columns were already turned back in another way",
                    "ei kokeiltu: sarakkeet palautettiin jo muulla tavalla",
                )
            } else {
                Text::new(
                    format!(
                        "only published test codes were tried, under {} schemes, and temporary codes, under {} of them; none matched",
                        tried.published, tried.temporary
                    ),
                    format!(
                        "kokeiltiin vain julkaistut testitunnukset, {} menetelmällä, ja väliaikaisia tunnuksia, {} menetelmällä; osumia ei ollut",
                        tried.published, tried.temporary
                    ),
                )
            };
            return (Verdict::NotChecked, words);
        }
        let verdict = if self.outcome.chance > FAILS_BELOW { Verdict::NotChecked } else { Verdict::Pass };
        (verdict, self.passed(family, &tried, &left))
    }

    fn passed(&self, family: Family, tried: &Tried, left: &[String]) -> Text {
        let columns = listed(left);
        let (codes, took) = (self.codes(family), self.outcome.took.as_secs_f64());
        let share = 100.0 * tried.share.unwrap_or(1.0);
        let rare = tried.rare_share.map_or_else(
            || Text::new("none of them on those with other signs", "muita ei kokeiltu"),
            |share| {
                let (schemes, share) = (tried.rare_schemes, 100.0 * share);
                Text::new(
                    format!("{schemes} of them on at least {share:.3} % of those with other signs"),
                    format!("niistä {schemes} vähintään {share:.3} %:iin muista"),
                )
            },
        );
        let chance = self.outcome.chance;
        let mut en = format!(
            "no value of {} matched; {} schemes, {:.1} million codes hashed (the whole attack took {took:.1} s); each scheme \
             was tried on at least {share:.3} % of the identity codes with the sign - or A, chosen at random, and {}; the \
             chance that a column made by one of them has none of its values there is below {chance:.0e}",
            columns.en, tried.schemes, codes, rare.en
        );
        let mut fi = format!(
            "yksikään arvo ei täsmännyt ({}); {} menetelmää, {:.1} miljoonaa tiivistettyä tunnusta (koko koe kesti {took:.1} s); \
             kutakin kokeiltiin vähintään {share:.3} %:iin tunnuksista, joiden välimerkki on - tai A, satunnaisesti valiten, \
             ja {}; todennäköisyys, ettei jollakin niistä tehdyn sarakkeen yksikään arvo osu niihin, on alle {chance:.0e}",
            columns.fi, tried.schemes, codes, rare.fi
        );
        let sampled = columns_sampled(left.iter(), self.columns);
        if sampled > 0 {
            en.push_str(&format!("; of {sampled} columns a random sample of the values was attacked"));
            fi.push_str(&format!("; {sampled} sarakkeesta kokeiltiin satunnaista osaa arvoista"));
        }
        if tried.whole > 0 {
            en.push_str(&format!("; {} schemes were tried on every code", tried.whole));
            fi.push_str(&format!("; {} menetelmää kokeiltiin kaikkiin tunnuksiin", tried.whole));
        }
        if tried.published > 0 {
            en.push_str(&format!("; {} further schemes were tried on published test codes only", tried.published));
            fi.push_str(&format!(
                "; {} muuta menetelmää kokeiltiin vain julkaistuihin testitunnuksiin",
                tried.published
            ));
        }
        Text::new(en, fi)
    }

    fn reversible(&self, columns: &[usize], notes: &mut Notes<'_>) {
        if columns.is_empty() {
            notes.note(REVERSIBLE, Verdict::NotApplicable, no_column());
            return;
        }
        let said = columns.iter().filter_map(|&column| {
            let (words, found) = self.written[column].as_ref()?;
            let (label, of) = (&self.columns[column].label, self.columns[column].values.len());
            Some(Text::new(
                format!("{label} is {}: {found} of {of} distinct values", words.en),
                format!("{label} on {}: {found}/{of} eri arvosta", words.fi),
            ))
        });
        let said = joined(said);
        if said.en.is_empty() {
            let number = columns.len();
            let words = Text::new(
                format!("{number} columns; none is a code written in another way"),
                format!("{number} saraketta; missään ei ole toisin kirjoitettuja tunnuksia"),
            );
            notes.note(REVERSIBLE, Verdict::Pass, words);
        } else {
            notes.note(REVERSIBLE, Verdict::Fail, said);
        }
    }

    /// What was tried in a family, all hashes together.
    fn tried(&self, family: Family) -> Tried {
        let of = self.outcome.tried.iter().filter(|((f, _), _)| *f == family);
        of.fold(Tried::default(), |sum, (_, tried)| Tried {
            schemes: sum.schemes + tried.schemes,
            share: [sum.share, tried.share].into_iter().flatten().reduce(f64::min),
            rare_schemes: sum.rare_schemes + tried.rare_schemes,
            rare_share: [sum.rare_share, tried.rare_share].into_iter().flatten().reduce(f64::min),
            temporary: sum.temporary + tried.temporary,
            published: sum.published + tried.published,
            whole: sum.whole + tried.whole,
        })
    }

    /// Millions of codes hashed in a family.
    fn codes(&self, family: Family) -> f64 {
        let of = self.outcome.tally.iter().filter(|((f, _), _)| *f == family);
        of.map(|(_, (codes, _))| *codes as f64 / 1e6).sum()
    }

    fn table(&self, family: Family) -> Table {
        let heading = |en: &str, fi: &str| Text::new(en, fi);
        let rows = self.outcome.tried.iter().filter(|((f, _), _)| *f == family).map(|(key, tried)| {
            let (codes, took) = self.outcome.tally.get(key).copied().unwrap_or_default();
            let rate = codes as f64 / took.as_secs_f64().max(1e-9) / 1e6;
            let share = 100.0 * tried.share.unwrap_or(0.0);
            let shown = [
                key.1.shown().to_owned(),
                tried.schemes.to_string(),
                tried.published.to_string(),
                format!("{:.2}", codes as f64 / 1e6),
                format!("{rate:.1}"),
                format!("{share:.3} %"),
                tried.rare_schemes.to_string(),
            ];
            shown.into_iter().map(Text::same).collect()
        });
        Table {
            caption: heading("What was tried, by hash", "Mitä kokeiltiin, tiivisteittäin"),
            headings: vec![
                heading("Hash", "Tiiviste"),
                heading("Schemes", "Menetelmiä"),
                heading("On test codes only", "Vain testitunnuksilla"),
                heading("Codes hashed, millions", "Tiivistettyjä tunnuksia, miljoonaa"),
                heading("Millions a second, per core", "Miljoonaa sekunnissa ydintä kohti"),
                heading("Share of codes with - or A, at least", "Osuus tunnuksista, joissa - tai A, vähintään"),
                heading("Schemes on other signs too", "Menetelmiä muillakin välimerkeillä"),
            ],
            rows: rows.collect(),
        }
    }

    fn picture(&self) -> Picture {
        let names = [
            ("hashes without a key", "tiivisteet ilman avainta"),
            ("hashes with a guessable salt", "tiivisteet arvattavalla suolalla"),
            ("keyed hashes with a guessable key", "avaimelliset tiivisteet arvattavalla avaimella"),
        ];
        let bars = Family::ALL.into_iter().zip(names).map(|(family, (en, fi))| {
            let tried = self.tried(family);
            let all = tried.schemes > 0 && tried.whole >= tried.schemes;
            let value = if all { 100.0 } else { 100.0 * tried.share.unwrap_or(0.0) };
            let untried = Text::new("not tried", "ei kokeiltu");
            let shown = if tried.schemes == 0 { untried } else { Text::same(format!("{value:.3} %")) };
            Bar { label: Text::new(en, fi), value, shown }
        });
        let deep =
            if self.depth == Depth::Exhaustive { "" } else { "; a small share is enough where there are many values" };
        let deep_fi =
            if self.depth == Depth::Exhaustive { "" } else { "; pieni osuus riittää, kun arvoja on paljon" };
        Picture {
            unit: "%",
            title: Text::new("Attack coverage", "Murtokokeen kattavuus"),
            caption: Text::new(
                format!(
                    "the share of the identity codes with - or A that each scheme of a family was tried on, at least{deep}"
                ),
                format!(
                    "osuus henkilötunnuksista, joissa on - tai A, joihin perheen kutakin menetelmää vähintään kokeiltiin{deep_fi}"
                ),
            ),
            bars: bars.collect(),
        }
    }
}

/// Notes that the attack was not made.
pub(super) fn left_out(subject: &str, checks: &mut Vec<Check>) {
    let mut notes = Notes { about: subject.to_owned(), checks };
    for name in Family::ALL.map(Family::check).into_iter().chain([REVERSIBLE]) {
        let words =
            Text::new("the attack was left out (--skip-attack)", "murtokoe jätettiin tekemättä (--skip-attack)");
        notes.note(name, Verdict::NotChecked, words);
    }
}

/// How many of the columns that are called so hold more values than were attacked.
fn columns_sampled<'a>(labels: impl Iterator<Item = &'a String>, columns: &[Column]) -> usize {
    let labels: Vec<&String> = labels.collect();
    columns.iter().filter(|column| !column.complete && labels.contains(&&column.label)).count()
}

fn no_column() -> Text {
    Text::new(
        "no column could hold hashes or encodings of codes",
        "missään sarakkeessa ei voi olla tunnusten tiivisteitä",
    )
}

fn joined(texts: impl Iterator<Item = Text>) -> Text {
    let (en, fi): (Vec<String>, Vec<String>) = texts.map(|text| (text.en, text.fi)).unzip();
    Text::new(en.join("; "), fi.join("; "))
}

//! Reports on the attack: verdicts, evidence, and the coverage of each family of schemes.

use super::pattern_evidence::PatternOutcome;
use super::reversible::ReversibleCodes;
use super::scheme::Family;
use super::search::{Coverage, Outcome, ReversedColumn, RowCoverage};
use super::targets::{Column, TargetSet};
use crate::text::{Language, Text, grouped};
use crate::verify::check::{Bar, Check, Notes, Picture, Table, Verdict};
use crate::verify::depth::Depth;
use crate::verify::statistics::FAILS_BELOW;
use crate::verify::subject::listed;

const REVERSIBLE: &str = "attack.reversible";

/// Results of the attack, for the reports on each subject.
pub(super) struct Evidence<'a> {
    pub depth: Depth,
    pub columns: &'a [Column],
    pub sets: &'a [TargetSet],
    /// Codes under a reversible transform, by column.
    pub reversible: &'a [Option<ReversibleCodes>],
    pub outcome: &'a Outcome,
    /// Results by the contract's patterns.
    pub patterns: &'a [PatternOutcome],
}

impl Evidence<'_> {
    /// Reports the four checks of a subject.
    pub fn note(&self, subject: usize, about: &str, checks: &mut Vec<Check>) {
        let mut notes = Notes { about: about.to_owned(), checks };
        let columns: Vec<usize> = (0..self.columns.len()).filter(|&at| self.columns[at].subject == subject).collect();
        let attacked: Vec<usize> =
            columns.iter().copied().filter(|&column| self.sets.iter().any(|set| set.column == column)).collect();
        for family in Family::ALL {
            self.note_family(family, &attacked, &mut notes);
        }
        self.note_reversible(&columns, &mut notes);
    }

    fn note_family(&self, family: Family, columns: &[usize], notes: &mut Notes<'_>) {
        if columns.is_empty() {
            notes.note(family.check(), Verdict::NotApplicable, no_column());
            return;
        }
        let mut reversed: Vec<&ReversedColumn> = self.all_reversed().collect();
        reversed.retain(|reversed| reversed.family == family && columns.contains(&reversed.column));
        let (verdict, evidence) = if reversed.is_empty() {
            self.not_reversed(family, columns)
        } else {
            let found: Vec<Text> = reversed.into_iter().map(|reversed| self.reversed(reversed)).collect();
            (Verdict::Fail, Text::join(&found, "; "))
        };
        let check = notes.note(family.check(), verdict, evidence);
        let coverage = self.coverage(family);
        if coverage.schemes + coverage.published > 0 {
            check.with_table(self.table(family));
        }
        if family == Family::Unkeyed {
            check.with_picture(self.picture());
        }
    }

    fn reversed(&self, reversed: &ReversedColumn) -> Text {
        let label = &self.columns[reversed.column].label;
        let ReversedColumn { scheme, found, values, .. } = reversed;
        let percent = 100.0 * *found as f64 / (*values).max(1) as f64;
        let bound = if reversed.is_whole {
            Text::same("")
        } else {
            Text::new(
                " (at least: not every code was tried)",
                " (vähintään: kaikkia tunnuksia ei kokeiltu)",
                " (minst: alla beteckningar prövades inte)",
            )
        };
        Text::new(
            format!(
                "{label} is {}: {found} of {values} distinct values reversed, {percent:.1} %{}",
                scheme.en, bound.en
            ),
            format!(
                "{label}: {}; {found}/{values} eri arvosta palautettiin, {} %{}",
                scheme.fi,
                Language::Finnish.decimal(percent, 1),
                bound.fi
            ),
            format!(
                "{label}: {}; {found} av {values} olika värden återställdes, {}{}",
                scheme.sv,
                Language::Swedish.percentage(percent, 1),
                bound.sv
            ),
        )
    }

    /// Returns the verdict on a family without a reversed column, with its coverage.
    fn not_reversed(&self, family: Family, columns: &[usize]) -> (Verdict, Text) {
        let coverage = self.coverage(family);
        let mut open = columns.to_vec();
        open.retain(|&column| self.reversible[column].is_none() && self.all_reversed().all(|hit| hit.column != column));
        if open.is_empty() {
            let evidence = Text::new(
                "not tried: the columns were already reversed in another way",
                "ei kokeiltu: sarakkeet palautettiin jo muulla tavalla",
                "prövades inte: kolumnerna återställdes redan på annat sätt",
            );
            return (Verdict::NotChecked, evidence);
        }
        if coverage.schemes == 0 {
            let Coverage { published, temporary, .. } = coverage;
            let evidence = Text::new(
                format!(
                    "only published test codes were tried, under {published} schemes, and temporary codes, under \
                     {temporary} of them; none matched"
                ),
                format!(
                    "kokeiltiin vain julkaistut testitunnukset, {published} menetelmällä, ja väliaikaisia tunnuksia, \
                     {temporary} menetelmällä; osumia ei ollut"
                ),
                format!(
                    "endast publicerade testbeteckningar prövades, med {published} metoder, och tillfälliga \
                     beteckningar, med {temporary} metoder; inga träffar"
                ),
            );
            return (Verdict::NotChecked, evidence);
        }
        let is_open = self.outcome.chance > FAILS_BELOW || self.patterns.iter().any(PatternOutcome::is_open);
        let verdict = if is_open { Verdict::NotChecked } else { Verdict::Pass };
        let mut evidence = vec![self.covered(family, &coverage, &open)];
        evidence.extend(self.rows_covered(family));
        evidence.extend(self.patterns.iter().map(|pattern| pattern.covered(family)));
        (verdict, Text::join(&evidence, "; "))
    }

    /// Returns the columns that were reversed, to codes or to identifiers by a pattern.
    fn all_reversed(&self) -> impl Iterator<Item = &ReversedColumn> {
        let by_pattern = self.patterns.iter().flat_map(|pattern| &pattern.outcome.reversed);
        self.outcome.reversed.iter().chain(by_pattern)
    }

    /// Describes the coverage of salts in other columns.
    fn rows_covered(&self, family: Family) -> Option<Text> {
        let RowCoverage { pairs, omitted, chance } = self.outcome.rows;
        if family == Family::Unkeyed || pairs + omitted == 0 {
            return None;
        }
        let percent = 100.0 * chance;
        Some(Text::new(
            format!(
                "{pairs} pairs of columns were tried as a pseudonym and the salt or key of its row, {omitted} were \
                 not; the probability of missing such a pair is {percent:.1} %"
            ),
            format!(
                "{pairs} sarakeparia kokeiltiin pseudonyyminä ja sen rivin suolana tai avaimena, {omitted} jäi \
                 kokeilematta; todennäköisyys, että sellainen pari jää löytymättä, on {} %",
                Language::Finnish.decimal(percent, 1)
            ),
            format!(
                "{pairs} kolumnpar prövades som en pseudonym och radens salt eller nyckel, {omitted} prövades inte; \
                 sannolikheten för att ett sådant par förblir oupptäckt är {}",
                Language::Swedish.percentage(percent, 1)
            ),
        ))
    }

    /// Describes the coverage of a family over columns that were not reversed.
    fn covered(&self, family: Family, coverage: &Coverage, open: &[usize]) -> Text {
        let labels: Vec<String> = open.iter().map(|&column| self.columns[column].label.clone()).collect();
        let columns = listed(&labels);
        let millions = self.codes(family) as f64 / 1e6;
        let seconds = self.outcome.time.as_secs_f64();
        let share = percent(coverage.share);
        let one_in = grouped(self.outcome.chance.recip().round() as u64);
        let rare = rare_coverage(coverage);
        let mut en = format!(
            "no value of {} matched; {} schemes, {millions:.1} million codes hashed (the whole attack took \
             {seconds:.1} s); each scheme was tried on at least {share:.3} % of the identity codes with the sign - or \
             A, chosen at random, and {}; the probability of missing a column made by one of them is below one in \
             {one_in}",
            columns.en, coverage.schemes, rare.en
        );
        let mut fi = format!(
            "yksikään arvo ei täsmännyt ({}); {} menetelmää, {} miljoonaa tiivistettyä tunnusta (koko testi kesti \
             {} s); kutakin kokeiltiin vähintään {} %:iin tunnuksista, joiden välimerkki on - tai A, satunnaisesti \
             valiten, ja {}; todennäköisyys, että niistä jollakin tehty sarake jää löytymättä, on alle 1 : {one_in}",
            columns.fi,
            coverage.schemes,
            Language::Finnish.decimal(millions, 1),
            Language::Finnish.decimal(seconds, 1),
            Language::Finnish.decimal(share, 3),
            rare.fi
        );
        let mut sv = format!(
            "inget värde stämde ({}); {} metoder, {} miljoner hashade beteckningar (hela testet tog {} s); varje metod \
             prövades på minst {} av beteckningarna med mellantecknet - eller A, slumpmässigt valda, och {}; \
             sannolikheten för att en kolumn som gjorts med någon av dem förblir oupptäckt är under 1 : {one_in}",
            columns.sv,
            coverage.schemes,
            Language::Swedish.decimal(millions, 1),
            Language::Swedish.decimal(seconds, 1),
            Language::Swedish.percentage(share, 3),
            rare.sv
        );
        let sampled = self.columns.iter().filter(|column| !column.complete && labels.contains(&column.label)).count();
        if sampled > 0 {
            en.push_str(&format!("; of {sampled} columns, a random sample of the values was attacked"));
            fi.push_str(&format!("; {sampled} sarakkeesta kokeiltiin satunnaista osaa arvoista"));
            sv.push_str(&format!("; av {sampled} kolumner prövades ett slumpmässigt urval av värdena"));
        }
        if coverage.whole > 0 {
            en.push_str(&format!("; {} schemes were tried on every code", coverage.whole));
            fi.push_str(&format!("; {} menetelmää kokeiltiin kaikkiin tunnuksiin", coverage.whole));
            sv.push_str(&format!("; {} metoder prövades på alla beteckningar", coverage.whole));
        }
        if coverage.published > 0 {
            let published = coverage.published;
            en.push_str(&format!("; {published} further schemes were tried on published test codes only"));
            fi.push_str(&format!("; {published} muuta menetelmää kokeiltiin vain julkaistuihin testitunnuksiin"));
            sv.push_str(&format!("; {published} andra metoder prövades endast på publicerade testbeteckningar"));
        }
        Text::new(en, fi, sv)
    }

    fn note_reversible(&self, columns: &[usize], notes: &mut Notes<'_>) {
        if columns.is_empty() {
            notes.note(REVERSIBLE, Verdict::NotApplicable, no_column());
            return;
        }
        let mut found = Vec::new();
        for &column in columns {
            let Column { label, values, .. } = &self.columns[column];
            if let Some(codes) = &self.reversible[column] {
                found.push(Text::new(
                    format!("{label} is {}: {} of {} distinct values", codes.transform.en, codes.found, values.len()),
                    format!("{label} on {}: {}/{} eri arvosta", codes.transform.fi, codes.found, values.len()),
                    format!("{label} är {}: {} av {} olika värden", codes.transform.sv, codes.found, values.len()),
                ));
            }
        }
        if found.is_empty() {
            let number = columns.len();
            let evidence = Text::new(
                format!("{number} columns; none holds codes under a reversible transform"),
                format!("{number} saraketta; missään ei ole toisin kirjoitettuja tunnuksia"),
                format!("{number} kolumner; ingen innehåller beteckningar i en form som kan återställas"),
            );
            notes.note(REVERSIBLE, Verdict::Pass, evidence);
        } else {
            notes.note(REVERSIBLE, Verdict::Fail, Text::join(&found, "; "));
        }
    }

    fn coverage(&self, family: Family) -> Coverage {
        self.outcome.of_family(family)
    }

    /// Returns the number of codes that a family hashed.
    fn codes(&self, family: Family) -> u64 {
        let of_family = self.outcome.efforts.iter().filter(|((other, _), _)| *other == family);
        of_family.map(|(_, effort)| effort.codes).sum()
    }

    fn table(&self, family: Family) -> Table {
        let mut rows = Vec::new();
        for (key, coverage) in self.outcome.coverage.iter().filter(|((other, _), _)| *other == family) {
            // A hash without an effort was planned after every column was reversed.
            let (codes, seconds) =
                self.outcome.efforts.get(key).map_or((0, 0.0), |effort| (effort.codes, effort.time.as_secs_f64()));
            let millions = codes as f64 / 1e6;
            let share = percent(coverage.share);
            rows.push(vec![
                Text::same(key.1.name()),
                Text::same(coverage.schemes.to_string()),
                Text::same(coverage.published.to_string()),
                Text::written(|language| language.decimal(millions, 2)),
                Text::written(|language| language.decimal(millions / seconds.max(1e-9), 1)),
                Text::written(|language| language.percentage(share, 3)),
                Text::same(coverage.rare_schemes.to_string()),
            ]);
        }
        Table {
            caption: Text::new("Coverage by hash", "Kattavuus tiivisteittäin", "Täckning per hashfunktion"),
            headings: vec![
                Text::new("Hash", "Tiiviste", "Hashfunktion"),
                Text::new("Schemes", "Menetelmiä", "Metoder"),
                Text::new("On test codes only", "Vain testitunnuksilla", "Endast testbeteckningar"),
                Text::new(
                    "Codes hashed, millions",
                    "Tiivistettyjä tunnuksia, miljoonaa",
                    "Hashade beteckningar, miljoner",
                ),
                Text::new(
                    "Millions per second and core",
                    "Miljoonaa sekunnissa ydintä kohti",
                    "Miljoner per sekund och kärna",
                ),
                Text::new(
                    "Share of codes with - or A, at least",
                    "Osuus tunnuksista, joissa - tai A, vähintään",
                    "Andel av beteckningarna med - eller A, minst",
                ),
                Text::new(
                    "Schemes on other signs too",
                    "Menetelmiä muillakin välimerkeillä",
                    "Metoder även på andra mellantecken",
                ),
            ],
            rows,
        }
    }

    fn picture(&self) -> Picture {
        let families = [
            (Family::Unkeyed, Text::new("hashes without a key", "tiivisteet ilman avainta", "hashvärden utan nyckel")),
            (
                Family::Salted,
                Text::new(
                    "hashes with a guessable salt",
                    "tiivisteet arvattavalla suolalla",
                    "hashvärden med ett salt som kan gissas",
                ),
            ),
            (
                Family::Keyed,
                Text::new(
                    "keyed hashes with a guessable key",
                    "avaimelliset tiivisteet arvattavalla avaimella",
                    "hashvärden med en nyckel som kan gissas",
                ),
            ),
        ];
        let bars = families.map(|(family, label)| {
            let coverage = self.coverage(family);
            let is_whole = coverage.schemes > 0 && coverage.whole >= coverage.schemes;
            let value = if is_whole { 100.0 } else { percent(coverage.share) };
            let shown = if coverage.schemes == 0 {
                Text::new("not tried", "ei kokeiltu", "prövades inte")
            } else {
                Text::written(|language| language.percentage(value, 3))
            };
            Bar { label, value, shown }
        });
        let note = if self.depth == Depth::Whole {
            Text::same("")
        } else {
            Text::new(
                "; a small share is enough where there are many values",
                "; pieni osuus riittää, kun arvoja on paljon",
                "; en liten andel räcker när värdena är många",
            )
        };
        Picture {
            unit: "%",
            title: Text::new("Attack coverage", "Hyökkäystestin kattavuus", "Attacktestets täckning"),
            caption: Text::new(
                format!(
                    "smallest share of the identity codes with - or A that a scheme of the family was tried on{}",
                    note.en
                ),
                format!(
                    "pienin osuus henkilötunnuksista, joissa on - tai A, johon jotakin aihealueen menetelmää \
                     kokeiltiin{}",
                    note.fi
                ),
                format!(
                    "minsta andel av de personbeteckningar med - eller A som någon metod i området prövades på{}",
                    note.sv
                ),
            ),
            bars: bars.to_vec(),
        }
    }
}

/// Describes the coverage of the codes under the rare signs.
fn rare_coverage(coverage: &Coverage) -> Text {
    let Some(share) = coverage.rare_share else {
        return Text::new(
            "none was tried on codes with other signs",
            "yhtäkään ei kokeiltu tunnuksiin, joissa on muu välimerkki",
            "ingen prövades på beteckningar med andra mellantecken",
        );
    };
    let schemes = coverage.rare_schemes;
    let share = 100.0 * share;
    Text::new(
        format!("{schemes} of them on at least {share:.3} % of those with other signs"),
        format!(
            "niistä {schemes} kokeiltiin vähintään {} %:iin tunnuksista, joissa on muu välimerkki",
            Language::Finnish.decimal(share, 3)
        ),
        format!(
            "{schemes} av dem på minst {} av beteckningarna med andra mellantecken",
            Language::Swedish.percentage(share, 3)
        ),
    )
}

/// Returns a share in per cent; 0 if no scheme was tried.
fn percent(share: Option<f64>) -> f64 {
    share.map_or(0.0, |share| 100.0 * share)
}

/// Reports that the attack was skipped.
pub(super) fn note_skipped(subject: &str, checks: &mut Vec<Check>) {
    let mut notes = Notes { about: subject.to_owned(), checks };
    for name in Family::ALL.map(Family::check).into_iter().chain([REVERSIBLE]) {
        let evidence = Text::new(
            "the attack was skipped (--attack none)",
            "hyökkäystesti ohitettiin (--attack none)",
            "attacktestet hoppades över (--attack none)",
        );
        notes.note(name, Verdict::NotChecked, evidence);
    }
}

fn no_column() -> Text {
    Text::new(
        "no column can hold hashes or encodings of codes",
        "missään sarakkeessa ei voi olla tunnusten tiivisteitä tai muunnoksia",
        "ingen kolumn kan innehålla hashvärden eller kodningar av beteckningar",
    )
}

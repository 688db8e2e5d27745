//! What names of files, folders and columns tell.

use super::super::check::{Notes, Table, Verdict};
use super::super::subject::{Subject, Tabular, label};
use super::cell::{self, Form};
use super::found::{Finding, Found, Tallies};
use super::kind::Kind;
use super::verdict::{self, Judged};
use crate::text::Text;

const NAME: &str = "residue.labels";
/// Words, without their dots, that promise an identity code wherever they stand in a column's name.
const CODES: [&str; 8] =
    ["hetu", "henkilotunnus", "hetut", "hlotunnus", "ssn", "personnummer", "personbeteckning", "sotu"];
/// Names of columns, without what separates their words, that promise other direct identifiers.
const OTHERS: [&str; 58] = [
    "etunimi",
    "etunimet",
    "sukunimi",
    "sukunimet",
    "kutsumanimi",
    "kokonimi",
    "firstname",
    "firstnames",
    "lastname",
    "surname",
    "familyname",
    "givenname",
    "fullname",
    "henkilonnimi",
    "asiakkaannimi",
    "potilaannimi",
    "nimi",
    "fornamn",
    "efternamn",
    "osoite",
    "katuosoite",
    "lahiosoite",
    "kotiosoite",
    "address",
    "streetaddress",
    "homeaddress",
    "adress",
    "puhelin",
    "puhelinnumero",
    "puhnro",
    "puh",
    "matkapuhelin",
    "gsm",
    "phone",
    "phonenumber",
    "mobile",
    "telephone",
    "telefon",
    "email",
    "emailaddress",
    "sahkoposti",
    "sahkopostiosoite",
    "epost",
    "iban",
    "tilinumero",
    "pankkitili",
    "rekisterinumero",
    "rekisteritunnus",
    "licenseplate",
    "personcode",
    "henkilotieto",
    "syntymanimi",
    "katu",
    "katunimi",
    "postiosoite",
    "kotipuhelin",
    "tyopuhelin",
    "sposti",
];

/// Whether a name itself tells who someone is.
pub(super) fn is_revealing(name: &str) -> bool {
    let mut found = Found::default();
    cell::find(name, Form::Name, &mut found);
    found.sightings.iter().any(|seen| seen.hit && seen.kind.reveals())
}

/// Notes what the names of a subject tell and promise.
pub(super) fn check(subject: &Subject, notes: &mut Notes<'_>) {
    let judged = judged(subject);
    let told: Vec<&Judged> = judged.iter().collect();
    let promises: Vec<(String, bool)> = subject.tables.iter().flat_map(promises).collect();
    let headless = subject.tables.iter().filter(|table| !table.table.is_named()).count();
    let verdict = if promises.is_empty() && headless == 0 { Verdict::Pass } else { Verdict::Warn };
    let revealing = judged.iter().filter(|one| one.verdict > Verdict::Pass).count();
    let (no_names, no_names_fi) = match headless {
        0 => Default::default(),
        n => (
            format!("; {n} tables have values in the place of names: add a first line with names, and verify again"),
            format!(
                "; {n} taulussa on nimien paikalla arvoja: lisää nimet ensimmäiselle riville ja tarkista uudelleen"
            ),
        ),
    };
    let words = Text::new(
        format!(
            "{revealing} names hold an identifier; {} columns are called as if they held one{no_names}",
            promises.len()
        ),
        format!(
            "{revealing} nimessä on tunniste; {} saraketta on nimetty kuin niissä olisi{no_names_fi}",
            promises.len()
        ),
    );
    let check = notes.note(NAME, verdict.max(verdict::worst(&told)), words);
    check.tables.extend(verdict::table(&told));
    if !promises.is_empty() {
        check.with_table(promised(&promises));
    }
}

/// What is found in names, each by itself.
fn judged(subject: &Subject) -> Vec<Judged> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut look = |name: &str, place: &str| {
        let (mut found, mut tallies) = (Found::default(), Tallies::default());
        cell::find(name, Form::Name, &mut found);
        tallies.add(&found.sightings, Some(0), usize::MAX);
        let hits = tallies.close(place).0.into_iter().filter(|finding| finding.hits > 0 && finding.kind.reveals());
        findings.extend(hits);
    };
    look(&subject.path.file_name().unwrap_or_default().to_string_lossy(), &subject.label);
    for file in &subject.files {
        let relative = file.path.strip_prefix(&subject.path).unwrap_or(&file.path);
        relative.iter().for_each(|part| look(&part.to_string_lossy(), &file.label));
    }
    for table in &subject.tables {
        for (position, column) in table.columns.iter().enumerate() {
            look(&column.name, &Subject::place(table, position));
        }
        table.table.nested_names().iter().for_each(|name| look(name, &table.label));
    }
    // A name is one string: what has the very shape of an identifier there is one.
    let sure = |kind: Kind| matches!(kind, Kind::Code | Kind::Email | Kind::Iban | Kind::Phone);
    let judged = findings.into_iter().map(|finding| {
        let verdict = if sure(finding.kind) { Verdict::Fail } else { Verdict::Warn };
        Judged { finding, verdict }
    });
    judged.collect()
}

/// Columns whose name promises a direct identifier, and whether it is an identity code.
fn promises(table: &Tabular) -> Vec<(String, bool)> {
    let columns = table.columns.iter().zip(table.table.columns()).enumerate();
    let named = columns.filter(|(_, (_, (_, data_type)))| data_type != "Boolean");
    let promising = named.filter_map(|(position, (column, _))| {
        promise(&column.name).map(|code| (Subject::place(table, position), code))
    });
    let inside = table.table.nested_names().into_iter().zip(1..).filter_map(|(name, number)| {
        let label = label(&name, "nested field", number);
        promise(&name).map(|code| (format!("{}: {label}", table.label), code))
    });
    promising.chain(inside).collect()
}

/// Whether a column's name promises a direct identifier; whether that is an identity code.
fn promise(name: &str) -> Option<bool> {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ä' | 'å' => 'a',
            'ö' => 'o',
            other => other,
        })
        .collect();
    let words = || plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    if words().any(|word| CODES.contains(&word)) {
        return Some(true);
    }
    let joined: String = words().collect();
    let stem = joined.trim_end_matches(|c: char| c.is_ascii_digit());
    OTHERS.contains(&stem).then_some(false)
}

fn promised(promises: &[(String, bool)]) -> Table {
    const MOST: usize = 40;
    let what = |code: bool| match code {
        true => Text::new("identity code", "henkilötunnus"),
        false => Text::new("another direct identifier", "muu suora tunniste"),
    };
    Table {
        caption: Text::new(
            "Columns that promise a direct identifier",
            "Sarakkeet, joiden nimi lupaa suoran tunnisteen",
        ),
        headings: vec![Text::new("Column", "Sarake"), Text::new("Promises", "Lupaa")],
        rows: promises.iter().take(MOST).map(|(place, code)| vec![Text::same(place.clone()), what(*code)]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_reveal_nothing() {
        let names = [
            "tmp.Vu6R",
            "/tmp/tmp.Vu6R/delivery",
            "notifications.parquet",
            "kela_2024_01.csv",
            "hetu_hash",
            "paid_eur",
            "salo",
            "/home/anna/work",
            "v1.2.3",
            "2026-11-24T13:39:24",
            "municipality",
            "KUNTA",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "person_month",
            "goal_category",
            "Päätös (euroa)",
        ];
        for name in names {
            assert!(!is_revealing(name), "{name}");
        }
    }

    #[test]
    fn names_with_identifiers_reveal_them() {
        let names = [
            "131052-308T",
            "asiakas_010594Y9032.csv",
            "matti_virtanen.csv",
            "virtanen.matti.kela.2024.csv",
            "a.b@example.fi",
            "puhelin 040 123 4567",
            "131052–308T",
        ];
        for name in names {
            assert!(is_revealing(name), "{name}");
        }
    }

    #[test]
    fn columns_that_promise_are_known_by_their_names() {
        assert_eq!(["hetu_hash", "HETU", "äidin henkilötunnus"].map(promise), [Some(true); 3]);
        assert_eq!(["First Name", "etunimi", "Sähköposti", "phone_2"].map(promise), [Some(false); 4]);
        assert_eq!(["pseudonym", "palvelun_nimi", "municipality", "email_sent"].map(promise), [None; 4]);
    }
}

//! Accounting: the sums of a link must balance.
//!
//! GDPR article 5(1)(d) and (2): the link accounts for every row and person.

use super::check::{Check, Notes, Verdict};
use super::subject::{Kind, Subject};
use crate::config::LinkageSettings;
use crate::exchange::{Accounting, EvidenceAccount, LinkedManifest};
use crate::text::{Language, Text, grouped};

const EVIDENCE: &str = "linkage.accounting";
const PRECISION: &str = "linkage.precision";
const BALANCE: &str = "accounting.balance";
/// Decimals of a lower bound of precision.
const BOUND_DECIMALS: usize = 3;

/// Adds up the accounting of every linked dataset, and compares it with the rows of the files.
pub(super) fn check(subjects: &[Subject], checks: &mut Vec<Check>) {
    for subject in subjects.iter().filter(|subject| subject.kind == Kind::Linked) {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let Some(found) = Accounting::digest_of_file(&subject.path) else {
            let missing = Text::new(
                "no readable accounting file beside the dataset; ask the linker for it",
                "aineiston vieressä ei ole luettavaa täsmäytystä; pyydä se yhdistäjältä",
                "en läsbar avstämning saknas bredvid datamaterialet; be länkaren om den",
            );
            notes.note(BALANCE, Verdict::NotChecked, missing);
            continue;
        };
        let listed = LinkedManifest::read(&subject.path).map(|manifest| manifest.accounting);
        let accounting = Accounting::read(&subject.path).filter(|_| listed == Some(found));
        let Some(accounting) = accounting else {
            let other = Text::new(
                "the accounting file beside the dataset is not that of its manifest; ask the linker for that one",
                "aineiston vieressä oleva täsmäytys ei ole sen luettelon (manifest) mukainen; pyydä oikea yhdistäjältä",
                "avstämningen bredvid datamaterialet är inte den som förteckningen (manifest) anger; \
                 be länkaren om rätt avstämning",
            );
            notes.note(BALANCE, Verdict::Fail, other);
            continue;
        };
        if let Some(imbalance) = accounting.imbalance() {
            notes.note(BALANCE, Verdict::Fail, unbalanced(imbalance.table.as_deref()));
        } else if let Some(table) = unequal_file(&accounting, subject) {
            notes.note(BALANCE, Verdict::Fail, unbalanced(Some(table)));
        } else {
            notes.note(BALANCE, Verdict::Pass, balanced(accounting.tables.len()));
        }
        if let Some(evidence) = &accounting.evidence {
            linked_by_evidence(evidence, &mut notes);
            thresholds(evidence, &mut notes);
        }
    }
}

/// Checks that every person without a code is accounted for.
fn linked_by_evidence(evidence: &EvidenceAccount, notes: &mut Notes<'_>) {
    let all: u64 = evidence.holders.iter().map(|holder| holder.outcomes.total()).sum();
    let linked = evidence.linked();
    if evidence.balances() {
        let told = Text::new(
            format!("{all} persons without a code balance by holder, sex, age group and area; {linked} are linked"),
            format!(
                "{all} henkilöä ilman tunnusta täsmää luovuttajittain ja ryhmittäin; heistä {linked} on yhdistetty"
            ),
            format!(
                "{all} personer utan beteckning stämmer per utlämnare, kön, åldersgrupp och område; {linked} är länkade"
            ),
        );
        notes.note(EVIDENCE, Verdict::Pass, told);
    } else {
        notes.note(EVIDENCE, Verdict::Fail, unbalanced(Some("linkage")));
    }
}

/// Checks that links without a code rest on a precision that was measured as the defaults ask, or better.
fn thresholds(evidence: &EvidenceAccount, notes: &mut Notes<'_>) {
    let usual = LinkageSettings::default();
    let is_low =
        evidence.min_class_precision < usual.min_class_precision || evidence.min_calibration < usual.min_calibration;
    let bound = |language: Language| language.decimal(evidence.min_class_precision, BOUND_DECIMALS);
    let persons = grouped(evidence.min_calibration);
    let [en, fi, sv] = Language::ALL.map(bound);
    let mut told = Text::new(
        format!("a class of agreements links from a lower bound of {en}, measured on at least {persons} persons"),
        format!("yhtäläisyyksien luokka yhdistää alarajasta {fi} alkaen, mitattuna vähintään {persons} henkilöllä"),
        format!("en klass av överensstämmelser länkar från en undre gräns på {sv}, mätt på minst {persons} personer"),
    );
    if is_low && evidence.linked() > 0 {
        told.en += ", less than by default: ask for the reason, and for results without these links";
        told.fi += ", oletusta vähemmän: kysy perustelu ja tulokset ilman näitä yhteyksiä";
        told.sv += ", mindre än förvalet: fråga efter skälet och efter resultat utan dessa länkar";
        notes.note(PRECISION, Verdict::Warn, told);
    } else {
        notes.note(PRECISION, Verdict::Pass, told);
    }
}

fn balanced(tables: usize) -> Text {
    Text::new(
        format!(
            "{tables} tables balance by holder, delivery, month and area; so do the persons by sex, age group and \
             tables, and the rows of the files"
        ),
        format!(
            "{tables} taulua täsmää luovuttajittain, toimituksittain, kuukausittain ja alueittain, samoin henkilöt \
             sukupuolen, ikäryhmän ja taulujen mukaan sekä tiedostojen rivit"
        ),
        format!(
            "{tables} tabeller stämmer per utlämnare, leverans, månad och område, och så även personerna per kön, \
             åldersgrupp och tabeller samt filernas rader"
        ),
    )
}

/// Returns the evidence of an imbalance of `table`; none stands for the persons.
fn unbalanced(table: Option<&str>) -> Text {
    let what = table
        .map_or_else(|| Text::new("the persons", "henkilöt", "personerna"), |table| Text::same(format!("'{table}'")));
    Text::new(
        format!("{} do not balance; ask the linker to link again", what.en),
        format!("{} ei täsmää; pyydä yhdistäjää yhdistämään uudelleen", what.fi),
        format!("{} stämmer inte; be länkaren länka på nytt", what.sv),
    )
}

/// Returns the first table whose file has another number of rows than the accounting. A missing file has no rows.
fn unequal_file<'a>(accounting: &'a Accounting, subject: &Subject) -> Option<&'a str> {
    let linked = accounting.tables.iter().map(|table| (table.table.as_str(), table.all.linked_rows));
    let (name, _) = linked.chain([("persons", accounting.linked_persons)]).find(|(name, rows)| {
        let file = subject.tables.iter().find(|table| table.path.file_stem().is_some_and(|stem| stem == *name));
        file.map_or(Some(0), |table| table.table.rows()) != Some(*rows)
    })?;
    Some(name)
}

//! Integrity: files are complete and unchanged, as their manifest lists them, and deliveries belong together.
//!
//! GDPR articles 5(1)(f) and 32: integrity of the data handed over. EDPB Guidelines 01/2025: the same transform at
//! every party of the pseudonymisation domain.

use std::collections::BTreeSet;
use std::path::Path;

use super::check::{Check, Notes, Verdict};
use super::contents;
use super::options::Options;
use super::residue::TablesRead;
use super::subject::{Kind, Subject, listed};
use crate::config::Contract;
use crate::crypto::{SIGNATURE_ENDING, SealingError, Unlock};
use crate::exchange::{
    Checked, Delivery, DeliveryError, Disagreement, Envelope, History, LinkedManifest, MANIFEST, ReleaseManifest,
    Sealing, agree, check_linked_statements, check_statements, holds_identity_code,
};
use crate::progress::Progress;
use crate::table::describe_parquet;
use crate::text::Text;
use salanimi_core::Id;

const READABLE: &str = "integrity.readable";
const MANIFEST_READ: &str = "integrity.manifest";
const SIGNATURE: &str = "integrity.signature";
const RECIPIENTS: &str = "integrity.recipients";
const FILES: &str = "integrity.files";
const FOLDER: &str = "integrity.folder";
const OPENED: &str = "integrity.account";
const STATEMENTS: &str = "integrity.statements";
const CONTENTS: &str = "integrity.contents";
const AGREEMENT: &str = "integrity.agreement";

/// Checks of other families that are made only where there are tables.
const OF_TABLES: [&str; 10] = [
    "purpose.columns",
    "purpose.direct",
    "purpose.codes",
    "purpose.window",
    "pseudonym.form",
    "pseudonym.nulls",
    "pseudonym.uniform",
    "pseudonym.order",
    "pseudonym.row_order",
    "pseudonym.sequence",
];

/// Opens the subject at each path and checks its integrity.
pub(super) fn check(options: &Options<'_>, checks: &mut Vec<Check>, progress: &dyn Progress) -> Vec<Subject> {
    let mut subjects = Vec::new();
    let mut opened = Vec::new();
    let mut deliveries = 0;
    progress.begin("integrity", options.paths.len() as u64);
    for path in options.paths {
        let mut notes = Notes { about: Subject::label_of(path), checks };
        let subject = match Claim::read(path) {
            Claim::Linked(manifest) => {
                linked(path, &manifest, options.contract, &mut notes);
                Subject::linked(path, &manifest, options)
            }
            Claim::Delivery => {
                deliveries += 1;
                let delivery = delivery(path, options, &mut notes);
                let subject = delivery
                    .as_ref()
                    .map_or_else(|| Subject::closed(path, options), |delivery| Subject::delivery(delivery, options));
                opened.extend(delivery);
                subject
            }
            Claim::Released(manifest) => {
                released(path, &manifest, &mut notes);
                Subject::released(path, &manifest, options)
            }
            Claim::Nothing => Subject::tables(path, Kind::Tables, options),
        };
        readable(&subject, &mut notes);
        subjects.push(subject);
        progress.advance(1);
    }
    if deliveries > 0 {
        let mut notes = Notes { about: format!("{deliveries} deliveries together"), checks };
        let closed = deliveries - opened.len();
        if closed > 0 {
            let evidence = Text::new(
                format!("{closed} of them could not be opened"),
                format!("{closed} jäi avaamatta"),
                format!("{closed} av dem kunde inte öppnas"),
            );
            notes.note(AGREEMENT, Verdict::NotChecked, evidence);
        } else {
            agreement(opened, options.contract, &mut notes);
        }
    }
    subjects
}

/// Kind of data that a folder claims to hold, by its manifest.
enum Claim {
    Delivery,
    Linked(Box<LinkedManifest>),
    Released(Box<ReleaseManifest>),
    Nothing,
}

impl Claim {
    fn read(path: &Path) -> Self {
        if let Some(manifest) = ReleaseManifest::read(path) {
            return Self::Released(Box::new(manifest));
        }
        match LinkedManifest::read(path) {
            Some(manifest) => Self::Linked(Box::new(manifest)),
            None if path.join(MANIFEST).symlink_metadata().is_ok() => Self::Delivery,
            None => Self::Nothing,
        }
    }
}

/// Checks that every table file can be opened as a table.
fn readable(subject: &Subject, notes: &mut Notes<'_>) {
    let unreadable = subject.unreadable.len();
    let all = subject.tables.len() + unreadable;
    if let Some((_, error)) = subject.unreadable.first() {
        let en = format!("{unreadable} of {all} tables cannot be opened; the first: {error}");
        let fi = format!("{unreadable}/{all} taulua ei voi avata; ensimmäinen: {error}");
        let sv = format!("{unreadable} av {all} tabeller kan inte öppnas; den första: {error}");
        notes.note(READABLE, Verdict::Fail, Text::new(en, fi, sv));
    } else if all == 0 && subject.kind == Kind::Tables {
        let evidence = Text::new(
            "no CSV or Parquet table found",
            "CSV- tai Parquet-taulua ei ole",
            "det finns ingen CSV- eller Parquet-tabell",
        );
        notes.note(READABLE, Verdict::Fail, evidence);
    } else if all > 0 {
        notes.note(
            READABLE,
            Verdict::Pass,
            Text::new(format!("{all} tables"), format!("{all} taulua"), format!("{all} tabeller")),
        );
    }
}

/// Reports tables that opened, but whose rows cannot all be read. Other checks did not see them whole.
pub(super) fn unread(subjects: &[Subject], read: &[TablesRead], checks: &mut Vec<Check>) {
    let unread = read.iter().map(|read| &read.unread);
    for (subject, tables) in subjects.iter().zip(unread).filter(|(_, tables)| !tables.is_empty()) {
        checks.retain(|check| check.name != READABLE || check.about != subject.label || check.verdict == Verdict::Fail);
        let names = listed(tables);
        let evidence = Text::new(
            format!("rows of {} cannot be read and were not checked; ask for the data again", names.en),
            format!("taulun {} rivejä ei voi lukea, eikä niitä tarkastettu; pyydä aineisto uudelleen", names.fi),
            format!("raderna i {} kan inte läsas och kontrollerades inte; be om datamaterialet på nytt", names.sv),
        );
        Notes { about: subject.label.clone(), checks }.note(READABLE, Verdict::Fail, evidence);
    }
}

/// Reports as not checked whatever would need the tables of a sealed delivery that was not opened.
pub(super) fn closed(subjects: &[Subject], checks: &mut Vec<Check>) {
    for subject in subjects.iter().filter(|subject| subject.kind == Kind::ClosedDelivery) {
        let label = &subject.label;
        for check in checks.iter_mut().filter(|check| check.about == *label) {
            if check.verdict == Verdict::NotApplicable {
                check.verdict = Verdict::NotChecked;
                check.evidence = sealed();
            }
        }
        for name in OF_TABLES {
            if checks.iter().all(|check| check.about != *label || check.name != name) {
                Notes { about: label.clone(), checks }.note(name, Verdict::NotChecked, sealed());
            }
        }
    }
}

fn sealed() -> Text {
    Text::new(
        "sealed; give the --identity of a recipient",
        "sinetöity; anna jonkin vastaanottajan --identity",
        "förseglad; ange en mottagares --identity",
    )
}

/// Checks a delivery. Returns it if it could be opened.
fn delivery(path: &Path, options: &Options<'_>, notes: &mut Notes<'_>) -> Option<Delivery> {
    let contract = options.contract;
    let envelope = notes.result(MANIFEST_READ, Envelope::read(path), described)?;
    signature(&envelope, contract, notes);
    recipients(&envelope, contract, notes);
    let signed = BTreeSet::from([MANIFEST.to_owned(), format!("{MANIFEST}{SIGNATURE_ENDING}")]);
    let listed = signed.into_iter().chain(envelope.manifest.files.keys().cloned()).collect();
    folder(path, &listed, notes);
    // Signature and recipients are checked above, each by itself, so the envelope is checked without the contract.
    let checked =
        notes.result(FILES, envelope.check(None), |checked| files_match(checked.envelope.manifest.files.len()))?;
    let delivery = open(checked, options.unlock, notes)?;
    match contract {
        None => {
            notes.note(STATEMENTS, Verdict::NotChecked, needs_contract());
            notes.note(CONTENTS, Verdict::NotChecked, needs_contract());
        }
        Some(contract) => {
            let manifest = &delivery.manifest;
            if (&manifest.study, manifest.exchange_digest) == (&contract.study.id, contract.exchange_digest) {
                notes.result(STATEMENTS, check_statements(contract, &delivery), |()| stated_by_right());
            } else {
                notes.note(STATEMENTS, Verdict::NotChecked, other_contract());
            }
            notes.result(CONTENTS, contents::check(&delivery, contract), |rows| {
                Text::new(
                    format!("{rows} rows: order, digests, nulls and persons match the account"),
                    format!("{rows} riviä: järjestys, tiivisteet, tyhjät ja henkilöt vastaavat laskelmaa"),
                    format!("{rows} rader: ordning, hashvärden, tomma celler och personer stämmer med redovisningen"),
                )
            });
        }
    }
    Some(delivery)
}

fn described(envelope: &Envelope) -> Text {
    let manifest = &envelope.manifest;
    let number = manifest.delivery.number;
    Text::new(
        format!("delivery {number} of {} for the study {}", manifest.holder, manifest.study),
        format!("tutkimuksen {} toimitus {number}, luovuttaja {}", manifest.study, manifest.holder),
        format!("leverans {number} från {} för studien {}", manifest.holder, manifest.study),
    )
}

fn files_match(files: usize) -> Text {
    Text::new(
        format!("{files} files, byte for byte"),
        format!("{files} tiedostoa, tavulleen"),
        format!("{files} filer, byte för byte"),
    )
}

/// Evidence of a check that needs the contract where none is given.
fn needs_contract() -> Text {
    Text::new(
        "needs the contract; give --contract FILE",
        "tarvitsee sopimuksen; anna --contract TIEDOSTO",
        "kräver avtalet; ange --contract FIL",
    )
}

fn stated_by_right() -> Text {
    Text::new(
        "only what the contract lets it state; source rows, filtered and rejected records, lists and changed codes are \
         stated by the holder and cannot be checked",
        "vain sellaista, mistä sopimuksen mukaan saa ilmoittaa; lähderivit, pois jätetyt ja hylätyt tietueet, \
         luettelot ja muuttuneet tunnukset ovat luovuttajan ilmoittamia, eikä niitä voi tarkistaa",
        "endast vad som enligt avtalet får uppges; källrader, utelämnade och avvisade poster, listor och ändrade \
         beteckningar är uppgivna av utlämnaren och kan inte kontrolleras",
    )
}

fn names_of_contract() -> Text {
    Text::new(
        "only names, codes and texts of the contract and the tool",
        "vain sopimuksen ja työkalun nimiä, koodeja ja tekstejä",
        "endast namn, koder och texter från avtalet och verktyget",
    )
}

fn other_contract() -> Text {
    Text::new(
        "made under another contract; give the contract of this data",
        "tehty toisen sopimuksen mukaan; anna tämän aineiston sopimus",
        "gjord enligt ett annat avtal; ange avtalet för detta datamaterial",
    )
}

fn signature(envelope: &Envelope, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let (verdict, evidence) = match contract.map(|contract| envelope.signer(contract)) {
        None => (Verdict::NotChecked, needs_contract()),
        Some(Ok(Some(holder))) => (
            Verdict::Pass,
            Text::new(
                format!("valid signature of {holder}"),
                format!("allekirjoittaja {holder}, allekirjoitus on kelvollinen"),
                format!("giltig underskrift av {holder}"),
            ),
        ),
        Some(Ok(None)) => (
            Verdict::Warn,
            Text::new(
                "no signature, and the contract lists no holder's key: anyone could have made the delivery",
                "allekirjoitusta ei ole, eikä sopimuksessa ole luovuttajien avaimia: \
                 kuka tahansa on voinut tehdä toimituksen",
                "underskrift saknas, och avtalet anger ingen utlämnares nyckel: vem som helst kan ha gjort leveransen",
            ),
        ),
        Some(Err(error)) => (Verdict::Fail, Text::same(error.to_string())),
    };
    notes.note(SIGNATURE, verdict, evidence);
}

fn recipients(envelope: &Envelope, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let Some(contract) = contract else {
        notes.note(RECIPIENTS, Verdict::NotChecked, needs_contract());
        return;
    };
    let (verdict, evidence) = match (&envelope.manifest.sealing, envelope.check_recipients(contract)) {
        (_, Err(error)) => (Verdict::Fail, Text::same(error.to_string())),
        (Sealing::To(recipients), Ok(())) => {
            let names = recipients.keys().map(Id::as_str).collect::<Vec<_>>().join(", ");
            let fi = format!("sinetöity vastaanottajille {names}, jotka ovat sopimuksessa");
            let sv = format!("förseglad för {names}, mottagare enligt avtalet");
            (Verdict::Pass, Text::new(format!("sealed to {names}, recipients of the contract"), fi, sv))
        }
        (Sealing::None, Ok(())) => (
            Verdict::Warn,
            Text::new(
                "NOT sealed: anyone who has the files can read them",
                "EI sinetöity: kuka tahansa, jolla on tiedostot, voi lukea ne",
                "INTE förseglad: vem som helst som har filerna kan läsa dem",
            ),
        ),
    };
    notes.note(RECIPIENTS, verdict, evidence);
}

/// Checks that the folder holds only the files that the manifest lists.
fn folder(path: &Path, listed: &BTreeSet<String>, notes: &mut Notes<'_>) {
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let unlisted = entries.map(|entries| {
        entries.iter().filter(|entry| !listed.contains(entry.file_name().to_string_lossy().as_ref())).count()
    });
    let (verdict, evidence) = match unlisted {
        Ok(0) => (
            Verdict::Pass,
            Text::new(
                "only files of the manifest",
                "vain tiedostot, jotka ovat toimitusluettelossa",
                "endast filer som finns i leveransförteckningen",
            ),
        ),
        // The names are not shown, because they are untrusted input.
        Ok(unlisted) => (
            Verdict::Fail,
            Text::new(
                format!("{unlisted} files that the manifest does not list; remove them"),
                format!("{unlisted} tiedostoa, joita ei ole toimitusluettelossa; poista ne"),
                format!("{unlisted} filer som inte finns i leveransförteckningen; ta bort dem"),
            ),
        ),
        Err(error) => (Verdict::Fail, Text::same(error.to_string())),
    };
    notes.note(FOLDER, verdict, evidence);
}

fn open(checked: Checked, unlock: &Unlock, notes: &mut Notes<'_>) -> Option<Delivery> {
    match checked.open(unlock) {
        Err(DeliveryError::Sealing { source, .. }) if lacks_identity(&source) => {
            for name in [OPENED, STATEMENTS, CONTENTS] {
                notes.note(name, Verdict::NotChecked, sealed());
            }
            None
        }
        opened => notes.result(OPENED, opened, |delivery| {
            let tables = delivery.account.tables.len();
            Text::new(
                format!("{tables} tables, each balanced"),
                format!("{tables} taulua, jokainen täsmää"),
                format!("{tables} tabeller, alla stämmer"),
            )
        }),
    }
}

/// Returns true if the officer gave no identity of a recipient, which is no fault of the delivery.
fn lacks_identity(error: &SealingError) -> bool {
    matches!(error, SealingError::NoIdentity | SealingError::OtherIdentity)
}

/// Checks that the deliveries of the contract's study belong together. Those of other studies are for comparison.
fn agreement(deliveries: Vec<Delivery>, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let Some(contract) = contract else {
        notes.note(AGREEMENT, Verdict::NotChecked, needs_contract());
        return;
    };
    let all = deliveries.len();
    let own: Vec<Delivery> = deliveries.into_iter().filter(|d| d.manifest.study == contract.study.id).collect();
    let others = all - own.len();
    let (verdict, evidence) = match agree(contract, own, &History::default()) {
        Ok(_) if others > 0 => (
            Verdict::Warn,
            Text::new(
                format!("{others} deliveries are of another study than the contract's; the others agree"),
                format!("{others} toimitusta on muusta tutkimuksesta kuin sopimuksen; muut sopivat yhteen"),
                format!("{others} leveranser hör till en annan studie än avtalets; de övriga hör ihop"),
            ),
        ),
        Ok(_) => (
            Verdict::Pass,
            Text::new(
                "same study, contract, scheme, key and canaries; chains without gaps",
                "sama tutkimus, sopimus, menetelmä, avain ja koearvot; toimitusketjut aukottomat",
                "samma studie, avtal, metod, nyckel och testvärden; leveranskedjor utan luckor",
            ),
        ),
        Err(error @ Disagreement::NumberGap { .. }) => (Verdict::Warn, Text::same(error.to_string())),
        Err(error) => (Verdict::Fail, Text::same(error.to_string())),
    };
    notes.note(AGREEMENT, verdict, evidence);
}

/// Notes that the manifest in the folder `path` was read, unless it holds an identity code.
fn manifest_read(path: &Path, evidence: Text, notes: &mut Notes<'_>) {
    let holds_code = std::fs::read(path.join(MANIFEST)).is_ok_and(|text| holds_identity_code(&text));
    let (verdict, evidence) = match holds_code {
        false => (Verdict::Pass, evidence),
        true => (
            Verdict::Fail,
            Text::new(
                "the manifest holds a personal identity code; do not use the data",
                "luettelossa (manifest) on henkilötunnus; älä käytä aineistoa",
                "förteckningen (manifest) innehåller en personbeteckning; använd inte datamaterialet",
            ),
        ),
    };
    notes.note(MANIFEST_READ, verdict, evidence);
}

fn released(path: &Path, manifest: &ReleaseManifest, notes: &mut Notes<'_>) {
    let study = &manifest.study;
    let evidence = Text::new(
        format!("tables released from the study {study}"),
        format!("tutkimuksesta {study} julkaistut taulukot"),
        format!("tabeller publicerade ur studien {study}"),
    );
    manifest_read(path, evidence, notes);
    let items = manifest.items.iter().flat_map(|item| item.files.keys().cloned());
    let documents = manifest.documents.keys().cloned();
    let listed: BTreeSet<String> = std::iter::once(MANIFEST.to_owned()).chain(items).chain(documents).collect();
    folder(path, &listed, notes);
    notes.result(FILES, manifest.check_files(path), |()| files_match(listed.len() - 1));
}

fn linked(path: &Path, manifest: &LinkedManifest, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let study = &manifest.study;
    let evidence = Text::new(
        format!("linked dataset of the study {study}"),
        format!("tutkimuksen {study} yhdistetty aineisto"),
        format!("länkat datamaterial för studien {study}"),
    );
    manifest_read(path, evidence, notes);
    let own = std::iter::once(MANIFEST.to_owned());
    let tables = manifest.tables.iter().map(|table| table.file.clone());
    let listed: BTreeSet<String> = own.chain(tables).chain(manifest.documents.keys().cloned()).collect();
    folder(path, &listed, notes);
    match contract {
        None => {
            notes.note(STATEMENTS, Verdict::NotChecked, needs_contract());
        }
        Some(contract) if manifest.exchange_digest != contract.exchange_digest => {
            notes.note(STATEMENTS, Verdict::NotChecked, other_contract());
        }
        Some(contract) => {
            notes.result(STATEMENTS, check_linked_statements(contract, manifest), |()| names_of_contract());
        }
    }
    // The manifest does not list itself.
    if notes.result(FILES, manifest.check_files(path), |()| files_match(listed.len() - 1)).is_none() {
        return;
    }
    notes.result(CONTENTS, check_row_counts(path, manifest), |()| {
        Text::new(
            "rows match the manifest",
            "rivit kuten luettelossa (manifest)",
            "raderna stämmer med förteckningen (manifest)",
        )
    });
}

/// Compares the rows of each file with the manifest.
fn check_row_counts(path: &Path, manifest: &LinkedManifest) -> Result<(), String> {
    for table in &manifest.tables {
        let found = describe_parquet(&path.join(&table.file), None).map_err(|error| error.to_string())?;
        if found.rows != table.rows {
            return Err(format!(
                "table '{}': the number of rows differs from the manifest; ask the linker to link again",
                table.name
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::catalogue;
    use super::*;

    #[test]
    fn the_checks_of_tables_are_in_the_catalogue() {
        for name in OF_TABLES {
            assert!(catalogue().check.iter().any(|text| text.name == name), "{name}");
        }
    }
}

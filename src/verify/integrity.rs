//! Integrity: is a folder what its manifest says, whole and unchanged, and do deliveries belong together?
//!
//! GDPR articles 5(1)(f) and 32: integrity of what is handed over. EDPB Guidelines 01/2025: the same transform at every
//! party of the pseudonymisation domain.

use std::collections::BTreeSet;
use std::path::Path;

use super::check::{Check, Notes, Verdict};
use super::subject::{Kind, Subject, listed};
use super::{Options, contents};
use crate::config::Contract;
use crate::crypto::{SIGNATURE_ENDING, SealingError, Unlock};
use crate::exchange::{
    Checked, Delivery, DeliveryError, Disagreement, Envelope, History, LinkedManifest, MANIFEST, ReleaseManifest,
    Sealing, agree,
};
use crate::progress::Progress;
use crate::table::describe_parquet;
use crate::text::Text;

const READABLE: &str = "integrity.readable";
const MANIFEST_READ: &str = "integrity.manifest";
const SIGNATURE: &str = "integrity.signature";
const RECIPIENTS: &str = "integrity.recipients";
const FILES: &str = "integrity.files";
const FOLDER: &str = "integrity.folder";
const OPENED: &str = "integrity.account";
const CONTENTS: &str = "integrity.contents";
const AGREEMENT: &str = "integrity.agreement";

/// Opens what lies at each path, with the checks of its integrity.
pub(super) fn check(options: &Options<'_>, checks: &mut Vec<Check>, progress: &dyn Progress) -> Vec<Subject> {
    let (mut subjects, mut deliveries, mut given) = (Vec::new(), Vec::new(), 0);
    progress.begin("integrity", options.paths.len() as u64);
    for path in options.paths {
        let mut notes = Notes { about: Subject::label_of(path), checks };
        let subject = match claim(path) {
            Claim::Linked(manifest) => {
                linked(path, &manifest, &mut notes);
                Subject::linked(path, &manifest, options)
            }
            Claim::Delivery => {
                given += 1;
                let delivery = delivery(path, options, &mut notes);
                let subject = delivery
                    .as_ref()
                    .map_or_else(|| Subject::closed(path, options), |delivery| Subject::delivery(delivery, options));
                deliveries.extend(delivery);
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
    if given > 0 {
        let mut notes = Notes { about: format!("{given} deliveries together"), checks };
        match given - deliveries.len() {
            0 => agreement(deliveries, options.contract, &mut notes),
            closed => drop(notes.note(
                AGREEMENT,
                Verdict::NotChecked,
                Text::new(format!("{closed} of them could not be opened"), format!("{closed} jäi avaamatta")),
            )),
        }
    }
    subjects
}

/// What a folder says that it is.
enum Claim {
    Delivery,
    Linked(Box<LinkedManifest>),
    Released(Box<ReleaseManifest>),
    Nothing,
}

fn claim(path: &Path) -> Claim {
    if let Some(manifest) = ReleaseManifest::read(path) {
        return Claim::Released(Box::new(manifest));
    }
    match LinkedManifest::read(path) {
        Some(manifest) => Claim::Linked(Box::new(manifest)),
        None if path.join(MANIFEST).symlink_metadata().is_ok() => Claim::Delivery,
        None => Claim::Nothing,
    }
}

/// Every file that is a table can be opened as one.
fn readable(subject: &Subject, notes: &mut Notes<'_>) {
    let (tables, unreadable) = (subject.tables.len(), subject.unreadable.len());
    let all = tables + unreadable;
    if let Some((_, error)) = subject.unreadable.first() {
        let en = format!("{unreadable} of {all} tables cannot be opened; the first: {error}");
        let fi = format!("{unreadable}/{all} taulua ei voi avata; ensimmäinen: {error}");
        notes.note(READABLE, Verdict::Fail, Text::new(en, fi));
    } else if all == 0 && subject.kind == Kind::Tables {
        let words = Text::new("no table of CSV or Parquet is there", "CSV- tai Parquet-taulua ei ole");
        notes.note(READABLE, Verdict::Fail, words);
    } else if all > 0 {
        notes.note(READABLE, Verdict::Pass, Text::new(format!("{all} tables"), format!("{all} taulua")));
    }
}

/// Tables that could be opened, but not read to the end or line by line: what is in them was not looked at whole.
pub(super) fn unread(subjects: &[Subject], unread: &[Vec<String>], checks: &mut Vec<Check>) {
    for (subject, tables) in subjects.iter().zip(unread).filter(|(_, tables)| !tables.is_empty()) {
        checks.retain(|check| check.name != READABLE || check.about != subject.label || check.verdict == Verdict::Fail);
        let names = listed(tables);
        let en =
            format!("rows of {} cannot be read, so that not all could be looked at; ask for the data again", names.en);
        let fi = format!(
            "taulun {} rivejä ei voi lukea, joten kaikkea ei voitu tarkastaa; pyydä aineisto uudelleen",
            names.fi
        );
        Notes { about: subject.label.clone(), checks }.note(READABLE, Verdict::Fail, Text::new(en, fi));
    }
}

/// Checks a delivery; the delivery, if it could be opened.
fn delivery(path: &Path, options: &Options<'_>, notes: &mut Notes<'_>) -> Option<Delivery> {
    let contract = options.contract;
    let said = |envelope: &Envelope| {
        let (number, holder) = (envelope.manifest.delivery.number, &envelope.manifest.holder);
        let study = &envelope.manifest.study;
        Text::new(
            format!("delivery {number} of {holder} for the study {study}"),
            format!("tutkimuksen {study} toimitus {number}, luovuttaja {holder}"),
        )
    };
    let envelope = notes.result(MANIFEST_READ, Envelope::read(path), said)?;
    signature(&envelope, contract, notes);
    recipients(&envelope, contract, notes);
    let signed = BTreeSet::from([MANIFEST.to_owned(), format!("{MANIFEST}{SIGNATURE_ENDING}")]);
    let listed = signed.into_iter().chain(envelope.manifest.files.keys().cloned()).collect();
    folder(path, &listed, notes);
    let matches = |checked: &Checked| files_match(checked.envelope.manifest.files.len());
    // The contract's questions were answered above, each by itself.
    let checked = notes.result(FILES, envelope.check(None), matches)?;
    let delivery = open(checked, options.unlock, notes)?;
    match contract {
        None => drop(notes.note(CONTENTS, Verdict::NotChecked, no_contract())),
        Some(contract) => {
            let same = |rows: &u64| {
                Text::new(
                    format!("{rows} rows: order, digests, nulls and persons as the account says"),
                    format!("{rows} riviä: järjestys, tiivisteet, tyhjät ja henkilöt kuten laskelmassa"),
                )
            };
            notes.result(CONTENTS, contents::check(&delivery, contract), same);
        }
    }
    Some(delivery)
}

fn files_match(files: usize) -> Text {
    Text::new(format!("{files} files, byte for byte"), format!("{files} tiedostoa, tavulleen"))
}

/// What needs the contract and has none.
fn no_contract() -> Text {
    Text::new("needs the contract; give --contract FILE", "tarvitsee sopimuksen; anna --contract TIEDOSTO")
}

fn signature(envelope: &Envelope, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let (verdict, words) = match contract.map(|contract| envelope.signer(contract)) {
        None => (Verdict::NotChecked, no_contract()),
        Some(Ok(Some(holder))) => (
            Verdict::Pass,
            Text::new(
                format!("of {holder}, and it holds"),
                format!("allekirjoittaja {holder}, ja allekirjoitus pitää"),
            ),
        ),
        Some(Ok(None)) => (
            Verdict::Warn,
            Text::new(
                "none, and the contract lists no holder's key: anyone could have made it",
                "ei ole, eikä sopimuksessa ole luovuttajien avaimia: kuka tahansa on voinut tehdä toimituksen",
            ),
        ),
        Some(Err(error)) => (Verdict::Fail, Text::same(error.to_string())),
    };
    notes.note(SIGNATURE, verdict, words);
}

fn recipients(envelope: &Envelope, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let (verdict, words) = match contract.map(|c| (&envelope.manifest.sealing, envelope.check_recipients(c))) {
        None => (Verdict::NotChecked, no_contract()),
        Some((_, Err(error))) => (Verdict::Fail, Text::same(error.to_string())),
        Some((Sealing::To(to), Ok(()))) => {
            let names = to.keys().map(salanimi_core::Id::as_str).collect::<Vec<_>>().join(", ");
            let fi = format!("sinetöity vastaanottajille {names}, jotka ovat sopimuksessa");
            (Verdict::Pass, Text::new(format!("sealed to {names}, whom the contract lists"), fi))
        }
        Some((Sealing::None, Ok(()))) => (
            Verdict::Warn,
            Text::new("NOT sealed: whoever gets it can read it", "EI sinetöity: kuka tahansa haltija voi lukea sen"),
        ),
    };
    notes.note(RECIPIENTS, verdict, words);
}

/// Nothing lies in the folder but what the manifest lists.
fn folder(path: &Path, listed: &BTreeSet<String>, notes: &mut Notes<'_>) {
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let extra = entries.map(|entries| {
        entries.iter().filter(|entry| !listed.contains(entry.file_name().to_string_lossy().as_ref())).count()
    });
    let (verdict, words) = match extra {
        Ok(0) => (
            Verdict::Pass,
            Text::new("nothing but what the manifest lists", "vain se, mitä toimitusluettelo luettelee"),
        ),
        // Not by name: whoever put them there chose the names.
        Ok(extra) => (
            Verdict::Fail,
            Text::new(
                format!("{extra} files that the manifest does not list; remove them"),
                format!("{extra} tiedostoa, joita toimitusluettelo ei luettele; poista ne"),
            ),
        ),
        Err(error) => (Verdict::Fail, Text::same(error.to_string())),
    };
    notes.note(FOLDER, verdict, words);
}

fn open(checked: Checked, unlock: &Unlock, notes: &mut Notes<'_>) -> Option<Delivery> {
    let balanced = |delivery: &Delivery| {
        let tables = delivery.account.tables.len();
        Text::new(format!("{tables} tables, each balanced"), format!("{tables} taulua, jokainen täsmää"))
    };
    match checked.open(unlock) {
        Err(DeliveryError::Sealing { source, .. }) if no_one_asked(&source) => {
            let ask = Text::new(
                "sealed; give the --identity of one of those to whom it is sealed",
                "sinetöity; anna jonkin vastaanottajan --identity",
            );
            notes.note(OPENED, Verdict::NotChecked, ask);
            notes.note(CONTENTS, Verdict::NotChecked, Text::new("sealed", "sinetöity"));
            None
        }
        opened => notes.result(OPENED, opened, balanced),
    }
}

/// An officer without an identity, or with another's, checks the envelope; that is no fault of the delivery.
fn no_one_asked(error: &SealingError) -> bool {
    matches!(error, SealingError::NoIdentity | SealingError::OtherIdentity)
}

/// Deliveries of the contract's study belong together. Those of other studies are there to be compared with.
fn agreement(deliveries: Vec<Delivery>, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let Some(contract) = contract else {
        notes.note(AGREEMENT, Verdict::NotChecked, no_contract());
        return;
    };
    let all = deliveries.len();
    let own: Vec<Delivery> = deliveries.into_iter().filter(|d| d.manifest.study == contract.study.id).collect();
    let others = all - own.len();
    let (verdict, words) = match agree(contract, own, &History::default()) {
        Ok(_) if others > 0 => (
            Verdict::Warn,
            Text::new(
                format!("the others agree, but {others} are of another study than the contract's"),
                format!("muut sopivat yhteen, mutta {others} on muusta tutkimuksesta kuin sopimuksen"),
            ),
        ),
        Ok(_) => (
            Verdict::Pass,
            Text::new(
                "same study, contract, scheme, key and canaries; chains without gaps",
                "sama tutkimus, sopimus, menetelmä, avain ja koearvot; toimitusketjut aukottomat",
            ),
        ),
        Err(error @ Disagreement::NumberGap { .. }) => (Verdict::Warn, Text::same(error.to_string())),
        Err(error) => (Verdict::Fail, Text::same(error.to_string())),
    };
    notes.note(AGREEMENT, verdict, words);
}

fn released(path: &Path, manifest: &ReleaseManifest, notes: &mut Notes<'_>) {
    let study = &manifest.study;
    let said = Text::new(
        format!("tables released from the study {study}"),
        format!("tutkimuksesta {study} julkaistut taulut"),
    );
    notes.note(MANIFEST_READ, Verdict::Pass, said);
    let tables = manifest.tables.iter().flat_map(|table| table.files.keys().cloned());
    let listed: BTreeSet<String> = std::iter::once(MANIFEST.to_owned()).chain(tables).collect();
    folder(path, &listed, notes);
    notes.result(FILES, manifest.check_files(path), |()| files_match(listed.len() - 1));
}

fn linked(path: &Path, manifest: &LinkedManifest, notes: &mut Notes<'_>) {
    let study = &manifest.study;
    let said =
        Text::new(format!("linked dataset of the study {study}"), format!("tutkimuksen {study} yhdistetty aineisto"));
    notes.note(MANIFEST_READ, Verdict::Pass, said);
    let own = std::iter::once(MANIFEST.to_owned());
    let tables = manifest.tables.iter().map(|table| table.file.clone());
    let listed: BTreeSet<String> = own.chain(tables).chain(manifest.documents.keys().cloned()).collect();
    folder(path, &listed, notes);
    // The manifest itself is what they are held against.
    let checked = notes.result(FILES, manifest.check_files(path), |()| files_match(listed.len() - 1));
    if checked.is_none() {
        return;
    }
    let counted = manifest.tables.iter().map(|table| match describe_parquet(&path.join(&table.file), None) {
        Ok(found) if found.rows == table.rows => Ok(()),
        Ok(_) => Err(format!("table '{}': other rows than the manifest says", table.name)),
        Err(error) => Err(error.to_string()),
    });
    let counted: Result<(), String> = counted.collect();
    let same = |()| Text::new("rows as the manifest says", "rivit kuten toimitusluettelossa");
    notes.result(CONTENTS, counted, |()| same(()));
}

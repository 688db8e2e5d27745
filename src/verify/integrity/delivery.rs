//! Deliveries: manifest, signature, recipients, files, account and rows, and whether they belong together.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::check::{Notes, Verdict};
use super::super::contents;
use super::super::linkage;
use super::super::options::Options;
use super::evidence::{files_match, needs_contract, other_contract, sealed, stated_by_right};
use super::folder::folder;
use super::names::{AGREEMENT, CONTENTS, FILES, MANIFEST_READ, STATEMENTS};
use crate::config::Contract;
use crate::crypto::{SIGNATURE_ENDING, SealingError, Unlock};
use crate::exchange::{
    Checked, Delivery, DeliveryError, Disagreement, Envelope, History, MANIFEST, Sealing, agree, check_statements,
};
use crate::text::Text;
use salanimi_core::Id;

const SIGNATURE: &str = "integrity.signature";
const RECIPIENTS: &str = "integrity.recipients";
const OPENED: &str = "integrity.account";

/// Checks a delivery. Returns it if it could be opened.
pub(super) fn delivery(path: &Path, options: &Options<'_>, notes: &mut Notes<'_>) -> Option<Delivery> {
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
    linkage::check(&delivery, contract, options.depth, notes);
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
pub(super) fn agreement(deliveries: Vec<Delivery>, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let Some(contract) = contract else {
        notes.note(AGREEMENT, Verdict::NotChecked, needs_contract());
        return;
    };
    linkage::check_meeting(&deliveries, notes);
    let all = deliveries.len();
    let own: Vec<Delivery> = deliveries.into_iter().filter(|d| d.manifest.study == contract.study.id).collect();
    let others = all - own.len();
    linkage::check_persons(contract, &own, notes);
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
        Err(Disagreement::NoDelivery) => (
            Verdict::Fail,
            Text::new(
                "every delivery is of another study than the contract's; give the contract of this study",
                "kaikki toimitukset ovat muusta tutkimuksesta kuin sopimus; anna tämän tutkimuksen sopimus",
                "alla leveranser hör till en annan studie än avtalet; ange avtalet för denna studie",
            ),
        ),
        Err(error @ Disagreement::NumberGap { .. }) => (Verdict::Warn, Text::same(error.to_string())),
        Err(error) => (Verdict::Fail, Text::same(error.to_string())),
    };
    notes.note(AGREEMENT, verdict, evidence);
}

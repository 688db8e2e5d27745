//! Keys, certificates and audit logs, in words.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

use super::plain::on_one_line;
use crate::audit::{Chain, Entry, Outcome};
use crate::crypto::{KeyDescription, KeyId, Purpose};
use crate::exchange::{Certificate, CohortHeader, Destroyed};
use salanimi_core::{Day, Id};

/// What can be said of a file that is encrypted and was not opened.
pub const ENCRYPTED: &str = "An age file: encrypted to its recipients.\n  A list of persons is read with --contract FILE --identity FILE; the files of a delivery with the delivery.";

/// What a key file says of its key, for a machine.
#[derive(Debug, Serialize)]
pub struct KeySummary {
    /// What it is for.
    pub purpose: Purpose,
    /// Its study.
    pub study: Id,
    /// Its public name.
    pub key_id: KeyId,
    /// The same, to be read aloud.
    pub spoken: String,
    /// The day on which it was made.
    pub created: Day,
    /// The last day on which it may be used.
    pub expires: Day,
    /// How it is kept.
    pub secrecy: &'static str,
    /// Which share it is, if it is not the whole key.
    pub share: Option<String>,
}

impl KeySummary {
    /// Of what a key file says.
    #[must_use]
    pub fn of(said: &KeyDescription) -> Self {
        Self {
            purpose: said.purpose,
            study: said.study.clone(),
            key_id: said.key_id,
            spoken: said.key_id.spoken(),
            created: said.created,
            expires: said.expires,
            secrecy: said.secrecy.words(),
            share: said.share.map(|share| share.to_string()),
        }
    }
}

/// What `key new` made, for a machine.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NewKey {
    /// A key of a study.
    Key {
        /// The key.
        #[serde(flatten)]
        key: KeySummary,
        /// Its public half, if it has one.
        public_key: Option<String>,
    },
    /// An age identity.
    Identity {
        /// Its public half.
        recipient: String,
        /// The file that holds the public half.
        public_file: String,
    },
}

/// A key, in words; never the key.
#[must_use]
pub fn key(key: &KeySummary) -> String {
    let share = key.share.as_ref().map_or_else(String::new, |share| format!("  share {share}\n"));
    format!(
        "{} key of the study {}\n  key id {}, aloud: {}\n{share}  created {}, to be used until {}; {}\n",
        key.purpose.name(),
        key.study,
        key.key_id,
        key.spoken,
        key.created,
        key.expires,
        key.secrecy
    )
}

/// A key file that was not opened, in words.
#[must_use]
pub fn unproved_key(summary: &KeySummary) -> String {
    key(summary) + "All of this is what the file says; `key fingerprint` opens it and proves it.\n"
}

/// What `key new` made, in words, and what to do with it.
#[must_use]
pub fn new_key(new: &NewKey) -> String {
    match new {
        NewKey::Identity { recipient, public_file } => format!(
            "age identity; its recipient may be known to all, and lies in {public_file}:\n  {recipient}\nsend that to whoever keeps the contract; whoever has the identity opens what is encrypted to it: keep it apart from the project key"
        ),
        NewKey::Key { key: made, public_key } => {
            let next = match (made.purpose, public_key) {
                (Purpose::Signing, Some(public)) => {
                    format!("its public half may be known to all; send it to whoever keeps the contract:\n  {public}")
                }
                (Purpose::Link, _) => "keep it with the linker alone".to_owned(),
                _ => {
                    "every holder must see the same digits before anyone extracts; the research team never gets the key"
                        .to_owned()
                }
            };
            key(made) + &next
        }
    }
}

/// A key that was split, in words.
#[must_use]
pub fn split(key_id: KeyId, shares: &[String], threshold: u8, file: &str) -> String {
    format!(
        "key id {key_id}: {} shares, of which any {threshold} give the key back\n  {}\ngive each to another person; the key itself is still in {file}, `salanimi key destroy` removes it",
        shares.len(),
        shares.join("\n  ")
    )
}

/// A key that was brought together, in words.
#[must_use]
pub fn combined(made: &KeySummary, file: &str) -> String {
    format!("{}the shares gave the key of that id; it is in {file}, destroy it after use", key(made))
}

/// A certificate of destruction, in words.
#[must_use]
pub fn certificate(certificate: &Certificate) -> String {
    let what = match &certificate.destroyed {
        Destroyed::Key { purpose, key_id, proved, share } => {
            let share = share.as_ref().map_or_else(String::new, |share| format!(", share {}", on_one_line(share)));
            let said = if *proved { "" } else { " (as the file said; it could not be proved)" };
            format!("a file of the {} key {key_id}{share}{said}", purpose.name())
        }
        Destroyed::Identity { recipients } => format!("an age identity file, of {}", joined(recipients)),
    };
    format!(
        "Certificate of destruction: {what}, of the study {}\n  {}, {}\n  signed by the signing key {}\n  not covered:\n    {}",
        certificate.study,
        certificate.time,
        on_one_line(&certificate.method),
        certificate.signed_by,
        certificate.not_covered.iter().map(|words| on_one_line(words)).collect::<Vec<_>>().join("\n    ")
    )
}

fn joined(values: &[impl Display]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A cohort list, in words.
#[must_use]
pub fn cohort_list(header: &CohortHeader) -> String {
    let CohortHeader { study, holder, kind, persons, made } = header;
    format!("List of {persons} persons by {kind}, chosen by {holder} for the study {study} on {made}")
}

/// Whose signature was found to hold; `checked` says whether there was a contract to check it by.
#[must_use]
pub fn signer(checked: bool, signer: Option<&Id>) -> String {
    match (checked, signer) {
        (_, Some(party)) => format!("Signature: of {party}, and it holds"),
        (true, None) => "Signature: none, and the contract asks for none".to_owned(),
        (false, None) => "Signature: not checked; give --contract FILE".to_owned(),
    }
}

/// An audit log whose chain holds, in words.
#[must_use]
pub fn audit(chain: &Chain) -> String {
    let entries: String = chain.entries.iter().map(audit_entry).collect();
    format!(
        "Audit log of {} entries; the chain holds. What was cut off at its end is told only by its head: write it down.\n{entries}Head: {}",
        chain.entries.len(),
        chain.head
    )
}

fn audit_entry(entry: &Entry) -> String {
    let act = &entry.act;
    let ended = match act.outcome {
        Outcome::Begun => "begun".to_owned(),
        Outcome::Done => "done".to_owned(),
        Outcome::Failed(exit) => format!("failed ({exit})"),
    };
    let mut text = format!(
        "{:>4}  {}  {}  {}: {ended}\n",
        entry.number,
        entry.time,
        on_one_line(&entry.user),
        on_one_line(&act.command)
    );
    for (name, key) in [("key", act.key_id), ("signed by", act.signed_by)] {
        text += &key.map_or_else(String::new, |key| format!("        {name} {key}\n"));
    }
    text += &listed(&act.counts);
    text + &listed(&act.digests)
}

fn listed(values: &BTreeMap<String, impl Display>) -> String {
    let lines: Vec<String> =
        values.iter().map(|(name, value)| format!("        {} {value}\n", on_one_line(name))).collect();
    lines.concat()
}

//! Keys, certificates of destruction and audit logs as text.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

use super::plain::on_one_line;
use crate::audit::{Chain, Entry, Outcome};
use crate::crypto::KeyDescription;
use crate::exchange::{Certificate, CohortHeader, Destroyed};
use salanimi_core::{Day, Id, KeyId, Purpose};

/// Description of an encrypted file that was not opened.
pub const ENCRYPTED: &str = "An age file, encrypted to its recipients.\n  \
    Show a list of persons with --contract FILE --identity FILE. Show a file of a delivery with the delivery.";

/// Description of a key by its file, for JSON.
#[derive(Debug, Serialize)]
pub struct KeySummary {
    /// Purpose of the key.
    pub purpose: Purpose,
    /// Study of the key.
    pub study: Id,
    /// Key id.
    pub key_id: KeyId,
    /// Fingerprint: digits of the key id, to compare by telephone.
    pub spoken: String,
    /// Day on which the key was created.
    pub created: Day,
    /// Last day on which the key may be used.
    pub expires: Day,
    /// Protection of the file.
    pub secrecy: &'static str,
    /// Number of the share; `None` for a whole key.
    pub share: Option<String>,
}

impl KeySummary {
    /// Creates the summary of a key file's description.
    #[must_use]
    pub fn of(key: &KeyDescription) -> Self {
        Self {
            purpose: key.purpose,
            study: key.study.clone(),
            key_id: key.key_id,
            spoken: key.key_id.spoken(),
            created: key.created,
            expires: key.expires,
            secrecy: key.secrecy.words(),
            share: key.share.map(|share| share.to_string()),
        }
    }
}

/// Result of `key new`, for JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NewKey {
    /// A key of a study.
    Key {
        /// Description of the key.
        #[serde(flatten)]
        key: KeySummary,
        /// Public half; `None` for a symmetric key.
        public_key: Option<String>,
    },
    /// An age identity.
    Identity {
        /// Public half of the identity.
        recipient: String,
        /// File that holds the public half.
        public_file: String,
    },
}

/// Returns the description of a key as text; never the key itself.
#[must_use]
pub fn key(key: &KeySummary) -> String {
    let share = key.share.as_ref().map_or_else(String::new, |share| format!("  share {share}\n"));
    format!(
        "{} key of the study {}\n  key id {}, fingerprint to read aloud: {}\n{share}  created {}, valid until {}; {}\n",
        key.purpose.name(),
        key.study,
        key.key_id,
        key.spoken,
        key.created,
        key.expires,
        key.secrecy
    )
}

/// Returns the description of a key file that was not opened as text.
#[must_use]
pub fn unproved_key(summary: &KeySummary) -> String {
    key(summary) + "Not verified: `key fingerprint` opens the file and checks it.\n"
}

/// Returns the result of `key new` as text, with the next step.
#[must_use]
pub fn new_key(new: &NewKey) -> String {
    match new {
        NewKey::Identity { recipient, public_file } => format!(
            "age identity; its recipient is public and is in {public_file}:\n  {recipient}\n\
             Send the recipient to the party that maintains the contract. The identity opens everything encrypted to \
             it: keep it apart from the project key."
        ),
        NewKey::Key { key: made, public_key } => {
            let next = match (made.purpose, public_key) {
                (Purpose::Signing, Some(public)) => {
                    format!("The public half is public. Send it to the party that maintains the contract:\n  {public}")
                }
                (Purpose::Link, _) => "Only the linker may have this key.".to_owned(),
                (Purpose::Release, _) => "Add the fingerprint to the contract, as `key` under [release]. The register \
                                          of releases lies beside the key, as FILE.register: keep both, and copies \
                                          of both. Nobody outside the secure environment may have the key."
                    .to_owned(),
                _ => "All data holders must compare the fingerprint before the first extract. The research team must \
                      never have this key."
                    .to_owned(),
            };
            key(made) + &next
        }
    }
}

/// Returns the result of a split as text.
#[must_use]
pub fn split(key_id: KeyId, shares: &[String], threshold: u8, file: &str) -> String {
    format!(
        "key id {key_id}: {} shares; any {threshold} of them restore the key\n  {}\n\
         Give each share to another person. The whole key is still in {file}; `salanimi key destroy` removes it.",
        shares.len(),
        shares.join("\n  ")
    )
}

/// Returns the result of combining shares as text.
#[must_use]
pub fn combined(made: &KeySummary, file: &str) -> String {
    format!("{}The shares restored this key. It is in {file}; destroy it after use.", key(made))
}

/// Returns a certificate of destruction as text.
#[must_use]
pub fn certificate(certificate: &Certificate) -> String {
    let destroyed = match &certificate.destroyed {
        Destroyed::Key { purpose, key_id, proved, share } => {
            let share = share.as_ref().map_or_else(String::new, |share| format!(", share {}", on_one_line(share)));
            let unproved = if *proved { "" } else { " (as stated in the file; not verified)" };
            format!("a file of the {} key {key_id}{share}{unproved}", purpose.name())
        }
        Destroyed::Identity { recipients } => {
            format!("an age identity file with the recipients {}", joined(recipients))
        }
    };
    format!(
        "Certificate of destruction: {destroyed}, of the study {}\n  {}, {}\n  signed by the signing key {}\n  \
         not covered:\n    {}",
        certificate.study,
        certificate.time,
        on_one_line(&certificate.method),
        certificate.signed_by,
        certificate.not_covered.iter().map(|text| on_one_line(text)).collect::<Vec<_>>().join("\n    ")
    )
}

fn joined(values: &[impl Display]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns the header of a cohort list as text.
#[must_use]
pub fn cohort_list(header: &CohortHeader) -> String {
    let CohortHeader { study, holder, kind, persons, made } = header;
    format!("List of {persons} persons by {kind}, selected by {holder} for the study {study} on {made}")
}

/// Returns the result of a signature check as text. Without a contract nothing is `checked`.
#[must_use]
pub fn signer(checked: bool, signer: Option<&Id>) -> String {
    match (checked, signer) {
        (_, Some(party)) => format!("Signature: of {party}, valid"),
        (true, None) => "Signature: none, and the contract requires none".to_owned(),
        (false, None) => "Signature: not checked; give --contract FILE".to_owned(),
    }
}

/// Returns an audit log with an unbroken chain as text.
#[must_use]
pub fn audit(chain: &Chain) -> String {
    let entries: String = chain.entries.iter().map(audit_entry).collect();
    format!(
        "Audit log of {} entries; the chain holds. Only the head shows whether entries at the end were cut off: write \
         it down.\n\
         {entries}Head: {}",
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
        if let Some(key) = key {
            text += &format!("        {name} {key}\n");
        }
    }
    text += &listed(&act.counts);
    text + &listed(&act.digests)
}

fn listed(values: &BTreeMap<String, impl Display>) -> String {
    let lines: Vec<String> =
        values.iter().map(|(name, value)| format!("        {} {value}\n", on_one_line(name))).collect();
    lines.concat()
}

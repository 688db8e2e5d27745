//! Keys, certificates and audit logs, in words.

use super::table::TextTable;
use crate::audit::{Chain, Outcome};
use crate::crypto::KeyDescription;
use crate::domain::Id;
use crate::exchange::{Certificate, Destroyed};

/// What can be said of a file that is encrypted.
pub const ENCRYPTED: &str = "An age file: encrypted to its recipients, for whom it is.\n  A list of persons is read by `salanimi extract --cohort FILE --identity FILE`.";

/// A key file, in words; never the key.
#[must_use]
pub fn key(key: &KeyDescription) -> String {
    let share = key.share.map_or_else(String::new, |share| format!("  share {share}\n"));
    format!(
        "{} key of the study {}\n  key id {}, aloud: {} (as the file says; `key fingerprint` proves it)\n{share}  created {}, to be used until {}; {}\n",
        key.purpose.name(),
        key.study,
        key.key_id,
        key.key_id.spoken(),
        key.created,
        key.expires,
        key.secrecy.words()
    )
}

/// A certificate of destruction, in words.
#[must_use]
pub fn certificate(certificate: &Certificate) -> String {
    let what = match &certificate.destroyed {
        Destroyed::Key { purpose, key_id, share } => {
            let share = share.as_ref().map_or_else(String::new, |share| format!(", share {share}"));
            format!("the {purpose} key {key_id}{share}")
        }
        Destroyed::Identity { recipients } => {
            let recipients: Vec<String> = recipients.iter().map(ToString::to_string).collect();
            format!("the age identity of {}", recipients.join(", "))
        }
    };
    format!(
        "Certificate of destruction: {what}, of the study {}\n  {}, {}\n  signed by the signing key {}\n  not covered:\n    {}",
        certificate.study,
        certificate.time,
        certificate.method,
        certificate.signed_by,
        certificate.not_covered.join("\n    ")
    )
}

/// Whose signature was found to hold.
#[must_use]
pub fn signer(signer: Option<&Id>) -> String {
    match signer {
        Some(holder) => format!("Signature: of {holder}, and it holds"),
        None => "Signature: not checked, or there is none; give --contract FILE to check it".to_owned(),
    }
}

/// An audit log whose chain holds, in words.
#[must_use]
pub fn audit(chain: &Chain) -> String {
    let mut table = TextTable::new(&["entry", "time", "user", "command", "ended", "key id", "counts"]);
    for entry in &chain.entries {
        let ended = match entry.act.outcome {
            Outcome::Done => "done".to_owned(),
            Outcome::Failed(exit) => format!("failed ({exit})"),
        };
        let counts: Vec<String> = entry.act.counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        table.row([
            entry.number.to_string(),
            entry.time.to_string(),
            entry.user.clone(),
            entry.act.command.clone(),
            ended,
            entry.act.key_id.map_or_else(String::new, |id| id.to_string()),
            counts.join(", "),
        ]);
    }
    format!(
        "Audit log of {} entries; the chain holds. What was cut off at its end is told only by its head: write it down.\n{}Head: {}",
        chain.entries.len(),
        table.render(),
        chain.head
    )
}

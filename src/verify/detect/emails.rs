//! E-mail addresses.

use std::sync::LazyLock;

use memchr::{memchr_iter, memmem};
use serde::Deserialize;

use super::data;
use super::kind::Kind;
use super::sightings::Sightings;

static WORDS: LazyLock<Words> = LazyLock::new(|| data::table(include_str!("emails.toml")));

/// The lists of `emails.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    at: Vec<String>,
    offices: Vec<String>,
}

/// Adds the addresses in `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Sightings) {
    memchr_iter(b'@', bytes).for_each(|at| note(&bytes[..at], &bytes[at + 1..], found));
    if bytes.windows(2).any(|pair| matches!(pair, [b'(' | b'[', b'a' | 0xC3])) {
        for written in &WORDS.at {
            for at in memmem::find_iter(bytes, written.as_str()) {
                // Spaces are usual around `(at)`.
                let before = bytes[..at].trim_ascii_end();
                note(before, bytes[at + written.len()..].trim_ascii_start(), found);
            }
        }
    }
}

/// Adds the address with its local part at the end of `before` and its host at the start of `after`.
fn note(before: &[u8], after: &[u8], found: &mut Sightings) {
    let start = before.iter().rposition(|&b| !is_local_byte(b)).map_or(0, |at| at + 1);
    let local = &before[start..];
    let length = after.iter().take_while(|b| is_host_byte(**b)).count();
    let host = &after[..length];
    let host = host.strip_suffix(b".").unwrap_or(host);
    let Some(dot) = host.iter().rposition(|&b| b == b'.') else { return };
    let top = &host[dot + 1..];
    let is_host = dot >= 2 && (2..=12).contains(&top.len()) && top.iter().all(u8::is_ascii_alphabetic);
    if local.len() < 2 || !is_host || !local.iter().any(u8::is_ascii_alphanumeric) {
        return;
    }
    let local = local.to_ascii_lowercase();
    let kind = if is_office(&local) { Kind::SharedEmail } else { Kind::Email };
    found.note(kind, &[&local, b"@".as_slice(), &host.to_ascii_lowercase()].concat(), true);
}

fn is_local_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

fn is_office(local: &[u8]) -> bool {
    let mut parts = local.split(|b| matches!(b, b'.' | b'_' | b'+'));
    parts.any(|part| WORDS.offices.iter().any(|office| part == office.as_bytes()))
}

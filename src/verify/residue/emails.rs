//! E-mail addresses.

use memchr::{memchr_iter, memmem};

use super::found::Found;
use super::kind::Kind;

/// Ways in which people write `@` so that machines do not see it.
const WRITTEN_AT: [&str; 4] = ["(at)", "[at]", "(ät)", "(a)"];
/// Names of offices, whose addresses are nobody's.
const SHARED: [&str; 22] = [
    "kirjaamo",
    "info",
    "tuki",
    "tietosuoja",
    "support",
    "noreply",
    "no-reply",
    "posti",
    "asiakaspalvelu",
    "helpdesk",
    "registry",
    "office",
    "viestinta",
    "toimisto",
    "admin",
    "neuvonta",
    "palaute",
    "contact",
    "data",
    "tietopalvelu",
    "tietolupa",
    "dpo",
];

/// Notes the addresses in `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Found) {
    memchr_iter(b'@', bytes).for_each(|at| note(bytes, at, at + 1, found));
    if bytes.windows(2).any(|pair| matches!(pair, [b'(' | b'[', b'a' | 0xC3])) {
        for written in WRITTEN_AT {
            for at in memmem::find_iter(bytes, written) {
                note(bytes, at, at + written.len(), found);
            }
        }
    }
}

fn note(bytes: &[u8], before: usize, after: usize, found: &mut Found) {
    let gap = |part: &[u8]| part.len() - part.trim_ascii_end().len();
    let apart = after - before > 1;
    let (before, after) = match apart {
        // Whoever writes `(at)` puts spaces around it.
        true => (before - gap(&bytes[..before]), bytes.len() - bytes[after..].trim_ascii_start().len()),
        false => (before, after),
    };
    let named = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-');
    let start = bytes[..before].iter().rposition(|b| !named(b)).map_or(0, |at| at + 1);
    let domain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let end = bytes[after..].iter().position(|b| !domain(b)).map_or(bytes.len(), |length| after + length);
    let (local, host) = (&bytes[start..before], bytes[after..end].trim_ascii_end());
    let host = host.strip_suffix(b".").unwrap_or(host);
    let Some(dot) = host.iter().rposition(|&b| b == b'.') else { return };
    let top = &host[dot + 1..];
    let formed = dot >= 2 && (2..=12).contains(&top.len()) && top.iter().all(u8::is_ascii_alphabetic);
    if local.len() < 2 || !formed || !local.iter().any(u8::is_ascii_alphanumeric) {
        return;
    }
    let lower = local.to_ascii_lowercase();
    let shared =
        SHARED.iter().any(|name| lower.split(|b| matches!(b, b'.' | b'_' | b'+')).any(|part| part == name.as_bytes()));
    let kind = if shared { Kind::SharedEmail } else { Kind::Email };
    found.note(kind, &[&lower, b"@".as_slice(), &host.to_ascii_lowercase()].concat(), true);
}

//! E-mail addresses, as mail programs read them (RFC 5322, `addr-spec`) and as people write them to hide them.

use std::sync::LazyLock;

use memchr::memchr_iter;
use regex::bytes::Regex;
use serde::Deserialize;

use super::data;
use super::kind::Kind;
use super::sightings::Sightings;

static WORDS: LazyLock<Words> = LazyLock::new(|| data::table(include_str!("emails.toml")));
/// `@` in words, in brackets.
static WRITTEN_AT: LazyLock<Regex> = LazyLock::new(|| in_brackets(&WORDS.at));
/// A dot in words, in brackets.
static WRITTEN_DOT: LazyLock<Regex> = LazyLock::new(|| in_brackets(&WORDS.dot));

/// Shortest run of printable characters that can hold an address among random bytes. A shorter one would have the form
/// of an address by chance in ten million pseudonyms.
const LONG_RUN: usize = 13;
/// Longest local part with quotes.
const LONGEST_QUOTED: usize = 64;
/// Most bytes of a host.
const LONGEST_HOST: usize = 253;
/// Lengths of the last label of a host.
const TOP_LABEL: std::ops::RangeInclusive<usize> = 2..=12;
/// Its longest where spaces are around `@`: a word of a sentence is longer, mostly.
const SHORT_TOP_LABEL: usize = 4;

/// The lists of `emails.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    at: Vec<String>,
    dot: Vec<String>,
    offices: Vec<String>,
}

/// Returns the pattern of any of `words` in brackets, with spaces around them. A letter between `<` and `>` is a tag.
#[expect(clippy::expect_used, reason = "the words are compiled in, and a test uses them")]
fn in_brackets(words: &[String]) -> Regex {
    let any = words.iter().map(|word| regex::escape(word)).collect::<Vec<_>>().join("|");
    let longer =
        words.iter().filter(|word| word.len() > 1).map(|word| regex::escape(word)).collect::<Vec<_>>().join("|");
    let blank = r"[ \t]*";
    let round = format!(r"[(\[{{]{blank}(?:{any}){blank}[)\]}}]");
    let pattern = format!(r"(?i-u){blank}(?:{round}|<{blank}(?:{longer}){blank}>){blank}");
    Regex::new(&pattern).expect("escaped words make a pattern")
}

/// Adds the addresses in `bytes`. Those that can be random must be long and in ASCII.
pub(super) fn find(bytes: &[u8], can_be_random: bool, found: &mut Sightings) {
    if can_be_random {
        let is_address = |run: &&[u8]| run.len() >= LONG_RUN;
        let runs = bytes.split(|byte| !byte.is_ascii_graphic()).filter(is_address);
        return runs.for_each(|run| find(run, false, found));
    }
    for at in memchr_iter(b'@', bytes) {
        note_around(&bytes[..at], &bytes[at + 1..], found);
    }
    if bytes.iter().any(|byte| b"([{<".contains(byte)) {
        for at in WRITTEN_AT.find_iter(bytes) {
            note(&bytes[..at.start()], &bytes[at.end()..], TOP_LABEL, found);
        }
    }
}

/// Adds the address around `@`. Spaces may stand on both sides of it, or on one side in a text that is the address
/// alone: a name of an account after a space begins with `@` too.
fn note_around(before: &[u8], after: &[u8], found: &mut Sightings) {
    let local = before.trim_ascii_end();
    let host = after.trim_ascii_start();
    let has_spaces = local.len() < before.len() || host.len() < after.len();
    if !has_spaces {
        return note(before, after, TOP_LABEL, found);
    }
    let has_both = local.len() < before.len() && host.len() < after.len();
    let is_alone = !local.trim_ascii_start().contains(&b' ') && !host.trim_ascii_end().contains(&b' ');
    if has_both || is_alone {
        note(local, host, *TOP_LABEL.start()..=SHORT_TOP_LABEL, found);
    }
}

/// Adds the address with its local part at the end of `before` and its host at the start of `after`.
fn note(before: &[u8], after: &[u8], top_label: std::ops::RangeInclusive<usize>, found: &mut Sightings) {
    let Some(local) = quoted(before).or_else(|| plain(before)) else { return };
    let Some(host) = host(after, &top_label) else { return };
    let local = local.to_ascii_lowercase();
    let kind = if is_office(&local) { Kind::SharedEmail } else { Kind::Email };
    found.note(kind, &[&local, b"@".as_slice(), &host].concat(), true);
}

/// Returns the local part at the end of a text.
fn plain(before: &[u8]) -> Option<&[u8]> {
    let start = before.iter().rposition(|&b| !is_local_byte(b)).map_or(0, |at| at + 1);
    let local = &before[start..];
    local.iter().any(u8::is_ascii_alphanumeric).then_some(local)
}

/// Returns the local part in quotes at the end of a text.
fn quoted(before: &[u8]) -> Option<&[u8]> {
    let inner = before.strip_suffix(b"\"")?;
    let start = inner.iter().rev().take(LONGEST_QUOTED).position(|&byte| byte == b'"')?;
    let local = &inner[inner.len() - start..];
    local.iter().any(u8::is_ascii_alphanumeric).then_some(local)
}

/// Returns the host at the start of a text, in lower case.
fn host(after: &[u8], top_label: &std::ops::RangeInclusive<usize>) -> Option<Vec<u8>> {
    let written = &after[..after.len().min(LONGEST_HOST)];
    let with_dots = WRITTEN_DOT.replace_all(written, b".".as_slice());
    let length = with_dots.iter().take_while(|b| is_host_byte(**b)).count();
    let host = &with_dots[..length];
    let host = host.strip_suffix(b".").unwrap_or(host);
    let dot = host.iter().rposition(|&b| b == b'.').filter(|&dot| dot > 0)?;
    let top = host[dot + 1..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let end = dot + 1 + top;
    // A dash or a quotation mark beyond ASCII may follow.
    let is_host = top_label.contains(&top) && !host.get(end).is_some_and(u8::is_ascii);
    is_host.then(|| host[..end].to_ascii_lowercase())
}

fn is_local_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'-')
}

fn is_office(local: &[u8]) -> bool {
    let mut parts = local.split(|b| matches!(b, b'.' | b'_' | b'+'));
    parts.any(|part| WORDS.offices.iter().any(|office| part == office.as_bytes()))
}

//! Addresses on the internet, of versions 4 and 6.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::kind::Kind;
use super::number_words::WORDS;
use super::runs::{is_announced, runs};
use super::sightings::Sightings;

/// Longest address in text.
const LONGEST: usize = 45;
/// A number in an address this large is rare in versions of programs.
const LARGE: u8 = 100;
/// Fewest groups of an address of version 6.
const FEWEST_GROUPS: usize = 3;

/// Adds the addresses in `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Sightings) {
    let mut end = 0;
    for run in runs(bytes) {
        if run.start < end {
            continue;
        }
        let length = bytes[run.start..].iter().take(LONGEST).take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        end = run.start + length;
        let written = bytes[run.start..end].strip_suffix(b".").unwrap_or(&bytes[run.start..end]);
        if is_apart(bytes, run.start, end)
            && let Some(address) = parsed::<Ipv4Addr>(written)
            && is_address(bytes, run.start, address)
        {
            found.note(Kind::Ipv4, written, true);
        }
    }
    if memchr::memchr_iter(b':', bytes).nth(1).is_some() {
        find_version_6(bytes, found);
    }
}

fn find_version_6(bytes: &[u8], found: &mut Sightings) {
    for token in bytes.split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b':' | b'.' | b'_' | b'-'))) {
        let token = token.strip_suffix(b".").unwrap_or(token);
        let groups = token.split(|&b| b == b':').filter(|group| !group.is_empty()).count();
        let starts_as_one = token.first_chunk::<4>().is_some_and(|first| first.iter().all(u8::is_ascii_hexdigit))
            || token.to_ascii_lowercase().starts_with(b"::ffff:");
        if token.len() <= LONGEST && groups >= FEWEST_GROUPS && starts_as_one && parsed::<Ipv6Addr>(token).is_some() {
            found.note(Kind::Ipv6, &token.to_ascii_lowercase(), true);
        }
    }
}

fn parsed<A: std::str::FromStr>(written: &[u8]) -> Option<A> {
    std::str::from_utf8(written).ok()?.parse().ok()
}

/// Returns true if an address is not part of a longer word, such as the number of a program after a slash.
fn is_apart(bytes: &[u8], start: usize, end: usize) -> bool {
    let joins_before = match bytes[..start] {
        [.., b'/', b'/'] | [] => false,
        [.., before] => before.is_ascii_alphanumeric() || before >= 0x80 || b"./-_+".contains(&before),
    };
    let joins_after = bytes.get(end).is_some_and(|&after| after.is_ascii_alphanumeric() || b"-_+".contains(&after));
    !joins_before && !joins_after
}

/// Returns true if the numbers are those of an address: a word calls it that, or a number is large and the first one
/// is no version of a program.
fn is_address(bytes: &[u8], start: usize, address: Ipv4Addr) -> bool {
    let numbers = address.octets();
    if is_announced(bytes, start, &WORDS.version) {
        return false;
    }
    let is_large = numbers.iter().any(|&number| number >= LARGE) && numbers[0] != 0;
    let has_first = numbers[0] >= 20 || address.is_private();
    is_large && has_first || is_announced(bytes, start, &WORDS.address)
}

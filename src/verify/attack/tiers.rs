//! Schemes in tiers, by how likely they are.

use std::collections::HashSet;

use super::hashes::Kind;
use super::message::Form;
use super::namespaces::Namespace;
use super::salts::{Guesses, Word};
use super::scheme::{Added, Rounds, Scheme};
use crate::verify::depth::Depth;

/// Separators between a word and the code.
const SEPARATORS: [&str; 5] = ["", "-", "_", ":", "|"];
/// Common hashes, which are also truncated.
pub(super) const OFTEN_TRUNCATED: [Kind; 4] = [Kind::Sha256, Kind::Sha1, Kind::Md5, Kind::Sha512];
/// Hashes that nobody truncates: they are chosen for their width.
const NEVER_TRUNCATED: [Kind; 10] = [
    Kind::UuidV3,
    Kind::UuidV5,
    Kind::Fnv1a64,
    Kind::Blake2b64,
    Kind::Blake2b128,
    Kind::Blake2b160,
    Kind::Blake2b384,
    Kind::Blake2s128,
    Kind::Sha512To224,
    Kind::Sha3To224,
];
/// Hashes under PBKDF2: the defaults of libraries.
const PBKDF2: [Kind; 2] = [Kind::Sha256, Kind::Sha1];
/// Common numbers of rounds.
const ROUNDS: [Rounds; 3] = [Rounds::Once, Rounds::Hex(2), Rounds::Bytes(2)];
/// Numbers of rounds of iterated hashes: round numbers, with the first round counted or not.
const REPEATED: [Rounds; 12] = [
    Rounds::Hex(10),
    Rounds::Hex(11),
    Rounds::Hex(100),
    Rounds::Hex(101),
    Rounds::Hex(1_000),
    Rounds::Hex(1_001),
    Rounds::Bytes(10),
    Rounds::Bytes(11),
    Rounds::Bytes(100),
    Rounds::Bytes(101),
    Rounds::Bytes(1_000),
    Rounds::Bytes(1_001),
];
/// Larger numbers of rounds.
const OFTEN_REPEATED: [Rounds; 4] =
    [Rounds::Hex(10_000), Rounds::Hex(10_001), Rounds::Bytes(10_000), Rounds::Bytes(10_001)];
/// Usual iterations of PBKDF2.
const FEW_ITERATIONS: [Rounds; 4] = [Rounds::Once, Rounds::Bytes(10), Rounds::Bytes(100), Rounds::Bytes(1_000)];
/// Larger usual iterations of PBKDF2.
const MANY_ITERATIONS: [Rounds; 2] = [Rounds::Bytes(10_000), Rounds::Bytes(100_000)];

/// Widths of the targets, in bytes.
pub(super) struct Widths(HashSet<usize>);

impl Widths {
    /// Collects the widths of all targets.
    pub fn new(widths: impl Iterator<Item = usize>) -> Self {
        Self(widths.collect())
    }

    /// Returns true if a target has the full width of a hash.
    fn are_native_to(&self, kind: Kind) -> bool {
        self.0.contains(&kind.width())
    }

    /// Returns true if a target can be a digest of a hash, truncated or not.
    fn fit(&self, kind: Kind) -> bool {
        let is_truncated = !NEVER_TRUNCATED.contains(&kind) && self.0.iter().any(|&width| width < kind.width());
        is_truncated || self.are_native_to(kind)
    }
}

/// Returns the schemes in tiers, the likeliest first.
pub(super) fn tiers<'a>(depth: Depth, widths: &Widths, guesses: &'a Guesses) -> Vec<Vec<Scheme<'a>>> {
    let fitting = Kind::ALL.iter().copied().filter(|&kind| widths.fit(kind));
    let (uuids, fitting): (Vec<Kind>, Vec<Kind>) = fitting.partition(|kind| kind.is_uuid());
    let (native, truncated): (Vec<Kind>, Vec<Kind>) = fitting.into_iter().partition(|&kind| widths.are_native_to(kind));
    let (truncated, other): (Vec<Kind>, Vec<Kind>) =
        truncated.into_iter().partition(|kind| OFTEN_TRUNCATED.contains(kind));
    let likely = [&native[..], &truncated].concat();
    let all = [&likely[..], &other].concat();
    let (first_salts, later_salts) = guesses.salts.split();
    let (first_keys, later_keys) = guesses.keys.split();
    let (first_digests, later_digests) = guesses.digests.split();
    let plain = &Form::PLAIN;
    let forms = Form::all();
    let canonical = &[Form::CANONICAL];
    let mut usual = likely.clone();
    // A truncated SHA-512 is rare.
    usual.retain(|&kind| OFTEN_TRUNCATED.contains(&kind) && (widths.are_native_to(kind) || kind != Kind::Sha512));
    let usual_native: Vec<Kind> = usual.iter().copied().filter(|&kind| widths.are_native_to(kind)).collect();
    let mut derived: Vec<Kind> = usual.clone();
    derived.retain(|kind| PBKDF2.contains(kind));
    let mut tiers = vec![
        [unkeyed(&usual_native, plain, &[Rounds::Once]), unkeyed(&usual, canonical, &ROUNDS)].concat(),
        [
            unkeyed(&likely, plain, &[Rounds::Once]),
            unkeyed(&uuids, plain, &[Rounds::Once]),
            namespaced(&uuids, plain),
            unkeyed(&usual, &forms, &[Rounds::Once]),
        ]
        .concat(),
        cheapest_first(&[salted(&usual, canonical, first_salts, &[""]), keyed(&usual, canonical, first_keys)]),
        salted(&usual, &[Form::SIGNLESS], first_salts, &[""]),
        around(&usual, canonical, first_salts, &[""]),
        unkeyed(&native, &forms, &ROUNDS),
        [salted(&native, plain, first_salts, &[""]), keyed(&native, plain, first_keys)].concat(),
        [unkeyed(&truncated, &forms, &ROUNDS), unkeyed(&other, &forms, &[Rounds::Once])].concat(),
        keyed(&usual, canonical, first_digests),
        cheapest_first(&[salted(&all, canonical, first_salts, &[""]), keyed(&all, canonical, first_keys)]),
        [salted(&usual_native, canonical, later_salts, &[""]), keyed(&usual_native, canonical, later_keys)].concat(),
        unkeyed(&usual_native, canonical, &REPEATED),
        [salted(&usual, canonical, later_salts, &[""]), keyed(&usual, canonical, later_keys)].concat(),
        keyed(&usual_native, canonical, later_digests),
        around(&usual, canonical, later_salts, &[""]),
        [salted(&native, plain, later_salts, &[""]), keyed(&native, plain, later_keys)].concat(),
        [salted(&usual, plain, later_salts, &[""]), keyed(&usual, plain, later_keys)].concat(),
        pbkdf2(&derived, canonical, first_keys, &FEW_ITERATIONS),
        repeated(&salted(&usual_native, canonical, first_salts, &[""]), &REPEATED),
        pbkdf2(&derived, canonical, first_keys, &MANY_ITERATIONS),
        unkeyed(&usual_native, canonical, &OFTEN_REPEATED),
    ];
    if depth == Depth::Whole {
        tiers.push(
            [
                unkeyed(&all, &forms, &ROUNDS),
                unkeyed(&uuids, &forms, &[Rounds::Once]),
                salted(&all, &forms, &guesses.salts.list, &SEPARATORS),
                around(&all, &forms, &guesses.salts.list, &SEPARATORS),
                keyed(&all, &forms, &guesses.keys.list),
                keyed(&all, canonical, &guesses.digests.list),
            ]
            .concat(),
        );
    }
    without_repeats(tiers)
}

/// Sorts equally likely schemes by cost, so that more of them are tried in the same time.
fn cheapest_first<'a>(schemes: &[Vec<Scheme<'a>>]) -> Vec<Scheme<'a>> {
    let mut schemes = schemes.concat();
    schemes.sort_by_key(Scheme::cost);
    schemes
}

/// Returns the hashes of the code alone.
fn unkeyed<'a>(kinds: &[Kind], forms: &[Form], rounds: &[Rounds]) -> Vec<Scheme<'a>> {
    let mut schemes = Vec::new();
    for &form in forms {
        for &kind in kinds {
            schemes.extend(rounds.iter().map(|&rounds| Scheme { kind, form, rounds, added: Added::Nothing }));
        }
    }
    schemes
}

/// Returns the hashes with a word before or after the code.
fn salted<'a>(kinds: &[Kind], forms: &[Form], words: &'a [Word], separators: &[&'static str]) -> Vec<Scheme<'a>> {
    added(kinds, forms, words, separators, |word, separator| {
        vec![Added::Before(word, separator), Added::After(word, separator)]
    })
}

/// Returns the hashes with a word on both sides of the code.
fn around<'a>(kinds: &[Kind], forms: &[Form], words: &'a [Word], separators: &[&'static str]) -> Vec<Scheme<'a>> {
    added(kinds, forms, words, separators, |word, separator| vec![Added::Around(word, separator)])
}

fn added<'a>(
    kinds: &[Kind],
    forms: &[Form],
    words: &'a [Word],
    separators: &[&'static str],
    ways: impl Fn(&'a Word, &'static str) -> Vec<Added<'a>>,
) -> Vec<Scheme<'a>> {
    let mut schemes = Vec::new();
    for word in words {
        for &form in forms {
            for added in separators.iter().flat_map(|&separator| ways(word, separator)) {
                schemes.extend(kinds.iter().map(|&kind| Scheme { kind, form, rounds: Rounds::Once, added }));
            }
        }
    }
    schemes
}

/// Returns the UUIDs of the code in each namespace.
fn namespaced<'a>(kinds: &[Kind], forms: &[Form]) -> Vec<Scheme<'a>> {
    let mut schemes = Vec::new();
    for &form in forms {
        for added in Namespace::ALL.map(Added::Namespace) {
            schemes.extend(kinds.iter().map(|&kind| Scheme { kind, form, rounds: Rounds::Once, added }));
        }
    }
    schemes
}

/// Returns schemes with each number of rounds.
fn repeated<'a>(schemes: &[Scheme<'a>], rounds: &[Rounds]) -> Vec<Scheme<'a>> {
    schemes.iter().flat_map(|scheme| rounds.iter().map(|&rounds| Scheme { rounds, ..*scheme })).collect()
}

/// Returns PBKDF2 with each word as the salt.
fn pbkdf2<'a>(kinds: &[Kind], forms: &[Form], words: &'a [Word], iterations: &[Rounds]) -> Vec<Scheme<'a>> {
    let once = added(kinds, forms, words, &[""], |word, _| vec![Added::Pbkdf2(word)]);
    repeated(&once, iterations)
}

/// Returns the HMACs whose key fits in a block.
fn keyed<'a>(kinds: &[Kind], forms: &[Form], words: &'a [Word]) -> Vec<Scheme<'a>> {
    let mut schemes = Vec::new();
    for word in words {
        for &form in forms {
            let over = kinds.iter().filter(|kind| kind.block() >= word.text.len() && kind.block() > 0);
            let added = Added::Key(word);
            schemes.extend(over.map(|&kind| Scheme { kind, form, rounds: Rounds::Once, added }));
        }
    }
    schemes
}

/// Keeps each scheme in the first of its tiers only.
fn without_repeats(tiers: Vec<Vec<Scheme<'_>>>) -> Vec<Vec<Scheme<'_>>> {
    let mut known = HashSet::new();
    tiers.into_iter().map(|tier| tier.into_iter().filter(|scheme| known.insert(scheme.key())).collect()).collect()
}

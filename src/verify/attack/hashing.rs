//! Hashing of candidates under schemes that share the first round.

use std::slice::{ChunksExact, from_mut, from_ref};

use super::candidates::Candidates;
use super::hashes::{Digest, Hash, LANES, Task, write_hex};
use super::message::{Padded, Place};
use super::scheme::{Added, Rounds, Scheme};

/// Largest block of a hash with HMAC, in bytes: SHA3-224.
const LARGEST_BLOCK: usize = 144;

/// Calls `receive` with the digest of each code under `scheme`.
pub(super) fn hash(scheme: &Scheme<'_>, codes: &Candidates, mut receive: impl FnMut(&Digest)) {
    hash_together(from_ref(scheme), codes, |_, digest| receive(digest));
}

/// Calls `receive` with the position of each scheme and the digest of each code, in the order of the codes for each
/// scheme.
///
/// The schemes share the first round, which is computed once.
pub(super) fn hash_together(schemes: &[Scheme<'_>], codes: &Candidates, receive: impl FnMut(usize, &Digest)) {
    if let Some(first) = schemes.first() {
        first.kind.with(Hashing { first, schemes, codes, receive });
    }
}

/// Hashing of some candidates under schemes that share the first round.
struct Hashing<'a, F> {
    first: &'a Scheme<'a>,
    schemes: &'a [Scheme<'a>],
    codes: &'a Candidates,
    /// Receives the position of a scheme and a digest.
    receive: F,
}

impl<F: FnMut(usize, &Digest)> Task for Hashing<'_, F> {
    type Result = ();

    fn run<H: Hash>(mut self) {
        match self.first.added {
            Added::Nothing => self.plain::<H>(&[], &[]),
            Added::Namespace(namespace) => self.plain::<H>(namespace.bytes(), &[]),
            Added::Before(word, separator) => self.plain::<H>(&[&word.text, separator.as_bytes()].concat(), &[]),
            Added::After(word, separator) => self.plain::<H>(&[], &[separator.as_bytes(), &word.text].concat()),
            Added::Around(word, separator) => {
                let before = [&word.text, separator.as_bytes()].concat();
                let after = [separator.as_bytes(), &word.text].concat();
                self.plain::<H>(&before, &after);
            }
            Added::Key(key) => self.keyed::<H>(&key.text),
            Added::Pbkdf2(salt) => self.derived::<H>(&salt.text),
        }
    }
}

impl<F: FnMut(usize, &Digest)> Hashing<'_, F> {
    fn plain<H: Hash>(&mut self, before: &[u8], after: &[u8]) {
        let (mut message, place) = self.first.form.message(before, after, self.codes);
        H::pad(&mut message, 0);
        let mut messages = vec![message; LANES];
        let start = H::start();
        let mut rounds = Again::new::<H>();
        let [mut once, mut last] = [[[0; 64]; LANES]; 2];
        for codes in self.codes.groups(LANES) {
            let messages = with_codes(codes, &place, &mut messages);
            let once = &mut once[..messages.len()];
            H::finish(&start, messages, once);
            last[..once.len()].copy_from_slice(once);
            let last = &mut last[..once.len()];
            let mut done = Rounds::Once;
            for (position, scheme) in self.schemes.iter().enumerate() {
                // Rounds are in ascending order, so a scheme goes on from the one before it.
                if !goes_on(done, scheme.rounds) {
                    last.copy_from_slice(once);
                    done = Rounds::Once;
                }
                for _ in done.number()..scheme.rounds.number() {
                    rounds.hash::<H>(&start, scheme.rounds, last);
                }
                done = scheme.rounds;
                last.iter().for_each(|digest| (self.receive)(position, digest));
            }
        }
    }

    /// Computes HMAC (FIPS 198-1): H(key ⊕ opad ‖ H(key ⊕ ipad ‖ message)). Both pads are absorbed once.
    fn keyed<H: Hash>(&mut self, key: &[u8]) {
        let mut mac = Mac::<H>::new(key, LANES);
        let (mut message, place) = self.first.form.message(&[], &[], self.codes);
        H::pad(&mut message, H::BLOCK);
        let mut messages = vec![message; LANES];
        let mut digests = [[0; 64]; LANES];
        for codes in self.codes.groups(LANES) {
            let messages = with_codes(codes, &place, &mut messages);
            let digests = &mut digests[..messages.len()];
            mac.hash(messages, digests);
            for position in 0..self.schemes.len() {
                digests.iter().for_each(|digest| (self.receive)(position, digest));
            }
        }
    }

    /// Computes the first block of PBKDF2 (RFC 8018, section 5.2): U₁ ⊕ … ⊕ Uₙ with U₁ = HMAC(code, salt ‖ 1) and
    /// Uᵢ₊₁ = HMAC(code, Uᵢ).
    fn derived<H: Hash>(&mut self, salt: &[u8]) {
        let (mut password, place) = self.first.form.message(&[], &[], self.codes);
        let mut first = Padded::of(&[salt, &[0, 0, 0, 1]].concat());
        H::pad(&mut first, H::BLOCK);
        let mut next = Padded::zeros(H::WIDTH);
        H::pad(&mut next, H::BLOCK);
        let mut last = [0; 64];
        for code in self.codes.iter() {
            place.put(code, &mut password);
            let mut mac = Mac::<H>::new(password.message(), 1);
            mac.hash(from_ref(&first), from_mut(&mut last));
            let mut sum = last;
            let mut done = 1;
            for (position, scheme) in self.schemes.iter().enumerate() {
                for _ in done..scheme.rounds.number() {
                    next.bytes[..H::WIDTH].copy_from_slice(&last[..H::WIDTH]);
                    mac.hash(from_ref(&next), from_mut(&mut last));
                    sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
                }
                done = done.max(scheme.rounds.number());
                (self.receive)(position, &sum);
            }
        }
    }
}

/// Puts each code into a message of its own, and returns these messages.
fn with_codes<'m>(codes: ChunksExact<'_, u8>, place: &Place, messages: &'m mut [Padded]) -> &'m [Padded] {
    let messages = &mut messages[..codes.len()];
    messages.iter_mut().zip(codes).for_each(|(message, code)| place.put(code, message));
    messages
}

/// Returns true if rounds can go on from those that are done.
fn goes_on(done: Rounds, rounds: Rounds) -> bool {
    match (done, rounds) {
        (Rounds::Once, _) => true,
        (Rounds::Hex(done), Rounds::Hex(all)) | (Rounds::Bytes(done), Rounds::Bytes(all)) => done <= all,
        _ => false,
    }
}

/// Messages of the rounds after the first.
struct Again {
    hex: Vec<Padded>,
    bytes: Vec<Padded>,
}

impl Again {
    fn new<H: Hash>() -> Self {
        let [hex, bytes] = [H::WIDTH * 2, H::WIDTH].map(|length| {
            let mut message = Padded::zeros(length);
            H::pad(&mut message, 0);
            vec![message; LANES]
        });
        Self { hex, bytes }
    }

    /// Hashes digests again.
    #[inline]
    fn hash<H: Hash>(&mut self, start: &H::State, rounds: Rounds, digests: &mut [Digest]) {
        let messages = match rounds {
            Rounds::Hex(_) => {
                let messages = &mut self.hex[..digests.len()];
                for (message, digest) in messages.iter_mut().zip(&*digests) {
                    write_hex(digest, H::WIDTH, &mut message.bytes);
                }
                messages
            }
            Rounds::Once | Rounds::Bytes(_) => {
                let messages = &mut self.bytes[..digests.len()];
                put_digests::<H>(digests, messages);
                messages
            }
        };
        H::finish(start, messages, digests);
    }
}

fn put_digests<H: Hash>(digests: &[Digest], messages: &mut [Padded]) {
    for (message, digest) in messages.iter_mut().zip(digests) {
        message.bytes[..H::WIDTH].copy_from_slice(&digest[..H::WIDTH]);
    }
}

/// HMAC with a key that fits in a block.
struct Mac<H: Hash> {
    inner: H::State,
    outer: H::State,
    second: Vec<Padded>,
}

impl<H: Hash> Mac<H> {
    /// Prepares the HMAC of up to `number` messages at once.
    fn new(key: &[u8], number: usize) -> Self {
        let mut second = Padded::zeros(H::WIDTH);
        H::pad(&mut second, H::BLOCK);
        Self { inner: padded_key::<H>(key, 0x36), outer: padded_key::<H>(key, 0x5c), second: vec![second; number] }
    }

    /// Computes the HMAC of messages that are padded after a block.
    #[inline]
    fn hash(&mut self, messages: &[Padded], digests: &mut [Digest]) {
        H::finish(&self.inner, messages, digests);
        let second = &mut self.second[..messages.len()];
        put_digests::<H>(digests, second);
        H::finish(&self.outer, second, digests);
    }
}

/// Returns the state after one pad of an HMAC. The key is at most a block long.
fn padded_key<H: Hash>(key: &[u8], pad: u8) -> H::State {
    let mut block = [pad; LARGEST_BLOCK];
    block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    let mut state = H::start();
    H::absorb(&mut state, &block[..H::BLOCK]);
    state
}

//! What is left of a secret in the process's own memory once it was dropped.
//!
//! Linux shows a process its memory in `/proc/self/mem`, so the test can read it without unsafe code: the heap, every
//! stack and all else that is writable. It looks for a key's 32 bytes and for the 64 digits that a file writes them in.
//! What this cannot show: copies in swap, core dumps or another process, registers, and what is derived from a key,
//! such as the states of a keyed hash. The Parquet library is given a copy of a delivery's data key that it does not
//! wipe; that copy is not looked for here.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use salanimi::crypto::{
    DataKey, Identity, Lifetime, Protection, Signatory, Unlock, combine, read_key, seal, split, write_key,
};
use salanimi_core::{Day, Id, Key, LinkKey, PersonScope, ProjectKey, ProjectKeys, Pseudonymiser, SigningKey, Syntax};

/// What is looked for, kept so that it is not itself found.
struct Needle(Vec<u8>);

const MASK: u8 = 0xA5;
const BUFFER_BYTES: usize = 1 << 20;

impl Needle {
    fn of(secret: &[u8]) -> Self {
        Self(secret.iter().map(|byte| byte ^ MASK).collect())
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_at(&self, bytes: &[u8]) -> bool {
        bytes.iter().zip(&self.0).all(|(byte, masked)| byte ^ MASK == *masked)
    }

    /// How often it is anywhere in the process's writable memory.
    fn found(&self) -> usize {
        let memory = File::open("/proc/self/mem").unwrap();
        let mut buffer = vec![0; BUFFER_BYTES];
        // What is read lies in this buffer too, and is no copy of the process's making.
        let own = buffer.as_ptr() as u64..buffer.as_ptr() as u64 + BUFFER_BYTES as u64;
        let mut found = 0;
        for (mut at, end) in writable() {
            while at < end {
                let wanted = usize::try_from(end - at).unwrap().min(BUFFER_BYTES);
                // Pages that the kernel keeps to itself cannot be read.
                let Ok(read) = memory.read_at(&mut buffer[..wanted], at) else { break };
                let places =
                    (0..(read + 1).saturating_sub(self.len())).filter(|&place| self.is_at(&buffer[place..read]));
                found += places.filter(|&place| !own.contains(&(at + place as u64))).count();
                if read < wanted || at + read as u64 >= end {
                    break;
                }
                // Overlapping, so that one across the edge is seen.
                at += (read - self.len() + 1) as u64;
            }
        }
        buffer.fill(0);
        found
    }
}

/// The writable parts of the process's memory.
fn writable() -> Vec<(u64, u64)> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let parse = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let number = |text| u64::from_str_radix(text, 16).ok();
        rest.starts_with("rw").then_some((number(start)?, number(end)?))
    };
    maps.lines().filter_map(parse).collect()
}

/// A secret in its two forms.
fn needles(secret: &[u8; 32]) -> [Needle; 2] {
    let digits =
        secret.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| b"0123456789abcdef"[usize::from(digit)]);
    // Masked digit by digit, so that the text of the key is nowhere.
    [Needle::of(secret), Needle(digits.map(|digit| digit ^ MASK).collect())]
}

fn lifetime() -> Lifetime {
    Lifetime { created: Day::parse("2020-01-01").unwrap(), expires: Day::parse("2099-12-31").unwrap() }
}

fn today() -> Day {
    Day::parse("2026-11-24").unwrap()
}

fn nothing_is_left(what: &str, needles: &[Needle]) {
    for (needle, form) in needles.iter().zip(["bytes", "digits"]) {
        assert_eq!(needle.found(), 0, "{what}: its {form} are still in memory");
    }
}

/// One key of each kind, made, written, read and used.
fn used<K: Key>(folder: &Path, name: &str, use_it: impl FnOnce(&K, &Id)) {
    let (study, path) = (Id::new("tiny").unwrap(), folder.join(name));
    let key = K::generate().unwrap();
    let needles = needles(key.material().expose());
    assert!(needles[0].found() > 0, "the search finds a key that is in use");
    write_key(&path, &study, &key, lifetime(), &Protection::None).unwrap();
    drop(key);
    nothing_is_left(&format!("a written {name} key"), &needles);
    let key: K = read_key(&path, &study, &Unlock::default(), today()).unwrap();
    use_it(&key, &study);
    drop(key);
    nothing_is_left(&format!("a read and used {name} key"), &needles);
}

/// The facts follow each other in one thread: the memory of one must not hold the secrets of another at work.
#[test]
fn a_secret_that_was_dropped_is_no_longer_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    an_unwiped_copy_is_found();
    used::<ProjectKey>(folder, "project", |key, study| {
        let [kind, holder] = ["hetu", "north"].map(|name| Id::new(name).unwrap());
        let scope = PersonScope { kind: &kind, holder: &holder };
        let persons = Pseudonymiser::new(&ProjectKeys::new(key, study), scope, Syntax::Hetu);
        assert_ne!(persons.pseudonymise(b"131052-308T").unwrap().0, [0; 16]);
    });
    used::<LinkKey>(folder, "link", |key, study| assert_eq!(key.id(study), key.id(study)));
    used::<SigningKey>(folder, "signing", |key, study| {
        assert!(Signatory::new(key, study).sign(b"message", "comment").contains("trusted comment: comment"));
    });
    shares_are_wiped(folder);
    a_data_key_is_wiped();
}

fn an_unwiped_copy_is_found() {
    let copy: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let needle = Needle::of(&copy[90_000..90_032]);
    // Something above it on the heap, so that the allocator does not give the memory back.
    let above = vec![1_u8; 10_000];
    assert!(needle.found() > 0);
    // The search itself takes memory again, but not that much.
    drop(copy);
    assert!(needle.found() > 0, "the search finds what is freed and not wiped");
    drop(above);
}

fn shares_are_wiped(folder: &Path) {
    let key = folder.join("project");
    let shares = split(&key, &Unlock::default(), 3, 2, &[]).unwrap();
    // Read digit by digit into the masked form, without a text of the secret that stays.
    let digits = |path: &Path| {
        let text = zeroize::Zeroizing::new(fs::read(path).unwrap());
        let start = text.windows(8).position(|w| w == b"secret: ").unwrap() + 8;
        Needle::of(&text[start..start + 64])
    };
    let all: Vec<Needle> = shares.iter().chain([&key]).map(|path| digits(path)).collect();
    let nothing_is_left = |when: &str| {
        for (number, needle) in all.iter().enumerate() {
            assert_eq!(needle.found(), 0, "{when}, the digits of file {number} are still in memory");
        }
    };
    nothing_is_left("after the split");
    combine(&shares[1..], &Unlock::default(), &folder.join("combined"), &Protection::None).unwrap();
    nothing_is_left("after the shares were brought together");
    assert_eq!(fs::metadata(folder.join("combined")).unwrap().len(), fs::metadata(&key).unwrap().len());
}

fn a_data_key_is_wiped() {
    let identity = Identity::generate();
    let mut sealed = Vec::new();
    let needle = {
        let key = DataKey::generate().unwrap();
        let mut writer = seal(&[identity.recipient()], &mut sealed).unwrap();
        writer.write_all(key.expose()).unwrap();
        writer.finish().unwrap();
        needles(key.expose())
    };
    nothing_is_left("a data key that was wrapped", &needle);
    let unlock = Unlock::with(vec![identity]);
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(64));
    unlock.open_as_recipient(sealed.as_slice()).unwrap().read_to_end(&mut bytes).unwrap();
    let key = DataKey::from_slice(&bytes).unwrap();
    assert!(needle[0].found() > 0);
    drop((key, bytes));
    nothing_is_left("a data key that was unwrapped", &needle);
}

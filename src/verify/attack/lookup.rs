//! Which digests are among the targets: a filter that fits in a cache, then a sorted list.

use super::hashes::Digest;

/// Bits of the filter, at most: 512 KiB.
const MOST_FILTER_BITS: u32 = 22;
const FEWEST_FILTER_BITS: u32 = 12;
/// Bits of a key by which the sorted list is entered.
const ENTRY_BITS: u32 = 14;

/// A value that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    key: u64,
    /// Position of the set of targets, and of the target in it.
    pub set: u32,
    pub target: u32,
    /// Whether the last bytes of a digest are compared rather than the first.
    pub trailing: bool,
}

/// Targets by the `width` first, or last, bytes.
pub(super) struct Lookup {
    width: usize,
    filter: Vec<u64>,
    shift: u32,
    entries: Vec<Entry>,
    starts: Vec<u32>,
}

impl Lookup {
    /// A lookup by `width` bytes, at most 8, of the targets that are added.
    pub fn new(width: usize, targets: impl Iterator<Item = (u32, u32, bool, u64)>) -> Self {
        let mut entries: Vec<Entry> =
            targets.map(|(set, target, trailing, bytes)| Entry { key: spread(bytes), set, target, trailing }).collect();
        entries.sort_unstable();
        let wanted = (entries.len().max(1) * 16).next_power_of_two().trailing_zeros();
        let shift = 64 - wanted.clamp(FEWEST_FILTER_BITS, MOST_FILTER_BITS);
        let mut filter = vec![0_u64; 1 << (64 - shift - 6)];
        for entry in &entries {
            let bit = entry.key >> shift;
            filter[(bit >> 6) as usize] |= 1 << (bit & 63);
        }
        let start = |prefix: u64| entries.partition_point(|entry| entry.key >> (64 - ENTRY_BITS) < prefix) as u32;
        let starts = (0..=1 << ENTRY_BITS).map(start).collect();
        Self { width, filter, shift, entries, starts }
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Tells `hit` of each target whose first bytes are those of the digest, or whose last are, if `trailing`.
    #[inline]
    pub fn probe(&self, digest: &Digest, width: usize, trailing: bool, mut hit: impl FnMut(&Entry)) {
        if width < self.width {
            return;
        }
        let key = spread(key(digest, self.width));
        if self.passes(key) {
            self.find(key, false, &mut hit);
        }
        if trailing {
            let key = spread(key_at(digest, width - self.width, self.width));
            if self.passes(key) {
                self.find(key, true, &mut hit);
            }
        }
    }

    #[inline]
    fn passes(&self, key: u64) -> bool {
        let bit = key >> self.shift;
        self.filter[(bit >> 6) as usize] >> (bit & 63) & 1 == 1
    }

    #[cold]
    fn find(&self, key: u64, trailing: bool, hit: &mut impl FnMut(&Entry)) {
        let prefix = (key >> (64 - ENTRY_BITS)) as usize;
        let bucket = &self.entries[self.starts[prefix] as usize..self.starts[prefix + 1] as usize];
        let first = bucket.partition_point(|entry| entry.key < key);
        let equal = bucket[first..].iter().take_while(|entry| entry.key == key);
        equal.filter(|entry| entry.trailing == trailing).for_each(hit);
    }
}

/// The first `width` bytes, 4 or 8, as a number.
#[inline]
pub(super) fn key(bytes: &[u8], width: usize) -> u64 {
    key_at(bytes, 0, width)
}

#[inline]
fn key_at(bytes: &[u8], at: usize, width: usize) -> u64 {
    match width {
        8 => bytes[at..].first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk)),
        _ => bytes[at..].first_chunk().map_or(0, |chunk| u64::from(u32::from_le_bytes(*chunk))),
    }
}

/// Spreads keys that are not random by themselves; no two become one.
#[inline]
fn spread(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

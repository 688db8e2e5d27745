//! Index of targets: a filter that fits in a processor cache, then a sorted list.

use super::hashes::Digest;

/// Address bits of the largest filter, 1 MiB.
const MOST_FILTER_BITS: u32 = 23;
/// Address bits of the smallest filter.
const FEWEST_FILTER_BITS: u32 = 12;
/// Filter bits for each target.
const BITS_PER_TARGET: usize = 16;
/// Leading bits of a key by which the sorted list is divided into buckets.
const ENTRY_BITS: u32 = 14;

/// A target in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    key: u64,
    /// Position of the target's set.
    pub set: u32,
    /// Position of the target in its set.
    pub target: u32,
    /// `true` if the target is compared with the last bytes of a digest, not with the first.
    pub trailing: bool,
}

impl Entry {
    /// Creates the two entries of a target of at least `width` bytes: by its first bytes and by its last.
    pub fn pair(set: u32, target: u32, bytes: &[u8], width: usize) -> [Self; 2] {
        let first = spread(key(bytes, width));
        let last = spread(key_at(bytes, bytes.len() - width, width));
        [Self { key: first, set, target, trailing: false }, Self { key: last, set, target, trailing: true }]
    }
}

/// Targets by their first bytes, or their last.
pub(super) struct TargetIndex {
    width: usize,
    filter: Vec<u64>,
    shift: u32,
    entries: Vec<Entry>,
    starts: Vec<u32>,
}

impl TargetIndex {
    /// Indexes `entries` by `width` bytes, 4 or 8.
    pub fn new(width: usize, mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable();
        let wanted = (entries.len().max(1) * BITS_PER_TARGET).next_power_of_two().trailing_zeros();
        let shift = 64 - wanted.clamp(FEWEST_FILTER_BITS, MOST_FILTER_BITS);
        let mut filter = vec![0_u64; 1 << (64 - shift - 6)];
        for entry in &entries {
            let bit = entry.key >> shift;
            filter[(bit >> 6) as usize] |= 1 << (bit & 63);
        }
        let starts = (0..=1 << ENTRY_BITS)
            .map(|prefix| entries.partition_point(|entry| entry.key >> (64 - ENTRY_BITS) < prefix) as u32)
            .collect();
        Self { width, filter, shift, entries, starts }
    }

    /// Returns true if there are no targets.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Calls `hit` with each target that shares its first bytes with the digest, or its last bytes if `trailing`.
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

/// Returns the first `width` bytes, 4 or 8, as a number.
#[inline]
fn key(bytes: &[u8], width: usize) -> u64 {
    key_at(bytes, 0, width)
}

#[inline]
fn key_at(bytes: &[u8], at: usize, width: usize) -> u64 {
    if width == 8 {
        let mut chunk = [0; 8];
        chunk.copy_from_slice(&bytes[at..at + 8]);
        u64::from_le_bytes(chunk)
    } else {
        let mut chunk = [0; 4];
        chunk.copy_from_slice(&bytes[at..at + 4]);
        u64::from(u32::from_le_bytes(chunk))
    }
}

/// Spreads keys that are not random. The function is one-to-one.
#[inline]
fn spread(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

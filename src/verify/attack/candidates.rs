//! Candidate identifiers that are hashed together.

use std::slice::ChunksExact;

/// Candidates of one length, one after another. They are composed, not read from data, and never printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidates {
    /// Bytes of each candidate.
    pub length: usize,
    /// Position of the sign that schemes may leave out.
    pub sign: Option<usize>,
    bytes: Vec<u8>,
}

impl Candidates {
    /// Creates an empty list of candidates of `length` bytes, with a sign at the position `sign`.
    pub fn new(length: usize, sign: Option<usize>) -> Self {
        Self { length, sign, bytes: Vec::new() }
    }

    /// Returns the number of candidates.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.length
    }

    /// Returns each candidate.
    pub fn iter(&self) -> ChunksExact<'_, u8> {
        self.bytes.chunks_exact(self.length)
    }

    /// Returns the candidates in groups of `size`; the last group can be smaller.
    pub fn groups(&self, size: usize) -> impl Iterator<Item = ChunksExact<'_, u8>> {
        self.bytes.chunks(self.length * size).map(|group| group.chunks_exact(self.length))
    }

    /// Adds a candidate of the right length.
    #[inline]
    pub fn push(&mut self, candidate: &[u8]) {
        self.bytes.extend_from_slice(candidate);
    }

    /// Removes all candidates.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }
}

/// Candidates of several lengths.
#[derive(Debug, Default)]
pub(super) struct Batch(Vec<Candidates>);

impl Batch {
    /// Removes all candidates. Their memory is kept.
    pub fn clear(&mut self) {
        self.0.iter_mut().for_each(Candidates::clear);
    }

    /// Returns the list of the candidates of `length` bytes with a sign at the position `sign`.
    #[expect(clippy::expect_used, reason = "the list was just added")]
    pub fn of_length(&mut self, length: usize, sign: Option<usize>) -> &mut Candidates {
        let known = self.0.iter().position(|list| list.length == length && list.sign == sign);
        if let Some(at) = known {
            return &mut self.0[at];
        }
        self.0.push(Candidates::new(length, sign));
        self.0.last_mut().expect("a list")
    }

    /// Returns the lists that are not empty.
    pub fn lists(&self) -> impl Iterator<Item = &Candidates> {
        self.0.iter().filter(|list| list.len() > 0)
    }
}

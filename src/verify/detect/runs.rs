//! Runs of digits in text, and the words before them.

/// Bytes before a number in which a word announces it.
const CONTEXT: usize = 32;

/// A longest run of digits.
pub(super) struct Run<'a> {
    pub digits: &'a [u8],
    pub start: usize,
    pub end: usize,
}

impl Run<'_> {
    /// Returns true if the run is not part of a longer word or number.
    pub fn is_apart(&self, bytes: &[u8]) -> bool {
        !self.joins_before(bytes) && !joins_after(bytes, self.end)
    }

    /// Returns true if a word or number continues before the run.
    pub fn joins_before(&self, bytes: &[u8]) -> bool {
        match bytes[..self.start] {
            [.., before, mark] if is_mark(mark) => before.is_ascii_digit(),
            [.., before] => is_word(before) || is_mark(before),
            [] => false,
        }
    }
}

/// Returns true if a word or number continues at `end`.
pub(super) fn joins_after(bytes: &[u8], end: usize) -> bool {
    match bytes[end..] {
        [mark, after, ..] if is_mark(mark) => after.is_ascii_digit(),
        [after, ..] => is_word(after),
        [] => false,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Returns true for a mark that stands inside numbers.
fn is_mark(byte: u8) -> bool {
    matches!(byte, b'.' | b',' | b'-' | b'+' | b'/' | b':')
}

/// Returns the runs of digits.
pub(super) fn runs(bytes: &[u8]) -> impl Iterator<Item = Run<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(u8::is_ascii_digit)?;
        let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        at = start + length;
        Some(Run { digits: &bytes[start..at], start, end: at })
    })
}

/// Returns true if one of `words` stands before `start`. They are in lower case.
pub(super) fn is_announced(bytes: &[u8], start: usize, words: &[String]) -> bool {
    let before = String::from_utf8_lossy(&bytes[start.saturating_sub(CONTEXT)..start]).to_lowercase();
    let mut known = before.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    known.any(|word| words.iter().any(|other| other == word))
}

//! Comparison of secrets in constant time.

use subtle::ConstantTimeEq;

/// Returns true if two secrets, or values derived from secrets, are equal. Takes the same time wherever they differ.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same(b"abc", b"abc") && !same(b"abc", b"abd") && !same(b"abc", b"ab"));
    }
}

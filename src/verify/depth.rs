//! Depth of the dictionary attack.

/// Extent of the dictionary attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Depth {
    /// No attack; the report records it as not checked.
    None,
    /// Under a minute: likely schemes, on a small share of the identity codes.
    Quick,
    /// About five minutes on two cores: far more schemes, on larger shares of the codes.
    #[default]
    Standard,
    /// Every scheme on every identity code; slow hashes on a share of them. Takes days to weeks.
    Whole,
}

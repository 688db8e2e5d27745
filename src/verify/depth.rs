//! Depth of the dictionary attack.

/// Extent of the dictionary attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// No attack; the report records it as not checked.
    Skip,
    /// Less than a minute: every scheme over a small share of the identity codes.
    Quick,
    /// Unsalted schemes over the whole code space, salted schemes over a share of it.
    #[default]
    Usual,
    /// Every scheme over the whole code space. Takes days.
    Exhaustive,
}

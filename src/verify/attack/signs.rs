//! Signs between the date and the number of a code, by how many people have them.

use super::code_space::Part;

/// Signs of the codes that schemes are tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signs {
    /// `-` and `A`, which almost everyone has, and codes without a sign. Identifiers by a pattern belong here too.
    Usual,
    /// The ten newer signs and `+`: five times as many codes.
    Rare,
}

impl Signs {
    /// Returns the parts of the space with these signs.
    pub fn parts(self) -> &'static [Part] {
        match self {
            Self::Usual => &[Part::Usual, Part::Signless, Part::Pattern, Part::PatternUnmarked],
            Self::Rare => &[Part::Unusual],
        }
    }
}

//! Depth of the dictionary attack, as the command line names it.

use clap::ValueEnum;

use salanimi::verify::Depth;

/// Depth of the dictionary attack. The times are for two cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum AttackDepth {
    /// No attack; the report records it as not checked
    None,
    /// Under a minute: likely schemes, on a small share of the identity codes
    Quick,
    /// About five minutes: far more schemes, on larger shares of the codes
    #[default]
    Standard,
    /// Days to weeks: every scheme on every code; slow hashes on a share of them
    Whole,
}

impl From<AttackDepth> for Depth {
    fn from(depth: AttackDepth) -> Self {
        match depth {
            AttackDepth::None => Self::None,
            AttackDepth::Quick => Self::Quick,
            AttackDepth::Standard => Self::Standard,
            AttackDepth::Whole => Self::Whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_names_every_depth_and_standard_is_the_default() {
        let names: Vec<String> = AttackDepth::value_variants()
            .iter()
            .filter_map(|depth| Some(depth.to_possible_value()?.get_name().to_owned()))
            .collect();
        assert_eq!(names, ["none", "quick", "standard", "whole"]);
        let depths: Vec<Depth> = AttackDepth::value_variants().iter().map(|&depth| depth.into()).collect();
        assert_eq!(depths, [Depth::None, Depth::Quick, Depth::Standard, Depth::Whole]);
        assert_eq!(Depth::from(AttackDepth::default()), Depth::default());
    }
}

//! Spaces of candidate identifiers: Finnish identity codes, or identifiers by a pattern of the contract.

use std::ops::Range;

use super::candidates::Batch;
use super::code_space::{CodeSpace, LENGTH, Part, RawCode, SIGN, published_codes};
use super::pattern_space::PatternSpace;
use super::share::Share;
use crate::text::Text;

/// Most candidates that are hashed together: they fit in a processor cache.
const LARGEST_BLOCK: u64 = 4096;
/// Blocks into which few candidates are divided, so that all threads work on a slow scheme.
const FEWEST_BLOCKS: u64 = 32;

/// A source of candidate identifiers.
pub(super) enum Space {
    /// Finnish identity codes.
    Codes(CodeSpace),
    /// Identifiers of another kind of the contract.
    Pattern(PatternSpace),
}

/// Words for the identifiers of a space.
pub(super) struct Wording {
    /// An identifier.
    pub noun: Text,
    /// Addition for a form without the sign.
    pub unsigned: Text,
}

impl Space {
    /// Returns the number of candidates in a part.
    pub fn len(&self, part: Part) -> u64 {
        match self {
            Self::Codes(space) => space.len(part),
            Self::Pattern(space) => space.len(part),
        }
    }

    /// Returns the published test identifiers.
    pub fn published(&self) -> &'static [RawCode] {
        match self {
            Self::Codes(_) => published_codes(),
            Self::Pattern(_) => &[],
        }
    }

    /// Divides the positions of a share of a part into blocks.
    pub fn blocks(&self, part: Part, share: f64) -> Vec<Range<u64>> {
        let all = self.len(part);
        if share <= 0.0 || all == 0 {
            return Vec::new();
        }
        let end = Share::new(share).of(all);
        let step = end.div_ceil(FEWEST_BLOCKS).min(LARGEST_BLOCK);
        (0..end).step_by(step as usize).map(|start| start..(start + step).min(end)).collect()
    }

    /// Adds to `batch` the candidates of a block.
    pub fn fill(&self, part: Part, block: Range<u64>, share: f64, batch: &mut Batch) {
        let share = Share::new(share);
        match self {
            Self::Codes(space) => space.fill(part, block, share, batch.of_length(LENGTH, Some(SIGN))),
            Self::Pattern(space) => space.fill(part, block, share, batch),
        }
    }

    /// Adds the published test identifiers to `batch`.
    pub fn fill_published(&self, batch: &mut Batch) {
        let list = batch.of_length(LENGTH, Some(SIGN));
        self.published().iter().for_each(|code| list.push(code));
    }

    /// Returns the words for the identifiers.
    pub fn wording(&self) -> Wording {
        match self {
            Self::Codes(_) => Wording {
                noun: Text::new("the code", "tunnus", "beteckningen"),
                unsigned: Text::new(" without its sign", " ilman välimerkkiä", " utan mellantecken"),
            },
            Self::Pattern(space) => {
                let kind = &space.kind;
                Wording {
                    noun: Text::new(
                        format!("the identifier of the kind '{kind}'"),
                        format!("tunniste, lajia '{kind}',"),
                        format!("identifieraren av slaget '{kind}'"),
                    ),
                    unsigned: Text::new(" without punctuation", " ilman välimerkkejä", " utan skiljetecken"),
                }
            }
        }
    }
}

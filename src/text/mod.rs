//! Text for people: languages, texts in each of them, numbers, months, and counts as they may be shown.

mod counts;
mod fixed;
mod language;
mod numbers;
mod share;
mod texts;

pub use counts::{COUNT_BASE, ShownCounts, rounded, rounded_part};
pub use fixed::FixedTexts;
pub use language::Language;
pub use numbers::{grouped, ratio};
pub use share::{Share, standardised_difference};
pub use texts::Text;

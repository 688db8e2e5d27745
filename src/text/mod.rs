//! Text for people: its languages, and counts as they may be shown.

mod count;
mod language;

pub use count::{COUNT_BASE, rounded};
pub use language::{Language, Text};

//! Names of files, tables and columns as evidence may show them.

use crate::text::Text;
use crate::verify::detect::is_revealing;
use salanimi_core::PSEUDONYM_BYTES;

/// Labels that a list shows; the rest are counted.
const MOST_LISTED: usize = 8;

/// Hexadecimal digits of a pseudonym.
const PSEUDONYM_DIGITS: usize = 2 * PSEUDONYM_BYTES;

/// Returns `name` for evidence, or `what` and its `number` if the name holds an identifier or a pseudonym.
pub(crate) fn label(name: &str, what: &str, number: usize) -> String {
    if is_revealing(name) || holds_pseudonym(name) {
        format!("{what} {number} (its name is withheld)")
    } else {
        name.to_owned()
    }
}

/// Returns true if a name has as many hexadecimal digits in a row as a pseudonym.
fn holds_pseudonym(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_hexdigit()).any(|digits| digits.len() >= PSEUDONYM_DIGITS)
}

/// Joins labels for use in a sentence.
pub(crate) fn listed(labels: &[String]) -> Text {
    let shown = labels.iter().take(MOST_LISTED).cloned().collect::<Vec<_>>().join(", ");
    match labels.len().saturating_sub(MOST_LISTED) {
        0 => Text::same(shown),
        more => Text::new(
            format!("{shown} and {more} more"),
            format!("{shown} ja {more} muuta"),
            format!("{shown} och {more} till"),
        ),
    }
}

//! Names of files, tables and columns as evidence may show them.

use crate::text::Text;
use crate::verify::detect::is_revealing;

/// Labels that a list shows; the rest are counted.
const MOST_LISTED: usize = 8;

/// Returns `name` for evidence, or `what` and its `number` if the name holds an identifier.
pub(crate) fn label(name: &str, what: &str, number: usize) -> String {
    if is_revealing(name) { format!("{what} {number} (its name is withheld)") } else { name.to_owned() }
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

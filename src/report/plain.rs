//! Text from outside, made safe for a terminal.

/// Replaces control characters in text from files and the command line.
///
/// They could move the cursor, hide the text after them or forge a line.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(on_one_line("a\nb\u{1b}[8mä"), "a\u{fffd}b\u{fffd}[8mä");
    }
}

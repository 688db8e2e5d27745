/// `text` without control characters, for what comes from files and the command line: it could move the cursor, hide what
/// follows or forge a line.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_forged_and_no_cursor_moved() {
        assert_eq!(on_one_line("a\nb\u{1b}[8mä"), "a\u{fffd}b\u{fffd}[8mä");
    }
}

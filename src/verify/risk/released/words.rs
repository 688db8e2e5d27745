//! Words by which released tables are read, from `words.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The lists of `words.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub marks: Vec<String>,
    pub nil_marks: Vec<String>,
    pub hidden: Vec<String>,
    pub signs: Vec<String>,
    pub below: Vec<String>,
    pub at_most: Vec<String>,
    pub totals: Vec<String>,
    pub total_heads: Vec<String>,
    pub counts: Vec<String>,
    pub persons: Vec<String>,
    pub count_ends: Vec<String>,
    pub bases: Vec<String>,
    pub dimensions: Vec<String>,
    pub dimension_ends: Vec<String>,
    pub measures: Vec<String>,
    pub shares: Vec<String>,
    pub share_ends: Vec<String>,
    pub survival: Vec<String>,
    pub survival_starts: Vec<String>,
    pub estimates: Vec<String>,
    pub standard_errors: Vec<String>,
    pub standard: Vec<String>,
    pub error: Vec<String>,
    pub events: Vec<String>,
    pub times: Vec<String>,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(read);

#[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
fn read() -> Words {
    toml::from_str(include_str!("words.toml")).expect("words.toml is well-formed")
}

/// Returns true if `list` has `word`.
pub(super) fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|known| known == word)
}

/// Returns true if `word` ends with a word of `list`.
pub(super) fn ends(list: &[String], word: &str) -> bool {
    list.iter().any(|known| word.ends_with(known.as_str()))
}

/// Returns true if `label` names the sum over the other labels of its column.
pub(super) fn is_total(label: &str) -> bool {
    let label = label.trim().trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | ':' | '*' | '=')).trim();
    let label = label.to_lowercase();
    let words: Vec<&str> = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let at_edge = words.first().into_iter().chain(words.last()).any(|word| has(&WORDS.total_heads, word));
    has(&WORDS.totals, &label) || at_edge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_known_in_three_languages() {
        let known =
            ["Total", "(all)", "Yhteensä", "Kaikki yhteensä", "Totalt", "Samtliga", "KOKO MAA", "[All]", "Total:"];
        assert_eq!(known.map(is_total), [true; 9]);
        assert_eq!(["All other", "north", "", "totally"].map(is_total), [false; 4]);
    }
}

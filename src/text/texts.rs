//! Text in every language of the reports.

use serde::{Deserialize, Serialize};

use super::Language;

/// The same text in every language of the reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In English.
    pub en: String,
    /// In Finnish.
    pub fi: String,
    /// In Swedish.
    pub sv: String,
}

impl Text {
    /// Creates a text from its English, Finnish and Swedish version.
    pub fn new(en: impl Into<String>, fi: impl Into<String>, sv: impl Into<String>) -> Self {
        Self { en: en.into(), fi: fi.into(), sv: sv.into() }
    }

    /// Creates a text that is the same in every language: a name, a number, a message of the tool.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { en: text.clone(), fi: text.clone(), sv: text }
    }

    /// Creates a text by writing it in each language.
    pub fn written(write: impl Fn(Language) -> String) -> Self {
        let [en, fi, sv] = Language::ALL.map(write);
        Self { en, fi, sv }
    }

    /// Joins texts, language by language, with `separator` between them.
    #[must_use]
    pub fn join(texts: &[Self], separator: &str) -> Self {
        Self::written(|language| {
            texts.iter().map(|text| text.in_language(language)).collect::<Vec<_>>().join(separator)
        })
    }

    /// Returns the text in one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Finnish => &self.fi,
            Language::Swedish => &self.sv,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_joined_language_by_language() {
        let joined = Text::join(&[Text::new("one", "yksi", "ett"), Text::same("2")], "; ");
        assert_eq!(joined, Text::new("one; 2", "yksi; 2", "ett; 2"));
        assert_eq!(Language::ALL.map(|language| joined.in_language(language)), ["one; 2", "yksi; 2", "ett; 2"]);
    }
}

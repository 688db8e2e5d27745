use serde::{Deserialize, Serialize};

/// Words for the officer, in both languages of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In English.
    pub en: String,
    /// In Finnish.
    pub fi: String,
}

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Finnish.
    Finnish,
}

impl Text {
    /// Words in both languages.
    pub fn new(en: impl Into<String>, fi: impl Into<String>) -> Self {
        Self { en: en.into(), fi: fi.into() }
    }

    /// What is the same in both: a name, a number, a message of the tool.
    pub fn same(words: impl Into<String>) -> Self {
        let words = words.into();
        Self { en: words.clone(), fi: words }
    }

    /// The words in one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Finnish => &self.fi,
        }
    }
}

//! Languages of reports and their codes.

/// A language in which reports are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Finnish.
    Finnish,
    /// Swedish, as the authorities of Finland write it.
    Swedish,
}

impl Language {
    /// Every language, in the order in which reports offer them.
    ///
    /// A new language needs its entry here, a field of [`Text`](super::Text) and its files of words; the code that
    /// writes reports stays as it is.
    pub const ALL: [Self; 3] = [Self::English, Self::Finnish, Self::Swedish];

    /// Returns the ISO 639-1 code, as in HTML's `lang` and in file names.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Finnish => "fi",
            Self::Swedish => "sv",
        }
    }

    /// Returns the language of an ISO 639-1 code, or `None` for a language without texts.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// Returns the sign between a number's whole part and its decimals.
    pub(super) const fn decimal_separator(self) -> char {
        match self {
            Self::English => '.',
            Self::Finnish | Self::Swedish => ',',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_code_of_its_own() {
        assert!(Language::ALL.into_iter().all(|language| Language::from_code(language.code()) == Some(language)));
        assert_eq!(Language::from_code("de"), None);
    }
}

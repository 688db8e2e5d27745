//! Languages of reports and their codes.

/// A language in which reports are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Finnish.
    Finnish,
}

impl Language {
    /// Every language, in the order in which reports offer them.
    ///
    /// The code `sv` is reserved for Swedish. A new language needs its entry here, a field of [`Text`](super::Text) and
    /// its files of words; the code that writes reports stays as it is.
    pub const ALL: [Self; 2] = [Self::English, Self::Finnish];

    /// Returns the ISO 639-1 code, as in HTML's `lang` and in file names.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Finnish => "fi",
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
            Self::Finnish => ',',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_code_of_its_own() {
        assert!(Language::ALL.into_iter().all(|language| Language::from_code(language.code()) == Some(language)));
        assert_eq!(Language::from_code("sv"), None);
    }
}

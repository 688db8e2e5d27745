//! Fixed texts of pages: checked-in files, one for each language.

use super::Language;

/// Number of languages.
const LANGUAGES: usize = Language::ALL.len();

/// Fixed texts of a page in every language.
#[derive(Debug)]
pub struct FixedTexts([toml::Table; LANGUAGES]);

impl FixedTexts {
    /// Parses checked-in files, one for each language in the order of [`Language::ALL`].
    ///
    /// # Panics
    /// A file is not TOML. Call this on compiled-in files only, and read them in a test.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the files are compiled in, and the tests of the pages read them")]
    pub fn parse(files: [&str; LANGUAGES]) -> Self {
        Self(files.map(|file| toml::from_str(file).expect("a checked-in file of fixed texts is TOML")))
    }

    /// Returns the texts in one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &toml::Table {
        &self.0[language as usize]
    }

    /// Returns the path of every text in one language, sorted: the keys that lead to it.
    #[cfg(test)]
    pub(crate) fn keys(&self, language: Language) -> Vec<String> {
        let mut keys = Vec::new();
        add_keys(&toml::Value::Table(self.in_language(language).clone()), "", &mut keys);
        keys
    }
}

#[cfg(test)]
fn add_keys(value: &toml::Value, path: &str, keys: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(key, inner)| add_keys(inner, &format!("{path}.{key}"), keys));
        }
        toml::Value::Array(list) => list.iter().for_each(|inner| add_keys(inner, &format!("{path}[]"), keys)),
        _ => keys.push(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_language() {
        let codes = Language::ALL.map(|language| format!("code = '{}'", language.code()));
        let texts = FixedTexts::parse(codes.each_ref().map(String::as_str));
        for language in Language::ALL {
            assert_eq!(texts.in_language(language)["code"].as_str(), Some(language.code()));
        }
    }
}

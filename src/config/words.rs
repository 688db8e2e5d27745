//! Titles, labels and breaks in time: texts that reports use for a study.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::error::{ConfigError, Problem};
use super::mapping::beside;
use super::raw::contract::WordsSection;
use super::toml_file::toml_error;
use crate::crypto::Digest;
use salanimi_core::{Day, Id};

/// The language that every text has.
const ENGLISH: &str = "en";

/// A text by language: `en` always, others such as `fi` and `sv` where the file has them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct Label(BTreeMap<String, String>);

impl Label {
    /// A text that is the same in every language: a table's or column's own name.
    #[must_use]
    pub fn same(name: &str) -> Self {
        Self(BTreeMap::from([(ENGLISH.to_owned(), name.to_owned())]))
    }

    /// A text in several languages, each with its code.
    ///
    /// # Panics
    /// English is not among them.
    #[must_use]
    pub fn new<const N: usize>(texts: [(&str, String); N]) -> Self {
        let label = Self(texts.into_iter().map(|(code, text)| (code.to_owned(), text)).collect());
        assert!(label.0.contains_key(ENGLISH), "a label has English");
        label
    }

    /// Returns the text in the language of `code`, or in English where the file has no other.
    #[must_use]
    pub fn text(&self, code: &str) -> &str {
        self.0.get(code).unwrap_or(&self.0[ENGLISH])
    }

    /// Returns the languages other than English, each with its text.
    pub fn translations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|(code, _)| *code != ENGLISH).map(|(code, text)| (code.as_str(), text.as_str()))
    }
}

impl TryFrom<BTreeMap<String, String>> for Label {
    type Error = String;

    fn try_from(texts: BTreeMap<String, String>) -> Result<Self, String> {
        if !texts.contains_key(ENGLISH) {
            return Err("a text has no English; add `en`".to_owned());
        }
        match texts.keys().find(|code| !is_language(code)) {
            Some(_) => Err("a language has two or three letters, such as `fi`; correct the key".to_owned()),
            None => Ok(Self(texts)),
        }
    }
}

fn is_language(code: &str) -> bool {
    (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase())
}

/// Words of a column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ColumnSection")]
pub struct ColumnWords {
    /// The title.
    pub title: Label,
    /// The unit of its numbers.
    pub unit: Option<String>,
    /// The list that labels its codes; the list of the column's own name if there is none.
    pub codes: Option<String>,
    /// Names that the column often has in sources. `init` looks for them.
    pub headers: Vec<String>,
}

impl ColumnWords {
    /// Words of a column that goes by `title` and has nothing else.
    #[must_use]
    pub fn titled(title: Label) -> Self {
        Self { title, unit: None, codes: None, headers: Vec::new() }
    }
}

/// Words of a column as they are written: its title by language beside the other keys.
#[derive(Debug, Deserialize)]
struct ColumnSection {
    unit: Option<String>,
    codes: Option<String>,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(flatten)]
    title: BTreeMap<String, String>,
}

impl TryFrom<ColumnSection> for ColumnWords {
    type Error = String;

    fn try_from(section: ColumnSection) -> Result<Self, String> {
        let ColumnSection { unit, codes, headers, title } = section;
        Ok(Self { title: Label::try_from(title)?, unit, codes, headers })
    }
}

/// Words of a table.
#[derive(Debug, Clone)]
struct TableWords {
    title: Label,
    columns: BTreeMap<String, ColumnWords>,
}

/// A change in the practice of the registers: figures before and after do not compare.
#[derive(Debug, Clone)]
pub struct Break {
    /// The first day that it concerns.
    pub first: Day,
    /// The last day, if the change was temporary.
    pub last: Option<Day>,
    /// The tables that it concerns; all of them if the list is empty.
    pub tables: Vec<Id>,
    /// The change in words.
    pub text: Label,
}

impl Break {
    /// Returns true if the break concerns `table`.
    #[must_use]
    pub fn concerns(&self, table: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|name| name.as_str() == table)
    }
}

/// A words file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tables: BTreeMap<String, TableSection>,
    #[serde(default)]
    columns: BTreeMap<String, ColumnWords>,
    #[serde(default)]
    codes: BTreeMap<String, BTreeMap<String, Label>>,
    #[serde(default)]
    breaks: Vec<BreakSection>,
    #[serde(default)]
    pictures: BTreeMap<String, PictureSection>,
    #[serde(default)]
    results: ResultsSection,
}

/// `[pictures.<name>]`: the question by language, and a note.
#[derive(Debug, Deserialize)]
struct PictureSection {
    note: Option<Label>,
    #[serde(flatten)]
    title: BTreeMap<String, String>,
}

/// `[results]`: texts of the results page.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResultsSection {
    /// Paragraphs at its top.
    #[serde(default)]
    lead: Vec<Label>,
    /// A paragraph for the paper, with places for released numbers.
    paper: Option<Label>,
}

/// `[tables.<name>]`: the title by language, and the columns.
#[derive(Debug, Deserialize)]
struct TableSection {
    #[serde(default)]
    columns: BTreeMap<String, ColumnWords>,
    #[serde(flatten)]
    title: BTreeMap<String, String>,
}

/// `[[breaks]]`: days, tables, and the text by language.
#[derive(Debug, Deserialize)]
struct BreakSection {
    first: Day,
    last: Option<Day>,
    #[serde(default)]
    tables: Vec<Id>,
    #[serde(flatten)]
    text: BTreeMap<String, String>,
}

/// The words of a study, over those of the tool itself. A name without a text is shown as it is.
#[derive(Debug, Clone)]
pub struct Words {
    tables: BTreeMap<String, TableWords>,
    columns: BTreeMap<String, ColumnWords>,
    codes: BTreeMap<String, BTreeMap<String, Label>>,
    breaks: Vec<Break>,
    pictures: BTreeMap<String, PictureWords>,
    lead: Vec<Label>,
    paper: Option<Label>,
}

/// Words of a picture.
#[derive(Debug, Clone)]
pub struct PictureWords {
    /// The question that it answers.
    pub title: Label,
    /// How to read it.
    pub note: Option<Label>,
}

impl Words {
    /// Words of what the tool itself makes.
    ///
    /// # Panics
    /// Never: the file is part of the program, and a test reads it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
    pub fn built_in() -> Self {
        Self::parse(include_str!("words.toml")).expect("src/config/words.toml is a words file")
    }

    /// Parses the text of a words file.
    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        use serde::de::Error;
        let file: File = toml::from_str(text)?;
        let mut tables = BTreeMap::new();
        for (name, section) in file.tables {
            let title = Label::try_from(section.title).map_err(toml::de::Error::custom)?;
            tables.insert(name, TableWords { title, columns: section.columns });
        }
        let mut breaks = Vec::new();
        for BreakSection { first, last, tables, text } in file.breaks {
            let text = Label::try_from(text).map_err(toml::de::Error::custom)?;
            breaks.push(Break { first, last, tables, text });
        }
        breaks.sort_by_key(|change| change.first);
        let mut pictures = BTreeMap::new();
        for (name, PictureSection { title, note }) in file.pictures {
            let title = Label::try_from(title).map_err(toml::de::Error::custom)?;
            pictures.insert(name, PictureWords { title, note });
        }
        let ResultsSection { lead, paper } = file.results;
        Ok(Self { tables, columns: file.columns, codes: file.codes, breaks, pictures, lead, paper })
    }

    /// Reads the words file that the contract at `contract` names, over the built-in words.
    pub(super) fn read(contract: &Path, section: &mut WordsSection) -> Result<Self, ConfigError> {
        let path = beside(contract, &section.file);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(ConfigError::Io { path, source }),
        };
        section.digest = Some(Digest::of(text.as_bytes()));
        let study = Self::parse(&text).map_err(|error| toml_error(&path, &text, &error))?;
        if let Some(change) = study.breaks.iter().find(|change| change.last.is_some_and(|last| last < change.first)) {
            let place = format!("break that begins {}", change.first);
            return Err(ConfigError::Invalid { path, place, problem: Problem::EmptyInterval });
        }
        let mut words = Self::built_in();
        words.tables.extend(study.tables);
        words.columns.extend(study.columns);
        words.codes.extend(study.codes);
        Ok(Self { tables: words.tables, columns: words.columns, codes: words.codes, ..study })
    }

    /// Returns the title of a linked dataset's table; its own name if it has none.
    #[must_use]
    pub fn table(&self, name: &str) -> Label {
        self.tables.get(name).map_or_else(|| Label::same(name), |table| table.title.clone())
    }

    /// Returns the words of the column `name` of `table`; `None` if it has none.
    #[must_use]
    pub fn column(&self, table: &str, name: &str) -> Option<&ColumnWords> {
        let of_table = self.tables.get(table).and_then(|words| words.columns.get(name));
        of_table.or_else(|| self.columns.get(name))
    }

    /// Returns the name of the list that labels the codes of the column `name` of `table`.
    #[must_use]
    pub fn code_list<'a>(&'a self, table: &str, name: &'a str) -> &'a str {
        self.column(table, name).and_then(|words| words.codes.as_deref()).unwrap_or(name)
    }

    /// Returns the label of `code` in the list `list`; `None` if it has none.
    #[must_use]
    pub fn code(&self, list: &str, code: &str) -> Option<&Label> {
        self.codes.get(list)?.get(code)
    }

    /// Returns the label of `code` in the list `list`, or the code itself.
    #[must_use]
    pub fn code_or_itself(&self, list: &str, code: &str) -> Label {
        self.code(list, code).cloned().unwrap_or_else(|| Label::same(code))
    }

    /// Returns the words of a picture; `None` if it has none.
    #[must_use]
    pub fn picture(&self, name: &str) -> Option<&PictureWords> {
        self.pictures.get(name)
    }

    /// Paragraphs at the top of the results page.
    #[must_use]
    pub fn lead(&self) -> &[Label] {
        &self.lead
    }

    /// The paragraph for the paper: `{table|label|…|column}` is the place of a released number.
    #[must_use]
    pub fn paper(&self) -> Option<&Label> {
        self.paper.as_ref()
    }

    /// Breaks in time, by their first day.
    #[must_use]
    pub fn breaks(&self) -> &[Break] {
        &self.breaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_words_are_read_and_unknown_names_stand_for_themselves() {
        let words = Words::built_in();
        assert_eq!(words.code_or_itself("sex", "male").text("fi"), "miehet");
        assert_eq!(words.code_or_itself("sex", "other").text("fi"), "other");
        assert_eq!(words.table("visits").text("en"), "visits");
        assert!(words.breaks().is_empty());
    }

    #[test]
    fn a_language_without_its_own_text_gets_english() {
        let text = "[columns]\nward = { en = \"Ward\", sv = \"Avdelning\", unit = \"beds\", codes = \"wards\" }";
        let words = Words::parse(text).unwrap();
        let ward = words.column("visits", "ward").unwrap();
        assert_eq!((ward.title.text("sv"), ward.title.text("fi")), ("Avdelning", "Ward"));
        assert_eq!((ward.unit.as_deref(), words.code_list("visits", "ward")), (Some("beds"), "wards"));
    }

    #[test]
    fn a_text_needs_english_and_languages_of_two_or_three_letters() {
        for text in
            ["[columns]\na = { fi = \"A\" }", "[columns]\na = { en = \"A\", Suomi = \"A\" }", "[tables.a]\nfi = \"A\""]
        {
            assert!(Words::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_break_concerns_the_tables_that_it_lists() {
        let visits = "[[breaks]]\nfirst = \"2020-01-01\"\ntables = [\"visits\"]\nen = \"New form\"\n";
        let text = format!("{visits}[[breaks]]\nfirst = \"2019-01-01\"\nen = \"All\"\n");
        let words = Words::parse(&text).unwrap();
        let [all, visits] = words.breaks() else { unreachable!("two breaks, by their first day") };
        assert!(all.concerns("stays") && visits.concerns("visits") && !visits.concerns("stays"));
    }
}

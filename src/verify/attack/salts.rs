//! Guessed salts and keys: common words, names of the study and its files, years.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Component, Path};

use data_encoding::HEXLOWER;
use sha2::Digest as _;

use crate::text::Text;
use crate::verify::subject::Subject;

/// Likeliest common words and passwords.
const LIKELIEST: &str = include_str!("salts_first.txt");
/// Further common words and passwords.
const COMMON: &str = include_str!("salts.txt");
/// Start of a comment in these lists.
const COMMENT: &str = "# ";
/// Most words that are tried first: a folder may have many files.
const MOST_LIKELY: usize = 48;
/// Years that a study can be named after.
const YEARS: std::ops::RangeInclusive<u16> = 1900..=2030;
/// Longest word, in bytes. A longer one does not fit in a block.
const LONGEST: usize = 40;
/// Shortest part of a name. Shorter parts are more often numbers and letters than words.
const SHORTEST_PART: usize = 3;

/// Source of a word, as evidence names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Name of the study or the holder.
    Name,
    /// Name of a file or folder.
    File,
    /// Name of a column.
    Column,
    /// Common word or password.
    Common,
    /// Year.
    Year,
    /// No key, or a key of zeros.
    Empty,
    /// SHA-256 of another guessed word.
    Digest,
    /// Value of another column in the same row.
    Row,
}

impl Source {
    /// Describes the source.
    pub fn describe(self) -> Text {
        match self {
            Self::Name => Text::new(
                "the study's or holder's name",
                "tutkimuksen tai luovuttajan nimi",
                "studiens eller utlämnarens namn",
            ),
            Self::File => Text::new("a file's name", "tiedoston nimi", "en fils namn"),
            Self::Column => Text::new("a column's name", "sarakkeen nimi", "en kolumns namn"),
            Self::Common => {
                Text::new("a common word or password", "tavallinen sana tai salasana", "ett vanligt ord eller lösenord")
            }
            Self::Year => Text::new("a year", "vuosiluku", "ett årtal"),
            Self::Empty => Text::new("empty or zeros", "tyhjä tai nollia", "tomt eller nollor"),
            Self::Digest => Text::new(
                "the SHA-256 of a guessable word",
                "arvattavan sanan SHA-256",
                "SHA-256 av ett ord som kan gissas",
            ),
            Self::Row => Text::new(
                "a value of another column in the same row",
                "saman rivin toisen sarakkeen arvo",
                "ett värde i en annan kolumn på samma rad",
            ),
        }
    }
}

/// A guessed salt or key. It is never printed: it may be a password in use.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub text: Vec<u8>,
    pub source: Source,
}

impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Word({:?}, …)", self.source)
    }
}

/// Words, the likeliest first.
#[derive(Default)]
pub(super) struct GuessedSecrets {
    pub list: Vec<Word>,
    /// Number of words, from the first, that are tried before anything far-fetched.
    pub likely: usize,
    known: HashSet<Vec<u8>>,
}

/// All guessed secrets.
pub(super) struct Guesses {
    pub salts: GuessedSecrets,
    pub keys: GuessedSecrets,
    /// SHA-256 of the same words as keys, as bytes and as hexadecimal digits.
    pub digests: GuessedSecrets,
}

impl Guesses {
    /// Guesses the secrets of `subjects`.
    pub fn new(subjects: &[Subject]) -> Self {
        let salts = salts(subjects);
        Self { keys: keys(&salts), digests: digests(&salts), salts }
    }
}

/// Returns the guessed salts: common words, names of the subjects and their files, years, and names of columns.
fn salts(subjects: &[Subject]) -> GuessedSecrets {
    let mut words = GuessedSecrets::default();
    words.add_list(LIKELIEST);
    for subject in subjects {
        subject.names.iter().for_each(|name| words.add(name.as_str(), Source::Name));
    }
    for subject in subjects {
        words.add_file_name(subject.path.file_stem());
        for table in &subject.tables {
            words.add_file_name(table.path.file_stem());
            words.add_file_name(table.path.file_name());
            folders(&subject.path, &table.path).iter().for_each(|name| words.add(name, Source::File));
            table.person().iter().for_each(|&at| words.add(&table.columns[at].name, Source::Column));
        }
    }
    words.add_parts();
    words.likely = words.list.len().min(MOST_LIKELY);
    words.add_list(COMMON);
    YEARS.rev().for_each(|year| words.add(&year.to_string(), Source::Year));
    for table in subjects.iter().flat_map(|subject| &subject.tables) {
        table.columns.iter().for_each(|column| words.add(&column.name, Source::Column));
    }
    words
}

/// Returns the names of the folders between a subject and one of its tables.
fn folders(subject: &Path, table: &Path) -> Vec<String> {
    let Some(Ok(between)) = table.parent().map(|folder| folder.strip_prefix(subject)) else { return Vec::new() };
    between.components().map(|part: Component<'_>| part.as_os_str().to_string_lossy().into_owned()).collect()
}

/// Returns the guessed keys, the likeliest first: no key, then the same words.
fn keys(salts: &GuessedSecrets) -> GuessedSecrets {
    // An HMAC pads its key with zeros. So the empty key equals every key of zeros up to a block, which is 64 bytes for
    // the common hashes.
    let empty = Word { text: Vec::new(), source: Source::Empty };
    let list = std::iter::once(empty).chain(salts.list.iter().cloned()).collect();
    GuessedSecrets { list, likely: salts.likely + 1, ..GuessedSecrets::default() }
}

/// Returns the digests of the words as keys. A secret in a configuration file is often hashed to the length of a key.
fn digests(salts: &GuessedSecrets) -> GuessedSecrets {
    let mut list = Vec::new();
    for word in &salts.list {
        let digest = sha2::Sha256::digest(&word.text);
        let hex = HEXLOWER.encode(&digest).into_bytes();
        list.extend([digest.to_vec(), hex].map(|text| Word { text, source: Source::Digest }));
    }
    GuessedSecrets { list, likely: salts.likely * 2, ..GuessedSecrets::default() }
}

impl GuessedSecrets {
    /// Adds a word, unless it is known, empty or too long.
    fn add(&mut self, text: &str, source: Source) {
        let fits = !text.is_empty() && text.len() <= LONGEST;
        if fits && self.known.insert(text.as_bytes().to_vec()) {
            self.list.push(Word { text: text.as_bytes().to_vec(), source });
        }
    }

    /// Returns the likely words and the others.
    pub fn split(&self) -> (&[Word], &[Word]) {
        self.list.split_at(self.likely)
    }

    fn add_file_name(&mut self, name: Option<&OsStr>) {
        name.iter().for_each(|name| self.add(&name.to_string_lossy(), Source::File));
    }

    /// Adds the parts of known names, split at hyphens and other marks. A file is often named after the study.
    fn add_parts(&mut self) {
        for name in self.list.clone().into_iter().filter(|word| matches!(word.source, Source::Name | Source::File)) {
            let text = String::from_utf8_lossy(&name.text);
            let parts = text.split(|character: char| !character.is_alphanumeric());
            parts.filter(|part| part.len() >= SHORTEST_PART).for_each(|part| self.add(part, name.source));
        }
    }

    /// Adds the words of a list. Comments are skipped.
    fn add_list(&mut self, list: &str) {
        let words = list.lines().filter(|line| !line.starts_with(COMMENT));
        words.for_each(|word| self.add(word, Source::Common));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_inside_a_subject_are_guessed_too() {
        let inside = |table: &str| folders(Path::new("data"), Path::new(table));
        assert_eq!(inside("data/example/2018/visits.csv"), ["example", "2018"]);
        assert!(inside("data/visits.csv").is_empty() && inside("elsewhere/visits.csv").is_empty());
    }

    #[test]
    fn names_are_guessed_whole_and_in_parts() {
        let mut words = GuessedSecrets::default();
        words.add("example_visits-2018.csv", Source::File);
        words.add("north", Source::Name);
        words.add("two_words", Source::Common);
        words.add_parts();
        let texts: Vec<&[u8]> = words.list.iter().map(|word| word.text.as_slice()).collect();
        let expected: [&[u8]; 7] =
            [b"example_visits-2018.csv", b"north", b"two_words", b"example", b"visits", b"2018", b"csv"];
        assert_eq!(texts, expected);
    }

    #[test]
    fn comments_of_the_lists_are_no_words_and_a_hash_sign_is_one() {
        let words = salts(&[]);
        assert!(words.list.iter().all(|word| !word.text.starts_with(COMMENT.as_bytes())));
        assert!(words.list.iter().any(|word| word.text == b"#"));
        assert_eq!(words.likely, 16);
    }
}

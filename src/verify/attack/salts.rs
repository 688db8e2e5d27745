//! Words that someone could have taken for a salt or a key.

use std::collections::HashSet;
use std::path::Path;

use crate::verify::subject::Subject;

/// Words and passwords that people use, the likeliest first; written down from general knowledge.
const COMMON: &str = include_str!("salts.txt");
/// How many of them are tried at once.
const COMMONEST: usize = 16;
/// The most words that are tried at once: a folder may have many files.
const MOST_LIKELY: usize = 48;
/// Years that a study could be named by.
const YEARS: std::ops::RangeInclusive<u16> = 1900..=2030;
/// Words beyond this length are tried neither as salts nor as keys: they fit in no block.
const LONGEST: usize = 40;

/// Parts of names that are shorter are left out: they are numbers and letters more often than words.
const SHORTEST_PART: usize = 3;

/// Where a word comes from: the sort of it that evidence names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The study or the holder.
    Name,
    /// A file or folder.
    File,
    Column,
    Common,
    Year,
    /// No key, or one of zeros.
    Empty,
}

impl Source {
    pub fn en(self) -> &'static str {
        match self {
            Self::Name => "the study's or holder's name",
            Self::File => "a file's name",
            Self::Column => "a column's name",
            Self::Common => "a common word or password",
            Self::Year => "a year",
            Self::Empty => "empty or zeros",
        }
    }

    pub fn fi(self) -> &'static str {
        match self {
            Self::Name => "tutkimuksen tai luovuttajan nimi",
            Self::File => "tiedoston nimi",
            Self::Column => "sarakkeen nimi",
            Self::Common => "tavallinen sana tai salasana",
            Self::Year => "vuosiluku",
            Self::Empty => "tyhjä tai nollia",
        }
    }
}

/// A word that is tried. It is never printed: it may be a password in use.
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
pub(super) struct Words {
    pub list: Vec<Word>,
    /// How many of them are likely enough to be tried before anything far-fetched.
    pub likely: usize,
    seen: HashSet<Vec<u8>>,
}

/// Salts: common words, what the subjects and their files are called, years, and what columns are called.
pub(super) fn salts(subjects: &[Subject]) -> Words {
    let mut words = Words::default();
    words.common(0..COMMONEST);
    for subject in subjects {
        subject.names.iter().for_each(|name| words.add(name.as_str(), Source::Name));
    }
    for subject in subjects {
        let folder = subject.path.file_stem().map(|name| name.to_string_lossy().into_owned());
        folder.iter().for_each(|name| words.add(name, Source::File));
        for table in &subject.tables {
            let file = |name: Option<&std::ffi::OsStr>| name.map(|name| name.to_string_lossy().into_owned());
            file(table.path.file_stem()).iter().for_each(|name| words.add(name, Source::File));
            file(table.path.file_name()).iter().for_each(|name| words.add(name, Source::File));
            folders(&subject.path, &table.path).iter().for_each(|name| words.add(name, Source::File));
            table.person().iter().for_each(|&at| words.add(&table.columns[at].name, Source::Column));
        }
    }
    words.parts();
    words.likely = words.list.len().min(MOST_LIKELY);
    words.common(COMMONEST..usize::MAX);
    YEARS.rev().for_each(|year| words.add(&year.to_string(), Source::Year));
    for table in subjects.iter().flat_map(|subject| &subject.tables) {
        table.columns.iter().for_each(|column| words.add(&column.name, Source::Column));
    }
    words
}

/// The folders between a subject and one of its tables.
fn folders(subject: &Path, table: &Path) -> Vec<String> {
    let between = table.parent().and_then(|folder| folder.strip_prefix(subject).ok());
    let name = |part: std::path::Component<'_>| part.as_os_str().to_string_lossy().into_owned();
    between.map_or_else(Vec::new, |between| between.components().map(name).collect())
}

/// Keys, the likeliest first: the same words, no key, and zeros.
pub(super) fn keys(salts: &Words) -> Words {
    // An HMAC pads its key with zeros, so that no key and any number of zeros up to a block are one; longer keys of
    // zeros are not that, and 64 is the block of the usual hashes.
    let empty = Word { text: Vec::new(), source: Source::Empty };
    let list = std::iter::once(empty).chain(salts.list.iter().cloned()).collect();
    Words { list, likely: salts.likely + 1, ..Words::default() }
}

impl Words {
    fn add(&mut self, text: &str, source: Source) {
        let fits = !text.is_empty() && text.len() <= LONGEST;
        if fits && self.seen.insert(text.as_bytes().to_vec()) {
            self.list.push(Word { text: text.as_bytes().to_vec(), source });
        }
    }

    /// The likely ones, and the others.
    pub fn split(&self) -> (&[Word], &[Word]) {
        self.list.split_at(self.likely)
    }

    /// Adds what stands between hyphens, underscores and the like in the names that are there: a file is often called after
    /// the study or the holder.
    fn parts(&mut self) {
        for name in self.list.clone().into_iter().filter(|word| matches!(word.source, Source::Name | Source::File)) {
            let text = String::from_utf8_lossy(&name.text);
            let parts = text.split(|character: char| !character.is_alphanumeric());
            parts.filter(|part| part.len() >= SHORTEST_PART).for_each(|part| self.add(part, name.source));
        }
    }

    fn common(&mut self, range: std::ops::Range<usize>) {
        let words = COMMON.lines().skip(range.start).take(range.len());
        words.for_each(|word| self.add(word, Source::Common));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_inside_a_subject_are_words_too() {
        let inside = |table: &str| folders(Path::new("data"), Path::new(table));
        assert_eq!(inside("data/toituavain/2018/benefits.csv"), ["toituavain", "2018"]);
        assert!(inside("data/benefits.csv").is_empty() && inside("elsewhere/benefits.csv").is_empty());
    }

    #[test]
    fn names_are_tried_whole_and_in_parts() {
        let mut words = Words::default();
        words.add("toituavain_benefits-2018.csv", Source::File);
        words.add("kela", Source::Name);
        words.add("two_words", Source::Common);
        words.parts();
        let texts: Vec<&[u8]> = words.list.iter().map(|word| word.text.as_slice()).collect();
        let expected: [&[u8]; 7] =
            [b"toituavain_benefits-2018.csv", b"kela", b"two_words", b"toituavain", b"benefits", b"2018", b"csv"];
        assert_eq!(texts, expected);
    }
}

//! Language of a regular expression: the number of its texts, and each text by its number.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Most characters of a class. Of a larger one, such as `\d` or `.` over Unicode, only ASCII is enumerated.
const LARGEST_CLASS: usize = 256;
/// Most texts that repetitions without a limit are extended to.
const MOST_TEXTS: u64 = 1_000_000_000;
/// Most repetitions beyond the fewest, where the expression has no limit.
const MOST_REPEATS: u32 = 32;

/// Texts that match a regular expression. Texts that match in two ways are counted twice.
pub(super) struct Language {
    root: Counted,
    /// `true` if longer texts, or texts of other characters than ASCII, match too.
    pub is_part: bool,
}

/// A node with the number of its texts. Numbers beyond 2⁶⁴ are cut.
struct Counted {
    count: u64,
    node: Node,
}

enum Node {
    /// One text.
    Text(Box<[u8]>),
    /// One of some characters.
    Character(Vec<char>),
    /// The parts one after another.
    Sequence(Vec<Counted>),
    /// One of the parts.
    Choice(Vec<Counted>),
    /// A part, repeated.
    Repeated { part: Box<Counted>, least: u32, most: u32 },
}

/// Limits of the enumeration of a language.
struct Builder {
    /// Repetitions beyond the fewest, where the expression has no limit.
    extra: u32,
    /// `true` if lower-case letters cannot occur.
    upper: bool,
    /// `true` if a part of the language was left out.
    is_part: bool,
}

impl Language {
    /// Returns the language of `pattern`, without lower-case letters if `upper`; `None` if it is no regular expression.
    ///
    /// Repetitions without a limit are extended as far as the number of texts allows.
    pub fn parse(pattern: &str, upper: bool) -> Option<Self> {
        let hir = regex_syntax::parse(pattern).ok()?;
        let mut language = Self::bounded(&hir, 0, upper);
        for extra in 1..=MOST_REPEATS {
            let longer = Self::bounded(&hir, extra, upper);
            if longer.len() == language.len() || longer.len() > MOST_TEXTS {
                break;
            }
            language = longer;
        }
        Some(language)
    }

    fn bounded(hir: &Hir, extra: u32, upper: bool) -> Self {
        let mut builder = Builder { extra, upper, is_part: false };
        let root = builder.build(hir);
        Self { root, is_part: builder.is_part }
    }

    /// Returns the number of texts; `u64::MAX` if there are more.
    pub fn len(&self) -> u64 {
        self.root.count
    }

    /// Returns true if a text can have punctuation.
    pub fn has_punctuation(&self) -> bool {
        self.root.has_punctuation()
    }

    /// Writes the text with a number below [`Self::len`].
    pub fn write(&self, number: u64, text: &mut String) {
        text.clear();
        self.root.write(number, text);
    }
}

impl Builder {
    fn build(&mut self, hir: &Hir) -> Counted {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Counted { count: 1, node: Node::Text(Box::default()) },
            HirKind::Literal(literal) => Counted { count: 1, node: Node::Text(literal.0.clone()) },
            HirKind::Class(class) => self.class(class),
            HirKind::Capture(capture) => self.build(&capture.sub),
            HirKind::Concat(parts) => {
                let parts: Vec<Counted> = parts.iter().map(|part| self.build(part)).collect();
                let count = parts.iter().fold(1, |count: u64, part| count.saturating_mul(part.count));
                Counted { count, node: Node::Sequence(parts) }
            }
            HirKind::Alternation(parts) => {
                let parts: Vec<Counted> = parts.iter().map(|part| self.build(part)).collect();
                let count = parts.iter().fold(0, |count: u64, part| count.saturating_add(part.count));
                Counted { count, node: Node::Choice(parts) }
            }
            HirKind::Repetition(repetition) => {
                let part = Box::new(self.build(&repetition.sub));
                let least = repetition.min;
                let most = match repetition.max {
                    Some(most) => most,
                    None => {
                        self.is_part = true;
                        least.saturating_add(self.extra)
                    }
                };
                let count = (least..=most).map(|times| power(part.count, times)).fold(0, u64::saturating_add);
                Counted { count, node: Node::Repeated { part, least, most } }
            }
        }
    }

    fn class(&mut self, class: &Class) -> Counted {
        let ranges: Vec<(u32, u32)> = match class {
            Class::Unicode(class) => {
                class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
            }
            Class::Bytes(class) => {
                class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
            }
        };
        let size: usize = ranges.iter().map(|(first, last)| (last - first) as usize + 1).sum();
        let is_large = size > LARGEST_CLASS;
        self.is_part |= is_large;
        let all = ranges.into_iter().flat_map(|(first, last)| first..=last.min(if is_large { 0x7f } else { last }));
        let mut characters: Vec<char> = all.filter_map(char::from_u32).collect();
        characters.retain(|c| !(self.upper && c.is_lowercase() || c.is_control()));
        Counted { count: characters.len() as u64, node: Node::Character(characters) }
    }
}

impl Counted {
    fn has_punctuation(&self) -> bool {
        match &self.node {
            Node::Text(text) => text.iter().any(u8::is_ascii_punctuation),
            Node::Character(characters) => characters.iter().any(char::is_ascii_punctuation),
            Node::Sequence(parts) | Node::Choice(parts) => parts.iter().any(Self::has_punctuation),
            Node::Repeated { part, .. } => part.has_punctuation(),
        }
    }

    fn write(&self, mut number: u64, text: &mut String) {
        match &self.node {
            Node::Text(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
            Node::Character(characters) => text.push(characters[number as usize]),
            Node::Sequence(parts) => {
                for part in parts {
                    part.write(number % part.count, text);
                    number /= part.count;
                }
            }
            Node::Choice(parts) => {
                for part in parts {
                    if number < part.count {
                        return part.write(number, text);
                    }
                    number -= part.count;
                }
            }
            Node::Repeated { part, least, most } => {
                let mut times = *least;
                while times < *most && number >= power(part.count, times) {
                    number -= power(part.count, times);
                    times += 1;
                }
                for _ in 0..times {
                    part.write(number % part.count, text);
                    number /= part.count;
                }
            }
        }
    }
}

fn power(count: u64, times: u32) -> u64 {
    count.saturating_pow(times)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn texts(pattern: &str, upper: bool) -> Vec<String> {
        let language = Language::parse(pattern, upper).unwrap();
        let mut text = String::new();
        (0..language.len())
            .map(|number| {
                language.write(number, &mut text);
                text.clone()
            })
            .collect()
    }

    #[test]
    fn every_text_of_a_finite_language_is_written_once_and_matches() {
        for (pattern, upper, number) in [
            ("[0-9]{3}", false, 1000),
            ("[ABC]-?[01]{1,2}", false, 3 * 2 * 6),
            ("(?:X|YY)[0-4]", false, 10),
            ("^K[0-9](?:a|b)?$", false, 30),
            ("[A-Ca-c][0-9]", true, 30),
            ("[ÅÄÖ]{2}", false, 9),
        ] {
            let texts = texts(pattern, upper);
            let different: BTreeSet<&String> = texts.iter().collect();
            assert_eq!((texts.len(), different.len()), (number, number), "{pattern}");
            let regex = regex::Regex::new(&format!("^(?:{pattern})$")).unwrap();
            assert!(texts.iter().all(|text| regex.is_match(text)), "{pattern}");
            assert!(!Language::parse(pattern, upper).unwrap().is_part, "{pattern}");
        }
    }

    #[test]
    fn the_shortest_texts_of_an_endless_language_come_first() {
        let language = Language::parse("N[0-9]+", false).unwrap();
        assert!(language.is_part);
        assert_eq!(language.len(), (1..=8).map(|digits| 10_u64.pow(digits)).sum::<u64>());
        let mut text = String::new();
        language.write(7, &mut text);
        assert_eq!(text, "N7");
        language.write(language.len() - 1, &mut text);
        assert_eq!(text, "N99999999");
    }

    #[test]
    fn of_large_classes_only_ascii_is_enumerated() {
        let language = Language::parse("\\d{4}", false).unwrap();
        assert!(language.is_part);
        assert_eq!(language.len(), 10_000);
        assert_eq!(Language::parse("[A-Z]{20}", false).unwrap().len(), u64::MAX);
        assert!(Language::parse("[", false).is_none());
    }
}

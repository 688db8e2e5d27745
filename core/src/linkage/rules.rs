//! Rules: combinations of fields whose keyed hashes are tokens.

use std::ops::Range;

use super::fields::{BirthDigits, LinkageFields};
use super::words::skeleton;

/// Name of this set of rules in contracts and manifests.
pub const RULE_SET: &str = "fi-16/1";
/// Places for tokens of all rules together.
pub const SLOTS: usize = 57;
/// Joins the parts of a message.
const SEPARATOR: u8 = 0;
/// Most pairs of a given name and a word of the surname.
const MOST_PAIRS: usize = 4;

/// A combination of fields.
///
/// *Pair* is a given name with a word of the surname, sorted, so that swapped fields agree. *Alike* is a pair of
/// skeletons or of first or last letters. *Area* is the first two characters of the postcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Pair of skeletons, birth date.
    SkeletonBirth,
    /// First 3 and 4 letters of a pair, birth date.
    PrefixBirth,
    /// Last 4 and 6 letters of a pair, birth date.
    SuffixBirth,
    /// Word of the surname, birth date.
    SurnameBirth,
    /// Given name, birth date, area.
    GivenBirthArea,
    /// Skeletons of two given names, birth date.
    TwoGivenBirth,
    /// Birth date, street and number.
    BirthStreet,
    /// Pair, year and month of birth.
    NameYearMonth,
    /// Pair, year and day of birth.
    NameYearDay,
    /// Pair, month and day of birth.
    NameMonthDay,
    /// Pair, digits of the birth date in order of size.
    NameDigits,
    /// Two given names, word of the surname, year of birth.
    TwoGivenSurnameYear,
    /// Pair, street and number.
    NameStreet,
    /// Pair of skeletons, year and month of birth, area.
    SkeletonYearMonthArea,
    /// Pair of skeletons, year and day of birth, area.
    SkeletonYearDayArea,
    /// Pair of skeletons, month and day of birth, area.
    SkeletonMonthDayArea,
}

impl Rule {
    /// All rules, in the order of their columns.
    pub const ALL: [Self; 16] = [
        Self::SkeletonBirth,
        Self::PrefixBirth,
        Self::SuffixBirth,
        Self::SurnameBirth,
        Self::GivenBirthArea,
        Self::TwoGivenBirth,
        Self::BirthStreet,
        Self::NameYearMonth,
        Self::NameYearDay,
        Self::NameMonthDay,
        Self::NameDigits,
        Self::TwoGivenSurnameYear,
        Self::NameStreet,
        Self::SkeletonYearMonthArea,
        Self::SkeletonYearDayArea,
        Self::SkeletonMonthDayArea,
    ];

    /// Returns the name, a part of the key derivation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SkeletonBirth => "skel_dob",
            Self::PrefixBirth => "pre_dob",
            Self::SuffixBirth => "suf_dob",
            Self::SurnameBirth => "sur_dob",
            Self::GivenBirthArea => "given_dob_p2",
            Self::TwoGivenBirth => "gsk_dob",
            Self::BirthStreet => "dob_street",
            Self::NameYearMonth => "name_ym",
            Self::NameYearDay => "name_yd",
            Self::NameMonthDay => "name_md",
            Self::NameDigits => "name_bag",
            Self::TwoGivenSurnameYear => "givens_sur_y",
            Self::NameStreet => "name_street",
            Self::SkeletonYearMonthArea => "skel_ym_p2",
            Self::SkeletonYearDayArea => "skel_yd_p2",
            Self::SkeletonMonthDayArea => "skel_md_p2",
        }
    }

    /// Returns the number of places for its tokens.
    #[must_use]
    pub const fn slots(self) -> usize {
        match self {
            Self::BirthStreet => 1,
            Self::SurnameBirth => 2,
            Self::GivenBirthArea | Self::TwoGivenBirth => 3,
            _ => MOST_PAIRS,
        }
    }

    /// Returns its position among [`Rule::ALL`].
    #[must_use]
    pub fn position(self) -> usize {
        self as usize
    }

    /// Returns the positions of its places among all [`SLOTS`].
    #[must_use]
    pub fn places(self) -> Range<usize> {
        let first = FIRST_PLACES[self.position()];
        first..first + self.slots()
    }
}

/// The first place of each rule.
const FIRST_PLACES: [usize; Rule::ALL.len()] = {
    let mut first = [0; Rule::ALL.len()];
    let mut rule = 1;
    while rule < first.len() {
        first[rule] = first[rule - 1] + Rule::ALL[rule - 1].slots();
        rule += 1;
    }
    first
};

/// Returns a text that describes the set of rules: its name, and each rule with its places. Its digest is in manifests.
#[must_use]
pub fn rule_set_text() -> String {
    let rules = Rule::ALL.iter().map(|rule| format!("{} {}\n", rule.name(), rule.slots()));
    std::iter::once(format!("{RULE_SET}\n")).chain(rules).collect()
}

/// Calls `visit` with each message of a person: its rule, its place among those of the rule, and its bytes.
pub(super) fn for_each_message(fields: &LinkageFields, visit: impl FnMut(Rule, usize, &[u8])) {
    let skeletons = |words: &[String]| words.iter().map(|word| skeleton(word)).collect::<Vec<String>>();
    let skeletons = [skeletons(&fields.given), skeletons(&fields.surname)];
    let names = Names::new(fields, &skeletons);
    let mut messages = Messages { buffer: Vec::with_capacity(LONGEST_USUAL), visit };
    if !fields.street.is_empty() {
        messages.add_pairs(Rule::NameStreet, &names.pairs, [&fields.street, ""]);
    }
    if let Some(birth) = fields.birth {
        messages.add_dated(fields, &names, birth);
    }
}

/// Bytes of the longest usual message.
const LONGEST_USUAL: usize = 64;

/// Two words in the order of their bytes.
type Pair<'a> = [&'a str; 2];

/// Writes messages into one buffer.
struct Messages<F> {
    buffer: Vec<u8>,
    visit: F,
}

impl<F: FnMut(Rule, usize, &[u8])> Messages<F> {
    /// Adds the message of these parts. The first part is never empty; an empty last one is left out.
    fn add(&mut self, rule: Rule, slot: usize, parts: &[&str]) {
        if slot >= rule.slots() {
            return;
        }
        self.buffer.clear();
        for part in parts {
            if !self.buffer.is_empty() {
                self.buffer.push(SEPARATOR);
            }
            self.buffer.extend_from_slice(part.as_bytes());
        }
        (self.visit)(rule, slot, &self.buffer);
    }

    /// Adds a message for each pair, followed by a part, and by an area unless it is empty.
    fn add_pairs(&mut self, rule: Rule, pairs: &[Pair<'_>], [part, area]: [&str; 2]) {
        for (slot, [a, b]) in pairs.iter().enumerate() {
            let parts = [a, b, part, area];
            self.add(rule, slot, if area.is_empty() { &parts[..3] } else { &parts });
        }
    }

    /// Adds the messages with a birth date.
    fn add_dated(&mut self, fields: &LinkageFields, names: &Names<'_>, birth: BirthDigits) {
        let date = birth.as_str();
        let parts = [
            format!("{}{}", birth.year(), birth.month()),
            format!("{}-{}", birth.year(), birth.day()),
            format!("--{}{}", birth.month(), birth.day()),
        ];
        self.add_pairs(Rule::SkeletonBirth, &names.skeletons, [date, ""]);
        self.add_pairs(Rule::PrefixBirth, &names.prefixes, [date, ""]);
        self.add_pairs(Rule::SuffixBirth, &names.suffixes, [date, ""]);
        for (slot, word) in fields.surname.iter().enumerate() {
            self.add(Rule::SurnameBirth, slot, &[word, date]);
        }
        self.add_pairs(Rule::TwoGivenBirth, &names.two_given_skeletons, [date, ""]);
        for (rule, part) in [Rule::NameYearMonth, Rule::NameYearDay, Rule::NameMonthDay].into_iter().zip(&parts) {
            self.add_pairs(rule, &names.pairs, [part, ""]);
        }
        self.add_pairs(Rule::NameDigits, &names.pairs, [&digits_by_size(date), ""]);
        let two_given_with_surname =
            fields.surname.iter().flat_map(|word| names.two_given.iter().map(move |pair| (word, pair)));
        for (slot, (word, [a, b])) in two_given_with_surname.enumerate() {
            self.add(Rule::TwoGivenSurnameYear, slot, &[a, b, word, birth.year()]);
        }
        if !fields.street.is_empty() {
            self.add(Rule::BirthStreet, 0, &[date, &fields.street]);
        }
        if fields.area.is_empty() {
            return;
        }
        for (slot, word) in fields.given.iter().enumerate() {
            self.add(Rule::GivenBirthArea, slot, &[word, date, &fields.area]);
        }
        let by_skeleton = [Rule::SkeletonYearMonthArea, Rule::SkeletonYearDayArea, Rule::SkeletonMonthDayArea];
        for (rule, part) in by_skeleton.into_iter().zip(&parts) {
            self.add_pairs(rule, &names.skeletons, [part, &fields.area]);
        }
    }
}

/// Combinations of names, each without repeats.
struct Names<'a> {
    pairs: Vec<Pair<'a>>,
    skeletons: Vec<Pair<'a>>,
    prefixes: Vec<Pair<'a>>,
    suffixes: Vec<Pair<'a>>,
    two_given: Vec<Pair<'a>>,
    two_given_skeletons: Vec<Pair<'a>>,
}

impl<'a> Names<'a> {
    fn new(fields: &'a LinkageFields, [given, surname]: &'a [Vec<String>; 2]) -> Self {
        let pairs = pairs(fields.given.len(), fields.surname.len());
        let of_pairs = |combine: &dyn Fn(usize, usize) -> Pair<'a>| {
            distinct(pairs.iter().map(|&(given, surname)| combine(given, surname)))
        };
        let two = two_of(fields.given.len());
        Self {
            pairs: of_pairs(&|g, s| sorted(&fields.given[g], &fields.surname[s])),
            skeletons: of_pairs(&|g, s| sorted(&given[g], &surname[s])),
            prefixes: of_pairs(&|g, s| sorted(first(&fields.given[g], 3), first(&fields.surname[s], 4))),
            suffixes: of_pairs(&|g, s| sorted(last(&fields.given[g], 4), last(&fields.surname[s], 6))),
            two_given: two.iter().map(|&(a, b)| sorted(&fields.given[a], &fields.given[b])).collect(),
            two_given_skeletons: distinct(two.iter().map(|&(a, b)| sorted(&given[a], &given[b]))),
        }
    }
}

/// Returns pairs of given name and word of the surname: first ones before later ones.
fn pairs(given: usize, surname: usize) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = (0..given).flat_map(|g| (0..surname).map(move |s| (g, s))).collect();
    pairs.sort_by_key(|&(g, s)| (g + s, g));
    pairs.truncate(MOST_PAIRS);
    pairs
}

/// Returns every two of so many names.
fn two_of(names: usize) -> Vec<(usize, usize)> {
    (0..names).flat_map(|a| (a + 1..names).map(move |b| (a, b))).collect()
}

fn sorted<'a>(a: &'a str, b: &'a str) -> Pair<'a> {
    if a <= b { [a, b] } else { [b, a] }
}

fn first(word: &str, letters: usize) -> &str {
    &word[..letters.min(word.len())]
}

fn last(word: &str, letters: usize) -> &str {
    &word[word.len().saturating_sub(letters)..]
}

fn distinct<'a>(pairs: impl Iterator<Item = Pair<'a>>) -> Vec<Pair<'a>> {
    let mut all: Vec<Pair<'a>> = Vec::with_capacity(MOST_PAIRS);
    for pair in pairs {
        if !all.contains(&pair) {
            all.push(pair);
        }
    }
    all
}

fn digits_by_size(date: &str) -> String {
    let mut digits: Vec<char> = date.chars().collect();
    digits.sort_unstable();
    digits.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::fields::{BirthDigits, RawFields};
    use super::*;

    fn messages(given: &str, surname: &str, birth: &str, postcode: &str, street: &str) -> BTreeMap<Rule, Vec<String>> {
        let birth = BirthDigits::new(birth);
        let fields = LinkageFields::new(&RawFields { given, surname, birth, postcode, street });
        let mut all: BTreeMap<Rule, Vec<String>> = BTreeMap::new();
        for_each_message(&fields, |rule, slot, message| {
            let of_rule = all.entry(rule).or_default();
            assert_eq!(of_rule.len(), slot);
            of_rule.push(String::from_utf8(message.to_vec()).unwrap());
        });
        all
    }

    #[test]
    fn rules_have_places_for_57_tokens() {
        assert_eq!(Rule::ALL.iter().map(|rule| rule.slots()).sum::<usize>(), SLOTS);
        assert_eq!(Rule::SkeletonMonthDayArea.places().end, SLOTS);
        assert!(Rule::ALL.iter().enumerate().all(|(at, rule)| rule.position() == at));
    }

    #[test]
    fn first_names_come_before_later_ones() {
        assert_eq!(pairs(3, 2), [(0, 0), (0, 1), (1, 0), (1, 1)]);
        assert_eq!(pairs(3, 1), [(0, 0), (1, 0), (2, 0)]);
        assert!(pairs(0, 2).is_empty());
    }

    #[test]
    fn a_person_without_a_birth_date_has_only_the_name_and_street() {
        let messages = messages("Aino", "Virtanen", "", "00100", "Koivutie 3");
        assert_eq!(messages.keys().collect::<Vec<_>>(), [&Rule::NameStreet]);
    }

    #[test]
    fn a_person_without_names_has_only_the_date_and_street() {
        let messages = messages("", "", "19800203", "00100", "Koivutie 3");
        assert_eq!(messages.keys().collect::<Vec<_>>(), [&Rule::BirthStreet]);
    }

    #[test]
    fn every_message_of_a_household_is_a_persons() {
        let one = messages("Aino", "Virtanen", "19800203", "00100", "Koivutie 3");
        let other = messages("Eino", "Virtanen", "20100607", "00100", "Koivutie 3");
        for (rule, texts) in &one {
            let shared = other.get(rule).is_some_and(|others| texts.iter().any(|text| others.contains(text)));
            assert!(!shared, "{rule:?}");
        }
    }

    proptest! {
        #[test]
        fn swapped_names_and_their_order_change_no_pair(
            given in prop::collection::vec("[a-z]{3,8}", 1..=2),
            surname in "[a-z]{3,8}",
        ) {
            let reversed: Vec<&str> = given.iter().rev().map(String::as_str).collect();
            let all = |given: &str, surname: &str| -> BTreeMap<Rule, Vec<String>> {
                let mut all = messages(given, surname, "19800203", "00100", "Koivutie 3");
                all.retain(|rule, _| rule.name().starts_with("name_"));
                all.values_mut().for_each(|texts| texts.sort());
                all
            };
            prop_assert_eq!(all(&given.join(" "), &surname), all(&reversed.join("-"), &surname.to_uppercase()));
            if given.len() == 1 {
                prop_assert_eq!(all(&given[0], &surname), all(&surname, &given[0]));
            }
        }

        #[test]
        fn no_rule_repeats_a_message(given in "[a-c]{1,3}( [a-c]{1,3}){0,3}", surname in "[a-c]{1,4}(-[a-c]{1,4})?") {
            for (rule, texts) in messages(&given, &surname, "19800203", "00100", "Koivutie 3") {
                let distinct: std::collections::BTreeSet<&String> = texts.iter().collect();
                prop_assert_eq!(distinct.len(), texts.len(), "{:?}", rule);
                prop_assert!(texts.len() <= rule.slots());
            }
        }
    }
}

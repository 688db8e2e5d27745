//! Normalisation of names and addresses to the letters a–z.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Letters of a street's name in its key.
const STREET_LETTERS: usize = 5;
/// Spellings of one sound, in the order in which they are replaced over the whole word.
const SOUNDS: [(&str, &str); 16] = [
    ("ph", "f"),
    ("th", "t"),
    ("ck", "k"),
    ("sch", "s"),
    ("sh", "s"),
    ("ch", "k"),
    ("w", "v"),
    ("x", "ks"),
    ("q", "k"),
    ("z", "s"),
    ("c", "k"),
    ("j", "i"),
    ("y", "i"),
    ("d", "t"),
    ("g", "k"),
    ("b", "p"),
];

/// Returns the words of a name: runs of the letters a–z, in lower case, without marks.
///
/// Letters that do not decompose are replaced: ä å æ → a, ö ø → o, ß → ss, đ ð → d, þ → t, ł → l.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let folded = folded(text);
    folded.split(|letter: char| !letter.is_ascii_lowercase()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// Returns the text in lower case without marks (compatibility decomposition, UAX #15).
fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    if lower.is_ascii() {
        return lower;
    }
    let mut replaced = String::with_capacity(lower.len());
    for letter in lower.chars() {
        match letter {
            'ä' | 'å' | 'æ' => replaced.push('a'),
            'ö' | 'ø' => replaced.push('o'),
            'ß' => replaced.push_str("ss"),
            'đ' | 'ð' => replaced.push('d'),
            'þ' => replaced.push('t'),
            'ł' => replaced.push('l'),
            other => replaced.push(other),
        }
    }
    replaced.nfkd().filter(|letter| canonical_combining_class(*letter) == 0).collect()
}

/// Returns the skeleton of a word of letters a–z: one letter for each sound, doubles once, no vowels after the first
/// letter.
#[must_use]
pub fn skeleton(word: &str) -> String {
    let mut sounds = Cow::Borrowed(word);
    let mut letters = letters_of(word);
    for (from, to) in SOUNDS {
        // Most words have none of the letters.
        if letters & letters_of(from) == letters_of(from) && sounds.contains(from) {
            sounds = Cow::Owned(sounds.replace(from, to));
            letters = letters_of(&sounds);
        }
    }
    let mut skeleton = String::with_capacity(sounds.len());
    let mut last = None;
    for letter in sounds.chars() {
        let is_first = last.is_none();
        if last.replace(letter) != Some(letter) && (is_first || !"aeiouy".contains(letter)) {
            skeleton.push(letter);
        }
    }
    skeleton
}

/// Returns the set of the letters of a word, a bit for each of a–z.
fn letters_of(word: &str) -> u32 {
    word.bytes().fold(0, |letters, letter| letters | 1 << (letter & 31))
}

/// Returns the key of a street address: the first five letters of the name and the first number; empty without either.
pub(super) fn street_key(address: &str) -> String {
    let folded = folded(address);
    let name_end = folded.find(|letter: char| letter.is_ascii_digit()).unwrap_or(folded.len());
    let letters = folded[..name_end].chars().filter(char::is_ascii_lowercase).take(STREET_LETTERS);
    let name: String = letters.collect();
    let number: String = folded[name_end..].chars().take_while(char::is_ascii_digit).collect();
    if name.is_empty() || number.is_empty() { String::new() } else { name + &number }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_words_of_plain_letters() {
        assert_eq!(words("Maria Liisa"), ["maria", "liisa"]);
        assert_eq!(words("VIRTANEN-ÄYRÄPÄÄ"), ["virtanen", "ayrapaa"]);
        assert_eq!(words("Þór Łukasz Đặng Groß Özgür"), ["tor", "lukasz", "dang", "gross", "ozgur"]);
        assert_eq!(words("O’Brien  jr."), ["o", "brien", "jr"]);
    }

    #[test]
    fn names_without_latin_letters_have_no_words() {
        for text in ["", "Иван", "محمد", "12 34", "🙂", "?"] {
            assert!(words(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn skeletons_fold_spellings_of_one_sound() {
        for (a, b) in [("mohammed", "muhamad"), ("aleksandr", "alexander"), ("wirta", "virta"), ("schmidt", "smit")] {
            assert_eq!(skeleton(a), skeleton(b), "{a} {b}");
        }
        assert_eq!(skeleton("ayrapaa"), "arp");
        assert_eq!(skeleton("jabiri"), "ipr");
    }

    #[test]
    fn a_street_key_needs_a_name_and_a_number() {
        assert_eq!(street_key("Koivutie 3 A 4"), "koivu3");
        assert_eq!(street_key("  Hämeenkatu 12"), "hamee12");
        for address in ["", "Koivutie", "12", "poste restante", "00100 Kylä 5x"] {
            let key = street_key(address);
            assert!(key.is_empty(), "{address}: {key}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_plain_words(text in ".*") {
            prop_assert!(words(&text).iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase())));
            prop_assert!(street_key(&text).is_ascii());
        }

        #[test]
        fn case_changes_nothing(text in "[a-zA-ZäÄöÖåÅ -]{0,20}") {
            prop_assert_eq!(words(&text), words(&text.to_uppercase()));
        }
    }
}

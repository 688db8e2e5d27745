//! Typing mistakes in names and addresses.

use super::super::random::Random;

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

/// Returns a text with one typing mistake: a letter replaced, left out, added, swapped with the next, or doubled.
pub(super) fn mistyped(random: &mut Random, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 2 {
        return text.to_owned();
    }
    let at = random.position(letters.len());
    let letter = char::from(random.one_of(LETTERS));
    match random.below(5) {
        0 => letters[at] = letter,
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, letter),
        3 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_changes_the_length_by_one_letter_at_most() {
        let mut random = Random::new(1, 1);
        for _ in 0..1_000 {
            let length = mistyped(&mut random, "Hämäläinen").chars().count();
            assert!((9..=11).contains(&length));
        }
        assert_eq!(mistyped(&mut random, "N"), "N");
    }
}

//! Names of the series of a picture, below it.

use super::shapes::{Anchor, Drawing};

/// Height of a line of names.
const LINE: f64 = 18.0;
/// Left edge of the first name.
const LEFT: f64 = 12.0;
/// Width of a letter on average, of a small letter, and of what stands around a name.
const LETTER: f64 = 7.3;
const SMALL_LETTER: f64 = 6.2;
const AROUND: f64 = 34.0;

/// Adds the names below a picture, as many to a line as fit, each beside its class of looks.
pub(super) fn add_legend(drawing: &mut Drawing, names: &[(String, String)]) {
    let mut x = LEFT;
    let mut y = drawing.height + 4.0;
    for (class, name) in names {
        let name = fitting(name, drawing.width - LEFT - AROUND);
        let width = AROUND + LETTER * name.chars().count() as f64;
        if x > LEFT && x + width > drawing.width {
            x = LEFT;
            y += LINE;
        }
        drawing.rect(class, (x, y), 10.0, 10.0);
        drawing.text(Anchor::Start, (x + 15.0, y + 9.0), name);
        x += width;
    }
    drawing.height = y + LINE;
}

/// Returns as much of a text as fits a width.
pub(super) fn fitting(text: &str, width: f64) -> String {
    let letters = (width / LETTER) as usize;
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters.saturating_sub(1)).collect::<String>() + "…"
}

/// Returns a text of small letters in lines that fit a width, broken between words.
pub(super) fn small_lines(text: &str, width: f64) -> Vec<String> {
    let most = (width / SMALL_LETTER) as usize;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::results::shapes::Shape;

    #[test]
    fn a_title_is_broken_between_words() {
        assert_eq!(small_lines("First contact within 7 days", 100.0), ["First contact", "within 7 days"]);
        assert_eq!(small_lines("", 100.0), [""; 0]);
    }

    #[test]
    fn long_names_stand_below_each_other_and_within_the_picture() {
        let mut drawing = Drawing::new(640.0, 100.0);
        let names = ["a".repeat(60), "b".repeat(60), "c".repeat(200), "short".to_owned()];
        add_legend(&mut drawing, &names.map(|name| ("f0".to_owned(), name)));
        let texts: Vec<(String, usize)> = drawing
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Text { y, text, .. } => Some((y.clone(), text.chars().count())),
                _ => None,
            })
            .collect();
        assert_eq!(texts.iter().map(|(y, _)| y.as_str()).collect::<Vec<_>>(), ["113.0", "131.0", "149.0", "167.0"]);
        assert!(texts.iter().all(|(_, letters)| *letters <= 81));
        assert!((drawing.height - 176.0).abs() < 1e-9, "{}", drawing.height);
    }
}

//! A paragraph for the paper, with numbers of the released tables.

use super::sheet::Sheet;
use super::texts::{Texts, digits};

/// Returns the text with the number of each place: `{table|label|…|column}` is the cell of that column in the row that
/// begins with these labels. `None` if a number was not released.
pub(super) fn filled(text: &str, sheets: &[Sheet<'_>], texts: &Texts<'_>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, next)) = after.split_once('}') else { break };
        filled += before;
        filled += &cell(place, sheets, texts)?;
        rest = next;
    }
    Some(filled + rest)
}

fn cell(place: &str, sheets: &[Sheet<'_>], texts: &Texts<'_>) -> Option<String> {
    let parts: Vec<&str> = place.split('|').map(str::trim).collect();
    let [name, labels @ .., column] = parts.as_slice() else { return None };
    let sheet = sheets.iter().find(|sheet| sheet.item.name.as_str() == *name)?;
    let number = sheet.number(sheet.row(labels)?, column)?;
    Some(match *column {
        "share" | "lower" | "upper" | "survival" => texts.percent(number),
        _ => digits(number),
    })
}

//! Counts of persons as evidence may show them.

use crate::text::Text;
use crate::text::{COUNT_BASE, rounded};

/// A share in per cent with one decimal.
pub(super) fn percent(share: f64) -> Text {
    let en = format!("{:.1} %", share * 100.0);
    Text::new(en.clone(), en.replace('.', ","))
}

/// A number with two decimals.
pub(super) fn number(value: f64) -> Text {
    let en = format!("{value:.2}");
    Text::new(en.clone(), en.replace('.', ","))
}

/// How many persons.
pub(super) fn persons(count: u64) -> Text {
    match count {
        0 => Text::same("0"),
        1..COUNT_BASE => Text::new("fewer than 5", "alle 5"),
        _ => Text::same((rounded(count)).to_string()),
    }
}

/// Which share of persons; not of so few that it would tell how many.
pub(super) fn share(count: u64, of: u64) -> Text {
    match count {
        1..COUNT_BASE => Text::new("fewer than 5 persons", "alle 5 henkilöä"),
        COUNT_BASE.. if ratio(count, of) < 0.0005 => Text::new("under 0.1 %", "alle 0,1 %"),
        _ => percent(ratio(count, of)),
    }
}

/// The share in per cent that a bar may show: so few that it would tell how many are drawn as the fewest that may be.
pub(super) fn bar(count: u64, of: u64) -> f64 {
    let shown = if (1..COUNT_BASE).contains(&count) { COUNT_BASE.min(of) } else { count };
    // As precise as what is written beside it.
    (ratio(shown, of) * 1000.0).round() / 10.0
}

/// A share, 0 of nothing.
pub(super) fn ratio(count: u64, of: u64) -> f64 {
    count as f64 / of.max(1) as f64
}

/// Texts one after another.
pub(super) fn joined(texts: &[Text], between: &str) -> Text {
    let of = |words: fn(&Text) -> &str| texts.iter().map(words).collect::<Vec<_>>().join(between);
    Text::new(of(|text| &text.en), of(|text| &text.fi))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_persons_are_never_counted() {
        for few in 1..5 {
            assert_eq!(persons(few).en, "fewer than 5");
            assert_eq!(share(few, 100).fi, "alle 5 henkilöä");
            assert!((bar(few, 100) - 5.0).abs() < 1e-9);
        }
        assert_eq!((persons(0).en, persons(7).en, persons(8).en), ("0".into(), "5".into(), "10".into()));
        assert_eq!((share(123, 1000).fi, share(6, 1_000_000).en), ("12,3 %".into(), "under 0.1 %".into()));
    }
}

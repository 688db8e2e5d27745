//! Check digits that several kinds of numbers share.

/// Returns true if decimal digits pass the check of ISO/IEC 7812-1, annex B (Luhn): from the right, every second digit
/// is doubled, and the sum of all digits is a multiple of ten.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let values = digits.iter().rev().map(|&digit| u32::from(digit - b'0'));
    let sum: u32 = values.enumerate().map(|(place, value)| if place % 2 == 1 { doubled(value) } else { value }).sum();
    sum.is_multiple_of(10)
}

/// Returns the sum of the digits of twice `value`.
fn doubled(value: u32) -> u32 {
    value * 2 / 10 + value * 2 % 10
}

/// Returns true if the last of the decimal digits is the check digit of Finnish reference numbers: from the right,
/// the others are weighted 7, 3 and 1, and the digit complements their sum to a multiple of ten.
pub(super) fn seven_three_one(digits: &[u8]) -> bool {
    let Some((&check, rest)) = digits.split_last() else { return false };
    let weighted = rest.iter().rev().zip([7, 3, 1].into_iter().cycle());
    let sum: u32 = weighted.map(|(&digit, weight)| u32::from(digit - b'0') * weight).sum();
    (sum + u32::from(check - b'0')).is_multiple_of(10)
}

/// Returns true if the last of eleven decimal digits is the check digit of Baltic personal codes: the others weighted
/// 1 to 9 and 1, modulo 11; if that is ten, weighted 3 to 9 and 1 to 3; if that is ten again, zero.
pub(super) fn baltic(digits: [u8; 11]) -> bool {
    let [rest @ .., check] = digits.map(|digit| u32::from(digit - b'0'));
    let remainder =
        |weights: [u32; 10]| rest.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11;
    let expected = match remainder([1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) {
        10 => remainder([3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 10,
        first => first,
    };
    check == expected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_pass() {
        assert!(luhn(b"79927398713") && luhn(b"8112189876") && luhn(b"4111111111111111"));
        assert!(!luhn(b"79927398710") && !luhn(b"8112189875"));
        assert!(seven_three_one(b"1232") && !seven_three_one(b"1231"));
        assert!(baltic(*b"37605030299") && !baltic(*b"37605030298"));
    }
}

//! Decimal numbers, digit by digit.

/// Digits of the largest number.
const MAX_DIGITS: usize = 20;

/// Appends `value` with at least `width` digits.
pub(super) fn push_number(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut digits = [b'0'; MAX_DIGITS];
    let mut start = digits.len();
    while value > 0 {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend(&digits[start.min(digits.len() - width)..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: u64, width: usize) -> String {
        let mut out = Vec::new();
        push_number(&mut out, value, width);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_have_at_least_their_width() {
        assert_eq!([written(0, 1), written(7, 2), written(1234, 2)], ["0", "07", "1234"]);
        assert_eq!(written(u64::MAX, 1), u64::MAX.to_string());
    }
}

//! Sizes of memory on the command line.

use std::fmt;
use std::str::FromStr;

/// A size of memory: bytes, or a number with KiB, MiB or GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory(pub(super) usize);

/// Smallest size that holds the batches in work, in bytes.
const LEAST: usize = 64 << 20;

impl FromStr for Memory {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit = match unit.trim() {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err("unknown unit; write a number of bytes, or a number with KiB, MiB or GiB"),
        };
        let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
        match bytes {
            None => Err("not a size; write a number of bytes, or a number with KiB, MiB or GiB"),
            Some(bytes) if bytes < LEAST => Err("too little; give at least 64MiB"),
            Some(bytes) => Ok(Self(bytes)),
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}MiB", self.0 >> 20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!("256MiB".parse(), Ok(Memory(256 << 20)));
        assert_eq!("1GiB".parse::<Memory>().unwrap().to_string(), "1024MiB");
        for bad in ["", "1", "MiB", "12 parsecs", "99999999999999999999GiB"] {
            assert!(bad.parse::<Memory>().is_err(), "{bad}");
        }
    }
}

use std::fmt;
use std::str::FromStr;

/// A size of memory: bytes, or a number with KiB, MiB or GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory(pub(super) usize);

/// Less than this cannot hold the batches in work.
const LEAST: usize = 64 << 20;

impl FromStr for Memory {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let unit = match unit.trim() {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err("write a number of bytes, or one with KiB, MiB or GiB"),
        };
        let bytes = number.parse::<usize>().ok().and_then(|n| n.checked_mul(unit)).ok_or("not a size")?;
        if bytes < LEAST { Err("at least 64MiB are needed") } else { Ok(Self(bytes)) }
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

//! Reasons for which a value is rejected.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Reason for which a row is rejected or a cell emptied. Never carries the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The row has more or fewer fields than the header, or is unreadable.
    RowShape,
    /// A required value is absent.
    Missing,
    /// A character that no normalisation folds to ASCII.
    ForeignCharacter,
    /// White space inside an identity code.
    InteriorSpace,
    /// Ten characters of an identity code: the sign is absent.
    MissingSign,
    /// Not eleven characters.
    Length,
    /// A letter where an identity code has a digit.
    Form,
    /// A century sign that does not exist.
    Sign,
    /// A day that the calendar does not have, or in a form that the holder file does not list.
    Date,
    /// An individual number below 002.
    IndividualNumber,
    /// The control character does not agree with the digits.
    ControlCharacter,
    /// A text that does not match the contract's pattern.
    Pattern,
    /// A code that the contract does not list.
    UnknownCode,
    /// A code that the contract lists only with zeros before it: a spreadsheet drops them.
    ZerosLost,
    /// A code that is not in force on the day of the record.
    NotInForce,
    /// A special missing value of SAS, such as `.A`.
    SpecialMissing,
    /// Not a number, not finite, too large, or with more decimals than the contract allows.
    Number,
    /// A number below the smallest or above the largest that the contract allows.
    Range,
    /// A birth after the date of the record, or after the last day of the delivery.
    Birth,
    /// An organiser that the contract does not let the holder speak for.
    Organiser,
}

impl Reason {
    /// Every reason, in the order of the declaration.
    pub const ALL: [Self; 20] = [
        Self::RowShape,
        Self::Missing,
        Self::ForeignCharacter,
        Self::InteriorSpace,
        Self::MissingSign,
        Self::Length,
        Self::Form,
        Self::Sign,
        Self::Date,
        Self::IndividualNumber,
        Self::ControlCharacter,
        Self::Pattern,
        Self::UnknownCode,
        Self::ZerosLost,
        Self::NotInForce,
        Self::SpecialMissing,
        Self::Number,
        Self::Range,
        Self::Birth,
        Self::Organiser,
    ];

    /// Returns the stable name, as the ledger and the manifest write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RowShape => "row_shape",
            Self::Missing => "missing",
            Self::ForeignCharacter => "foreign_character",
            Self::InteriorSpace => "interior_space",
            Self::MissingSign => "missing_sign",
            Self::Length => "length",
            Self::Form => "form",
            Self::Sign => "sign",
            Self::Date => "date",
            Self::IndividualNumber => "individual_number",
            Self::ControlCharacter => "control_character",
            Self::Pattern => "pattern",
            Self::UnknownCode => "unknown_code",
            Self::ZerosLost => "zeros_lost",
            Self::NotInForce => "not_in_force",
            Self::SpecialMissing => "special_missing",
            Self::Number => "number",
            Self::Range => "range",
            Self::Birth => "birth",
            Self::Organiser => "organiser",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::error::Error for Reason {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_name_is_the_serialised_one() {
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        }
    }
}

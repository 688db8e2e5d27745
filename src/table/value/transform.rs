//! Generalisation of a column before it is written.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, PrimitiveArray};
use arrow::compute::binary;
use arrow::datatypes::{DataType, Date32Type, Decimal64Type, Int32Type};

use super::code_map::CodeMap;
use super::decimal::units_per_whole;
use super::groups::Groups;
use super::types::ValueType;
use salanimi_core::Day;

/// Generalisation of the values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transform {
    /// Keeps every value.
    Keep,
    /// Replaces a day by the first day of its month.
    Month,
    /// Replaces a day or month by its year.
    Year,
    /// Replaces a day by the number of days since the day in another column of the row.
    DaysAfter {
        /// Position of the other column among the columns given to [`Transform::apply`].
        column: usize,
    },
    /// Replaces a number by the lower edge of its band, in whole units. Bands start at 0.
    Band {
        /// Width of a band, in the column's unit.
        width: u32,
    },
    /// Replaces a number by the name of its group.
    Groups(Groups),
    /// Replaces a number above the limit by the limit, which then means "or more" (top coding).
    Top {
        /// The limit.
        most: i32,
    },
    /// Replaces a code by its target in a mapping file.
    Map(CodeMap),
}

/// A transform that does not apply to a column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this transform does not apply to a column of type {found}; it takes {expected}")]
pub struct TypeMismatch {
    /// The column's type.
    pub found: &'static str,
    /// The types that the transform takes.
    pub expected: &'static str,
}

impl Transform {
    /// Returns the type of transformed values of type `input`.
    ///
    /// # Errors
    /// The transform does not apply to `input`.
    pub fn output(&self, input: &ValueType) -> Result<ValueType, TypeMismatch> {
        if !self.accepts(input) {
            return Err(TypeMismatch { found: input.name(), expected: self.accepted() });
        }
        Ok(match self {
            Self::Keep => input.clone(),
            Self::Month => ValueType::Month,
            Self::Year | Self::DaysAfter { .. } | Self::Band { .. } | Self::Top { .. } => ValueType::Integer,
            Self::Groups(groups) => ValueType::Code(groups.codes().clone()),
            Self::Map(map) => ValueType::Code(map.to().clone()),
        })
    }

    fn accepts(&self, input: &ValueType) -> bool {
        match self {
            Self::Keep => true,
            Self::Month | Self::DaysAfter { .. } => *input == ValueType::Date,
            Self::Year => input.is_dated(),
            Self::Band { .. } => input.is_number(),
            Self::Groups(_) | Self::Top { .. } => *input == ValueType::Integer,
            Self::Map(map) => *input == ValueType::Code(map.from().clone()),
        }
    }

    /// Returns the accepted types, for messages.
    fn accepted(&self) -> &'static str {
        match self {
            Self::Keep => "any type",
            Self::Month | Self::DaysAfter { .. } => "date",
            Self::Year => "date or month",
            Self::Band { .. } => "integer or decimal",
            Self::Groups(_) | Self::Top { .. } => "integer",
            Self::Map(_) => "code whose list is that of the mapping",
        }
    }

    /// Transforms the column at `position` of `columns`, which have one length.
    ///
    /// A value that the transform cannot express becomes null, such as a lower edge beyond 32 bits.
    #[must_use]
    pub fn apply(&self, columns: &[ArrayRef], position: usize) -> ArrayRef {
        let array = &columns[position];
        match self {
            Self::Keep => array.clone(),
            Self::Month => {
                Arc::new(map_days(array, |day| day.first_of_month().epoch_days()).reinterpret_cast::<Date32Type>())
            }
            Self::Year => Arc::new(map_days(array, Day::year)),
            Self::DaysAfter { column } => days_after(array, &columns[*column]),
            Self::Band { width } => band(array, *width),
            Self::Groups(groups) => groups.apply(array),
            Self::Top { most } => Arc::new(array.as_primitive::<Int32Type>().unary::<_, Int32Type>(|v| v.min(*most))),
            Self::Map(map) => map.apply(array),
        }
    }

    /// Returns the transform's name and parameters, as manifests record them.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Keep => "keep".into(),
            Self::Month => "month".into(),
            Self::Year => "year".into(),
            Self::DaysAfter { .. } => "days_after".into(),
            Self::Band { width } => format!("band {width}"),
            Self::Groups(groups) => format!("groups {}", groups.codes().values().join(" ")),
            Self::Top { most } => format!("top {most}"),
            Self::Map(map) => format!("map {}", map.name()),
        }
    }
}

fn map_days(array: &ArrayRef, value: impl Fn(Day) -> i32) -> Int32Array {
    array.as_primitive::<Date32Type>().unary_opt::<_, Int32Type>(|day| Day::from_epoch_days(day).map(&value))
}

fn days_after(array: &ArrayRef, since: &ArrayRef) -> ArrayRef {
    let difference =
        binary::<Date32Type, Date32Type, _, Int32Type>(array.as_primitive(), since.as_primitive(), i32::wrapping_sub);
    match difference {
        Ok(difference) => Arc::new(difference),
        Err(_) => unreachable!("columns of one batch have one length"),
    }
}

fn band(array: &ArrayRef, width: u32) -> ArrayRef {
    let width = i64::from(width);
    match array.data_type() {
        DataType::Decimal64(_, scale) => {
            let unit = units_per_whole(*scale);
            let numbers: &PrimitiveArray<Decimal64Type> = array.as_primitive();
            Arc::new(numbers.unary_opt::<_, Int32Type>(|number| lower_edge(number.div_euclid(unit), width)))
        }
        _ => Arc::new(array.as_primitive::<Int32Type>().unary_opt::<_, Int32Type>(|v| lower_edge(i64::from(v), width))),
    }
}

/// Returns the lower edge of the band of `units`, or `None` if it does not fit 32 bits.
fn lower_edge(units: i64, width: i64) -> Option<i32> {
    i32::try_from(units.div_euclid(width) * width).ok()
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, Decimal64Array};
    use proptest::prelude::*;

    use super::*;

    fn days(texts: &[&str]) -> ArrayRef {
        Arc::new(Date32Array::from_iter_values(texts.iter().map(|t| Day::parse(t).unwrap().epoch_days())))
    }

    #[test]
    fn dates_become_months_years_and_differences() {
        let columns = [days(&["2020-02-29", "2019-12-31"]), days(&["2020-02-01", "2020-01-01"])];
        assert_eq!(Transform::Month.apply(&columns, 0).as_ref(), days(&["2020-02-01", "2019-12-01"]).as_ref());
        assert_eq!(Transform::Year.apply(&columns, 0).as_primitive::<Int32Type>().values(), &[2020, 2019]);
        let after = Transform::DaysAfter { column: 1 }.apply(&columns, 0);
        assert_eq!(after.as_primitive::<Int32Type>().values(), &[28, -1]);
    }

    #[test]
    fn amounts_fall_into_bands_of_fifty() {
        let cents = Decimal64Array::from(vec![0, 4999, 5000, -1]).with_precision_and_scale(18, 2).unwrap();
        let bands = Transform::Band { width: 50 }.apply(&[Arc::new(cents)], 0);
        assert_eq!(bands.as_primitive::<Int32Type>().values(), &[0, 0, 50, -50]);
    }

    #[test]
    fn a_transform_refuses_other_types() {
        assert!(Transform::Month.output(&ValueType::Text).is_err());
        assert!(Transform::DaysAfter { column: 0 }.output(&ValueType::Month).is_err());
        assert!(Transform::Band { width: 5 }.output(&ValueType::Flag).is_err());
        assert_eq!(Transform::DaysAfter { column: 0 }.output(&ValueType::Date), Ok(ValueType::Integer));
    }

    proptest! {
        #[test]
        fn a_band_holds_its_value(value in any::<i32>(), width in 1_u32..10_000) {
            let bands = band(&(Arc::new(Int32Array::from(vec![value])) as ArrayRef), width);
            let band = bands.as_primitive::<Int32Type>();
            if band.is_valid(0) {
                let edge = i64::from(band.value(0));
                prop_assert!(edge <= i64::from(value) && i64::from(value) < edge + i64::from(width));
            } else {
                prop_assert!(value < i32::MIN + 10_000);
            }
        }
    }
}

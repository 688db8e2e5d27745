//! Generalisation of a column: what stays of a value when it is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, PrimitiveArray, UInt16Array};
use arrow::compute::binary;
use arrow::datatypes::{Date32Type, Decimal64Type, Int32Type, UInt16Type};

use super::value::{Codes, ValueType};
use salanimi_core::Day;

/// What is done to the values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transform {
    /// Nothing.
    Keep,
    /// A day becomes the first day of its month.
    Month,
    /// A day or month becomes its year.
    Year,
    /// A day becomes the number of days after the day in another column of the same row.
    DaysAfter {
        /// Position of the other column among the columns given to [`Transform::apply`].
        column: usize,
    },
    /// A number becomes the lower edge of its band of this width, in whole units; bands start at 0.
    Band {
        /// Width of a band, in the column's unit.
        width: u32,
    },
    /// A number becomes the name of its group.
    Groups(Groups),
    /// A number above this one becomes this one, which then means "or more".
    Top {
        /// The highest number that is kept.
        most: i32,
    },
    /// A code becomes what a mapping file says for it.
    Map(CodeMap),
}

/// A type that a transform cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this transform does not apply to a column of type {found}; it takes {expected}")]
pub struct TypeMismatch {
    /// The column's type.
    pub found: &'static str,
    /// The types that the transform takes.
    pub expected: &'static str,
}

impl Transform {
    /// The type of the values that come out when values of type `input` go in.
    ///
    /// # Errors
    /// The transform does not apply to `input`.
    pub fn output(&self, input: &ValueType) -> Result<ValueType, TypeMismatch> {
        let (fits, expected, output) = match self {
            Self::Keep => (true, "", input.clone()),
            Self::Month => (*input == ValueType::Date, "date", ValueType::Month),
            Self::DaysAfter { .. } => (*input == ValueType::Date, "date", ValueType::Integer),
            Self::Year => (input.is_dated(), "date or month", ValueType::Integer),
            Self::Band { .. } => (input.is_number(), "integer or decimal", ValueType::Integer),
            Self::Top { .. } => (*input == ValueType::Integer, "integer", ValueType::Integer),
            Self::Groups(groups) => (*input == ValueType::Integer, "integer", ValueType::Code(groups.codes.clone())),
            Self::Map(map) => {
                let same_list = *input == ValueType::Code(map.from.clone());
                (same_list, "code whose list is that of the mapping", ValueType::Code(map.to.clone()))
            }
        };
        if fits { Ok(output) } else { Err(TypeMismatch { found: input.name(), expected }) }
    }

    /// Transforms the column at `position` of `columns`, which all have the same length.
    ///
    /// A value that the transform cannot express, such as a difference beyond 32 bits, becomes null.
    #[must_use]
    pub fn apply(&self, columns: &[ArrayRef], position: usize) -> ArrayRef {
        let array = &columns[position];
        match self {
            Self::Keep => array.clone(),
            Self::Month => {
                Arc::new(of_day(array, |day| day.first_of_month().epoch_days()).reinterpret_cast::<Date32Type>())
            }
            Self::Year => Arc::new(of_day(array, Day::year)),
            Self::DaysAfter { column } => days_after(array, &columns[*column]),
            Self::Band { width } => band(array, *width),
            Self::Groups(groups) => groups.apply(array),
            Self::Top { most } => Arc::new(array.as_primitive::<Int32Type>().unary::<_, Int32Type>(|v| v.min(*most))),
            Self::Map(map) => map.apply(array),
        }
    }

    /// The transform's name and parameters, as manifests write it.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Keep => "keep".into(),
            Self::Month => "month".into(),
            Self::Year => "year".into(),
            Self::DaysAfter { .. } => "days_after".into(),
            Self::Band { width } => format!("band {width}"),
            Self::Groups(groups) => format!("groups {}", groups.codes.values().join(" ")),
            Self::Top { most } => format!("top {most}"),
            Self::Map(map) => format!("map {}", map.name),
        }
    }
}

fn of_day(array: &ArrayRef, value: impl Fn(Day) -> i32) -> Int32Array {
    array.as_primitive::<Date32Type>().unary_opt::<_, Int32Type>(|day| Day::from_epoch_days(day).map(&value))
}

fn days_after(array: &ArrayRef, since: &ArrayRef) -> ArrayRef {
    let difference =
        binary::<Date32Type, Date32Type, _, Int32Type>(array.as_primitive(), since.as_primitive(), i32::wrapping_sub);
    // Both columns have one length, which is all that `binary` asks for.
    Arc::new(difference.unwrap_or_else(|_| Int32Array::new_null(array.len())))
}

fn band(array: &ArrayRef, width: u32) -> ArrayRef {
    let width = i64::from(width);
    let edge = |units: i64| i32::try_from(units.div_euclid(width) * width).ok();
    match array.data_type() {
        arrow::datatypes::DataType::Decimal64(_, scale) => {
            let unit = 10_i64.pow(u32::try_from(*scale).unwrap_or(0));
            let cents: &PrimitiveArray<Decimal64Type> = array.as_primitive();
            Arc::new(cents.unary_opt::<_, Int32Type>(|v| edge(v.div_euclid(unit))))
        }
        _ => Arc::new(array.as_primitive::<Int32Type>().unary_opt::<_, Int32Type>(|v| edge(i64::from(v)))),
    }
}

/// Groups of whole numbers, named by their edges: `<18`, `18-24`, …, `65+`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    edges: Vec<i32>,
    per: i32,
    codes: Arc<Codes>,
    positions: Vec<u16>,
}

impl Groups {
    /// Groups that begin at each of `edges`, which ascend. Values are divided by `per` first: 12 turns months into
    /// years.
    ///
    /// `None` if there is no edge, they do not ascend, or `per` is below 1.
    #[must_use]
    pub fn new(edges: Vec<i32>, per: i32) -> Option<Self> {
        let (&first, &last) = (edges.first()?, edges.last()?);
        if per < 1 || !edges.is_sorted_by(|a, b| a < b) {
            return None;
        }
        let between = edges.windows(2).map(|w| match w[1] - 1 {
            end if end == w[0] => end.to_string(),
            end => format!("{}-{end}", w[0]),
        });
        let names: Vec<String> =
            std::iter::once(format!("<{first}")).chain(between).chain(std::iter::once(format!("{last}+"))).collect();
        let codes = Codes::new(names.iter().cloned())?;
        let positions = names.iter().filter_map(|n| codes.position(n)).collect();
        Some(Self { edges, per, codes, positions })
    }

    /// The position, in the list of group names, of the group that `value` falls into.
    #[must_use]
    pub fn position(&self, value: i32) -> u16 {
        let value = value.div_euclid(self.per);
        self.positions[self.edges.partition_point(|&edge| edge <= value)]
    }

    /// The names of the groups, in byte order.
    #[must_use]
    pub fn codes(&self) -> &Arc<Codes> {
        &self.codes
    }

    fn apply(&self, array: &ArrayRef) -> ArrayRef {
        Arc::new(array.as_primitive::<Int32Type>().unary::<_, UInt16Type>(|v| self.position(v)))
    }
}

/// A mapping from one list of codes to another, such as municipality to county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeMap {
    name: String,
    from: Arc<Codes>,
    to: Arc<Codes>,
    positions: Vec<u16>,
}

impl CodeMap {
    /// The mapping `name` with these pairs; `None` if there are too many codes.
    #[must_use]
    pub fn new(name: &str, pairs: &BTreeMap<String, String>) -> Option<Self> {
        let from = Codes::new(pairs.keys().cloned())?;
        let to = Codes::new(pairs.values().cloned())?;
        let positions = from.values().iter().filter_map(|code| to.position(&pairs[code])).collect();
        Some(Self { name: name.to_owned(), from, to, positions })
    }

    /// The codes that are mapped.
    #[must_use]
    pub fn from(&self) -> &Arc<Codes> {
        &self.from
    }

    /// The codes that they become.
    #[must_use]
    pub fn to(&self) -> &Arc<Codes> {
        &self.to
    }

    /// The position, in the list of codes that they become, of what the code at `position` becomes.
    #[must_use]
    pub fn position(&self, position: u16) -> Option<u16> {
        self.positions.get(usize::from(position)).copied()
    }

    fn apply(&self, array: &ArrayRef) -> ArrayRef {
        let codes: &UInt16Array = array.as_primitive();
        Arc::new(codes.unary_opt::<_, UInt16Type>(|p| self.position(p)))
    }
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
    fn euros_fall_into_bands_of_fifty() {
        let cents = Decimal64Array::from(vec![0, 4999, 5000, -1]).with_precision_and_scale(18, 2).unwrap();
        let bands = Transform::Band { width: 50 }.apply(&[Arc::new(cents)], 0);
        assert_eq!(bands.as_primitive::<Int32Type>().values(), &[0, 0, 50, -50]);
    }

    #[test]
    fn ages_in_months_fall_into_named_groups() {
        let groups = Groups::new(vec![18, 25, 26, 65], 12).unwrap();
        let name = |months: i32| groups.codes.values()[usize::from(groups.position(months))].as_str();
        assert_eq!(
            [0, 215, 216, 299, 300, 311, 312, 900].map(name),
            ["<18", "<18", "18-24", "18-24", "25", "25", "26-64", "65+"]
        );
        assert!(Groups::new(vec![], 1).is_none() && Groups::new(vec![2, 2], 1).is_none());
    }

    #[test]
    fn a_mapping_keeps_nulls_and_maps_codes() {
        let pairs = [("020", "06"), ("091", "90")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let map = CodeMap::new("county", &pairs).unwrap();
        let mapped = map.apply(&(Arc::new(UInt16Array::from(vec![Some(1), None, Some(0)])) as ArrayRef));
        let names: Vec<_> = mapped
            .as_primitive::<UInt16Type>()
            .iter()
            .map(|p| p.map(|p| map.to.values()[usize::from(p)].as_str()))
            .collect();
        assert_eq!(names, [Some("90"), None, Some("06")]);
    }

    #[test]
    fn a_transform_refuses_types_that_it_cannot_take() {
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

//! Tests of the conversion of source values.

use arrow::array::{Decimal128Array, DictionaryArray, Float64Array, Int64Array, TimestampSecondArray};
use proptest::prelude::*;

use super::super::codes::Codes;
use super::super::dates::{DATE_FORM, DateForm, DateLayout};
use super::*;

fn convert_with(rules: &Rules, notation: &Notation, array: &ArrayRef) -> Converted {
    Converter::new(rules, notation, &Renames::new()).convert(array).unwrap()
}

fn convert(value: ValueType, array: impl Array + 'static) -> Converted {
    convert_with(&Rules::new(value), &Notation::default(), &(Arc::new(array) as ArrayRef))
}

fn reasons(converted: &Converted) -> Vec<(usize, Reason)> {
    converted.faults.iter().map(|f| (f.row, f.reason)).collect()
}

fn codes() -> ValueType {
    ValueType::Code(Codes::new(["adult", "child"].map(String::from)).unwrap())
}

#[test]
fn codes_become_positions_and_unknown_ones_are_faults() {
    let converted =
        convert(codes(), StringArray::from(vec![Some(" child "), None, Some(""), Some("x"), Some("adult")]));
    let positions: Vec<_> = converted.array.as_primitive::<UInt16Type>().iter().collect();
    assert_eq!(positions, [Some(1), None, None, None, Some(0)]);
    assert_eq!(reasons(&converted), [(3, Reason::UnknownCode)]);
}

#[test]
fn a_dictionary_column_converts_as_its_text_does() {
    let texts = vec![Some("child"), Some("x"), None, Some("child"), Some("x")];
    let dictionary: DictionaryArray<Int32Type> = texts.iter().copied().collect();
    let (direct, spread) = (convert(codes(), StringArray::from(texts)), convert(codes(), dictionary));
    assert_eq!(direct.array.as_ref(), spread.array.as_ref());
    assert_eq!(reasons(&direct), reasons(&spread));
}

#[test]
fn renamed_codes_have_the_holder_files_meaning() {
    let (rules, notation) = (Rules::new(codes()), Notation::default());
    let renames = [("A".to_owned(), "adult".to_owned())].into();
    let converter = Converter::new(&rules, &notation, &renames);
    let converted = converter.convert(&(Arc::new(StringArray::from(vec!["A", "child"])) as ArrayRef)).unwrap();
    assert_eq!(converted.array.as_primitive::<UInt16Type>().values(), &[0, 1]);
}

#[test]
fn amounts_are_exact_and_nan_is_a_fault() {
    let amount = ValueType::Decimal { scale: 2 };
    let floats = convert(amount.clone(), Float64Array::from(vec![12.5, f64::NAN, f64::INFINITY, 0.1 + 0.2, 1e30]));
    assert_eq!(floats.array.as_primitive::<Decimal64Type>().value(0), 1250);
    assert_eq!(reasons(&floats), [1, 2, 3, 4].map(|row| (row, Reason::Number)));
    let wide = Decimal128Array::from(vec![1250, i128::MAX >> 8]).with_precision_and_scale(38, 2).unwrap();
    assert_eq!(reasons(&convert(amount, wide)), [(1, Reason::Number)]);
}

#[test]
fn a_range_binds_fractions_too() {
    let rules = Rules { min: Some(0), max: Some(10), ..Rules::new(ValueType::Decimal { scale: 2 }) };
    let texts = StringArray::from(vec!["10", "10.01", "-0.01", "0"]);
    let converted = convert_with(&rules, &Notation::default(), &(Arc::new(texts) as ArrayRef));
    assert_eq!(reasons(&converted), [(1, Reason::Range), (2, Reason::Range)]);
}

#[test]
fn a_missing_required_value_is_a_fault() {
    let rules = Rules { required: true, ..Rules::new(ValueType::Integer) };
    let notation = Notation { missing: vec!["-".into()], ..Notation::default() };
    let converted = convert_with(
        &rules,
        &notation,
        &(Arc::new(StringArray::from(vec![Some("-"), Some("x"), Some("7"), None])) as ArrayRef),
    );
    assert_eq!(reasons(&converted), [(0, Reason::Missing), (1, Reason::Number), (3, Reason::Missing)]);
}

#[test]
fn months_and_days_are_read_in_every_listed_form() {
    let notation = Notation {
        dates: vec![DATE_FORM, DateForm { layout: DateLayout::Finnish, has_time: false }],
        ..Notation::default()
    };
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["2020-02-03", "3.2.2020", "2020-02", "31.2.2020"]));
    let days = convert_with(&Rules::new(ValueType::Date), &notation, &texts);
    assert_eq!(reasons(&days), [(2, Reason::Date), (3, Reason::Date)]);
    let months = convert_with(&Rules::new(ValueType::Month), &notation, &texts);
    let february = Day::parse("2020-02-01").unwrap().epoch_days();
    assert_eq!(&months.array.as_primitive::<Date32Type>().values()[..3], &[february; 3]);
    assert_eq!(reasons(&months), [(3, Reason::Date)]);
}

#[test]
fn flags_of_other_programs_are_read() {
    let texts = vec!["True", "FALSE", "1.0", "0", "2", "T", "1.5"];
    let flags = convert(ValueType::Flag, StringArray::from(texts));
    let values: Vec<_> = flags.array.as_boolean().iter().collect();
    assert_eq!(values, [Some(true), Some(false), Some(true), Some(false), None, None, None]);
    let floats = convert(ValueType::Flag, Float64Array::from(vec![Some(1.0), None, Some(0.0), Some(0.5)]));
    assert_eq!(floats.array.as_boolean().iter().collect::<Vec<_>>(), [Some(true), None, Some(false), None]);
    assert_eq!(reasons(&floats), [(3, Reason::UnknownCode)]);
}

#[test]
fn numbers_of_a_wider_type_are_read_if_nothing_is_lost() {
    let wide = Decimal128Array::from(vec![31_000, 20_050, 10_000]).with_precision_and_scale(18, 4).unwrap();
    let amounts = convert(ValueType::Decimal { scale: 2 }, wide.clone());
    assert_eq!(amounts.array.as_primitive::<Decimal64Type>().iter().collect::<Vec<_>>(), [Some(310), None, Some(100)]);
    assert_eq!(reasons(&amounts), [(1, Reason::Number)]);
    assert_eq!(reasons(&convert(ValueType::Integer, wide)), [(0, Reason::Number), (1, Reason::Number)]);
    let floats = convert(ValueType::Integer, Float64Array::from(vec![Some(2.0), None, Some(2.5)]));
    assert_eq!(floats.array.as_primitive::<Int32Type>().iter().collect::<Vec<_>>(), [Some(2), None, None]);
}

#[test]
fn whole_numbers_too_large_are_faults() {
    let converted = convert(ValueType::Integer, Int64Array::from(vec![3, 1 << 40]));
    assert_eq!(reasons(&converted), [(1, Reason::Number)]);
}

#[test]
fn a_time_gives_its_day_and_month() {
    let day = |text| Day::parse(text).unwrap().epoch_days();
    let noon = i64::from(day("1965-03-01")) * 86_400 + 43_200;
    let far = i64::from(day("9999-12-31")) * 86_400;
    let local = convert(ValueType::Date, TimestampSecondArray::from(vec![noon, far, i64::MAX]));
    assert_eq!(&local.array.as_primitive::<Date32Type>().values()[..2], &[day("1965-03-01"), day("9999-12-31")]);
    assert_eq!(reasons(&local), [(2, Reason::Date)]);
    let month = convert(ValueType::Month, TimestampSecondArray::from(vec![noon]));
    assert_eq!(month.array.as_primitive::<Date32Type>().value(0), day("1965-03-01"));
}

#[test]
fn a_type_of_another_kind_is_not_accepted() {
    let (rules, notation) = (Rules::new(ValueType::Date), Notation::default());
    let converter = Converter::new(&rules, &notation, &Renames::new());
    assert!(converter.accepts(&DataType::Utf8) && converter.accepts(&DataType::Date32));
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert!([utc, DataType::Boolean, DataType::Float64].iter().all(|other| !converter.accepts(other)));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(texts in proptest::collection::vec("\\PC{0,12}", 0..20)) {
        let decimal = ValueType::Decimal { scale: 2 };
        for value in [codes(), ValueType::Date, ValueType::Month, ValueType::Integer, ValueType::Flag, decimal] {
            let converted = convert(value, StringArray::from(texts.clone()));
            prop_assert_eq!(converted.array.len(), texts.len());
        }
    }
}

//! Tables in the few Arrow types that every engine carries without a change: no dictionaries, no fixed widths, no
//! decimals of 64 bits.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::column::{decode_column, stored_batch};
use super::types::{DECIMAL_DIGITS, Field, stored_schema};

/// Returns the schema of `fields` in plain types.
#[must_use]
pub fn plain_schema(fields: &[Field]) -> SchemaRef {
    let stored = stored_schema(fields);
    let plain = stored.fields().iter().map(|field| ArrowField::new(field.name(), plain_type(field.data_type()), true));
    Arc::new(Schema::new(plain.collect::<Vec<_>>()))
}

fn plain_type(stored: &DataType) -> DataType {
    match stored {
        DataType::Dictionary(_, value) => value.as_ref().clone(),
        DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Decimal64(_, scale) => DataType::Decimal128(DECIMAL_DIGITS, *scale),
        other => other.clone(),
    }
}

/// Converts the columns of a table from their form in memory to a batch in plain types.
///
/// # Errors
/// The columns are not those of `fields`. The pipeline never produces such.
pub fn plain_batch(fields: &[Field], columns: &[ArrayRef]) -> Result<RecordBatch, ArrowError> {
    let stored = stored_batch(fields, columns)?;
    let schema = plain_schema(fields);
    let plain = stored.columns().iter().zip(schema.fields()).map(|(column, field)| cast(column, field.data_type()));
    RecordBatch::try_new(schema.clone(), plain.collect::<Result<_, _>>()?)
}

/// Converts plain columns of `fields`, as [`plain_batch`] returns them, to their form in memory.
///
/// Returns `None` if a column has another type, or holds a value that its field does not have.
#[must_use]
pub fn from_plain(fields: &[Field], columns: &[ArrayRef]) -> Option<Vec<ArrayRef>> {
    let schema = stored_schema(fields);
    let plain = plain_schema(fields);
    if columns.len() != fields.len() {
        return None;
    }
    let exact = CastOptions { safe: false, ..CastOptions::default() };
    let decoded = columns.iter().zip(fields).enumerate().map(|(at, (column, field))| {
        if column.data_type() != plain.field(at).data_type() {
            return None;
        }
        let stored = cast_with_options(column, schema.field(at).data_type(), &exact).ok()?;
        decode_column(&stored, &field.value)
    });
    decoded.collect()
}

#[cfg(test)]
mod tests {
    use arrow::array::{BinaryArray, BooleanArray, Date32Array, Decimal64Array, Int32Array, StringArray, UInt16Array};

    use super::super::{Codes, ValueType, pseudonym_column};
    use super::*;
    use salanimi_core::Pseudonym;

    fn fields() -> Vec<Field> {
        let codes = Codes::new(["b", "a", "c"].map(str::to_owned)).unwrap();
        let values = [
            ValueType::Pseudonym,
            ValueType::Code(codes),
            ValueType::Date,
            ValueType::Integer,
            ValueType::Decimal { scale: 2 },
            ValueType::Flag,
            ValueType::Text,
        ];
        values.into_iter().zip(0..).map(|(value, at)| Field { name: format!("f{at}"), value }).collect()
    }

    fn columns() -> Vec<ArrayRef> {
        let decimals = Decimal64Array::from(vec![Some(-1_050), None, Some(i64::MAX / 10)]);
        vec![
            pseudonym_column([1, 255, 7].map(|byte| Pseudonym([byte; 16])).into_iter(), None),
            Arc::new(UInt16Array::from(vec![Some(2), None, Some(0)])),
            Arc::new(Date32Array::from(vec![Some(17_000), None, Some(-1)])),
            Arc::new(Int32Array::from(vec![None, Some(i32::MIN), Some(4)])),
            Arc::new(decimals.with_data_type(ValueType::Decimal { scale: 2 }.memory_type())),
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
            Arc::new(StringArray::from(vec![Some("ä"), None, Some("")])),
        ]
    }

    #[test]
    fn plain_columns_come_back_as_they_were() {
        let batch = plain_batch(&fields(), &columns()).unwrap();
        assert_eq!(batch.schema(), plain_schema(&fields()));
        assert_eq!(from_plain(&fields(), batch.columns()), Some(columns()));
        let part = batch.slice(1, 2);
        let expected: Vec<ArrayRef> = columns().iter().map(|column| column.slice(1, 2)).collect();
        assert_eq!(from_plain(&fields(), part.columns()), Some(expected));
    }

    #[test]
    fn other_types_lengths_and_codes_are_refused() {
        let plain = plain_batch(&fields(), &columns()).unwrap().columns().to_vec();
        let with = |at: usize, column: ArrayRef| {
            let mut changed = plain.clone();
            changed[at] = column;
            from_plain(&fields(), &changed)
        };
        let texts = |text: &str| Arc::new(StringArray::from(vec![text; 3]));
        assert!(with(1, texts("d")).is_none() && with(1, texts("a")).is_some());
        assert!(with(3, texts("1")).is_none());
        assert!(with(0, Arc::new(BinaryArray::from(vec![&b"short"[..]; 3]))).is_none());
        assert!(from_plain(&fields(), &plain[1..]).is_none());
    }
}

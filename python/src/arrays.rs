//! Arrow arrays as other programs expect them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use salanimi::table::SourceError;

/// Digits of a decimal that all readers know.
const DIGITS: u8 = 38;

/// Returns the type in Python: decimals of 64 bits, which pandas and Spark do not know, become decimals of 128 bits.
fn known_type(value: &DataType) -> DataType {
    match value {
        DataType::Decimal64(_, scale) => DataType::Decimal128(DIGITS, *scale),
        other => other.clone(),
    }
}

/// Returns the schema with types that pandas, polars and Spark know.
pub(crate) fn known_schema(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter();
    let known = fields.map(|field| Field::new(field.name(), known_type(field.data_type()), field.is_nullable()));
    Arc::new(Schema::new(known.collect::<Vec<_>>()))
}

/// Returns the batch with types that pandas, polars and Spark know.
pub(crate) fn known_batch(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().map(|column| cast(column, &known_type(column.data_type())));
    RecordBatch::try_new(known_schema(&batch.schema()), columns.collect::<Result<Vec<ArrayRef>, _>>()?)
}

/// Batches of a table, as pyarrow reads them.
pub(crate) struct TableReader {
    pub(crate) schema: SchemaRef,
    pub(crate) batches: Box<dyn Iterator<Item = Result<RecordBatch, SourceError>> + Send>,
}

impl Iterator for TableReader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        Some(batch.map_err(|error| ArrowError::ExternalError(Box::new(error))).and_then(|batch| known_batch(&batch)))
    }
}

impl RecordBatchReader for TableReader {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// Returns the identifiers of an array of text, in any of Arrow's layouts; `None` for any other type.
pub(crate) fn texts(array: &ArrayRef) -> Option<ArrayRef> {
    let value = match array.data_type() {
        DataType::Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    match value {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            cast(array, &DataType::LargeUtf8).ok()
        }
        _ => None,
    }
}

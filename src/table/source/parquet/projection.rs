//! Columns to read from a file, in a requested order.

use arrow::array::{ArrayRef, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::schema::types::SchemaDescriptor;

/// Columns to read. The library returns each once and in file order; a projection restores the requested order.
pub(super) struct Projection {
    pub mask: ProjectionMask,
    /// For each requested column, its position in a batch.
    positions: Vec<usize>,
}

impl Projection {
    /// Returns the projection on the top-level columns at `wanted`, which may repeat.
    pub(super) fn new(schema: &SchemaDescriptor, wanted: &[usize]) -> Self {
        let mut order = wanted.to_vec();
        order.sort_unstable();
        order.dedup();
        let mask = ProjectionMask::roots(schema, order.iter().copied());
        // The position of a column in `order` is the number of columns before it.
        let positions = wanted.iter().map(|column| order.partition_point(|before| before < column)).collect();
        Self { mask, positions }
    }

    /// Returns the requested columns of a batch.
    pub(super) fn columns(&self, batch: &RecordBatch) -> Vec<ArrayRef> {
        self.positions.iter().map(|&position| batch.column(position).clone()).collect()
    }
}

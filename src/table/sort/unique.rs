//! Rows that repeat a unique key.

use std::cmp::Ordering;

use ahash::RandomState;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, DynComparator, PrimitiveArray, downcast_primitive_array, make_comparator,
};
use arrow::compute::SortOptions;
use arrow::datatypes::{ArrowPrimitiveType, DataType, ToByteSlice};
use arrow::error::ArrowError;

use super::super::value::keys;

/// Marks the first row of each unique key among rows sorted by their first column.
///
/// The unique key is the first column together with the columns at `key`.
///
/// # Errors
/// A column has a type that cannot be compared.
pub fn first_of_each(columns: &[ArrayRef], key: &[usize]) -> Result<BooleanArray, ArrowError> {
    let first = keys(&columns[0]);
    let mut hashes = vec![0; first.len()];
    key.iter().for_each(|&at| add_to_hashes(&mut hashes, &columns[at]));
    let comparators = key.iter().map(|&at| make_comparator(&columns[at], &columns[at], SortOptions::default()));
    let comparators = comparators.collect::<Result<Vec<DynComparator>, _>>()?;
    // Equal rows have equal hashes, so few rows are compared.
    let compare = |a: &(u64, usize), b: &(u64, usize)| {
        let by_values = || comparators.iter().fold(Ordering::Equal, |order, c| order.then_with(|| c(a.1, b.1)));
        a.0.cmp(&b.0).then_with(by_values)
    };
    let mut kept = vec![true; first.len()];
    let mut order: Vec<(u64, usize)> = Vec::new();
    let mut start = 0;
    for run in first.chunk_by(|a, b| a == b) {
        let end = start + run.len();
        if run.len() > 1 {
            order.clear();
            order.extend((start..end).map(|row| (hashes[row], row)));
            // Stable: of equal keys the first row stays in front.
            order.sort_by(compare);
            for pair in order.windows(2).filter(|pair| compare(&pair[0], &pair[1]).is_eq()) {
                kept[pair[1].1] = false;
            }
        }
        start = end;
    }
    Ok(kept.into())
}

/// Adds the values of a column to the hash of each row. Equal values give equal hashes; a person's rows are few, so the
/// hash need not resist anybody.
fn add_to_hashes(hashes: &mut [u64], column: &ArrayRef) {
    let array = column.as_ref();
    downcast_primitive_array!(
        array => add_numbers(hashes, array),
        DataType::Boolean => {
            let values = array.as_boolean().iter().map(|value| value.map_or(2, u64::from));
            hashes.iter_mut().zip(values).for_each(|(hash, value)| *hash = mixed(*hash, value));
        },
        _ => {
            let state = RandomState::with_seeds(1, 2, 3, 4);
            let texts = array.as_string::<i32>().iter();
            hashes.iter_mut().zip(texts).for_each(|(hash, text)| *hash = mixed(*hash, state.hash_one(text)));
        },
    );
}

fn add_numbers<T: ArrowPrimitiveType>(hashes: &mut [u64], numbers: &PrimitiveArray<T>) {
    // A null has the value 0 in memory, or any other: what stands there is not read.
    let nulls = numbers.nulls();
    for (row, (hash, number)) in hashes.iter_mut().zip(numbers.values()).enumerate() {
        let is_valid = nulls.is_none_or(|nulls| nulls.is_valid(row));
        let bytes = number.to_byte_slice().chunks(size_of::<u64>());
        let number = bytes.fold(1, |sum, bytes| {
            let mut word = [0; size_of::<u64>()];
            word[..bytes.len()].copy_from_slice(bytes);
            mixed(sum, u64::from_le_bytes(word))
        });
        *hash = mixed(*hash, if is_valid { number } else { 0 });
    }
}

/// Mixes a value into a hash by a multiplication whose halves are joined.
fn mixed(hash: u64, value: u64) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let product = u128::from(hash ^ value ^ ODD) * u128::from(ODD ^ hash.rotate_left(32));
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use arrow::array::Int32Array;
    use proptest::prelude::*;

    use super::super::super::value::pseudonym_column;
    use super::*;
    use salanimi_core::Pseudonym;

    proptest! {
        #[test]
        fn the_first_row_of_each_key_is_kept(
            mut rows in proptest::collection::vec((0_u8..4, 0_i32..3, proptest::option::of(0_i32..3)), 0..60),
        ) {
            rows.sort();
            let columns: Vec<ArrayRef> = vec![
                pseudonym_column(rows.iter().map(|r| Pseudonym([r.0; 16])), None),
                Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.1))),
                Arc::new(rows.iter().map(|r| r.2).collect::<Int32Array>()),
            ];
            let kept = first_of_each(&columns, &[2]).unwrap();
            let mut seen = HashSet::new();
            let expected: Vec<bool> = rows.iter().map(|r| seen.insert((r.0, r.2))).collect();
            prop_assert_eq!(kept, BooleanArray::from(expected));
        }
    }
}

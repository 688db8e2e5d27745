//! Columns in, columns out: reads sources, converts, generalises, sorts and writes.

mod bands;
mod error;
mod sort;
mod source;
mod stored;
mod value;

pub use bands::{Band, BandTally};
pub use error::{SourceError, StoreError};
pub use sort::{
    DividedRows, Group, Parts, PartsError, RANGES, SortedTable, Sorter, Spills, first_of_each, groups_of, is_sorted,
    key_within, range_of,
};
pub use source::{
    AnyTable, Cells, CsvFormat, DELIMITER, ENCODING, Encoding, Footer, MonthCells, PARQUET_MAGIC, ParquetDescription,
    PartFile, Reshaped, Rows, SEALED_MAGIC, SasFormat, SourceBatch, SourceFile, SpecialMissing, Texts,
    check_plain_text, describe_parquet, is_guarded, is_sas, months_to_rows, sas_columns,
};
pub use stored::{
    CREATED_BY, NewFile, ParquetTable, WrittenFile, WrittenTable, content_digest, content_of_files, join_parts,
    write_parts, write_table,
};
pub use value::{
    CodeMap, Codes, Converted, Converter, DATE_FORM, DECIMAL_DIGITS, DECIMAL_MARK, DateForm, DateLayout, Fault, Field,
    Groups, InForce, Notation, Renames, Rules, SAS_MONTHS, Transform, TypeMismatch, ValueType, decode_column,
    encode_column, id_column, is_flag, is_text, is_zoned_time, keys, number_column, pseudonym, pseudonym_column,
    stored_batch, stored_schema,
};

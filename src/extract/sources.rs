//! The holder's sources: opened, and checked before rows are read.

use std::path::Path;

use crate::config::{Format, Origin, Source, Table};
use crate::table::{Converter, SourceBatch, SourceError, SourceFile, is_text, is_zoned_time};

pub(super) fn open(
    path: &Path,
    source: &Source,
    converters: &[Option<Converter<'_>>],
) -> Result<SourceFile, SourceError> {
    match &source.format {
        Format::Csv(format) => SourceFile::csv(path, format, &source.headers, &source.dropped),
        Format::Sas(format) => SourceFile::sas(path, format, &source.headers, &source.dropped),
        Format::Parquet => SourceFile::parquet(path, &source.headers, &repetitive(source, converters), &source.dropped),
    }
}

/// Returns, for each header that is read, `true` if its column holds few distinct texts.
fn repetitive(source: &Source, converters: &[Option<Converter<'_>>]) -> Vec<bool> {
    let mut repetitive = vec![source.reshape.is_some(); source.headers.len()];
    for (origin, converter) in source.origins.iter().zip(converters) {
        if let (Origin::Header(header), Some(converter)) = (origin, converter) {
            repetitive[*header] = converter.repetitive();
        }
    }
    repetitive
}

/// Refuses a source column whose type does not fit the contract.
pub(super) fn check_types(
    path: &Path,
    table: &Table,
    source: &Source,
    converters: &[Option<Converter<'_>>],
    batch: &SourceBatch,
) -> Result<(), SourceError> {
    for (position, origin) in source.origins.iter().enumerate() {
        let Origin::Header(header) = origin else { continue };
        let found = batch.columns[*header].data_type();
        let column = &table.columns[position];
        let accepted = match &converters[position] {
            Some(converter) => converter.accepts(found),
            None => is_text(found),
        };
        if !accepted && is_zoned_time(found) {
            return Err(SourceError::ZonedTime { path: path.into(), name: column.name.to_string() });
        }
        if !accepted {
            return Err(SourceError::WrongType {
                path: path.into(),
                name: column.name.to_string(),
                found: found.to_string(),
                expected: column.rules().map_or("text", |rules| rules.value.name()),
            });
        }
    }
    Ok(())
}

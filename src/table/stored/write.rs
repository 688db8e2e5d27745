//! Writing of tables, in one file or in the files of their parts: groups of rows in parallel, in their order.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use arrow::array::ArrayRef;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::super::error::StoreError;
use super::super::sort::Group;
use super::super::value::Field;
use super::file_writer::{EncodedGroup, FileWriter, WrittenFile};
use crate::crypto::{Digest, Hasher, HashingWriter, TableSeal};

/// The most rows of a row group.
const MAX_GROUP_ROWS: u64 = 256 << 10;
/// Row groups in work, besides one for each thread: enough to keep all threads busy, few enough to bound the memory. A
/// group with more rows is in work alone.
const MORE_GROUPS: u64 = 8;
/// Files that are written at once.
const MOST_OPEN_FILES: usize = 64;

/// A table that was written to one file.
#[derive(Debug, Clone)]
pub struct WrittenTable {
    /// Number of rows.
    pub rows: u64,
    /// SHA-256 of the file.
    pub file_digest: Digest,
    /// SHA-256 of the content digests of the row groups, in order.
    pub content_digest: Digest,
    /// Number of nulls in each field.
    pub nulls: Vec<u64>,
}

impl WrittenTable {
    fn of(file: WrittenFile) -> Self {
        let content_digest = content_of_files(std::slice::from_ref(&file));
        Self { rows: file.rows, file_digest: file.digest, content_digest, nulls: file.nulls }
    }
}

/// Returns the SHA-256 of the content digests of the row groups of all files, in order.
#[must_use]
pub fn content_of_files(files: &[WrittenFile]) -> Digest {
    let mut contents = Hasher::default();
    files.iter().flat_map(|file| &file.groups).for_each(|group| contents.update(group.as_bytes()));
    contents.finish()
}

/// A new file of a table.
pub struct NewFile<'a> {
    /// Its path.
    pub path: PathBuf,
    /// Groups of rows, which become row groups.
    pub groups: Vec<Group>,
    /// Its seal, if it is sealed.
    pub seal: Option<TableSeal<'a>>,
}

/// Writes a table of `fields` to a new file at `path`, as [`write_parts`] does.
///
/// # Errors
/// The first error of `load`, or the file cannot be written.
pub fn write_table<E: From<StoreError> + Send>(
    path: &Path,
    fields: &[Field],
    groups: Vec<Group>,
    seal: Option<TableSeal<'_>>,
    load: impl Fn(Range<usize>) -> Result<Vec<ArrayRef>, E> + Sync,
) -> Result<WrittenTable, E> {
    let file = NewFile { path: path.to_owned(), groups, seal };
    Ok(WrittenTable::of(write_parts(&[file], fields, load)?.swap_remove(0)))
}

/// Writes a table of `fields` to a new file at `path`, from files of its parts that [`write_parts`] wrote unsealed.
/// Their row groups are copied as they are.
///
/// # Errors
/// A file is not the one that was written, or the new file cannot be written.
pub fn join_parts(path: &Path, fields: &[Field], parts: &[(PathBuf, WrittenFile)]) -> Result<WrittenTable, StoreError> {
    let mut writer = FileWriter::create(path, fields, None)?;
    for (part, written) in parts {
        let found = digest_of(part).map_err(|source| StoreError::Io { path: part.clone(), source })?;
        if found != written.digest {
            return Err(StoreError::encode(part, &"not the file that was written"));
        }
        writer.append_file(part, written)?;
    }
    Ok(WrittenTable::of(writer.finish()?))
}

/// Writes a table of `fields` to new files, in parallel over all of their groups and in their order.
///
/// A file with a seal is sealed. `load` returns the columns of a group, in memory; they may have fewer rows than the
/// group counted.
///
/// # Errors
/// The first error of `load`, or a file cannot be written.
pub fn write_parts<E: From<StoreError> + Send>(
    files: &[NewFile<'_>],
    fields: &[Field],
    load: impl Fn(Range<usize>) -> Result<Vec<ArrayRef>, E> + Sync,
) -> Result<Vec<WrittenFile>, E> {
    let mut parts = PartsWriter::new(files, fields);
    let most = MAX_GROUP_ROWS * (MORE_GROUPS + rayon::current_num_threads() as u64);
    for window in windows(&units(files), most) {
        for unit in window {
            parts.open(unit.file)?;
        }
        let encoded: Result<Vec<Vec<EncodedGroup>>, E> = window
            .into_par_iter()
            .map(|unit| {
                let columns = load(unit.group.ranges.clone())?;
                Ok(parts.writers[&unit.file].encode_all(unit.first, &columns, row_groups(unit.group))?)
            })
            .collect();
        for (unit, groups) in window.iter().zip(encoded?) {
            parts.finish_before(unit.file)?;
            for group in groups {
                parts.append(unit.file, group)?;
            }
        }
    }
    Ok(parts.finish()?)
}

fn digest_of(path: &Path) -> io::Result<Digest> {
    let mut hashing = HashingWriter::new(io::sink(), Hasher::default());
    io::copy(&mut File::open(path)?, &mut hashing)?;
    Ok(hashing.into_parts().1.finish())
}

/// Writers of the files of a table. Files are finished in their order.
struct PartsWriter<'a> {
    files: &'a [NewFile<'a>],
    fields: &'a [Field],
    /// By the file's position.
    writers: BTreeMap<usize, FileWriter<'a>>,
    written: Vec<WrittenFile>,
}

impl<'a> PartsWriter<'a> {
    fn new(files: &'a [NewFile<'a>], fields: &'a [Field]) -> Self {
        Self { files, fields, writers: BTreeMap::new(), written: Vec::new() }
    }

    fn open(&mut self, file: usize) -> Result<(), StoreError> {
        if let Entry::Vacant(place) = self.writers.entry(file) {
            let NewFile { path, seal, .. } = &self.files[file];
            place.insert(FileWriter::create(path, self.fields, seal.as_ref())?);
        }
        Ok(())
    }

    fn append(&mut self, file: usize, group: EncodedGroup) -> Result<(), StoreError> {
        match self.writers.get_mut(&file) {
            Some(writer) => writer.append(group),
            None => unreachable!("a file is open until it is whole"),
        }
    }

    /// Finishes the files before the one at position `file`.
    fn finish_before(&mut self, file: usize) -> Result<(), StoreError> {
        for next in self.written.len()..file {
            self.open(next)?;
            if let Some(writer) = self.writers.remove(&next) {
                self.written.push(writer.finish()?);
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<WrittenFile>, StoreError> {
        self.finish_before(self.files.len())?;
        Ok(self.written)
    }
}

/// Returns the number of row groups of a group. It is fixed before the rows are loaded, because a sealed row group is
/// bound to its number in the file.
fn row_groups(group: &Group) -> usize {
    group.rows.div_ceil(MAX_GROUP_ROWS) as usize
}

/// A group of rows on its way to a file.
struct Unit<'g> {
    /// Position of the file.
    file: usize,
    group: &'g Group,
    /// Number of its first row group in the file.
    first: usize,
}

/// Returns the groups of all files, in order.
fn units<'g>(files: &'g [NewFile<'_>]) -> Vec<Unit<'g>> {
    let mut units = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let mut next = 0;
        for group in &file.groups {
            units.push(Unit { file: at, group, first: next });
            next += row_groups(group);
        }
    }
    units
}

/// Divides groups into runs of at most `most` rows, or of one group, and of few files.
fn windows<'u, 'g>(units: &'u [Unit<'g>], most: u64) -> Vec<&'u [Unit<'g>]> {
    let mut windows = Vec::new();
    let mut start = 0;
    let mut rows = 0;
    for (at, unit) in units.iter().enumerate() {
        let is_full = rows + unit.group.rows > most || unit.file - units[start].file >= MOST_OPEN_FILES;
        if at > start && is_full {
            windows.push(&units[start..at]);
            start = at;
            rows = 0;
        }
        rows += unit.group.rows;
    }
    windows.push(&units[start..]);
    windows
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, Int32Array, RecordBatch};
    use arrow::datatypes::Int32Type;

    use super::super::super::error::SourceError;
    use super::super::super::sort::Parts;
    use super::super::super::source::PartFile;
    use super::super::super::value::{ValueType, pseudonym_column};
    use super::super::read::ParquetTable;
    use super::*;
    use crate::crypto::{DataKey, TableName};
    use salanimi_core::{Id, Pseudonym};

    fn fields() -> Vec<Field> {
        vec![
            Field { name: "pseudonym".to_owned(), value: ValueType::Pseudonym },
            Field { name: "n".to_owned(), value: ValueType::Integer },
        ]
    }

    /// Writes a table of groups: for each, its declared number of rows, and the numbers that it holds.
    fn write(path: &Path, groups: &[(u64, Range<i32>)], seal: Option<TableSeal<'_>>) -> WrittenTable {
        let declared: Vec<Group> =
            groups.iter().enumerate().map(|(at, (rows, _))| Group { ranges: at..at + 1, rows: *rows }).collect();
        write_table(path, &fields(), declared, seal, |ranges: Range<usize>| {
            let numbers = groups[ranges.start].1.clone();
            let keys = numbers.clone().map(|n| Pseudonym(u128::from(n.unsigned_abs()).to_be_bytes()));
            Ok::<_, StoreError>(vec![pseudonym_column(keys, None), Arc::new(Int32Array::from_iter_values(numbers))])
        })
        .unwrap()
    }

    fn read(path: &Path, seal: Option<TableSeal<'_>>) -> Result<Vec<i32>, SourceError> {
        let table = ParquetTable::open(path, &fields(), seal)?;
        let mut numbers = Vec::new();
        for batch in table.all_batches() {
            numbers.extend_from_slice(batch?.column(1).as_primitive::<Int32Type>().values());
        }
        Ok(numbers)
    }

    fn id(text: &str) -> Id {
        Id::new(text).unwrap()
    }

    #[test]
    fn parts_have_the_content_digest_of_one_file_and_are_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let groups = |first: usize| {
            vec![Group { ranges: first..first + 1, rows: 8 }, Group { ranges: first + 1..first + 2, rows: 8 }]
        };
        let load = |ranges: Range<usize>| {
            let numbers = ranges.start as i32 * 8..ranges.end as i32 * 8;
            let top = |n: i32| Pseudonym((u128::from(n.unsigned_abs()) << 120).to_be_bytes());
            Ok::<_, StoreError>(vec![
                pseudonym_column(numbers.clone().map(top), None),
                Arc::new(Int32Array::from_iter_values(numbers)),
            ])
        };
        let all: Vec<Group> = groups(0).into_iter().chain(groups(2)).collect();
        let one = write_table(&path("one.parquet"), &fields(), all, None, load).unwrap();
        let files = ["a", "empty", "b"].map(|name| NewFile {
            path: path(name),
            groups: match name {
                "a" => groups(0),
                "b" => groups(2),
                _ => Vec::new(),
            },
            seal: None,
        });
        let written = write_parts(&files, &fields(), load).unwrap();
        assert_eq!(content_of_files(&written), one.content_digest);
        assert_eq!(written.iter().map(|file| file.rows).collect::<Vec<_>>(), [16, 0, 16]);
        let read_as = |parts: [usize; 2]| {
            let files = ["a", "b"].into_iter().zip(parts);
            let files: Vec<_> = files.map(|(name, part)| PartFile { part, path: path(name), seal: None }).collect();
            let table = ParquetTable::of_parts(Parts::new(16).unwrap(), &files, &fields()).unwrap();
            assert_eq!((table.rows(), table.row_groups(), table.first_row(2)), (32, 4, 16));
            table.all_batches().collect::<Result<Vec<_>, _>>()
        };
        let rows: usize = read_as([0, 1]).unwrap().iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows, 32);
        assert!(matches!(read_as([0, 2]), Err(SourceError::OtherPart { .. })));
    }

    #[test]
    fn joined_parts_are_the_file_that_one_process_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let [one, first, second, joined] = ["one", "first", "second", "joined"].map(path);
        let whole = write(&one, &[(9, 0..9), (600_000, 9..600_009)], None);
        let part = |to: &Path, rows: Range<i32>| {
            let groups = vec![Group { ranges: 0..1, rows: rows.len() as u64 }];
            let file = NewFile { path: to.to_owned(), groups, seal: None };
            let load = |_| {
                let keys = rows.clone().map(|n| Pseudonym(u128::from(n.unsigned_abs()).to_be_bytes()));
                let numbers = Arc::new(Int32Array::from_iter_values(rows.clone()));
                Ok::<_, StoreError>(vec![pseudonym_column(keys, None), numbers])
            };
            (to.to_owned(), write_parts(&[file], &fields(), load).unwrap().swap_remove(0))
        };
        let parts = [part(&first, 0..9), part(&second, 9..600_009)];
        let found = join_parts(&joined, &fields(), &parts).unwrap();
        assert_eq!((found.rows, found.nulls, found.content_digest), (whole.rows, whole.nulls, whole.content_digest));
        assert_eq!(std::fs::read(&joined).unwrap(), std::fs::read(&one).unwrap());
        assert_eq!(found.file_digest, whole.file_digest);
        let other = [(first, parts[1].1.clone())];
        assert!(matches!(join_parts(&path("other"), &fields(), &other), Err(StoreError::Encode { .. })));
    }

    #[test]
    fn a_sealed_table_opens_only_under_its_own_key_and_name() {
        let folder = tempfile::tempdir().unwrap();
        let [study, holder, table, other_table] = ["example", "north", "visits", "admissions"].map(id);
        let key = DataKey::generate().unwrap();
        let other_key = DataKey::generate().unwrap();
        let name = TableName { study: &study, holder: &holder, number: 1, table: &table, file: "visits.parquet" };
        let path = folder.path().join("sealed.parquet");
        let groups = [(700_000, 0..700_000), (5, 700_000..700_005), (600_000, 700_005..700_006)];
        let written = write(&path, &groups, Some(key.seal(&name)));
        assert_eq!(read(&path, Some(key.seal(&name))).unwrap(), (0..700_006).collect::<Vec<_>>());
        for wrong in [
            other_key.seal(&name),
            key.seal(&TableName { study: &holder, ..name }),
            key.seal(&TableName { holder: &study, ..name }),
            key.seal(&TableName { number: 2, ..name }),
            key.seal(&TableName { table: &other_table, ..name }),
            key.seal(&TableName { file: "admissions.parquet", ..name }),
        ] {
            assert!(read(&path, Some(wrong)).is_err());
        }
        assert!(read(&path, None).is_err());
        let plain = folder.path().join("plain.parquet");
        assert_eq!(write(&plain, &groups, None).content_digest, written.content_digest);
        assert_eq!(read(&plain, None).unwrap().len(), 700_006);
    }
}

//! Bounds on the Thrift structures of a plain Parquet file, checked before the library reads them.
//!
//! The library skips fields that it does not know, element by element. Elements without bytes are free, so a list in a
//! few bytes can keep it busy for hours. Structures follow the compact protocol of Apache Thrift.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

/// Most elements without bytes in a structure. Footers and page headers of known writers have none.
const MOST_EMPTY: u64 = 1 << 20;
/// Deepest nesting; the library refuses more.
const DEEPEST: usize = 64;
/// Bytes that are read at once: a page header and no more of its page.
const AT_ONCE: usize = 1 << 10;
/// Bytes of a footer's length and the magic bytes after it.
const FOOTER_END: u64 = 8;

/// Returns true if the library reads the footer in time that its length bounds.
///
/// A footer that is damaged otherwise counts as bounded: the library stops where the damage is.
pub(super) fn is_footer_bounded(file: &File) -> std::io::Result<bool> {
    let end = file.metadata()?.len().saturating_sub(FOOTER_END);
    let mut skim = Skim::at(file, end, end)?;
    let mut length = [0; 4];
    if skim.input.read_exact(&mut length).is_err() {
        return Ok(true);
    }
    let Some(start) = end.checked_sub(u64::from(u32::from_le_bytes(length))) else { return Ok(true) };
    Ok(Skim::at(file, start, end)?.structure(DEEPEST) != Err(Stop::Unbounded))
}

/// Returns true if the library reads the headers of all pages of a column chunk in time that the file bounds.
pub(super) fn are_pages_bounded(file: &File, chunk: &Range<u64>) -> std::io::Result<bool> {
    let end = file.metadata()?.len();
    let mut skim = Skim::at(file, chunk.start, end)?;
    while skim.at < chunk.end {
        skim.empty = 0;
        match skim.page_header() {
            Ok(page) if skim.skip(page).is_ok() => {}
            Err(Stop::Unbounded) => return Ok(false),
            _ => break,
        }
    }
    Ok(true)
}

/// Why a structure is not read to its end.
#[derive(Debug, PartialEq, Eq)]
enum Stop {
    /// Its lists have more elements than the file can hold.
    Unbounded,
    /// The file ends, or this is no structure. The library finds the damage too.
    Damage,
}

/// Reads over structures without keeping their values.
struct Skim<'a> {
    input: BufReader<&'a File>,
    /// Position in the file, and its end.
    at: u64,
    end: u64,
    /// Elements without bytes so far.
    empty: u64,
}

impl<'a> Skim<'a> {
    fn at(file: &'a File, at: u64, end: u64) -> std::io::Result<Self> {
        let mut input = BufReader::with_capacity(AT_ONCE, file);
        input.seek(SeekFrom::Start(at))?;
        Ok(Self { input, at, end, empty: 0 })
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let mut byte = [0];
        self.input.read_exact(&mut byte).map_err(|_| Stop::Damage)?;
        self.at += 1;
        Ok(byte[0])
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Stop> {
        if bytes > self.end.saturating_sub(self.at) {
            return Err(Stop::Damage);
        }
        self.input.seek_relative(i64::try_from(bytes).map_err(|_| Stop::Damage)?).map_err(|_| Stop::Damage)?;
        self.at += bytes;
        Ok(())
    }

    /// Reads an unsigned number of seven bits a byte (ULEB128). A number that is too long wraps, as in the library.
    fn number(&mut self) -> Result<u64, Stop> {
        let mut number = 0;
        let mut shift = 0_u32;
        loop {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
            shift = shift.wrapping_add(7);
        }
    }

    /// Reads the type of a field and its number, `None` at the end of the structure.
    fn field(&mut self, last: i16) -> Result<Option<(u8, i16)>, Stop> {
        let head = self.byte()?;
        let step = head >> 4;
        let kind = head & 0xf;
        if kind == 0 {
            return Ok(None);
        }
        let id = if step == 0 { zigzag(self.number()?) as i16 } else { last.wrapping_add(i16::from(step)) };
        Ok(Some((kind, id)))
    }

    fn structure(&mut self, depth: usize) -> Result<(), Stop> {
        while let Some((kind, _)) = self.field(0)? {
            self.value(kind, depth)?;
        }
        Ok(())
    }

    /// Reads a page header. Returns the bytes of its page.
    ///
    /// Of a known field, the library reads what the field should hold, whatever type the header states.
    fn page_header(&mut self) -> Result<u64, Stop> {
        let mut last = 0;
        let mut page = Err(Stop::Damage);
        while let Some((kind, id)) = self.field(last)? {
            match id {
                // Kind of page, bytes before compression, checksum.
                1 | 2 | 4 => drop(self.number()?),
                3 => page = u64::try_from(zigzag(self.number()?) as i32).map_err(|_| Stop::Damage),
                // Headers of a data page, an index page, a dictionary page, and a data page of version 2.
                5 => self.known(4, None)?,
                6 => self.known(0, None)?,
                7 => self.known(2, Some(3))?,
                8 => self.known(6, Some(7))?,
                _ => self.value(kind, DEEPEST)?,
            }
            last = id;
        }
        page
    }

    /// Reads a structure whose first `numbers` fields are numbers, perhaps with a flag, which is in its field's type.
    fn known(&mut self, numbers: i16, flag: Option<i16>) -> Result<(), Stop> {
        let mut last = 0;
        while let Some((kind, id)) = self.field(last)? {
            match id {
                id if (1..=numbers).contains(&id) => drop(self.number()?),
                id if Some(id) == flag => {}
                _ => self.value(kind, DEEPEST)?,
            }
            last = id;
        }
        Ok(())
    }

    fn value(&mut self, kind: u8, depth: usize) -> Result<(), Stop> {
        let depth = depth.checked_sub(1).ok_or(Stop::Damage)?;
        match kind {
            // A Boolean field is in its type.
            1 | 2 => Ok(()),
            3 => self.skip(1),
            4..=6 => self.number().map(drop),
            7 => self.skip(8),
            8 => {
                let length = self.number()?;
                self.skip(length)
            }
            9 | 10 => self.list(depth),
            11 => self.map(depth),
            12 => self.structure(depth),
            13 => self.skip(16),
            _ => Err(Stop::Damage),
        }
    }

    fn list(&mut self, depth: usize) -> Result<(), Stop> {
        let head = self.byte()?;
        let number = if head >> 4 == 0xf { self.number()? } else { u64::from(head >> 4) };
        self.elements(number, &[head & 0xf], depth)
    }

    fn map(&mut self, depth: usize) -> Result<(), Stop> {
        let number = self.number()?;
        if number == 0 {
            return Ok(());
        }
        let kinds = self.byte()?;
        self.elements(number, &[kinds >> 4, kinds & 0xf], depth)
    }

    /// Reads so many elements, each with values of these types.
    fn elements(&mut self, number: u64, kinds: &[u8], depth: usize) -> Result<(), Stop> {
        let bytes = kinds.iter().map(|&kind| fewest_bytes(kind)).sum::<u64>();
        if bytes == 0 {
            self.empty = self.empty.saturating_add(number);
            return if self.empty > MOST_EMPTY { Err(Stop::Unbounded) } else { Ok(()) };
        }
        if number.saturating_mul(bytes) > self.end.saturating_sub(self.at) {
            return Err(Stop::Unbounded);
        }
        for _ in 0..number {
            kinds.iter().try_for_each(|&kind| self.value(kind, depth))?;
        }
        Ok(())
    }
}

/// Returns the fewest bytes of an element of a list. The library takes none for a Boolean.
fn fewest_bytes(kind: u8) -> u64 {
    match kind {
        1 | 2 => 0,
        7 => 8,
        13 => 16,
        _ => 1,
    }
}

fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAR1: &[u8] = b"PAR1";
    /// Most elements of a list.
    const MANY: &[u8] = &[0xff, 0xff, 0xff, 0xff, 0x07];

    /// Returns a file that starts with the structure, which is its footer too.
    fn file_of(structure: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        let length = u32::try_from(structure.len()).unwrap().to_le_bytes();
        std::io::Write::write_all(&mut file, &[structure, &length, PAR1].concat()).unwrap();
        file
    }

    fn is_bounded(structure: &[u8]) -> bool {
        let file = file_of(structure);
        let of_pages = are_pages_bounded(&file, &(0..structure.len() as u64)).unwrap();
        assert_eq!(is_footer_bounded(&file).unwrap(), of_pages);
        of_pages
    }

    // Fields from the ninth on are unknown in footers and in page headers.

    #[test]
    fn lists_that_the_file_cannot_hold_are_refused() {
        for kind in [2, 3, 7, 8, 9, 12, 13] {
            let list = [&[0x99, 0xf0 | kind], MANY, &[0]].concat();
            assert!(!is_bounded(&list), "{kind}");
        }
        let of_empty_lists = [&[0x99, 0x29][..], &[0xf2], MANY, &[0xf2], MANY, &[0]].concat();
        assert!(!is_bounded(&of_empty_lists));
        let map_of_flags = [&[0x9b][..], MANY, &[0x22, 0]].concat();
        assert!(!is_bounded(&map_of_flags));
    }

    #[test]
    fn known_and_unknown_fields_that_fit_are_read_over() {
        // Two flags, numbers, a real number, a text, a list of flags, a list of texts, a map, a structure and a UUID.
        let flags = [0x91, 0x12, 0x13, 7, 0x15, 0x80, 1, 0x17, 0, 0, 0, 0, 0, 0, 0, 0];
        let lists =
            [0x18, 2, b'a', b'b', 0x19, 0x22, 0x19, 0x28, 1, b'a', 0, 0x1b, 1, 0x58, 4, 1, b'x', 0x1c, 0x15, 2, 0];
        let uuid = [&[0x1d][..], &[7; 16], &[0]].concat();
        assert!(is_bounded(&[&flags[..], &lists, &uuid].concat()));
    }

    #[test]
    fn damage_is_left_to_the_library() {
        for structure in [&[][..], &[0x1f], &[0x18, 100, 1], &[0x15, 0x80], &[0x1c; 200]] {
            assert!(is_bounded(structure), "{structure:?}");
        }
        assert!(is_footer_bounded(&tempfile::tempfile().unwrap()).unwrap());
    }

    #[test]
    fn known_fields_are_read_as_the_library_reads_them() {
        // The checksum, stated to be a double, is a number of one byte. A list of flags follows.
        let header = [&[0x47, 0, 0x59, 0xf2], MANY, &[0]].concat();
        assert!(!are_pages_bounded(&file_of(&header), &(0..1)).unwrap());
        // The same inside the header of a data page.
        let header = [&[0x5c, 0x47, 0, 0x59, 0xf2], MANY, &[0, 0]].concat();
        assert!(!are_pages_bounded(&file_of(&header), &(0..1)).unwrap());
    }

    #[test]
    fn every_page_of_a_chunk_is_looked_at() {
        // A header whose page has 3 bytes, the page, and a header with a list of flags.
        let first = [0x35, 6, 0, 1, 2, 3];
        let second = [&[0x35, 0, 0x69, 0xf2], MANY, &[0]].concat();
        let file = file_of(&[&first[..], &second].concat());
        assert!(are_pages_bounded(&file, &(0..6)).unwrap());
        assert!(!are_pages_bounded(&file, &(0..7)).unwrap());
    }
}

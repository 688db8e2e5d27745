//! Output files of the registers, in a folder that appears when all files are complete.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::batch::BatchOutput;
use super::error::SynthError;
use super::registers::Registers;
use super::truth::EFFECTS;
use crate::config::SYNTHETIC_MARKER;
use crate::exchange::OutputFolder;

/// Content of the file that marks a folder as synthetic.
const MARKER_TEXT: &str = include_str!("marker.txt");

/// Unfinished output files. They are removed if dropped before [`RegisterFiles::finish`].
pub(super) struct RegisterFiles {
    target: PathBuf,
    folder: OutputFolder,
    files: Vec<OpenFile>,
    /// Bytes written to the files, without markers and copies.
    pub(super) bytes: u64,
}

struct OpenFile {
    name: PathBuf,
    file: File,
}

impl RegisterFiles {
    /// Starts the output for `target`, not yet published: markers, copies of the configuration, and files with their
    /// headers.
    ///
    /// # Errors
    /// Something is at `target`, or a file cannot be written.
    pub(super) fn create(target: &Path, registers: &Registers) -> Result<Self, SynthError> {
        let folder = OutputFolder::create(target)?;
        let mut output = Self { target: target.into(), folder, files: Vec::new(), bytes: 0 };
        output.write_file(Path::new(SYNTHETIC_MARKER), MARKER_TEXT.as_bytes())?;
        output.write_file(Path::new(EFFECTS.0), EFFECTS.1.as_bytes())?;
        for holder in &registers.holders {
            output.write_file(&Path::new(holder.id.as_str()).join(SYNTHETIC_MARKER), MARKER_TEXT.as_bytes())?;
        }
        for copy in &registers.copies {
            let bytes = fs::read(&copy.from).map_err(|source| SynthError::Read { path: copy.from.clone(), source })?;
            output.write_file(&copy.to, &bytes)?;
        }
        for file in &registers.files {
            let open = output.write_file(&file.path, &file.opening)?;
            output.bytes += file.opening.len() as u64;
            output.files.push(OpenFile { name: file.path.clone(), file: open });
        }
        Ok(output)
    }

    fn write_file(&self, name: &Path, bytes: &[u8]) -> Result<File, SynthError> {
        create_with_folders(&self.folder.path().join(name), bytes).map_err(|source| self.write_error(name, source))
    }

    fn write_error(&self, name: &Path, source: io::Error) -> SynthError {
        SynthError::Write { path: self.target.join(name), source }
    }

    /// Appends the output of batches, in their order.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn append(&mut self, batches: &[BatchOutput]) -> Result<(), SynthError> {
        for batch in batches {
            for (position, buffer) in batch.buffers.iter().enumerate() {
                let OpenFile { name, file } = &mut self.files[position];
                file.write_all(buffer).map_err(|source| SynthError::Write { path: self.target.join(name), source })?;
                self.bytes += buffer.len() as u64;
            }
        }
        Ok(())
    }

    /// Completes the files and gives the folder its name.
    ///
    /// # Errors
    /// A file cannot be completed, or the name was taken meanwhile.
    pub(super) fn finish(self) -> Result<(), SynthError> {
        for OpenFile { name, file } in &self.files {
            file.sync_all().map_err(|source| self.write_error(name, source))?;
        }
        Ok(self.folder.publish()?)
    }
}

/// Creates a file with this content, and the folders above it.
fn create_with_folders(path: &Path, bytes: &[u8]) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

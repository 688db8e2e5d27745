//! The files in the making, in a folder that appears when all of it is there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::chunk::Made;
use super::error::SynthError;
use super::plan::Plan;
use crate::config::SYNTHETIC_MARKER;
use crate::exchange::OutputFolder;

const MARKER_TEXT: &str = "\
SYNTHETIC DATA. Nobody in these files exists.

The identity codes have signs that the population register does not give out (U V W, D E F) or are temporary codes of
the 900-series; names, addresses, telephone numbers and notes are made up. Made by salanimi synth.
";
/// The registers in the making. Dropped before they are finished, they are removed.
pub(super) struct Folder {
    target: PathBuf,
    output: OutputFolder,
    files: Vec<(PathBuf, File)>,
    pub(super) bytes: u64,
}

impl Folder {
    /// Starts the output that will be at `target`: all but what chunks add.
    ///
    /// # Errors
    /// Something is at `target`, or a file cannot be written.
    pub(super) fn create(target: &Path, plan: &Plan) -> Result<Self, SynthError> {
        let output = OutputFolder::create(target)?;
        let mut folder = Self { target: target.into(), output, files: Vec::new(), bytes: 0 };
        folder.write_file(Path::new(SYNTHETIC_MARKER), MARKER_TEXT.as_bytes())?;
        for holder in &plan.holders {
            folder.write_file(&Path::new(holder.id.as_str()).join(SYNTHETIC_MARKER), MARKER_TEXT.as_bytes())?;
        }
        for (from, to) in &plan.copies {
            let bytes = fs::read(from).map_err(|source| SynthError::Read { path: from.clone(), source })?;
            folder.write_file(to, &bytes)?;
        }
        for output in &plan.outputs {
            let file = folder.write_file(&output.path, &output.opening)?;
            folder.bytes += output.opening.len() as u64;
            folder.files.push((output.path.clone(), file));
        }
        Ok(folder)
    }

    fn write_file(&self, name: &Path, bytes: &[u8]) -> Result<File, SynthError> {
        let path = self.output.path().join(name);
        let write = || -> io::Result<File> {
            fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            let mut file = File::create_new(&path)?;
            file.write_all(bytes)?;
            Ok(file)
        };
        write().map_err(failed(&self.target.join(name)))
    }

    /// Appends what chunks made to the files, in order.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn append(&mut self, chunks: &[Made]) -> Result<(), SynthError> {
        for made in chunks {
            for ((name, file), buffer) in self.files.iter_mut().zip(&made.buffers) {
                file.write_all(buffer).map_err(failed(&self.target.join(name)))?;
                self.bytes += buffer.len() as u64;
            }
        }
        Ok(())
    }

    /// Gives the folder its name.
    ///
    /// # Errors
    /// A file cannot be written out, or something else took the name meanwhile.
    pub(super) fn finish(self) -> Result<(), SynthError> {
        for (name, file) in self.files {
            file.sync_all().map_err(failed(&self.target.join(name)))?;
        }
        Ok(self.output.publish()?)
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> SynthError + use<> {
    let path = path.to_owned();
    move |source| SynthError::Write { path, source }
}

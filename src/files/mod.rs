//! Careful files: opened without surprises, written whole or not at all, removed when a run is stopped.

mod file;
mod pending;
mod replace;
mod unfinished;

pub(crate) use file::open_named;
pub use file::{
    FileError, beside, folder_of, open_regular, read_open, read_private, read_regular, refuse_existing, write_private,
    write_public, write_secret,
};
pub use pending::Pending;
pub use replace::replace;
pub use unfinished::remove_unfinished;
pub(crate) use unfinished::unfinished;

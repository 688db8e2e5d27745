//! Reading of TOML files. Messages quote names from a file, never its values.

use std::io::ErrorKind;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::error::{ConfigError, without_values};

/// Reads the configuration file at `path`, which must be of `format`.
pub(crate) fn read_toml<T: DeserializeOwned>(path: &Path, format: &'static str) -> Result<T, ConfigError> {
    parse_toml(path, &read_text(path)?, format)
}

/// Reads the text of the configuration file at `path`.
pub(super) fn read_text(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| match source.kind() {
        ErrorKind::InvalidData => ConfigError::NotUtf8 { path: path.to_owned() },
        _ => ConfigError::Io { path: path.to_owned(), source },
    })
}

/// Parses `text`, the configuration file at `path`, which must be of `format`.
pub(super) fn parse_toml<T: DeserializeOwned>(path: &Path, text: &str, format: &'static str) -> Result<T, ConfigError> {
    // Checked first: every key of another kind of file would seem wrong.
    let found = toml::from_str::<toml::Table>(text).ok();
    if found.is_some_and(|table| table.get("format").and_then(toml::Value::as_str).is_some_and(|f| f != format)) {
        return Err(ConfigError::Format { path: path.to_owned(), expected: format });
    }
    toml::from_str(text).map_err(|error| toml_error(path, text, &error))
}

/// Names the line at which `text`, the file at `path`, is no TOML of the expected shape.
pub(super) fn toml_error(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).map_or(0, |before| before.matches('\n').count());
    ConfigError::Toml { path: path.to_owned(), line: before + 1, message: without_values(error.message()) }
}

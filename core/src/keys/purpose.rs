//! Purposes of keys.

use serde::{Deserialize, Serialize};

/// Purpose of a key. A key made for one purpose is refused for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Making pseudonyms, at the data holders.
    Project,
    /// Re-keying persons, at the linker.
    Link,
    /// Signing deliveries, lists and certificates, at each party.
    Signing,
    /// Protecting counts that are released, at the researcher.
    Release,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [Self::Project, Self::Link, Self::Signing, Self::Release];

    /// Returns the name of the purpose in key files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Link => "link",
            Self::Signing => "signing",
            Self::Release => "release",
        }
    }
}

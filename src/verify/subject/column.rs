//! Columns of a subject's tables, and their roles.

use crate::config::Role;

/// A column of a table.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Name in the file. It may hold an identifier: evidence shows the label instead.
    pub name: String,
    /// Name for evidence.
    pub label: String,
    pub role: ColumnRole,
}

/// Role of a column with respect to a person, from a contract or guessed from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnRole {
    /// Pseudonym or linked id of the person.
    Person,
    /// Pseudonym of anything else, such as a household or a document.
    Reference,
    /// Quasi-identifier.
    Quasi,
    /// Sensitive attribute.
    Sensitive,
    /// Any other role, or an unknown one.
    Other,
}

impl From<Role> for ColumnRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Person => Self::Person,
            Role::Reference => Self::Reference,
            Role::Quasi => Self::Quasi,
            Role::Sensitive => Self::Sensitive,
            Role::Direct | Role::Attribute => Self::Other,
        }
    }
}

//! Tables and columns of the contract, resolved.

use std::sync::Arc;

use super::super::raw::contract::{Duplicates, Invalid, Role};
use super::linkage::LinkageColumns;
use crate::table::{Codes, Field, InForce, Rules, Transform, ValueType};
use salanimi_core::Id;

/// Name of the column that holds the person's pseudonym in every delivery.
pub const PSEUDONYM: &str = "pseudonym";

/// A table of the study, resolved.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: Id,
    /// The contract's columns, in order.
    pub columns: Vec<Column>,
    /// The delivered fields, in order: the pseudonym, then the delivered columns.
    pub fields: Vec<Field>,
    /// For each field after the pseudonym, the position of its column.
    pub sources: Vec<usize>,
    /// For each field after the pseudonym, its transform in the linked tables; `None` if they omit it.
    pub linked: Vec<Option<Transform>>,
    /// Position of the person column.
    pub person: usize,
    /// Positions among the fields of the unique key's columns, without the person.
    pub unique: Vec<usize>,
    /// Treatment of rows that repeat a unique key.
    pub duplicates: Duplicates,
    /// Position of the date or month column that must lie in the window.
    pub window: Option<usize>,
    /// Positions of the columns that linkage without identifiers reads; `None` if it does not read this table.
    pub linkage: Option<LinkageColumns>,
}

/// A column, resolved.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: Id,
    /// Its role in identifying a person.
    pub role: Role,
    /// Its content at the source.
    pub content: Content,
    /// For codes of a mapping with days: the days on which they are in force.
    pub in_force: Option<InForce>,
    /// Treatment of an invalid value.
    pub invalid: Invalid,
    /// `true` if it shows where the person lives.
    pub area: bool,
    /// The transform before it leaves the holder; `None` if it is not delivered.
    pub deliver: Option<Transform>,
}

/// The content of a column at the source.
#[derive(Debug)]
pub enum Content {
    /// The person's identifier, of a kind.
    Person(Id),
    /// Another identifier, pseudonymised under a label.
    Reference(Id, Rules),
    /// A direct identifier. It is read only for linkage without identifiers, and never leaves the holder.
    Direct,
    /// Values that follow rules.
    Value(Rules),
    /// No source column: derived from the identity code.
    Derived(Derived),
}

/// A value derived from the identity code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// Year of birth.
    BirthYear,
    /// `female` or `male`.
    Sex,
    /// Whole months from birth to the day in this column.
    AgeMonths {
        /// Position of a date or month column.
        at: usize,
    },
}

impl Column {
    /// Returns the column's type before any transform, or `None` if the pipeline never holds it.
    #[must_use]
    pub fn value(&self) -> Option<ValueType> {
        match &self.content {
            Content::Person(_) | Content::Direct => None,
            Content::Reference(..) => Some(ValueType::Pseudonym),
            Content::Value(rules) => Some(rules.value.clone()),
            Content::Derived(Derived::Sex) => Some(ValueType::Code(sexes())),
            Content::Derived(_) => Some(ValueType::Integer),
        }
    }

    /// Returns the rules of source values, for columns that are read as values or references.
    #[must_use]
    pub fn rules(&self) -> Option<&Rules> {
        match &self.content {
            Content::Reference(_, rules) | Content::Value(rules) => Some(rules),
            _ => None,
        }
    }
}

/// Returns the codes of the derived column `sex`.
pub(in crate::config) fn sexes() -> Arc<Codes> {
    match Codes::new(["female".to_owned(), "male".to_owned()]) {
        Some(codes) => codes,
        None => unreachable!("two codes fit any list"),
    }
}

impl Table {
    /// Returns the position of the contract column `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name.as_str() == name)
    }

    /// Returns the position of the delivered field `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// Returns the transform before delivery of each delivered field, as manifests record it.
    #[must_use]
    pub fn delivered_transforms(&self) -> Vec<String> {
        let others = self.sources.iter().map(|&source| match &self.columns[source].deliver {
            Some(transform) => transform.describe(),
            None => unreachable!("a delivered column has a transform"),
        });
        std::iter::once("pseudonymise".to_owned()).chain(others).collect()
    }

    /// Returns the role of each delivered field.
    #[must_use]
    pub fn delivered_roles(&self) -> Vec<Role> {
        std::iter::once(&self.person).chain(&self.sources).map(|&column| self.columns[column].role).collect()
    }

    /// Returns the type of the column `name` in linked tables, or `None` if they omit it.
    #[must_use]
    pub fn linked_value(&self, name: &str) -> Option<ValueType> {
        let field = self.field(name)?;
        match self.linked_transform(name)?.output(&self.fields[field].value) {
            Ok(value) => Some(value),
            Err(_) => unreachable!("the contract refuses a transform that does not apply"),
        }
    }

    /// Returns the transform that the link applies to the delivered field `name`; `None` if linked tables omit it.
    #[must_use]
    pub fn linked_transform(&self, name: &str) -> Option<&Transform> {
        self.linked.get(self.field(name)?.checked_sub(1)?)?.as_ref()
    }

    /// Returns the position of the delivered field that must lie in the window.
    ///
    /// Returns `None` if it is not delivered as a day or a month.
    #[must_use]
    pub fn window_field(&self) -> Option<usize> {
        let at = self.sources.iter().position(|source| Some(*source) == self.window)? + 1;
        self.fields[at].value.is_dated().then_some(at)
    }

    /// Returns the position of the delivered window field, and `true` for months, if it is delivered as it is read.
    #[must_use]
    pub fn window_as_read(&self) -> Option<(usize, bool)> {
        let window = self.window?;
        let field = self.window_field()?;
        let is_as_read = self.columns[window].deliver == Some(Transform::Keep);
        is_as_read.then(|| (field, self.fields[field].value == ValueType::Month))
    }

    /// Returns the kind of identifier of the person column.
    #[must_use]
    pub fn kind(&self) -> &Id {
        match &self.columns[self.person].content {
            Content::Person(kind) => kind,
            _ => unreachable!("`person` is the position of the person column"),
        }
    }
}

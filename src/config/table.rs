use std::collections::BTreeMap;

use super::error::Problem;
use super::raw::contract::{self as raw, Cell, Derive, Duplicates, Invalid, Role};
use crate::table::{CodeMap, Codes, Field, Rules, Transform, ValueType};
use salanimi_core::{Id, Syntax};

/// Name of the column that stands for the person in every delivery.
pub const PSEUDONYM: &str = "pseudonym";

/// A table of the study, resolved.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: Id,
    /// The contract's columns, in order.
    pub columns: Vec<Column>,
    /// What leaves the holder, in order: the pseudonym, then the delivered columns.
    pub fields: Vec<Field>,
    /// For each field after the pseudonym, the position of its column.
    pub sources: Vec<usize>,
    /// For each field after the pseudonym, what the linked tables show of it; `None` leaves it out.
    pub linked: Vec<Option<Transform>>,
    /// Position of the person column.
    pub person: usize,
    /// Positions, among the fields, of the unique key's columns besides the person.
    pub unique: Vec<usize>,
    /// What rows of one unique key do.
    pub duplicates: Duplicates,
    /// Position of the date or month column that must lie in the window.
    pub window: Option<usize>,
}

/// A column, resolved.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: Id,
    /// What it is to the person.
    pub role: Role,
    /// What it holds.
    pub content: Content,
    /// What an invalid value does.
    pub invalid: Invalid,
    /// Whether it tells where the person lives.
    pub area: bool,
    /// What is done to it before it leaves; `None` leaves it out.
    pub deliver: Option<Transform>,
}

/// What a column holds, at the source.
#[derive(Debug)]
pub enum Content {
    /// The person's identifier, of this kind.
    Person(Id),
    /// Another identifier, pseudonymised under this label.
    Reference(Id, Rules),
    /// A direct identifier, never read.
    Direct,
    /// Values that follow these rules.
    Value(Rules),
    /// Not in the source: derived from the identity code.
    Derived(Derived),
}

/// What is derived from the identity code.
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
    /// The type of the column inside the pipeline, before any transform; `None` if it is never carried.
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

    /// The rules that source values must follow, for the columns that are read as values or references.
    #[must_use]
    pub fn rules(&self) -> Option<&Rules> {
        match &self.content {
            Content::Reference(_, rules) | Content::Value(rules) => Some(rules),
            _ => None,
        }
    }
}

/// The codes of the derived column sex.
fn sexes() -> std::sync::Arc<Codes> {
    Codes::new(["female".to_owned(), "male".to_owned()]).unwrap_or_else(|| unreachable!("two codes fit any list"))
}

impl Table {
    /// The position of the contract column `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name.as_str() == name)
    }

    /// The position of the delivered field `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// The type of the column `name` as linked tables show it; `None` if they leave it out.
    #[must_use]
    pub fn linked_value(&self, name: &str) -> Option<ValueType> {
        let field = self.field(name)?;
        let transform = self.linked.get(field.checked_sub(1)?)?.as_ref()?;
        // The contract was refused if a transform did not apply.
        transform.output(&self.fields[field].value).ok()
    }

    /// The position of the delivered field that must lie in the window: none if it is not delivered as a day or a month.
    #[must_use]
    pub fn window_field(&self) -> Option<usize> {
        let at = self.sources.iter().position(|source| Some(*source) == self.window)? + 1;
        self.fields[at].value.is_dated().then_some(at)
    }

    /// The identifier kind of the person column.
    #[must_use]
    pub fn kind(&self) -> &Id {
        match &self.columns[self.person].content {
            Content::Person(kind) => kind,
            _ => unreachable!("`person` is the position of the person column"),
        }
    }
}

/// What the definitions elsewhere in the contract give to its tables.
pub(super) struct Definitions<'a> {
    pub identifiers: &'a BTreeMap<Id, Syntax>,
    pub mappings: &'a BTreeMap<Id, CodeMap>,
}

/// Where a problem is, and what it is.
pub(super) type Located = (String, Problem);

impl Definitions<'_> {
    pub fn table(&self, raw: &raw::Table, linked: Option<&BTreeMap<Id, raw::Transform>>) -> Result<Table, Located> {
        let at_table = |problem| (format!("table '{}'", raw.name), problem);
        let at = |column: &Id| {
            let place = format!("table '{}', column '{column}'", raw.name);
            move |problem| (place.clone(), problem)
        };
        let mut columns = Vec::with_capacity(raw.columns.len());
        for column in &raw.columns {
            if columns.iter().any(|c: &Column| c.name == column.name) || column.name.as_str() == PSEUDONYM {
                return Err(at_table(Problem::Twice { name: column.name.to_string() }));
            }
            columns.push(self.column(raw, column).map_err(at(&column.name))?);
        }
        let persons: Vec<usize> = positions(&columns, |c| matches!(c.content, Content::Person(_)));
        let &[person] = persons.as_slice() else {
            return Err(at_table(Problem::OnePerson { found: persons.len() }));
        };
        let (fields, sources) = fields(&columns).map_err(at_table)?;
        let window = raw.window.as_ref().map(|name| window(&columns, name)).transpose().map_err(at_table)?;
        let unique = unique(raw, &columns, person, &sources).map_err(at_table)?;
        let linked =
            self.linked(&fields, linked).map_err(|(name, p)| (format!("linked '{}', column '{name}'", raw.name), p))?;
        let (name, duplicates) = (raw.name.clone(), raw.duplicates);
        Ok(Table { name, columns, fields, sources, linked, person, unique, duplicates, window })
    }

    fn column(&self, table: &raw::Table, raw: &raw::Column) -> Result<Column, Problem> {
        let content = self.content(table, raw)?;
        let mut column = Column {
            name: raw.name.clone(),
            role: raw.role,
            content,
            invalid: raw.invalid,
            area: raw.area,
            deliver: None,
        };
        column.deliver = match (column.value(), &raw.deliver) {
            (None, Some(_)) => return Err(Problem::DoesNotApply { key: "deliver" }),
            (None, None) | (_, Some(raw::Transform::Drop)) => None,
            (Some(_), None) => Some(Transform::Keep),
            (Some(value), Some(transform)) => {
                let other =
                    |name: &Id| table.columns.iter().position(|c| c.name == *name && c.cell == Some(Cell::Date));
                Some(self.transform(transform, &value, other)?)
            }
        };
        if column.area && column.value().is_none() {
            return Err(Problem::DoesNotApply { key: "area" });
        }
        Ok(column)
    }

    fn content(&self, table: &raw::Table, raw: &raw::Column) -> Result<Content, Problem> {
        only_where_it_applies(raw)?;
        match (raw.role, raw.derive) {
            (Role::Person, _) => {
                let kind = raw.kind.clone().ok_or(Problem::Lacks { key: "kind" })?;
                let known = self.identifiers.contains_key(&kind);
                if known { Ok(Content::Person(kind)) } else { Err(Problem::Unknown { name: kind.to_string() }) }
            }
            (Role::Reference, _) => {
                let label = raw.label.clone().ok_or(Problem::Lacks { key: "label" })?;
                Ok(Content::Reference(label, Rules { required: raw.required, ..Rules::new(ValueType::Text) }))
            }
            (Role::Direct, _) => Ok(Content::Direct),
            (_, Some(derive)) => self.derived(table, raw, derive).map(Content::Derived),
            (_, None) => self.rules(raw).map(Content::Value),
        }
    }

    fn derived(&self, table: &raw::Table, raw: &raw::Column, derive: Derive) -> Result<Derived, Problem> {
        let kinds = table.columns.iter().filter(|c| c.role == Role::Person).filter_map(|c| c.kind.as_ref());
        if kinds.into_iter().any(|kind| !matches!(self.identifiers.get(kind), Some(Syntax::Hetu))) {
            return Err(Problem::DoesNotApply { key: "derive" });
        }
        match derive {
            Derive::BirthYear => Ok(Derived::BirthYear),
            Derive::Sex => Ok(Derived::Sex),
            Derive::AgeMonths => {
                let name = raw.at.as_ref().ok_or(Problem::Lacks { key: "at" })?;
                let at = table.columns.iter().position(|c| c.name == *name && is_dated(c));
                at.map(|at| Derived::AgeMonths { at }).ok_or_else(|| dated(name))
            }
        }
    }

    fn rules(&self, raw: &raw::Column) -> Result<Rules, Problem> {
        let value = match raw.cell.ok_or(Problem::Lacks { key: "type" })? {
            Cell::Code => ValueType::Code(self.codes(raw)?),
            Cell::Date => ValueType::Date,
            Cell::Month => ValueType::Month,
            Cell::Decimal => ValueType::Decimal { scale: scale(raw.scale)? },
            Cell::Integer => ValueType::Integer,
            Cell::Flag => ValueType::Flag,
            Cell::Text => ValueType::Text,
        };
        let pattern = match (&value, &raw.pattern) {
            (ValueType::Text, None) => return Err(Problem::Lacks { key: "pattern" }),
            (_, None) => None,
            (_, Some(pattern)) => Some(regex::Regex::new(&format!("^(?:{pattern})$")).map_err(|_| Problem::Pattern)?),
        };
        if let (Some(min), Some(max)) = (raw.min, raw.max)
            && min > max
        {
            return Err(Problem::EmptyRange);
        }
        Ok(Rules { pattern, min: raw.min, max: raw.max, required: raw.required, ..Rules::new(value) })
    }

    fn codes(&self, raw: &raw::Column) -> Result<std::sync::Arc<Codes>, Problem> {
        match (&raw.codes, &raw.codes_from) {
            (Some(codes), None) => Codes::new(codes.iter().cloned()).ok_or(Problem::TooManyCodes),
            (None, Some(name)) => self.mapping(name).map(|map| map.from().clone()),
            (None, None) => Err(Problem::Lacks { key: "codes" }),
            (Some(_), Some(_)) => Err(Problem::DoesNotApply { key: "codes_from" }),
        }
    }

    fn mapping(&self, name: &Id) -> Result<&CodeMap, Problem> {
        self.mappings.get(name).ok_or_else(|| Problem::Unknown { name: name.to_string() })
    }

    fn transform(
        &self,
        raw: &raw::Transform,
        input: &ValueType,
        date: impl Fn(&Id) -> Option<usize>,
    ) -> Result<Transform, Problem> {
        let transform = match raw {
            raw::Transform::Drop => Transform::Keep,
            raw::Transform::Month => Transform::Month,
            raw::Transform::Year => Transform::Year,
            raw::Transform::DaysAfter(name) => {
                let column = date(name).ok_or(Problem::WrongType { name: name.to_string(), expected: "date" })?;
                Transform::DaysAfter { column }
            }
            raw::Transform::Band(0) => return Err(Problem::Band),
            raw::Transform::Band(width) => Transform::Band { width: *width },
            raw::Transform::Groups { edges, per } => {
                Transform::Groups(crate::table::Groups::new(edges.clone(), *per).ok_or(Problem::Groups)?)
            }
            raw::Transform::Top(most) => Transform::Top { most: *most },
            raw::Transform::Map(name) => Transform::Map(self.mapping(name)?.clone()),
        };
        transform.output(input)?;
        Ok(transform)
    }

    fn linked(
        &self,
        fields: &[Field],
        transforms: Option<&BTreeMap<Id, raw::Transform>>,
    ) -> Result<Vec<Option<Transform>>, (Id, Problem)> {
        let mut linked: Vec<Option<Transform>> = fields[1..].iter().map(|_| Some(Transform::Keep)).collect();
        let date = |name: &Id| fields.iter().position(|f| f.name == name.as_str() && f.value == ValueType::Date);
        for (name, transform) in transforms.into_iter().flatten() {
            let position = fields[1..].iter().position(|f| f.name == name.as_str());
            let position = position.ok_or_else(|| (name.clone(), Problem::Unknown { name: name.to_string() }))?;
            linked[position] = match transform {
                raw::Transform::Drop => None,
                other => {
                    let value = &fields[position + 1].value;
                    Some(self.transform(other, value, date).map_err(|p| (name.clone(), p))?)
                }
            };
        }
        Ok(linked)
    }
}

fn positions(columns: &[Column], wanted: impl Fn(&Column) -> bool) -> Vec<usize> {
    (0..columns.len()).filter(|&i| wanted(&columns[i])).collect()
}

fn fields(columns: &[Column]) -> Result<(Vec<Field>, Vec<usize>), Problem> {
    let mut fields = vec![Field { name: PSEUDONYM.into(), value: ValueType::Pseudonym }];
    let mut sources = Vec::new();
    for (position, column) in columns.iter().enumerate() {
        if let (Some(value), Some(transform)) = (column.value(), &column.deliver) {
            fields.push(Field { name: column.name.to_string(), value: transform.output(&value)? });
            sources.push(position);
        }
    }
    Ok((fields, sources))
}

fn window(columns: &[Column], name: &Id) -> Result<usize, Problem> {
    let dated_value = |c: &Column| matches!(c.value(), Some(ValueType::Date | ValueType::Month));
    columns.iter().position(|c| c.name == *name && dated_value(c)).ok_or_else(|| dated(name))
}

fn unique(raw: &raw::Table, columns: &[Column], person: usize, sources: &[usize]) -> Result<Vec<usize>, Problem> {
    let mut keys = Vec::new();
    for name in &raw.unique {
        let column = columns.iter().position(|c| c.name == *name);
        let column = column.ok_or_else(|| Problem::Unknown { name: name.to_string() })?;
        if column == person {
            continue;
        }
        let kept = columns[column].deliver == Some(Transform::Keep);
        let field = sources.iter().position(|&s| s == column).filter(|_| kept);
        keys.push(field.ok_or_else(|| Problem::KeyNotDelivered { name: name.to_string() })? + 1);
    }
    if raw.unique.contains(&columns[person].name) { Ok(keys) } else { Err(Problem::KeyWithoutPerson) }
}

fn is_dated(column: &raw::Column) -> bool {
    matches!(column.cell, Some(Cell::Date | Cell::Month))
}

fn dated(name: &Id) -> Problem {
    Problem::WrongType { name: name.to_string(), expected: "date or month" }
}

fn scale(scale: Option<i8>) -> Result<i8, Problem> {
    /// Cents.
    const DEFAULT: i8 = 2;
    let scale = scale.unwrap_or(DEFAULT);
    if (0..=9).contains(&scale) { Ok(scale) } else { Err(Problem::Scale) }
}

/// Refuses a key that would be silently without effect.
fn only_where_it_applies(raw: &raw::Column) -> Result<(), Problem> {
    let value = raw.derive.is_none() && matches!(raw.role, Role::Quasi | Role::Sensitive | Role::Attribute);
    let number = matches!(raw.cell, Some(Cell::Integer | Cell::Decimal));
    let checks = [
        ("kind", raw.kind.is_some(), raw.role == Role::Person),
        ("label", raw.label.is_some(), raw.role == Role::Reference),
        ("type", raw.cell.is_some(), value),
        ("codes", raw.codes.is_some(), raw.cell == Some(Cell::Code)),
        ("codes_from", raw.codes_from.is_some(), raw.cell == Some(Cell::Code)),
        ("pattern", raw.pattern.is_some(), raw.cell == Some(Cell::Text)),
        ("scale", raw.scale.is_some(), raw.cell == Some(Cell::Decimal)),
        ("min", raw.min.is_some(), number),
        ("max", raw.max.is_some(), number),
        ("required", raw.required, value || raw.role == Role::Reference),
        ("derive", raw.derive.is_some(), !matches!(raw.role, Role::Person | Role::Reference | Role::Direct)),
        ("at", raw.at.is_some(), raw.derive == Some(Derive::AgeMonths)),
    ];
    match checks.into_iter().find(|&(_, given, applies)| given && !applies) {
        Some((key, ..)) => Err(Problem::DoesNotApply { key }),
        None => Ok(()),
    }
}

//! How the values of a column are generalised, level by level: from themselves to one value for all.

use std::collections::{BTreeMap, HashSet};

use super::column::Value;
use crate::config::raw::release::{Hierarchy as Raw, Period};

/// The one value of the last level.
pub(super) const ALL: &str = "*";

/// A hierarchy contradicts itself or does not fit its column. Names of groups are the contract's, not data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum HierarchyError {
    #[error("hierarchy of '{column}', level {level}: '{member}' is in two groups; leave it in one")]
    TwoGroups { column: String, level: usize, member: String },
    #[error(
        "hierarchy of '{column}', level {level}: '{member}' is in a group of the level before; name that group instead"
    )]
    Gone { column: String, level: usize, member: String },
    #[error(
        "hierarchy of '{column}', level {level}: the group '{group}' has the name of a value that is not in it; rename it"
    )]
    Name { column: String, level: usize, group: String },
    #[error("hierarchy of '{column}', level {level}: the width is 0 or no multiple of the one before; correct it")]
    Width { column: String, level: usize },
    #[error("hierarchy of '{column}': periods must go from short to long, each once")]
    Periods { column: String },
    #[error(
        "hierarchy of '{column}': 'groups' are for codes, 'bands' for whole numbers, 'periods' for months; this column has others"
    )]
    Kind { column: String },
}

/// A column's values at each level of generalisation: the values themselves first, one for all last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hierarchy {
    levels: Vec<Level>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Level {
    values: Vec<String>,
    /// For each value of the column, the position of what it becomes.
    of: Vec<u32>,
}

impl Hierarchy {
    /// The hierarchy `raw` of a column with these values; without one there is nothing between themselves and one for all.
    pub(super) fn of(column: &str, raw: Option<&Raw>, values: &[Value]) -> Result<Self, HierarchyError> {
        let texts: Vec<String> = values.iter().map(Value::text).collect();
        let mut levels = vec![Level { of: (0..texts.len() as u32).collect(), values: texts }];
        match raw {
            None => {}
            Some(Raw::Groups(groups)) => add_groups(column, groups, &mut levels)?,
            Some(Raw::Bands(widths)) => add_bands(column, widths, values, &mut levels)?,
            Some(Raw::Periods(periods)) => add_periods(column, periods, &mut levels)?,
        }
        levels.push(Level { values: vec![ALL.to_owned()], of: vec![0; values.len()] });
        Ok(Self { levels })
    }

    /// The number of levels, the first and the last included.
    pub(super) fn levels(&self) -> usize {
        self.levels.len()
    }

    /// How many values the column has.
    pub(super) fn values(&self) -> usize {
        self.levels[0].values.len()
    }

    /// The values at a level, and for each value of the column the position of what it becomes.
    pub(super) fn at(&self, level: usize) -> (Vec<String>, &[u32]) {
        (self.levels[level].values.clone(), &self.levels[level].of)
    }

    /// What a value of the column becomes at a level.
    pub(super) fn text(&self, level: usize, value: u32) -> String {
        let Level { values, of } = &self.levels[level];
        values[of[value as usize] as usize].clone()
    }

    /// For each value at a level, how many of the column's values become it.
    pub(super) fn leaves(&self, level: usize) -> Vec<u32> {
        let Level { values, of } = &self.levels[level];
        let mut leaves = vec![0; values.len()];
        of.iter().for_each(|&at| leaves[at as usize] += 1);
        leaves
    }
}

/// The next level, in which each value of the column becomes `text`; in the order of what they become first.
fn level(texts: Vec<String>) -> Level {
    let mut values: Vec<String> = Vec::new();
    let mut known: BTreeMap<String, u32> = BTreeMap::new();
    let of = texts.into_iter().map(|text| {
        *known.entry(text).or_insert_with_key(|text| {
            values.push(text.clone());
            (values.len() - 1) as u32
        })
    });
    let of = of.collect();
    Level { values, of }
}

fn add_groups(
    column: &str,
    groups: &[BTreeMap<String, Vec<String>>],
    levels: &mut Vec<Level>,
) -> Result<(), HierarchyError> {
    // What was put into a group is no value of later levels.
    let mut gone: HashSet<&str> = HashSet::new();
    for (number, of_level) in groups.iter().enumerate() {
        let number = number + 1;
        let mut into: BTreeMap<&str, &str> = BTreeMap::new();
        for (group, members) in of_level {
            for member in members {
                let (column, level, named) = (column.to_owned(), number, member.clone());
                if gone.contains(member.as_str()) {
                    return Err(HierarchyError::Gone { column, level, member: named });
                }
                if into.insert(member, group).is_some() {
                    return Err(HierarchyError::TwoGroups { column, level, member: named });
                }
            }
        }
        let before = &levels[levels.len() - 1];
        let taken = |group: &&String| {
            let is_there = before.values.contains(group) || into.contains_key(group.as_str());
            (is_there || gone.contains(group.as_str())) && into.get(group.as_str()) != Some(&group.as_str())
        };
        if let Some(group) = of_level.keys().find(taken) {
            return Err(HierarchyError::Name { column: column.to_owned(), level: number, group: group.clone() });
        }
        let becomes = |at: &u32| {
            let value = before.values[*at as usize].as_str();
            into.get(value).map_or_else(|| value.to_owned(), |group| (*group).to_owned())
        };
        let next = level(before.of.iter().map(becomes).collect());
        gone.extend(into.iter().filter(|(member, group)| member != group).map(|(member, _)| *member));
        levels.push(next);
    }
    Ok(())
}

fn add_bands(column: &str, widths: &[u32], values: &[Value], levels: &mut Vec<Level>) -> Result<(), HierarchyError> {
    let mut before = 1;
    for (number, &width) in widths.iter().enumerate() {
        if width == 0 || width % before != 0 {
            return Err(HierarchyError::Width { column: column.to_owned(), level: number + 1 });
        }
        let band = |value: &Value| match value {
            Value::Number(number) => {
                let lower = number.div_euclid(width.into()) * i64::from(width);
                let upper = lower + i64::from(width) - 1;
                Ok(if width == 1 { lower.to_string() } else { format!("{lower}-{upper}") })
            }
            Value::Text(_) => Err(HierarchyError::Kind { column: column.to_owned() }),
        };
        levels.push(level(values.iter().map(band).collect::<Result<_, _>>()?));
        before = width;
    }
    Ok(())
}

fn add_periods(column: &str, periods: &[Period], levels: &mut Vec<Level>) -> Result<(), HierarchyError> {
    if !periods.is_sorted_by(|a, b| a < b) {
        return Err(HierarchyError::Periods { column: column.to_owned() });
    }
    for period in periods {
        let becomes = |text: &String| {
            let kind = || HierarchyError::Kind { column: column.to_owned() };
            let (year, month) = text.split_once('-').ok_or_else(kind)?;
            let month: u32 = month.parse().ok().filter(|month| (1..=12).contains(month)).ok_or_else(kind)?;
            Ok(match period {
                Period::Quarter => format!("{year}-Q{}", month.div_ceil(3)),
                Period::Year => year.to_owned(),
            })
        };
        let next = levels[0].values.iter().map(becomes).collect::<Result<_, _>>()?;
        levels.push(level(next));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> Vec<Value> {
        values.iter().map(|text| Value::Text((*text).to_owned())).collect()
    }

    fn groups(levels: &[&[(&str, &[&str])]]) -> Raw {
        let level = |groups: &&[(&str, &[&str])]| {
            groups.iter().map(|(name, of)| ((*name).to_owned(), of.iter().map(|m| (*m).to_owned()).collect())).collect()
        };
        Raw::Groups(levels.iter().map(level).collect())
    }

    fn named(hierarchy: &Hierarchy, level: usize) -> Vec<String> {
        let (values, of) = hierarchy.at(level);
        of.iter().map(|&at| values[at as usize].clone()).collect()
    }

    #[test]
    fn groups_hold_values_of_the_level_before_and_others_stay_themselves() {
        let raw = groups(&[&[("18-29", &["18-24", "25-29"])], &[("18+", &["18-29", "30+"])]]);
        let found = Hierarchy::of("age", Some(&raw), &texts(&["18-24", "25-29", "30+", "<18"])).unwrap();
        assert_eq!(named(&found, 1), ["18-29", "18-29", "30+", "<18"]);
        assert_eq!(named(&found, 2), ["18+", "18+", "18+", "<18"]);
        assert_eq!((named(&found, 3), found.levels()), (vec!["*".to_owned(); 4], 4));
        assert_eq!(found.leaves(2), [3, 1]);
    }

    #[test]
    fn hierarchies_that_contradict_themselves_are_refused() {
        let values = texts(&["a", "b", "c"]);
        let refused = |raw: Raw| Hierarchy::of("x", Some(&raw), &values).unwrap_err();
        let twice = refused(groups(&[&[("g", &["a", "b"]), ("h", &["b"])]]));
        assert!(matches!(twice, HierarchyError::TwoGroups { level: 1, .. }));
        let gone = refused(groups(&[&[("g", &["a", "b"])], &[("h", &["a", "c"])]]));
        assert!(matches!(gone, HierarchyError::Gone { level: 2, .. }));
        let name = refused(groups(&[&[("c", &["a", "b"])]]));
        assert!(matches!(name, HierarchyError::Name { level: 1, .. }));
        assert!(matches!(refused(Raw::Bands(vec![5])), HierarchyError::Kind { .. }));
        assert!(matches!(refused(Raw::Periods(vec![Period::Year])), HierarchyError::Kind { .. }));
        let numbers = [Value::Number(3)];
        for widths in [vec![0], vec![5, 7], vec![10, 5]] {
            assert!(matches!(
                Hierarchy::of("x", Some(&Raw::Bands(widths)), &numbers),
                Err(HierarchyError::Width { .. })
            ));
        }
        let periods = Raw::Periods(vec![Period::Year, Period::Quarter]);
        assert!(matches!(Hierarchy::of("x", Some(&periods), &[]), Err(HierarchyError::Periods { .. })));
    }

    #[test]
    fn numbers_fall_into_bands_and_months_into_periods() {
        let numbers: Vec<Value> = [-1, 0, 49, 50, 120].map(Value::Number).into();
        let bands = Hierarchy::of("eur", Some(&Raw::Bands(vec![50, 100])), &numbers).unwrap();
        assert_eq!(named(&bands, 1), ["-50--1", "0-49", "0-49", "50-99", "100-149"]);
        assert_eq!(named(&bands, 2), ["-100--1", "0-99", "0-99", "0-99", "100-199"]);
        let months = texts(&["2018-01", "2018-03", "2018-12"]);
        let periods = Hierarchy::of("m", Some(&Raw::Periods(vec![Period::Quarter, Period::Year])), &months).unwrap();
        assert_eq!(named(&periods, 1), ["2018-Q1", "2018-Q1", "2018-Q4"]);
        assert_eq!(named(&periods, 2), ["2018", "2018", "2018"]);
    }
}

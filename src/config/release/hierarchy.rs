//! Hierarchies of generalisation: the levels of a column, from its values to one value for all.

use std::collections::{BTreeMap, HashSet};

use super::value::{Value, value_of};
use crate::config::raw::release::{Between, Hierarchy as Raw, Members, Period};

/// Stands for every value at the last level of a hierarchy.
pub const ALL: &str = "*";

/// Members and their groups at one level, as the contract lists them.
type RawGroups = BTreeMap<String, Members>;
/// The same, each member by name.
type Groups = BTreeMap<String, Vec<String>>;

/// A hierarchy that contradicts itself or does not fit its column. Names of groups come from the contract, not from
/// data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
#[non_exhaustive]
pub enum HierarchyError {
    #[error("hierarchy of '{column}', level {level}: '{member}' is in two groups; leave it in one")]
    TwoGroups { column: String, level: usize, member: String },
    #[error(
        "hierarchy of '{column}', level {level}: '{member}' is in a group of the level before; name that group instead"
    )]
    Gone { column: String, level: usize, member: String },
    #[error(
        "hierarchy of '{column}', level {level}: the group '{group}' has the name of a value outside it; rename it"
    )]
    Name { column: String, level: usize, group: String },
    #[error(
        "hierarchy of '{column}', level {level}: the group '{group}' has no first or last member of these names; \
         correct `from` and `to`"
    )]
    Ends { column: String, level: usize, group: String },
    #[error("hierarchy of '{column}', level {level}: the width is 0 or no multiple of the one before; correct it")]
    Width { column: String, level: usize },
    #[error("hierarchy of '{column}': the periods are not in order; list each once, from short to long")]
    Periods { column: String },
    #[error(
        "hierarchy of '{column}': the kind does not fit the column; use 'groups' for codes, 'bands' for whole numbers, \
         'periods' for months"
    )]
    Kind { column: String },
}

/// A column's values at each level of generalisation: the values themselves first, one value for all last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    levels: Vec<Level>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Level {
    values: Vec<String>,
    /// For each value of the column, the position of its generalised value.
    positions: Vec<u32>,
}

impl Level {
    /// Creates a level from the generalised text of each value of the column, in the order of first occurrence.
    fn new(texts: Vec<String>) -> Self {
        let mut level = Self { values: Vec::new(), positions: Vec::with_capacity(texts.len()) };
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        for text in texts {
            let at = *known.entry(text).or_insert_with_key(|text| {
                level.values.push(text.clone());
                (level.values.len() - 1) as u32
            });
            level.positions.push(at);
        }
        level
    }
}

impl Hierarchy {
    /// Creates the hierarchy `raw` of a column with these values. Without `raw` it has two levels: the values and one
    /// for all.
    ///
    /// # Errors
    /// `raw` contradicts itself or does not fit the values.
    pub fn new(column: &str, raw: Option<&Raw>, values: &[Value]) -> Result<Self, HierarchyError> {
        let texts: Vec<String> = values.iter().map(Value::text).collect();
        let mut levels = vec![Level { positions: (0..texts.len() as u32).collect(), values: texts }];
        match raw {
            None => {}
            Some(Raw::Groups(groups)) => add_groups(column, groups, &mut levels)?,
            Some(Raw::Bands(widths)) => add_bands(column, widths, values, &mut levels)?,
            Some(Raw::Periods(periods)) => add_periods(column, periods, &mut levels)?,
        }
        levels.push(Level { values: vec![ALL.to_owned()], positions: vec![0; values.len()] });
        Ok(Self { levels })
    }

    /// Returns the number of levels, including the first and the last.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.levels.len()
    }

    /// Returns the number of values of the column.
    #[must_use]
    pub fn values(&self) -> usize {
        self.levels[0].values.len()
    }

    /// Returns the values at a level, and for each value of the column the position of its generalised value.
    #[must_use]
    pub fn at(&self, level: usize) -> (Vec<String>, &[u32]) {
        (self.levels[level].values.clone(), &self.levels[level].positions)
    }

    /// Returns the generalised text of a value of the column at a level.
    #[must_use]
    pub fn text(&self, level: usize, value: u32) -> String {
        let Level { values, positions } = &self.levels[level];
        values[positions[value as usize] as usize].clone()
    }

    /// Returns for each value at a level the number of the column's values that it generalises.
    #[must_use]
    pub fn leaves(&self, level: usize) -> Vec<u32> {
        let Level { values, positions } = &self.levels[level];
        let mut leaves = vec![0; values.len()];
        positions.iter().for_each(|&at| leaves[at as usize] += 1);
        leaves
    }
}

fn add_groups(column: &str, groups: &[RawGroups], levels: &mut Vec<Level>) -> Result<(), HierarchyError> {
    // Members of a group are not values of later levels.
    let mut gone: HashSet<String> = HashSet::new();
    for (groups, number) in groups.iter().zip(1..) {
        let before = &levels[levels.len() - 1];
        let groups = &each_named(column, number, groups, &before.values)?;
        let group_of = members(column, number, groups, &gone)?;
        for group in groups.keys() {
            let is_value = before.values.contains(group) || group_of.contains_key(group.as_str());
            let is_taken = is_value || gone.contains(group.as_str());
            if is_taken && group_of.get(group.as_str()) != Some(&group.as_str()) {
                return Err(HierarchyError::Name { column: column.to_owned(), level: number, group: group.clone() });
            }
        }
        let texts = before.positions.iter().map(|&at| {
            let value = before.values[at as usize].as_str();
            group_of.get(value).map_or(value, |group| *group).to_owned()
        });
        let next = Level::new(texts.collect());
        let moved = group_of.iter().filter(|(member, group)| member != group);
        gone.extend(moved.map(|(member, _)| (*member).to_owned()));
        levels.push(next);
    }
    Ok(())
}

/// Returns the groups of a level with each member by name. `before` has the values of the level before.
fn each_named(column: &str, level: usize, groups: &RawGroups, before: &[String]) -> Result<Groups, HierarchyError> {
    let named = groups.iter().map(|(group, members)| {
        let members = match members {
            Members::Each(members) => Some(members.clone()),
            Members::Between(ends) => between(ends, before),
        };
        match members {
            Some(members) => Ok((group.clone(), members)),
            None => Err(HierarchyError::Ends { column: column.to_owned(), level, group: group.clone() }),
        }
    });
    named.collect()
}

/// Returns the values between two, both included; `None` if one is not there, or the last before the first.
fn between(ends: &Between, values: &[String]) -> Option<Vec<String>> {
    let [from, to] = [&ends.from, &ends.to].map(|end| values.iter().position(|value| *value == value_of(end).text()));
    values.get(from?..=to?).filter(|between| !between.is_empty()).map(<[String]>::to_vec)
}

/// Returns the group of each member at a level.
fn members<'g>(
    column: &str,
    level: usize,
    groups: &'g Groups,
    gone: &HashSet<String>,
) -> Result<BTreeMap<&'g str, &'g str>, HierarchyError> {
    let mut group_of: BTreeMap<&str, &str> = BTreeMap::new();
    for (group, members) in groups {
        for member in members {
            if gone.contains(member.as_str()) {
                return Err(HierarchyError::Gone { column: column.to_owned(), level, member: member.clone() });
            }
            if group_of.insert(member, group).is_some() {
                return Err(HierarchyError::TwoGroups { column: column.to_owned(), level, member: member.clone() });
            }
        }
    }
    Ok(group_of)
}

fn add_bands(column: &str, widths: &[u32], values: &[Value], levels: &mut Vec<Level>) -> Result<(), HierarchyError> {
    let mut before = 1;
    for (&width, number) in widths.iter().zip(1..) {
        if width == 0 || width % before != 0 {
            return Err(HierarchyError::Width { column: column.to_owned(), level: number });
        }
        let bands: Option<Vec<String>> = values.iter().map(|value| band(value, width)).collect();
        let bands = bands.ok_or_else(|| HierarchyError::Kind { column: column.to_owned() })?;
        levels.push(Level::new(bands));
        before = width;
    }
    Ok(())
}

/// Returns the band that holds a number, or `None` if the value is not a number.
fn band(value: &Value, width: u32) -> Option<String> {
    let Value::Number(number) = value else { return None };
    let lower = number.div_euclid(width.into()).checked_mul(width.into())?;
    let upper = lower.checked_add(i64::from(width) - 1)?;
    Some(if width == 1 { lower.to_string() } else { format!("{lower}-{upper}") })
}

fn add_periods(column: &str, periods: &[Period], levels: &mut Vec<Level>) -> Result<(), HierarchyError> {
    if !periods.is_sorted_by(|a, b| a < b) {
        return Err(HierarchyError::Periods { column: column.to_owned() });
    }
    for &period in periods {
        let texts: Option<Vec<String>> = levels[0].values.iter().map(|month| period_of(month, period)).collect();
        levels.push(Level::new(texts.ok_or_else(|| HierarchyError::Kind { column: column.to_owned() })?));
    }
    Ok(())
}

/// Returns the period that holds a month, or `None` if the text is not a month.
fn period_of(text: &str, period: Period) -> Option<String> {
    let (year, month) = text.split_once('-')?;
    let month: u32 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some(match period {
        Period::Quarter => format!("{year}-Q{}", month.div_ceil(3)),
        Period::Year => year.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> Vec<Value> {
        values.iter().map(|text| Value::Text((*text).to_owned())).collect()
    }

    fn groups(levels: &[&[(&str, &[&str])]]) -> Raw {
        Raw::Groups(levels.iter().map(|groups| level(groups)).collect())
    }

    fn level(groups: &[(&str, &[&str])]) -> RawGroups {
        groups.iter().map(|(name, of)| ((*name).to_owned(), each(of))).collect()
    }

    fn each(members: &[&str]) -> Members {
        Members::Each(members.iter().map(|member| (*member).to_owned()).collect())
    }

    fn named(hierarchy: &Hierarchy, level: usize) -> Vec<String> {
        let (values, of) = hierarchy.at(level);
        of.iter().map(|&at| values[at as usize].clone()).collect()
    }

    #[test]
    fn groups_hold_values_of_the_level_before_and_other_values_stay() {
        let raw = groups(&[&[("18-29", &["18-24", "25-29"])], &[("18+", &["18-29", "30+"])]]);
        let found = Hierarchy::new("age", Some(&raw), &texts(&["18-24", "25-29", "30+", "<18"])).unwrap();
        assert_eq!(named(&found, 1), ["18-29", "18-29", "30+", "<18"]);
        assert_eq!(named(&found, 2), ["18+", "18+", "18+", "<18"]);
        assert_eq!((named(&found, 3), found.levels()), (vec!["*".to_owned(); 4], 4));
        assert_eq!(found.leaves(2), [3, 1]);
    }

    #[test]
    fn hierarchies_that_contradict_themselves_are_refused() {
        let values = texts(&["a", "b", "c"]);
        let refused = |raw: Raw| Hierarchy::new("x", Some(&raw), &values).unwrap_err();
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
                Hierarchy::new("x", Some(&Raw::Bands(widths)), &numbers),
                Err(HierarchyError::Width { .. })
            ));
        }
        let periods = Raw::Periods(vec![Period::Year, Period::Quarter]);
        assert!(matches!(Hierarchy::new("x", Some(&periods), &[]), Err(HierarchyError::Periods { .. })));
    }

    #[test]
    fn a_group_can_hold_all_values_between_two() {
        let raw: Raw =
            toml::from_str("groups = [{ early = { from = '2017-01', to = '2017-02' }, late = ['2017-03'] }]").unwrap();
        let months = texts(&["2017-01", "2017-02", "2017-03", "2017-04"]);
        let found = Hierarchy::new("month", Some(&raw), &months).unwrap();
        assert_eq!(named(&found, 1), ["early", "early", "late", "2017-04"]);
        for ends in ["from = '2017-02', to = '2017-01'", "from = '2016-12', to = '2017-01'"] {
            let raw: Raw = toml::from_str(&format!("groups = [{{ early = {{ {ends} }} }}]")).unwrap();
            let refused = Hierarchy::new("month", Some(&raw), &months);
            assert!(matches!(refused, Err(HierarchyError::Ends { level: 1, .. })), "{ends}");
        }
    }

    #[test]
    fn numbers_fall_into_bands_and_months_into_periods() {
        let numbers: Vec<Value> = [-1, 0, 49, 50, 120].map(Value::Number).into();
        let bands = Hierarchy::new("eur", Some(&Raw::Bands(vec![50, 100])), &numbers).unwrap();
        assert_eq!(named(&bands, 1), ["-50--1", "0-49", "0-49", "50-99", "100-149"]);
        assert_eq!(named(&bands, 2), ["-100--1", "0-99", "0-99", "0-99", "100-199"]);
        let months = texts(&["2018-01", "2018-03", "2018-12"]);
        let periods = Hierarchy::new("m", Some(&Raw::Periods(vec![Period::Quarter, Period::Year])), &months).unwrap();
        assert_eq!(named(&periods, 1), ["2018-Q1", "2018-Q1", "2018-Q4"]);
        assert_eq!(named(&periods, 2), ["2018", "2018", "2018"]);
    }
}

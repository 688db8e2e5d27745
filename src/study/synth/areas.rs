//! Municipalities and counties, and how many people live where.

use std::path::{Path, PathBuf};

use super::dice::Dice;
use super::error::SynthError;
use crate::config::raw::contract::Mapping;

/// The county in which Kela pays no social assistance: Åland.
const WITHOUT_ASSISTANCE: &str = "91";
/// Share of people who live in the municipalities whose organisers deliver: far more than in truth, so that a small
/// register has an overlap to study.
const SERVED_SHARE: f64 = 1.0 / 3.0;

/// Every municipality of the mapping, then every county, by position.
pub(super) struct Areas {
    codes: Vec<String>,
    /// For each municipality, its county.
    counties: Vec<u16>,
    /// Municipalities of the organisers that deliver.
    served: Vec<Vec<u16>>,
    /// Other municipalities where assistance is paid, with the weights before them.
    others: Vec<(u16, u32)>,
    weight: u32,
}

impl Areas {
    /// Reads the mapping that lies at `path`.
    ///
    /// # Errors
    /// The file cannot be read or is no such mapping.
    pub(super) fn read(path: &Path, mapping: &Mapping) -> Result<Self, SynthError> {
        let text = std::fs::read_to_string(path).map_err(|source| SynthError::Read { path: path.into(), source })?;
        let pairs = pairs(&text, mapping).map_err(|line| malformed(path.into(), mapping, line))?;
        if pairs.is_empty() {
            return Err(malformed(path.into(), mapping, 2));
        }
        let mut names: Vec<&str> = pairs.iter().map(|pair| pair.1).collect();
        names.sort_unstable();
        names.dedup();
        let county = |pair: &(&str, &str)| (pairs.len() + names.partition_point(|name| *name < pair.1)) as u16;
        let counties = pairs.iter().map(county).collect();
        let codes = pairs.iter().map(|pair| pair.0).chain(names.iter().copied()).map(str::to_owned).collect();
        Ok(Self { codes, counties, served: Vec::new(), others: Vec::new(), weight: 0 })
    }

    /// Settles people: some under the organisers of `served`, the others everywhere else that assistance is paid.
    pub(super) fn settle(&mut self, served: Vec<Vec<u16>>) {
        let elsewhere = |&area: &u16| {
            self.code(self.county(area)) != WITHOUT_ASSISTANCE && !served.iter().any(|areas| areas.contains(&area))
        };
        let others: Vec<u16> = (0..self.counties.len() as u16).filter(elsewhere).collect();
        // Few large municipalities, many small ones (Zipf), spread over the list.
        for (position, &area) in others.iter().enumerate() {
            let rank = position * 37 % others.len();
            self.others.push((area, self.weight));
            self.weight += 100_000 / (rank as u32 + 5);
        }
        self.served = served;
    }

    /// The code of an area.
    pub(super) fn code(&self, area: u16) -> &str {
        &self.codes[usize::from(area)]
    }

    /// All codes, in the order of their positions.
    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().map(String::as_str)
    }

    /// The position of a municipality's or county's code.
    pub(super) fn position(&self, code: &str) -> Option<u16> {
        self.codes.iter().position(|known| known == code).and_then(|position| u16::try_from(position).ok())
    }

    /// The county of a municipality; a county is its own.
    pub(super) fn county(&self, area: u16) -> u16 {
        self.counties.get(usize::from(area)).copied().unwrap_or(area)
    }

    /// The municipalities that an organiser of this code serves.
    pub(super) fn served_by(&self, organiser: u16) -> Vec<u16> {
        let municipalities = 0..self.counties.len() as u16;
        municipalities.filter(|&area| area == organiser || self.county(area) == organiser).collect()
    }

    /// A home for anyone.
    pub(super) fn home(&self, dice: &mut Dice) -> u16 {
        if dice.chance(SERVED_SHARE) || self.others.is_empty() { self.served_home(dice) } else { self.other_home(dice) }
    }

    /// A home under an organiser that delivers, if there is any.
    pub(super) fn served_home(&self, dice: &mut Dice) -> u16 {
        match self.served.get(dice.position(self.served.len())) {
            Some(areas) => areas[dice.position(areas.len())],
            None => self.other_home(dice),
        }
    }

    fn other_home(&self, dice: &mut Dice) -> u16 {
        let drawn = dice.below(self.weight);
        let after = self.others.partition_point(|other| other.1 <= drawn);
        self.others.get(after.saturating_sub(1)).map_or(0, |other| other.0)
    }

    /// Whether any organiser delivers.
    pub(super) fn any_served(&self) -> bool {
        !self.served.is_empty()
    }
}

fn malformed(path: PathBuf, mapping: &Mapping, line: usize) -> SynthError {
    SynthError::Mapping { path, from: mapping.from.clone(), to: mapping.to.clone(), line }
}

/// The mapping's pairs, or the line that has none.
fn pairs<'a>(text: &'a str, mapping: &Mapping) -> Result<Vec<(&'a str, &'a str)>, usize> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(|line| line.split(';').collect::<Vec<_>>());
    let headers = lines.next().ok_or(1_usize)?;
    let find = |name: &str| headers.iter().position(|header| *header == name).ok_or(1_usize);
    let (from, to) = (find(&mapping.from)?, find(&mapping.to)?);
    lines
        .zip(2..)
        .map(|(fields, line)| match (fields.get(from), fields.get(to)) {
            (Some(&from), Some(&to)) if !from.is_empty() && !to.is_empty() => Ok((from, to)),
            _ => Err(line),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn areas(text: &str) -> Result<Areas, SynthError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        std::fs::write(&path, text).unwrap();
        let mapping = Mapping { file: "map.csv".into(), from: "m".into(), to: "c".into(), year: 2023, digest: None };
        Areas::read(&path, &mapping)
    }

    #[test]
    fn an_organiser_serves_itself_or_its_county() {
        let areas = areas("m;c\n020;06\n091;90\n109;06\n").unwrap();
        let at = |code| areas.position(code).unwrap();
        assert_eq!(areas.served_by(at("06")), [at("020"), at("109")]);
        assert_eq!(areas.served_by(at("091")), [at("091")]);
        assert_eq!((areas.county(at("091")), areas.county(at("90"))), (at("90"), at("90")));
    }

    #[test]
    fn nobody_lives_where_no_assistance_is_paid() {
        let mut areas = areas("m;c\n020;06\n035;91\n091;90\n109;06\n").unwrap();
        areas.settle(vec![vec![areas.position("091").unwrap()]]);
        let mut dice = Dice::new(1, 1);
        let homes: Vec<u16> = (0..1000).map(|_| areas.home(&mut dice)).collect();
        assert!(homes.iter().all(|&home| areas.code(home) != "035"));
        let served = homes.iter().filter(|&&home| areas.code(home) == "091").count();
        assert!((270..400).contains(&served), "{served}");
    }

    #[test]
    fn a_mapping_without_its_columns_is_refused_by_line() {
        assert!(matches!(areas("a;c\n020;06\n"), Err(SynthError::Mapping { line: 1, .. })));
        assert!(matches!(areas("m;c\n020;06\n091\n"), Err(SynthError::Mapping { line: 3, .. })));
        assert!(matches!(areas("m;c\n"), Err(SynthError::Mapping { line: 2, .. })));
    }
}

//! Municipalities and counties, and the shares of people who live in them.

use super::random::Random;
use crate::table::CodeMap;

/// The county in which Kela pays no social assistance: Åland.
const COUNTY_WITHOUT_ASSISTANCE: &str = "91";
/// Share of people in the municipalities of organisers that deliver. Far above the true share, so that a small register
/// has enough people in several sources.
const SERVED_SHARE: f64 = 1.0 / 3.0;

/// Every municipality of a mapping, then every county, by position.
pub(super) struct Areas {
    codes: Vec<String>,
    /// For each municipality, the position of its county.
    counties: Vec<u16>,
    /// For each organiser that delivers, its municipalities.
    served: Vec<Vec<u16>>,
    /// Other municipalities where assistance is paid.
    others: Vec<Weighted>,
    /// Sum of the weights of `others`.
    weight: u32,
}

struct Weighted {
    area: u16,
    /// Sum of the weights before this one.
    before: u32,
}

impl Areas {
    /// Returns the municipalities and counties of `mapping`; nobody lives in them yet.
    #[expect(clippy::expect_used, reason = "a mapping maps each of its codes")]
    pub(super) fn new(mapping: &CodeMap) -> Self {
        let municipalities = mapping.from().values();
        let count = municipalities.len() as u16;
        Self {
            counties: (0..count).map(|area| count + mapping.position(area).expect("a code of the mapping")).collect(),
            codes: municipalities.iter().chain(mapping.to().values()).cloned().collect(),
            served: Vec::new(),
            others: Vec::new(),
            weight: 0,
        }
    }

    /// Lets people live in the municipalities `served` by organisers and everywhere else that assistance is paid.
    pub(super) fn populate(&mut self, served: Vec<Vec<u16>>) {
        let others: Vec<u16> = (0..self.counties.len() as u16)
            .filter(|&area| self.code(self.county(area)) != COUNTY_WITHOUT_ASSISTANCE)
            .filter(|area| !served.iter().any(|areas| areas.contains(area)))
            .collect();
        // Few large municipalities, many small ones (Zipf), spread over the list.
        for (position, &area) in others.iter().enumerate() {
            let rank = position * 37 % others.len();
            self.others.push(Weighted { area, before: self.weight });
            self.weight += 100_000 / (rank as u32 + 5);
        }
        self.served = served;
    }

    /// Returns true if nobody can live anywhere.
    pub(super) fn is_uninhabited(&self) -> bool {
        self.served.is_empty() && self.others.is_empty()
    }

    /// Returns the code of an area.
    pub(super) fn code(&self, area: u16) -> &str {
        &self.codes[usize::from(area)]
    }

    /// Returns all codes, in the order of their positions.
    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().map(String::as_str)
    }

    /// Returns the position of a municipality's or county's code.
    pub(super) fn position(&self, code: &str) -> Option<u16> {
        self.codes.iter().position(|known| known == code).and_then(|position| u16::try_from(position).ok())
    }

    /// Returns the county of a municipality, and a county itself.
    pub(super) fn county(&self, area: u16) -> u16 {
        match self.counties.get(usize::from(area)) {
            Some(county) => *county,
            None => area,
        }
    }

    /// Returns the municipalities that an organiser serves: itself or those of its county.
    pub(super) fn served_by(&self, organiser: u16) -> Vec<u16> {
        let municipalities = 0..self.counties.len() as u16;
        municipalities.filter(|&area| area == organiser || self.county(area) == organiser).collect()
    }

    /// Draws a home anywhere.
    pub(super) fn home(&self, random: &mut Random) -> u16 {
        if random.chance(SERVED_SHARE) || self.others.is_empty() {
            self.served_home(random)
        } else {
            self.other_home(random)
        }
    }

    /// Draws a home in a municipality of an organiser that delivers, or anywhere if none does.
    pub(super) fn served_home(&self, random: &mut Random) -> u16 {
        match self.served.get(random.position(self.served.len())) {
            Some(areas) => random.one_of(areas),
            None => self.other_home(random),
        }
    }

    fn other_home(&self, random: &mut Random) -> u16 {
        let drawn = random.below(self.weight);
        let after = self.others.partition_point(|other| other.before <= drawn);
        self.others[after - 1].area
    }

    /// Returns true if any organiser delivers.
    pub(super) fn any_served(&self) -> bool {
        !self.served.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn areas(pairs: &[(&str, &str)]) -> Areas {
        let pairs: BTreeMap<String, String> =
            pairs.iter().map(|(code, county)| ((*code).to_owned(), (*county).to_owned())).collect();
        Areas::new(&CodeMap::new("municipality_county", &pairs).unwrap())
    }

    fn at(areas: &Areas, code: &str) -> u16 {
        areas.position(code).unwrap()
    }

    #[test]
    fn an_organiser_serves_itself_or_its_county() {
        let areas = areas(&[("020", "06"), ("091", "90"), ("109", "06")]);
        assert_eq!(areas.served_by(at(&areas, "06")), [at(&areas, "020"), at(&areas, "109")]);
        assert_eq!(areas.served_by(at(&areas, "091")), [at(&areas, "091")]);
        assert_eq!(areas.county(at(&areas, "091")), at(&areas, "90"));
        assert_eq!(areas.county(at(&areas, "90")), at(&areas, "90"));
    }

    #[test]
    fn nobody_lives_where_no_assistance_is_paid() {
        let mut areas = areas(&[("020", "06"), ("035", "91"), ("091", "90"), ("109", "06")]);
        areas.populate(vec![vec![at(&areas, "091")]]);
        let mut random = Random::new(1, 1);
        let homes: Vec<u16> = (0..1000).map(|_| areas.home(&mut random)).collect();
        assert!(homes.iter().all(|&home| areas.code(home) != "035"));
        let served = homes.iter().filter(|&&home| areas.code(home) == "091").count();
        assert!((270..400).contains(&served), "{served}");
    }

    #[test]
    fn a_mapping_of_aland_alone_is_uninhabited() {
        let mut areas = areas(&[("035", "91")]);
        areas.populate(Vec::new());
        assert!(areas.is_uninhabited());
    }
}

//! Agreement of two records: the rules by which they share a token, their class and weight.

use super::rules::Rule;

/// Smallest weight of a pair that is considered.
pub const LEAST_WEIGHT: u32 = 22;

const NAME_WEIGHTS: [u32; 5] = [0, 10, 6, 15, 20];
const DATE_WEIGHTS: [u32; 4] = [0, 4, 9, 15];
const PLACE_WEIGHTS: [u32; 3] = [0, 4, 13];
const MORE_WEIGHTS: [u32; 3] = [0, 3, 6];

/// Rules by which two records agree, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Agreement(u16);

/// Class of an agreement: how well name, date and place agree, each a number from 0 for not at all.
///
/// Weights put classes in an order. A pair of records with a low weight is no candidate for a link; among the
/// candidates, the measured precision of the class decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgreementClass {
    /// Names: 4 a given name and a surname, 3 both in similar spelling, 2 a given name, 1 a surname.
    pub name: u8,
    /// Birth date: 3 the whole date, 2 two of its parts, 1 the year.
    pub date: u8,
    /// Address: 2 street and number, 1 the area.
    pub place: u8,
    /// Further names: 2 two given names and a surname, 1 two given names in similar spelling.
    pub more: u8,
}

impl Agreement {
    /// Agreement by no rule.
    pub const NONE: Self = Self(0);

    /// Returns the agreement by these rules, one bit each in the order of [`Rule::ALL`].
    #[must_use]
    pub fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// Returns the rules as bits.
    #[must_use]
    pub fn bits(self) -> u16 {
        self.0
    }

    /// Adds a rule.
    #[must_use]
    pub fn with(self, rule: Rule) -> Self {
        Self(self.0 | 1 << rule.position())
    }

    /// Adds the rules of another agreement.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has_any(self, rules: &[Rule]) -> bool {
        rules.iter().any(|rule| self.0 >> rule.position() & 1 == 1)
    }

    /// Returns the class: in each respect the best that any rule shows.
    #[must_use]
    pub fn class(self) -> AgreementClass {
        use Rule::{
            BirthStreet, GivenBirthArea, NameDigits, NameMonthDay, NameStreet, NameYearDay, NameYearMonth, PrefixBirth,
            SkeletonBirth, SkeletonMonthDayArea, SkeletonYearDayArea, SkeletonYearMonthArea, SuffixBirth, SurnameBirth,
            TwoGivenBirth, TwoGivenSurnameYear,
        };
        let in_area = [SkeletonYearMonthArea, SkeletonYearDayArea, SkeletonMonthDayArea];
        let by_parts = [NameYearMonth, NameYearDay, NameMonthDay, NameDigits];
        let best = |levels: &[(u8, &[&[Rule]])]| {
            let found = levels.iter().find(|(_, groups)| groups.iter().any(|rules| self.has_any(rules)));
            found.map_or(0, |(level, _)| *level)
        };
        AgreementClass {
            name: best(&[
                (4, &[&by_parts, &[NameStreet, TwoGivenSurnameYear]]),
                (3, &[&[SkeletonBirth, PrefixBirth, SuffixBirth], &in_area]),
                (2, &[&[GivenBirthArea, TwoGivenBirth]]),
                (1, &[&[SurnameBirth]]),
            ]),
            date: best(&[
                (
                    3,
                    &[
                        &[SkeletonBirth, PrefixBirth, SuffixBirth, SurnameBirth],
                        &[GivenBirthArea, TwoGivenBirth, BirthStreet],
                    ],
                ),
                (2, &[&by_parts, &in_area]),
                (1, &[&[TwoGivenSurnameYear]]),
            ]),
            place: best(&[(2, &[&[BirthStreet, NameStreet]]), (1, &[&[GivenBirthArea], &in_area])]),
            more: best(&[(2, &[&[TwoGivenSurnameYear]]), (1, &[&[TwoGivenBirth]])]),
        }
    }
}

impl AgreementClass {
    /// Returns the weight of the class.
    #[must_use]
    pub fn weight(self) -> u32 {
        NAME_WEIGHTS[usize::from(self.name)]
            + DATE_WEIGHTS[usize::from(self.date)]
            + PLACE_WEIGHTS[usize::from(self.place)]
            + MORE_WEIGHTS[usize::from(self.more)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rules: &[Rule]) -> AgreementClass {
        rules.iter().fold(Agreement::NONE, |agreement, rule| agreement.with(*rule)).class()
    }

    #[test]
    fn a_class_is_the_best_agreement_in_each_respect() {
        assert_eq!(Agreement::NONE.class(), AgreementClass { name: 0, date: 0, place: 0, more: 0 });
        let all = Agreement::from_bits(u16::MAX).class();
        assert_eq!(all, AgreementClass { name: 4, date: 3, place: 2, more: 2 });
        assert_eq!(all.weight(), 54);
        assert_eq!(of(&[Rule::SurnameBirth]).weight(), 25);
        assert_eq!(of(&[Rule::NameYearMonth]), AgreementClass { name: 4, date: 2, place: 0, more: 0 });
        assert_eq!(of(&[Rule::BirthStreet]), AgreementClass { name: 0, date: 3, place: 2, more: 0 });
        assert_eq!(of(&[Rule::GivenBirthArea]), AgreementClass { name: 2, date: 3, place: 1, more: 0 });
        assert_eq!(of(&[Rule::TwoGivenSurnameYear]), AgreementClass { name: 4, date: 1, place: 0, more: 2 });
    }

    #[test]
    fn weights_never_fall_when_a_rule_is_added_except_for_a_given_name_over_a_surname() {
        for bits in 0..=u16::MAX {
            let agreement = Agreement::from_bits(bits);
            let class = agreement.class();
            for rule in Rule::ALL {
                let more = agreement.with(rule).class();
                assert!(more.weight() >= class.weight() || (class.name, more.name) == (1, 2), "{bits:b} {rule:?}");
            }
        }
    }
}

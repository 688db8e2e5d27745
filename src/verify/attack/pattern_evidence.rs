//! Reports on the attack by the contract's patterns.

use super::code_space::Part;
use super::scheme::Family;
use super::search::{Coverage, Outcome};
use super::space::Space;
use crate::text::{Language, Text, grouped};
use crate::verify::statistics::FAILS_BELOW;

/// Result of the attack by a pattern of the contract.
pub(super) struct PatternOutcome {
    pub space: Space,
    pub outcome: Outcome,
}

impl PatternOutcome {
    /// Returns true if some identifiers of the pattern cannot be among the candidates.
    pub fn is_partial(&self) -> bool {
        match &self.space {
            Space::Codes(_) => false,
            Space::Pattern(space) => space.is_too_large() || space.is_part(),
        }
    }

    /// Returns true if the attack may have missed a column with more than the accepted chance.
    pub fn is_open(&self) -> bool {
        self.is_partial() || self.outcome.chance > FAILS_BELOW
    }

    /// Describes the coverage of a family.
    pub fn covered(&self, family: Family) -> Text {
        let Space::Pattern(space) = &self.space else { return Text::same("") };
        let kind = &space.kind;
        if space.is_too_large() {
            return Text::new(
                format!("identifiers of the kind '{kind}' were not tried: their pattern allows too many"),
                format!("lajin '{kind}' tunnisteita ei kokeiltu: niiden muoto sallii liian monta"),
                format!("identifierare av slaget '{kind}' prövades inte: mönstret tillåter för många"),
            );
        }
        let coverage = self.coverage(family);
        let candidates = grouped(space.len(Part::Pattern));
        let share = coverage.share.map_or(0.0, |share| 100.0 * share);
        let one_in = grouped(self.outcome.chance.recip().round() as u64);
        let part = if space.is_part() {
            Text::new(
                " (the shortest and those of ASCII characters; the pattern allows more)",
                " (lyhimmät ja ASCII-merkkiset; muoto sallii enemmän)",
                " (de kortaste och de med ASCII-tecken; mönstret tillåter fler)",
            )
        } else {
            Text::same("")
        };
        let schemes = coverage.schemes;
        Text::new(
            format!(
                "identifiers of the kind '{kind}': {schemes} schemes, each on at least {share:.3} % of {candidates} \
                 identifiers by the contract's pattern{}, chosen at random; none matched; the probability of missing a \
                 column made of them is below one in {one_in}",
                part.en
            ),
            format!(
                "lajin '{kind}' tunnisteet: {schemes} menetelmää, kutakin kokeiltiin vähintään {} %:iin sopimuksen \
                 muodon {candidates} tunnisteesta{}, satunnaisesti valiten; osumia ei ollut; todennäköisyys, että \
                 niistä tehty sarake jää löytymättä, on alle 1 : {one_in}",
                Language::Finnish.decimal(share, 3),
                part.fi
            ),
            format!(
                "identifierare av slaget '{kind}': {schemes} metoder, var och en på minst {} av {candidates} \
                 identifierare enligt avtalets mönster{}, slumpmässigt valda; inga träffar; sannolikheten för att en \
                 kolumn som gjorts av dem förblir oupptäckt är under 1 : {one_in}",
                Language::Swedish.percentage(share, 3),
                part.sv
            ),
        )
    }

    fn coverage(&self, family: Family) -> Coverage {
        self.outcome.of_family(family)
    }
}

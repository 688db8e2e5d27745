//! Statement of what the attack left out, for the verdict.

use super::pattern_evidence::PatternOutcome;
use super::search::{Coverage, Outcome};
use crate::text::{Text, grouped};
use crate::verify::depth::Depth;
use crate::verify::statistics::FAILS_BELOW;

/// Returns the statement of an attack that was not made.
pub(super) fn everything() -> Text {
    Text::new(
        "The dictionary attack was not made (--attack none): it is not known whether the pseudonyms can be reversed.",
        "Hyökkäystestiä ei tehty (--attack none): ei tiedetä, voiko pseudonyymit palauttaa.",
        "Attacktestet gjordes inte (--attack none): det är inte känt om pseudonymerna kan återställas.",
    )
}

/// Returns the statement of an attack; `None` if it left nothing out.
pub(super) fn of_attack(
    depth: Depth,
    has_targets: bool,
    outcome: &Outcome,
    patterns: &[PatternOutcome],
) -> Option<Text> {
    let outcomes = std::iter::once(outcome).chain(patterns.iter().map(|pattern| &pattern.outcome));
    let coverage: Vec<&Coverage> = outcomes.clone().flat_map(|outcome| outcome.coverage.values()).collect();
    let tried: u64 = coverage.iter().map(|coverage| coverage.schemes).sum();
    let published: u64 = coverage.iter().map(|coverage| coverage.published).sum();
    let omitted: u64 = outcomes.clone().map(|outcome| outcome.omitted).sum();
    let chance = outcomes.map(|outcome| outcome.chance).fold(0.0, f64::max);
    let is_cut = published + omitted + outcome.rows.omitted > 0 || outcome.rows.chance > FAILS_BELOW;
    let is_open = is_cut || chance > FAILS_BELOW || patterns.iter().any(PatternOutcome::is_partial);
    if !has_targets || !is_open {
        return None;
    }
    let Text { en, fi, sv } = name(depth);
    let schemes = grouped(tried + published + omitted);
    let left = grouped(published + omitted);
    let one_in = grouped(chance.max(FAILS_BELOW).recip().round() as u64);
    Some(Text::new(
        format!(
            "{en}: of {schemes} schemes, {left} were tried on published test codes only or not at all; the chance of \
             missing a column made by one of the others is below one in {one_in}. The family attack states the \
             coverage."
        ),
        format!(
            "{fi}: {schemes} menetelmästä {left} kokeiltiin vain julkaistuihin testitunnuksiin tai ei lainkaan; \
             todennäköisyys, että jollakin muulla tehty sarake jää löytymättä, on alle 1 : {one_in}. Kattavuus on \
             hyökkäystestin tuloksissa."
        ),
        format!(
            "{sv}: av {schemes} metoder prövades {left} endast på publicerade testbeteckningar eller inte alls; \
             sannolikheten för att en kolumn som gjorts med någon av de andra förblir oupptäckt är under 1 : \
             {one_in}. Täckningen anges i attacktestets resultat."
        ),
    ))
}

fn name(depth: Depth) -> Text {
    match depth {
        Depth::None | Depth::Quick => Text::new(
            "The dictionary attack was quick (--attack quick)",
            "Hyökkäystesti oli nopea (--attack quick)",
            "Attacktestet var snabbt (--attack quick)",
        ),
        Depth::Standard => Text::new(
            "The dictionary attack kept to its budget of about five minutes on two cores (--attack standard)",
            "Hyökkäystesti pysyi aikarajassaan, noin viisi minuuttia kahdella ytimellä (--attack standard)",
            "Attacktestet höll sin tidsram, ungefär fem minuter på två kärnor (--attack standard)",
        ),
        Depth::Whole => Text::new(
            "The dictionary attack tried slow schemes on a share of the codes only (--attack whole)",
            "Hyökkäystesti kokeili hitaita menetelmiä vain osaan tunnuksista (--attack whole)",
            "Attacktestet prövade långsamma metoder endast på en del av beteckningarna (--attack whole)",
        ),
    }
}

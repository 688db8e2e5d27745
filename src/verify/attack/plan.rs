//! Which schemes are tried, in which order, and over how much of the space: the usual signs first, then the others.

use super::Depth;
use super::code_space::{CodeSpace, Part};
use super::hashes::Kind;
use super::message::Form;
use super::salts::{Word, Words};
use super::scheme::{Added, Rounds, Scheme};
use crate::verify::statistics::FAILS_BELOW;

/// Nanoseconds of hashing, on one core, that may be spent on random shares of the codes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budgets {
    /// On temporary codes, which are tried first.
    pub temporary: u64,
    /// On codes under the usual signs.
    pub usual: u64,
    /// On codes under the others.
    pub rare: u64,
}

impl Budgets {
    const NONE: Self = Self { temporary: 0, usual: 0, rare: 0 };
    const QUICK: Self = Self { temporary: 12_000_000_000, usual: 40_000_000_000, rare: 10_000_000_000 };
    const USUAL: Self = Self { temporary: 150_000_000_000, usual: 600_000_000_000, rare: 600_000_000_000 };
    const EXHAUSTIVE: Self = Self { usual: u64::MAX, rare: u64::MAX, ..Self::USUAL };

    fn of(self, signs: Signs) -> u64 {
        match signs {
            Signs::Usual => self.usual,
            Signs::Rare => self.rare,
        }
    }
}

/// Chance of missing a column of temporary codes that is good enough to go on: in seconds, and where there is more time.
const TEMPORARY_CHANCES: [f64; 2] = [1e-2, 1e-3];
/// Chances of missing, the one aimed at first; then those that have to do where the budget is small.
const CHANCES: [f64; 5] = [FAILS_BELOW, 1e-6, 1e-4, 1e-3, 1e-2];
/// True hits that are needed to tell a narrow hash from chance.
const NARROW_HITS: f64 = 80.0;
/// A hash that is narrower than this also meets its targets by chance.
const NARROW: usize = 8;
/// Of what is left of a budget, each of the first tiers may take the whole, divided by this; what is then left goes to the
/// later ones.
const PARTS: [u64; 3] = [4, 3, 1];
const SEPARATORS: [&str; 5] = ["", "-", "_", ":", "|"];
/// Hashes that people also cut off.
const OFTEN_CUT: [Kind; 4] = [Kind::Sha256, Kind::Sha1, Kind::Md5, Kind::Sha512];
/// Hashes that nobody cuts off: they are chosen for their width.
const NEVER_CUT: [Kind; 7] = [
    Kind::Blake2b64,
    Kind::Blake2b128,
    Kind::Blake2b160,
    Kind::Blake2b384,
    Kind::Blake2s128,
    Kind::Sha512To224,
    Kind::Sha3To224,
];
const ROUNDS: [Rounds; 3] = [Rounds::Once, Rounds::HexAgain, Rounds::BytesAgain];

impl Depth {
    /// What random shares of the codes may take.
    pub(super) fn budgets(self) -> Budgets {
        match self {
            Self::LeftOut => Budgets::NONE,
            Self::Quick => Budgets::QUICK,
            Self::Usual => Budgets::USUAL,
            Self::Exhaustive => Budgets::EXHAUSTIVE,
        }
    }
}

/// The signs of the codes that schemes are tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signs {
    /// `-` and `A`, which almost everyone has; and codes without their sign.
    Usual,
    /// The ten newer ones, and `+`: five times as many codes.
    Rare,
}

impl Signs {
    pub fn parts(self) -> &'static [Part] {
        match self {
            Self::Usual => &[Part::Usual, Part::Signless],
            Self::Rare => &[Part::Unusual],
        }
    }
}

/// A scheme with the share of the space that it is tried on, at random; none if only published test codes are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned<'a> {
    pub scheme: Scheme<'a>,
    pub share: f64,
}

/// What is tried on codes under some signs.
pub(super) struct Pass<'a> {
    pub signs: Signs,
    /// Likeliest first.
    pub planned: Vec<Planned<'a>>,
    /// The chance of missing that the shares leave.
    pub chance: f64,
}

/// What is known of the targets.
pub(super) struct Aims {
    /// Width and number of targets of each set.
    pub sets: Vec<(usize, usize)>,
}

impl Aims {
    fn is_native(&self, kind: Kind) -> bool {
        self.sets.iter().any(|&(width, _)| width == kind.width())
    }

    fn fits(&self, kind: Kind) -> bool {
        let cut = !NEVER_CUT.contains(&kind) && self.sets.iter().any(|&(width, _)| width < kind.width());
        cut || self.is_native(kind)
    }

    fn kinds(&self, wanted: impl Fn(Kind) -> bool) -> Vec<Kind> {
        Kind::ALL.iter().copied().filter(|&kind| self.fits(kind) && wanted(kind)).collect()
    }

    /// The share of the space of which the chance that no target is in it is at most `chance`, whatever the set.
    fn share(&self, scheme: &Scheme<'_>, chance: f64) -> f64 {
        let counts = |width: usize| width >= NARROW || width == scheme.kind.width();
        let wide = self.sets.iter().any(|&(width, _)| width <= scheme.kind.width() && counts(width));
        // A narrow target of a wide hash needs most of the space: it is hit along the way where there are wider ones.
        let fitting = self.sets.iter().filter(|&&(width, _)| width <= scheme.kind.width() && (counts(width) || !wide));
        let share = |&(width, number): &(usize, usize)| {
            let number = number as f64;
            let once = -(chance.ln() / number).exp_m1();
            // A narrow hash must be hit often enough to stand out.
            if width < NARROW { once.max(NARROW_HITS / number) } else { once }
        };
        fitting.map(share).fold(0.0, f64::max).min(1.0)
    }
}

/// The schemes that are tried on codes under some signs.
pub(super) fn plan<'a>(
    depth: Depth,
    signs: Signs,
    budgets: Budgets,
    space: &CodeSpace,
    aims: &Aims,
    (salts, keys): (&'a Words, &'a Words),
) -> Pass<'a> {
    let cost = |scheme: &Scheme<'_>, share: f64| {
        let codes = scheme.codes(space, signs.parts());
        (codes as f64 * share) as u64 * scheme.cost()
    };
    let tiers = tiers(depth, aims, salts, keys);
    let bounded = depth == Depth::Quick || (depth == Depth::Usual && signs == Signs::Rare);
    let costs = |tiers: &[Vec<Scheme<'_>>], chance: f64| {
        let costs = tiers.iter().flatten().map(|scheme| cost(scheme, aims.share(scheme, chance)));
        costs.fold(0, u64::saturating_add)
    };
    let best = |tiers: &[Vec<Scheme<'_>>], budget: u64| {
        CHANCES.into_iter().find(|&chance| costs(tiers, chance) <= budget).unwrap_or(CHANCES[CHANCES.len() - 1])
    };
    let (mut left, mut chance, mut worst) = (budgets.of(signs), FAILS_BELOW, FAILS_BELOW);
    let mut planned = Vec::new();
    for (tier, schemes) in tiers.iter().enumerate() {
        if let Some(part) = PARTS.get(tier) {
            chance = best(&tiers[tier..=tier], left / part);
        } else if tier == PARTS.len() && !bounded {
            chance = best(&tiers[tier..], left);
        }
        worst = chance.max(worst);
        for &scheme in schemes {
            let share = if depth == Depth::Exhaustive { 1.0 } else { aims.share(&scheme, chance) };
            let price = cost(&scheme, share);
            let tried = !bounded || price <= left || (tier == 0 && left > 0);
            left = if tried { left.saturating_sub(price) } else { left };
            planned.push(Planned { scheme, share: if tried { share } else { 0.0 } });
        }
    }
    // Published test codes are tried in the first pass, whatever their signs.
    if signs == Signs::Rare {
        planned.retain(|p| p.share > 0.0 && p.scheme.form.sign);
    }
    Pass { signs, planned, chance: worst }
}

/// The planned schemes that are first tried on temporary codes, each with its share of them: test material is of such
/// codes, and they are so few that many more schemes can be tried.
pub(super) fn temporary<'a>(
    depth: Depth,
    budgets: Budgets,
    planned: &[Planned<'a>],
    space: &CodeSpace,
    aims: &Aims,
) -> Vec<Planned<'a>> {
    let (mut left, chance) = (budgets.temporary, TEMPORARY_CHANCES[usize::from(depth != Depth::Quick)]);
    let affordable = |planned: &&Planned<'a>| {
        let share = aims.share(&planned.scheme, chance);
        let price = (space.len(Part::Temporary) as f64 * share) as u64 * planned.scheme.cost();
        let affordable = price <= left;
        left -= if affordable { price } else { 0 };
        affordable
    };
    // Every word with the usual hashes of the code as it is, before rarer hashes and spellings.
    let is_rare = |scheme: &Scheme<'_>| {
        scheme.form != Form::CANONICAL || scheme.rounds != Rounds::Once || !OFTEN_CUT.contains(&scheme.kind)
    };
    let (rare, usual): (Vec<_>, Vec<_>) = planned.iter().partition(|planned| is_rare(&planned.scheme));
    let chosen: Vec<&Planned<'a>> = usual.into_iter().chain(rare).filter(affordable).collect();
    chosen.into_iter().map(|p| Planned { share: aims.share(&p.scheme, chance), ..*p }).collect()
}

/// Schemes by how likely they are.
fn tiers<'a>(depth: Depth, aims: &Aims, salts: &'a Words, keys: &'a Words) -> Vec<Vec<Scheme<'a>>> {
    let native = aims.kinds(|kind| aims.is_native(kind));
    let cut = aims.kinds(|kind| !aims.is_native(kind) && OFTEN_CUT.contains(&kind));
    let other = aims.kinds(|kind| !aims.is_native(kind) && !OFTEN_CUT.contains(&kind));
    let likely = [&native[..], &cut].concat();
    let all = [&likely[..], &other].concat();
    let ((first_salts, later_salts), (first_keys, later_keys)) = (salts.split(), keys.split());
    let (salts, keys) = (&salts.list[..], &keys.list[..]);
    let plain = &Form::PLAIN;
    let forms = Form::all();
    let canonical = &[Form::CANONICAL];
    // Whoever cuts a hash takes a common one.
    let is_usual = |kind: &Kind| OFTEN_CUT.contains(kind) && (aims.is_native(*kind) || *kind != Kind::Sha512);
    let usual: Vec<Kind> = likely.iter().copied().filter(is_usual).collect();
    let usual_native: Vec<Kind> = usual.iter().copied().filter(|kind| aims.is_native(*kind)).collect();
    let mut tiers = vec![
        [unkeyed(&usual_native, plain, &[Rounds::Once]), unkeyed(&usual, canonical, &ROUNDS)].concat(),
        [unkeyed(&likely, plain, &[Rounds::Once]), unkeyed(&usual, &forms, &[Rounds::Once])].concat(),
        cheapest_first(&[salted(&usual, canonical, first_salts, &[""]), keyed(&usual, canonical, first_keys)]),
        salted(&usual, &[Form::SIGNLESS], first_salts, &[""]),
        around(&usual, canonical, first_salts, &[""]),
        unkeyed(&native, &forms, &ROUNDS),
        [salted(&native, plain, first_salts, &[""]), keyed(&native, plain, first_keys)].concat(),
        [unkeyed(&cut, &forms, &ROUNDS), unkeyed(&other, &forms, &[Rounds::Once])].concat(),
        cheapest_first(&[salted(&all, canonical, first_salts, &[""]), keyed(&all, canonical, first_keys)]),
        [salted(&usual_native, canonical, later_salts, &[""]), keyed(&usual_native, canonical, later_keys)].concat(),
        [salted(&usual, canonical, later_salts, &[""]), keyed(&usual, canonical, later_keys)].concat(),
        around(&usual, canonical, later_salts, &[""]),
        [salted(&native, plain, later_salts, &[""]), keyed(&native, plain, later_keys)].concat(),
        [salted(&usual, plain, later_salts, &[""]), keyed(&usual, plain, later_keys)].concat(),
    ];
    if depth == Depth::Exhaustive {
        let everywhere = [salted(&all, &forms, salts, &SEPARATORS), around(&all, &forms, salts, &SEPARATORS)];
        tiers.push([unkeyed(&all, &forms, &ROUNDS), everywhere.concat(), keyed(&all, &forms, keys)].concat());
    }
    without_repeats(tiers)
}

/// Equally likely schemes: the more of them are tried for the same time, the better.
fn cheapest_first<'a>(schemes: &[Vec<Scheme<'a>>]) -> Vec<Scheme<'a>> {
    let mut schemes = schemes.concat();
    schemes.sort_by_key(Scheme::cost);
    schemes
}

fn unkeyed<'a>(kinds: &[Kind], forms: &[Form], rounds: &[Rounds]) -> Vec<Scheme<'a>> {
    let mut schemes = Vec::new();
    for &form in forms {
        for &kind in kinds {
            schemes.extend(rounds.iter().map(|&rounds| Scheme { kind, form, rounds, added: Added::Nothing }));
        }
    }
    schemes
}

fn salted<'a>(kinds: &[Kind], forms: &[Form], words: &'a [Word], separators: &[&'static str]) -> Vec<Scheme<'a>> {
    added(kinds, forms, words, separators, |word, separator| {
        vec![Added::Before(word, separator), Added::After(word, separator)]
    })
}

fn around<'a>(kinds: &[Kind], forms: &[Form], words: &'a [Word], separators: &[&'static str]) -> Vec<Scheme<'a>> {
    added(kinds, forms, words, separators, |word, separator| vec![Added::Around(word, separator)])
}

fn added<'a>(
    kinds: &[Kind],
    forms: &[Form],
    words: &'a [Word],
    separators: &[&'static str],
    ways: impl Fn(&'a Word, &'static str) -> Vec<Added<'a>>,
) -> Vec<Scheme<'a>> {
    let mut schemes = Vec::new();
    for word in words {
        for &form in forms {
            for added in separators.iter().flat_map(|&separator| ways(word, separator)) {
                schemes.extend(kinds.iter().map(|&kind| Scheme { kind, form, rounds: Rounds::Once, added }));
            }
        }
    }
    schemes
}

fn keyed<'a>(kinds: &[Kind], forms: &[Form], words: &'a [Word]) -> Vec<Scheme<'a>> {
    let mut schemes = Vec::new();
    for word in words {
        for &form in forms {
            let over = kinds.iter().filter(|kind| kind.block() > word.text.len());
            let added = Added::Key(word);
            schemes.extend(over.map(|&kind| Scheme { kind, form, rounds: Rounds::Once, added }));
        }
    }
    schemes
}

/// Each scheme in the first of its tiers only.
fn without_repeats(tiers: Vec<Vec<Scheme<'_>>>) -> Vec<Vec<Scheme<'_>>> {
    let mut seen = std::collections::HashSet::new();
    tiers.into_iter().map(|tier| tier.into_iter().filter(|scheme| seen.insert(scheme.key())).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::salts;
    use super::*;

    /// What is planned against a column of so many values of 16 bytes.
    fn planned(depth: Depth, signs: Signs, number: usize, see: impl FnOnce(&Pass<'_>)) {
        let salts = salts::salts(&[]);
        let keys = salts::keys(&salts);
        let aims = Aims { sets: vec![(16, number)] };
        see(&plan(depth, signs, depth.budgets(), &CodeSpace::new(), &aims, (&salts, &keys)));
    }

    #[test]
    fn a_quick_attack_reaches_likely_salts_and_keys_of_few_persons() {
        planned(Depth::Quick, Signs::Usual, 150, |pass| {
            let tried = |added: fn(&Added<'_>) -> bool| {
                let of = pass.planned.iter().filter(|p| p.scheme.kind == Kind::Sha256 && added(&p.scheme.added));
                of.filter(|p| p.share > 0.0).count()
            };
            assert!(tried(|added| matches!(added, Added::Before(..))) >= 16);
            assert!(tried(|added| matches!(added, Added::After(..))) >= 16);
            assert!(tried(|added| matches!(added, Added::Key(_))) >= 17);
        });
    }

    #[test]
    fn what_has_a_budget_keeps_to_it() {
        let space = CodeSpace::new();
        for (depth, signs) in [(Depth::Quick, Signs::Usual), (Depth::Quick, Signs::Rare), (Depth::Usual, Signs::Rare)] {
            for number in [150, 5_000, 1_000_000] {
                planned(depth, signs, number, |pass| {
                    let price = |p: &Planned<'_>| {
                        p.scheme.codes(&space, signs.parts()) as f64 * p.share * p.scheme.cost() as f64
                    };
                    let spent: f64 = pass.planned.iter().map(price).sum();
                    let budget = depth.budgets().of(signs) as f64;
                    assert!(
                        spent <= budget && (number > 150 || spent > budget / 4.0),
                        "{depth:?} {signs:?} {number}: {spent:e}"
                    );
                });
            }
        }
    }

    #[test]
    fn without_an_option_every_scheme_is_tried_on_usual_signs_and_no_test_code_twice() {
        planned(Depth::Usual, Signs::Usual, 150, |pass| assert!(pass.planned.iter().all(|p| p.share > 0.0)));
        planned(Depth::Usual, Signs::Rare, 150, |pass| {
            assert!(!pass.planned.is_empty());
            assert!(pass.planned.iter().all(|p| p.share > 0.0 && p.scheme.form.sign));
        });
    }

    #[test]
    fn the_likeliest_schemes_of_few_persons_are_tried_on_more_codes_than_the_others() {
        planned(Depth::Usual, Signs::Usual, 150, |pass| {
            let aimed_at = -(FAILS_BELOW.ln() / 150.0).exp_m1();
            assert!((pass.planned[0].share - aimed_at).abs() < 1e-12);
            assert!(pass.planned.iter().any(|p| p.share < aimed_at / 2.0));
        });
    }

    #[test]
    fn without_an_option_every_usual_hash_and_word_is_first_tried_on_test_codes_of_few_persons() {
        let salts = salts::salts(&[]);
        let keys = salts::keys(&salts);
        let (space, aims) = (CodeSpace::new(), Aims { sets: vec![(16, 150)] });
        let pass = plan(Depth::Usual, Signs::Usual, Budgets::USUAL, &space, &aims, (&salts, &keys));
        let first = temporary(Depth::Usual, Budgets::USUAL, &pass.planned, &space, &aims);
        let is_tried = |planned: &Planned<'_>| first.iter().any(|p| p.scheme == planned.scheme);
        let of_words =
            |planned: &&Planned<'_>| planned.scheme.form == Form::CANONICAL && OFTEN_CUT.contains(&planned.scheme.kind);
        assert!(pass.planned.iter().filter(of_words).all(is_tried));
        let price: f64 =
            first.iter().map(|p| space.len(Part::Temporary) as f64 * p.share * p.scheme.cost() as f64).sum();
        assert!(price <= Budgets::USUAL.temporary as f64 && price > Budgets::USUAL.temporary as f64 / 2.0);
    }

    #[test]
    fn some_thousands_of_persons_leave_the_chance_that_is_aimed_at() {
        for signs in [Signs::Usual, Signs::Rare] {
            let mut few = 0.0;
            planned(Depth::Usual, signs, 150, |pass| few = pass.chance);
            planned(Depth::Usual, signs, 5_000, |pass| assert!(pass.chance <= FAILS_BELOW && pass.chance <= few));
        }
    }

    #[test]
    fn an_exhaustive_attack_tries_every_scheme_on_every_code() {
        planned(Depth::Exhaustive, Signs::Rare, 150, |pass| assert!(pass.planned.iter().all(|p| p.share >= 1.0)));
        planned(Depth::Exhaustive, Signs::Usual, 150, |pass| assert!(pass.planned.iter().all(|p| p.share >= 1.0)));
    }
}

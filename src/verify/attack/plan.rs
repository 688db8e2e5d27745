//! Which schemes are tried, in which order, and over how much of the space.

use super::Depth;
use super::hashes::Kind;
use super::message::Form;
use super::salts::Word;
use super::scheme::{Added, Rounds, Scheme};
use crate::domain::{CodeSpace, Part};
use crate::verify::statistics::FAILS_BELOW;

/// Nanoseconds of hashing, on one core, that each depth may spend on random shares.
const QUICK_BUDGET: u64 = 32_000_000_000;
const USUAL_BUDGET: u64 = 1_200_000_000_000;
/// The same for what is tried first, on temporary codes.
const TEMPORARY_BUDGET: u64 = 20_000_000_000;
/// Chance of missing a column of temporary codes that is good enough to go on.
const TEMPORARY_CHANCE: f64 = 0.01;
/// Words that are likely enough to be tried at once, and keys.
const LIKELY_SALTS: usize = 20;
const LIKELY_KEYS: usize = 11;
/// Chances of missing, the one aimed at first; then those that have to do where the budget is small.
const CHANCES: [f64; 5] = [FAILS_BELOW, 1e-6, 1e-4, 1e-3, 1e-2];
/// True hits that are needed to tell a narrow hash from chance.
const NARROW_HITS: f64 = 80.0;
/// A hash that is narrower than this also meets its targets by chance.
const NARROW: usize = 8;
/// Tiers of schemes that even the quickest attack tries, over as much as the budget allows.
const FIRST_TIERS: usize = 3;
const SEPARATORS: [&str; 5] = ["", "-", "_", ":", "|"];
/// Hashes that people also cut off.
const OFTEN_CUT: [Kind; 4] = [Kind::Sha256, Kind::Sha1, Kind::Md5, Kind::Sha512];

impl Depth {
    /// Nanoseconds of hashing that random shares may take.
    pub(super) fn budget(self) -> u64 {
        match self {
            Self::LeftOut => 0,
            Self::Quick => QUICK_BUDGET,
            Self::Usual => USUAL_BUDGET,
            Self::Exhaustive => u64::MAX,
        }
    }
}

/// A scheme with the share of the space that it is tried on, at random; none if only published test codes are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned<'a> {
    pub scheme: Scheme<'a>,
    pub share: f64,
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
        self.sets.iter().any(|&(width, _)| width <= kind.width())
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

/// The schemes that are tried, likeliest first, and the chance of missing that their shares leave.
pub(super) fn plan<'a>(
    depth: Depth,
    budget: u64,
    space: &CodeSpace,
    aims: &Aims,
    (salts, keys): (&'a [Word], &'a [Word]),
) -> (Vec<Planned<'a>>, f64) {
    let cost = |scheme: &Scheme<'_>, share: f64| {
        let codes = space.len_of(scheme.form.parts());
        (codes as f64 * share) as u64 * scheme.cost()
    };
    let tiers = tiers(depth, aims, salts, keys);
    let needed = if depth == Depth::Quick { FIRST_TIERS } else { tiers.len() };
    let costs = |chance: f64| {
        let schemes = tiers[..needed].iter().flatten();
        schemes.map(|scheme| cost(scheme, aims.share(scheme, chance))).fold(0, u64::saturating_add)
    };
    let fitting = CHANCES.into_iter().find(|&chance| costs(chance) <= budget);
    let chance = fitting.unwrap_or(CHANCES[CHANCES.len() - 1]);
    let mut left = budget;
    let mut planned = Vec::new();
    for (tier, schemes) in tiers.iter().enumerate() {
        for &scheme in schemes {
            let share = if depth == Depth::Exhaustive { 1.0 } else { aims.share(&scheme, chance) };
            let price = cost(&scheme, share);
            let tried = depth != Depth::Quick || price <= left || (tier == 0 && fitting.is_none() && left > 0);
            left = if tried { left.saturating_sub(price) } else { left };
            planned.push(Planned { scheme, share: if tried { share } else { 0.0 } });
        }
    }
    (planned, chance)
}

/// The planned schemes that are first tried on temporary codes, each with its share of them: test material is of such
/// codes, and they are so few that many more schemes can be tried.
pub(super) fn temporary<'a>(planned: &[Planned<'a>], space: &CodeSpace, aims: &Aims) -> Vec<Planned<'a>> {
    let mut left = TEMPORARY_BUDGET;
    let affordable = |planned: &&Planned<'a>| {
        let share = aims.share(&planned.scheme, TEMPORARY_CHANCE);
        let price = (space.len(Part::Temporary) as f64 * share) as u64 * planned.scheme.cost();
        let affordable = price <= left;
        left -= if affordable { price } else { 0 };
        affordable
    };
    // Every word with the usual hashes of the code as it is, before rarer hashes and spellings.
    let is_rare = |scheme: &Scheme<'_>| {
        let native = aims.is_native(scheme.kind) && OFTEN_CUT.contains(&scheme.kind);
        scheme.form != Form::CANONICAL || scheme.rounds != Rounds::Once || !native
    };
    let (rare, usual): (Vec<_>, Vec<_>) = planned.iter().partition(|planned| is_rare(&planned.scheme));
    let chosen: Vec<&Planned<'a>> = usual.into_iter().chain(rare).filter(affordable).collect();
    chosen.into_iter().map(|p| Planned { share: aims.share(&p.scheme, TEMPORARY_CHANCE), ..*p }).collect()
}

/// Schemes by how likely they are.
fn tiers<'a>(depth: Depth, aims: &Aims, salts: &'a [Word], keys: &'a [Word]) -> Vec<Vec<Scheme<'a>>> {
    let native = aims.kinds(|kind| aims.is_native(kind));
    let cut = aims.kinds(|kind| !aims.is_native(kind) && OFTEN_CUT.contains(&kind));
    let other = aims.kinds(|kind| !aims.is_native(kind) && !OFTEN_CUT.contains(&kind));
    let likely = [&native[..], &cut].concat();
    let all = [&likely[..], &other].concat();
    let (first_salts, later_salts) = salts.split_at(LIKELY_SALTS.min(salts.len()));
    let (first_keys, later_keys) = keys.split_at(LIKELY_KEYS.min(keys.len()));
    let plain = &Form::PLAIN;
    let forms = Form::all();
    let canonical = &[Form::CANONICAL];
    let usual: Vec<Kind> = likely.iter().copied().filter(|kind| OFTEN_CUT.contains(kind)).collect();
    let mut tiers = vec![
        unkeyed(&native, plain, &[Rounds::Once]),
        unkeyed(&cut, plain, &[Rounds::Once]),
        [salted(&usual, canonical, first_salts, &[""]), keyed(&usual, canonical, first_keys)].concat(),
        salted(&usual, &[Form::SIGNLESS], first_salts, &[""]),
        around(&usual, canonical, first_salts, &[""]),
        unkeyed(&native, &forms, &[Rounds::Once, Rounds::HexAgain, Rounds::BytesAgain]),
        [salted(&native, plain, salts, &[""]), keyed(&native, plain, keys)].concat(),
        around(&usual, canonical, salts, &[""]),
        unkeyed(&all, &forms, &[Rounds::Once, Rounds::HexAgain, Rounds::BytesAgain]),
        [salted(&usual, plain, later_salts, &[""]), keyed(&usual, plain, later_keys)].concat(),
    ];
    if depth == Depth::Exhaustive {
        let everywhere = [salted(&all, &forms, salts, &SEPARATORS), around(&all, &forms, salts, &SEPARATORS)];
        tiers.push([&everywhere.concat()[..], &keyed(&all, &forms, keys)].concat());
    }
    without_repeats(tiers)
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

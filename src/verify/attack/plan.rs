//! Plan of the attack: the schemes, their order, and the share of the code space that each is tried on.

use super::budgets::Budgets;
use super::code_space::Part;
use super::message::Form;
use super::salts::{Guesses, Source};
use super::scheme::{Added, Family, Rounds, Scheme};
use super::signs::Signs;
use super::space::Space;
use super::targets::TargetSet;
use super::tiers::{OFTEN_TRUNCATED, Widths, tiers};
use crate::verify::depth::Depth;
use crate::verify::statistics::FAILS_BELOW;

/// Accepted chance of missing a column of temporary codes, in a quick attack.
const QUICK_TEMPORARY_CHANCE: f64 = 1e-2;
/// Accepted chance of missing a column of temporary codes, in other attacks.
const TEMPORARY_CHANCE: f64 = 1e-3;
/// Accepted chances of missing a column. The first that fits the budget applies.
const CHANCES: [f64; 4] = [FAILS_BELOW, 1e-6, 1e-4, 1e-3];
/// Accepted chance if none of [`CHANCES`] fits the budget.
const LARGEST_CHANCE: f64 = 1e-2;
/// True hits that distinguish a narrow hash from chance.
const NARROW_HITS: f64 = 80.0;
/// Narrowest digest, in bytes, that does not meet its targets by chance.
const NARROW: usize = 8;
/// Divisors of the rest of the budget for each of the first tiers. Later tiers get what these leave.
const FIRST_TIER_DIVISORS: [u64; 3] = [4, 3, 2];

/// Part of the budget that a single scheme may take, as a divisor. A dearer one would leave nothing for others.
const DEAREST_DIVISOR: u64 = 20;
/// Most nanoseconds of a fast scheme. Slower ones have a budget of their own, and keep to a share in the whole attack.
const SLOW: u64 = 2_000;

/// Part of the budget for slow schemes, as a divisor: they would get nothing after all fast ones.
const SLOW_DIVISOR: u64 = 4;

/// A scheme with the random share of the space that it is tried on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned<'a> {
    pub scheme: Scheme<'a>,
    /// Share of the codes; 0 if only published test codes are tried.
    pub share: f64,
}

/// Schemes that are tried on codes under some signs.
pub(super) struct SignPlan<'a> {
    pub signs: Signs,
    /// Schemes, the likeliest first.
    pub planned: Vec<Planned<'a>>,
    /// Largest chance of missing a column that the shares accept.
    pub chance: f64,
    /// Number of schemes that are not tried at all, because the budget ends before them.
    pub omitted: u64,
}

/// Facts and limits that every plan of an attack shares.
#[derive(Clone, Copy)]
pub(super) struct Planner<'a> {
    pub depth: Depth,
    pub budgets: Budgets,
    pub space: &'a Space,
    pub targets: &'a TargetCounts,
}

/// Width and number of targets of each set.
pub(super) struct TargetCounts {
    sets: Vec<(usize, usize)>,
}

impl TargetCounts {
    /// Counts the targets of some sets.
    pub fn new<'a>(sets: impl Iterator<Item = &'a TargetSet>) -> Self {
        Self { sets: sets.map(|set| (set.width, set.len())).collect() }
    }

    /// Returns the widths of the targets.
    pub fn widths(&self) -> Widths {
        Widths::new(self.sets.iter().map(|&(width, _)| width))
    }

    /// Returns the share of the space that misses all targets of a set with a chance of at most `chance`.
    ///
    /// This is the share for the set that needs the largest one.
    fn share(&self, scheme: &Scheme<'_>, chance: f64) -> f64 {
        let full = scheme.kind.width();
        let fitting = self.sets.iter().filter(|(width, _)| *width <= full);
        // A narrow target of a wide hash needs most of the space. Wider targets of the same scheme need less of it.
        let has_wide = fitting.clone().any(|&(width, _)| width >= NARROW || width == full);
        fitting
            .filter(|&&(width, _)| !has_wide || width >= NARROW || width == full)
            .map(|&(width, number)| {
                let number = number as f64;
                let once = -(chance.ln() / number).exp_m1();
                // A narrow hash needs hits enough to stand out from chance.
                if width < NARROW { once.max(NARROW_HITS / number) } else { once }
            })
            .fold(0.0, f64::max)
            .min(1.0)
    }
}

impl Planner<'_> {
    /// Plans the schemes that are tried on codes under some signs.
    pub fn plan<'a>(&self, signs: Signs, guesses: &'a Guesses) -> SignPlan<'a> {
        let mut plan = SignPlan { signs, planned: Vec::new(), chance: FAILS_BELOW, omitted: 0 };
        if signs.parts().iter().all(|&part| self.space.len(part) == 0) {
            return plan;
        }
        let (fast, slow) = self.tiers(guesses);
        let budget = self.budgets.of_signs(signs);
        let for_slow = if slow.is_empty() { 0 } else { budget / SLOW_DIVISOR };
        let mut left = budget - for_slow;
        let mut chance = FAILS_BELOW;
        for (tier, schemes) in fast.iter().enumerate() {
            if let Some(divisor) = FIRST_TIER_DIVISORS.get(tier) {
                chance = self.best_chance(&fast[tier..=tier], signs, left / divisor);
            } else if tier == FIRST_TIER_DIVISORS.len() && self.depth != Depth::Quick {
                chance = self.best_chance(&fast[tier..], signs, left);
            }
            plan.chance = chance.max(plan.chance);
            let is_first = tier == 0;
            schemes.iter().for_each(|&scheme| self.add(&mut plan, scheme, chance, &mut left, is_first));
        }
        left = left.saturating_add(for_slow);
        for (groups_before, schemes) in slow.iter().enumerate() {
            let mut of_group = left / (slow.len() - groups_before) as u64;
            left -= of_group;
            schemes.iter().for_each(|&scheme| self.add(&mut plan, scheme, chance, &mut of_group, false));
            left += of_group;
        }
        // Published test codes of all signs are tried in the first pass.
        if signs == Signs::Rare {
            plan.planned.retain(|p| p.share > 0.0 && p.scheme.form.sign);
        }
        plan
    }

    /// Adds a scheme with its share, if it fits the rest of the budget; else on published codes only, or not at all.
    fn add<'a>(&self, plan: &mut SignPlan<'a>, scheme: Scheme<'a>, chance: f64, left: &mut u64, is_first: bool) {
        let share = self.share(&scheme, chance);
        let published = self.space.published().len() as u64 * scheme.cost();
        let cost = published.saturating_add(self.cost(&scheme, plan.signs, share));
        let most = self.budgets.of_signs(plan.signs) / DEAREST_DIVISOR;
        let fits = self.depth == Depth::Whole || (cost <= *left && cost <= most);
        let (share, cost) = if fits || (is_first && *left > 0) { (share, cost) } else { (0.0, published) };
        if cost > *left && !is_first {
            plan.omitted += 1;
            return;
        }
        *left = left.saturating_sub(cost);
        plan.planned.push(Planned { scheme, share });
    }

    /// Returns the schemes that differ over the space: fast ones in tiers, and slow ones in groups, the cheapest first.
    ///
    /// Each group of slow ones has its part of the budget, so that none takes the whole.
    fn tiers<'a>(&self, guesses: &'a Guesses) -> (Vec<Vec<Scheme<'a>>>, Vec<Vec<Scheme<'a>>>) {
        let mut fast = tiers(self.depth, &self.targets.widths(), guesses);
        let has_candidates = |scheme: &Scheme<'_>| scheme.codes(self.space, scheme.form.parts()) > 0;
        let mut slow: [Vec<Scheme<'a>>; 3] = Default::default();
        for scheme in fast.iter_mut().flat_map(|tier| {
            tier.retain(has_candidates);
            tier.extract_if(.., |scheme| scheme.cost() > SLOW)
        }) {
            let group = match scheme.added {
                Added::Nothing | Added::Namespace(_) => 0,
                Added::Before(..) | Added::After(..) | Added::Around(..) | Added::Key(_) => 1,
                Added::Pbkdf2(_) => 2,
            };
            slow[group].push(scheme);
        }
        slow.iter_mut().for_each(|group| group.sort_by_key(Scheme::cost));
        (fast, slow.into_iter().filter(|group| !group.is_empty()).collect())
    }

    /// Returns the share of the space for a scheme at a chance of missing a column.
    fn share(&self, scheme: &Scheme<'_>, chance: f64) -> f64 {
        match self.depth == Depth::Whole && scheme.cost() <= SLOW {
            true => 1.0,
            false => self.targets.share(scheme, chance),
        }
    }

    /// Chooses the unsalted schemes that are tried on the whole space after their share.
    pub fn whole<'a>(&self, planned: &[Planned<'a>]) -> Vec<Scheme<'a>> {
        let mut left = self.budgets.whole;
        let mut chosen = Vec::new();
        for Planned { scheme, share } in planned.iter().copied() {
            let cost = scheme.codes(self.space, scheme.form.parts()).saturating_mul(scheme.cost());
            if scheme.family() == Family::Unkeyed && (0.0..1.0).contains(&share) && cost <= left {
                left -= cost;
                chosen.push(scheme);
            }
        }
        // Schemes that share the first round become adjacent, so the round is computed once.
        chosen.sort_by_key(Scheme::key);
        chosen
    }

    /// Returns the smallest chance of missing a column at which the tiers cost at most `budget`.
    fn best_chance(&self, tiers: &[Vec<Scheme<'_>>], signs: Signs, budget: u64) -> f64 {
        for chance in CHANCES {
            let costs = tiers.iter().flatten().map(|s| self.cost(s, signs, self.targets.share(s, chance)));
            if costs.fold(0, u64::saturating_add) <= budget {
                return chance;
            }
        }
        LARGEST_CHANCE
    }

    /// Returns the nanoseconds that a share of the codes takes, about.
    fn cost(&self, scheme: &Scheme<'_>, signs: Signs, share: f64) -> u64 {
        ((scheme.codes(self.space, signs.parts()) as f64 * share) as u64).saturating_mul(scheme.cost())
    }

    /// Plans the schemes that are first tried on temporary codes, each with its share of them.
    ///
    /// Test material consists of such codes. They are few, so many more schemes can be tried.
    pub fn temporary<'a>(&self, planned: &[Planned<'a>]) -> Vec<Planned<'a>> {
        let chance = if self.depth == Depth::Quick { QUICK_TEMPORARY_CHANCE } else { TEMPORARY_CHANCE };
        let mut left = self.budgets.temporary;
        if self.space.len(Part::Temporary) == 0 {
            return Vec::new();
        }
        // Every word with the common hashes of the canonical form, before rarer hashes and forms.
        let (rare, usual): (Vec<&Planned<'a>>, Vec<&Planned<'a>>) =
            planned.iter().partition(|planned| is_rare(&planned.scheme));
        let mut chosen = Vec::new();
        for planned in usual.into_iter().chain(rare) {
            let share = self.targets.share(&planned.scheme, chance);
            let cost = (self.space.len(Part::Temporary) as f64 * share) as u64 * planned.scheme.cost();
            if cost <= left && cost <= self.budgets.temporary / DEAREST_DIVISOR {
                left -= cost;
                chosen.push(Planned { share, ..*planned });
            }
        }
        chosen
    }
}

fn is_rare(scheme: &Scheme<'_>) -> bool {
    let is_derived = match scheme.added {
        Added::Key(word) => word.source == Source::Digest,
        Added::Pbkdf2(_) => true,
        _ => false,
    };
    is_derived
        || scheme.form != Form::CANONICAL
        || scheme.rounds != Rounds::Once
        || !OFTEN_TRUNCATED.contains(&scheme.kind)
}

#[cfg(test)]
mod tests {
    use super::super::budgets::SECOND;
    use super::super::code_space::CodeSpace;
    use super::super::hashes::Kind;
    use super::*;

    /// Plans an attack on a column of so many values of 16 bytes, and calls `test` with the planner and the guesses.
    fn planning(depth: Depth, number: usize, test: impl FnOnce(&Planner<'_>, &Guesses)) {
        let targets = TargetCounts { sets: vec![(16, number)] };
        let space = Space::Codes(CodeSpace::new());
        let planner = Planner { depth, budgets: Budgets::of_depth(depth), space: &space, targets: &targets };
        test(&planner, &Guesses::new(&[]));
    }

    fn planned(depth: Depth, signs: Signs, number: usize, test: impl FnOnce(&SignPlan<'_>)) {
        planning(depth, number, |planner, guesses| test(&planner.plan(signs, guesses)));
    }

    /// Returns the seconds of hashing of a plan, shares of the codes and published codes together.
    fn seconds(planner: &Planner<'_>, plan: &SignPlan<'_>) -> f64 {
        let published = planner.space.published().len() as u64;
        let costs = plan.planned.iter().map(|p| {
            let of_test_codes = if plan.signs == Signs::Usual { published * p.scheme.cost() } else { 0 };
            planner.cost(&p.scheme, plan.signs, p.share) + of_test_codes
        });
        costs.sum::<u64>() as f64 / SECOND as f64
    }

    #[test]
    fn a_quick_attack_reaches_likely_salts_and_keys_of_few_persons() {
        planned(Depth::Quick, Signs::Usual, 150, |plan| {
            let tried = |added: fn(&Added<'_>) -> bool| {
                let of = plan.planned.iter().filter(|p| p.scheme.kind == Kind::Sha256 && added(&p.scheme.added));
                of.filter(|p| p.share > 0.0).count()
            };
            assert!(tried(|added| matches!(added, Added::Before(..))) >= 16);
            assert!(tried(|added| matches!(added, Added::After(..))) >= 16);
            assert!(tried(|added| matches!(added, Added::Key(_))) >= 17);
        });
    }

    #[test]
    fn bounded_plans_keep_to_their_budget() {
        for depth in [Depth::Quick, Depth::Standard] {
            for (signs, number) in [Signs::Usual, Signs::Rare].into_iter().flat_map(|s| [(s, 150), (s, 1_000_000)]) {
                planning(depth, number, |planner, guesses| {
                    let spent = seconds(planner, &planner.plan(signs, guesses));
                    let budget = planner.budgets.of_signs(signs) as f64 / SECOND as f64;
                    let is_used = number > 150 || spent > budget / 4.0;
                    assert!(spent <= budget && is_used, "{depth:?} {signs:?} {number}: {spent:.1} s of {budget:.1} s");
                });
            }
        }
    }

    #[test]
    fn all_hashing_of_the_standard_attack_takes_less_than_ten_minutes_on_one_core() {
        let Budgets { temporary, usual, rare, whole, rows, patterns } = Budgets::of_depth(Depth::Standard);
        assert!(temporary + usual + rare + whole + rows + patterns <= 600 * SECOND);
        let Budgets { temporary, usual, rare, whole, rows, patterns } = Budgets::of_depth(Depth::Quick);
        assert!(temporary + usual + rare + whole + rows + patterns + 12 * SECOND <= 90 * SECOND);
    }

    #[test]
    fn the_standard_attack_tries_every_likely_salt_and_key_on_usual_signs_of_few_persons() {
        planned(Depth::Standard, Signs::Usual, 150, |plan| {
            let common = [Kind::Md5, Kind::Sha1, Kind::Sha256];
            let of = plan.planned.iter().filter(|p| common.contains(&p.scheme.kind) && p.share > 0.0);
            let count = |added: fn(&Added<'_>) -> bool| of.clone().filter(|p| added(&p.scheme.added)).count();
            assert!(count(|added| matches!(added, Added::Before(..))) >= 3 * 16);
            assert!(count(|added| matches!(added, Added::After(..))) >= 3 * 16);
            assert!(count(|added| matches!(added, Added::Around(..))) >= 3 * 16);
            assert!(count(|added| matches!(added, Added::Key(_))) >= 3 * 17);
        });
    }

    #[test]
    fn other_signs_are_tried_without_test_codes_and_without_forms_that_lack_the_sign() {
        planned(Depth::Standard, Signs::Rare, 150, |plan| {
            assert!(!plan.planned.is_empty());
            assert!(plan.planned.iter().all(|p| p.share > 0.0 && p.scheme.form.sign));
        });
    }

    #[test]
    fn the_likeliest_schemes_of_few_persons_are_tried_on_more_codes_than_the_others() {
        planned(Depth::Standard, Signs::Usual, 150, |plan| {
            let aimed_at = -(FAILS_BELOW.ln() / 150.0).exp_m1();
            assert!((plan.planned[0].share - aimed_at).abs() < 1e-12);
            assert!(plan.planned.iter().any(|p| p.share < aimed_at / 2.0));
        });
    }

    #[test]
    fn common_hashes_and_words_come_first_on_test_codes_within_the_budget() {
        planning(Depth::Standard, 150, |planner, guesses| {
            let plan = planner.plan(Signs::Usual, guesses);
            let first = planner.temporary(&plan.planned);
            let likely = guesses.salts.split().0;
            let is_likely = |added: &Added<'_>| match added {
                Added::Before(word, _) | Added::After(word, _) | Added::Key(word) => likely.contains(word),
                _ => false,
            };
            let of_words = |planned: &&Planned<'_>| {
                planned.scheme.form == Form::CANONICAL
                    && OFTEN_TRUNCATED.contains(&planned.scheme.kind)
                    && is_likely(&planned.scheme.added)
            };
            let is_tried = |planned: &Planned<'_>| first.iter().any(|p| p.scheme == planned.scheme);
            let cheap = |planned: &&Planned<'_>| planned.scheme.rounds == Rounds::Once;
            assert!(plan.planned.iter().filter(of_words).filter(cheap).all(is_tried));
            let all = planner.space.len(Part::Temporary) as f64;
            let price: f64 = first.iter().map(|p| all * p.share * p.scheme.cost() as f64).sum();
            let budget = planner.budgets.temporary as f64;
            assert!(price <= budget && price > budget / 2.0, "{price:e} of {budget:e}");
        });
    }

    #[test]
    fn thousands_of_persons_allow_the_smallest_chance() {
        let mut few = 0.0;
        planned(Depth::Standard, Signs::Usual, 150, |plan| few = plan.chance);
        planned(Depth::Standard, Signs::Usual, 30_000, |plan| {
            assert!(plan.chance <= FAILS_BELOW && plan.chance <= few, "{} {few}", plan.chance);
        });
    }

    #[test]
    fn slow_hashes_are_tried_where_many_persons_make_a_small_share_enough() {
        let slow = |plan: &SignPlan<'_>| {
            plan.planned.iter().filter(|p| p.scheme.rounds.number() >= 1_000 && p.share > 0.0).count()
        };
        planned(Depth::Standard, Signs::Usual, 30_000, |plan| assert!(slow(plan) > 4, "{}", slow(plan)));
    }

    #[test]
    fn the_standard_attack_tries_iterated_hashes_with_likely_salts_for_thousands_of_persons() {
        for (number, salted, derived) in [(3_000, 12, 0), (30_000, 32, 8)] {
            planned(Depth::Standard, Signs::Usual, number, |plan| {
                let tried = |wanted: &dyn Fn(&Scheme<'_>) -> bool| {
                    plan.planned.iter().filter(|p| p.share > 0.0 && wanted(&p.scheme)).count()
                };
                let is_salted = |s: &Scheme<'_>| matches!(s.added, Added::Before(..) | Added::After(..));
                let is_derived = |s: &Scheme<'_>| matches!(s.added, Added::Pbkdf2(_));
                assert!(tried(&|s| s.rounds == Rounds::Bytes(1_000) && s.added == Added::Nothing) > 0, "{number}");
                assert!(tried(&|s| s.rounds == Rounds::Bytes(100) && is_salted(s)) >= salted, "{number}");
                assert!(tried(&|s| s.rounds == Rounds::Bytes(100) && is_derived(s)) >= 16, "{number}");
                assert!(tried(&|s| s.rounds == Rounds::Bytes(1_000) && is_derived(s)) >= derived, "{number}");
            });
        }
    }

    #[test]
    fn a_whole_attack_tries_every_scheme_on_every_code_unless_it_is_slow() {
        for signs in [Signs::Usual, Signs::Rare] {
            planned(Depth::Whole, signs, 150, |plan| {
                assert!(plan.planned.iter().all(|p| p.share >= 1.0 || p.scheme.cost() > SLOW));
                assert!(plan.planned.iter().all(|p| p.share > 0.0) && plan.omitted == 0);
            });
        }
    }
}
